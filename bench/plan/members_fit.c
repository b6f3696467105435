// SPDX-License-Identifier: MIT
/*
 * What N members of a fork tree cost one of them that converts, predicted from fewer.
 *
 * How long a conversion holds the root lock is exact mode's, and what it takes alone
 * lockstep's, which is exact mode's, too.  What no exact count says, how long the others
 * hold the lock and stay away from it, and what a sleep and wake-up takes, comes from the two
 * smallest numbers of others, by least squares (GSL's multifit_nlinear) on a conversion's time, how often it
 * sleeps, and the time of the others' operations.  All other numbers are predictions.
 *
 * Where the walk does not take the lock, or the others convert, too, a conversion waits for
 * nobody; what the others do to each other is predicted all the same.
 */
#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>

#include "plan.h"

#define TOLERANCE_PCT 10
#define N_FITTED      2 /* numbers of others */
#define STEPS	      200
#define CONVERGED     1e-8
#define TOO_FAR	      10 /* as a logarithm */

/* A tenth of the others' operations weighs as much as a hundredth of these. */
#define WEIGHT_CYCLE  10
#define WEIGHT_SLEEPS 10

/*
 * Two numbers of others do not tell a long hold from a slow handover, which is a look at
 * the lock, a PAUSE away: of what fits alike it is the shorter.
 */
#define USUAL_HANDOVER 0.15 /* of a hold */
#define WEIGHT_USUAL   0.1

/* What is sought, as logarithms; a walk that does not take the lock needs the first two. */
enum { THINK, HELD, TAKES, HANDOVER, WAKE, N_SOUGHT };

static void set(struct members *m, const gsl_vector *x)
{
	m->fit.think = exp(gsl_vector_get(x, THINK));
	m->fit.held = exp(gsl_vector_get(x, HELD));
	m->takes = 1;
	if (x->size == N_SOUGHT) {
		m->takes = exp(gsl_vector_get(x, TAKES));
		m->fit.handover = exp(gsl_vector_get(x, HANDOVER));
		m->fit.wake = exp(gsl_vector_get(x, WAKE));
	}
}

static void predict(const struct members *m, struct members_row *row)
{
	struct lock_load load = m->fit;
	struct lock_answer a;

	row->cycle_said = m->row[0].cycle;
	row->sleeps_said = 0;
	row->operation_said = NAN;
	if (m->siblings || !(row->others > 0))
		return;
	load.members = (size_t)row->others;
	a = lock_solve(&load);
	row->cycle_said = a.cycle;
	row->sleeps_said = a.sleeps;
	row->operation_said = m->takes * a.turn;
}

/* Of each row that is fitted; no number that overflows stops the search. */
static int residuals(const gsl_vector *x, void *user, gsl_vector *f)
{
	struct members *m = user;
	size_t n = 0;

	set(m, x);
	for (size_t i = 1; i < m->rows; i++) {
		struct members_row *row = &m->row[i];

		if (!row->fitted)
			continue;
		predict(m, row);
		gsl_vector_set(f, n++, WEIGHT_CYCLE * log(row->cycle_said / row->cycle));
		gsl_vector_set(f, n++, WEIGHT_SLEEPS * (row->sleeps_said - row->sleeps));
		gsl_vector_set(f, n++, log(row->operation_said / row->operation));
	}
	if (x->size == N_SOUGHT)
		gsl_vector_set(f, n++,
			       WEIGHT_USUAL *
				       log(m->fit.handover / (USUAL_HANDOVER * m->fit.held)));
	for (size_t i = 0; i < n; i++)
		if (!isfinite(gsl_vector_get(f, i)))
			gsl_vector_set(f, i, WEIGHT_CYCLE * TOO_FAR);
	return GSL_SUCCESS;
}

/* Downhill from @x by Levenberg's and Marquardt's steps; leaves the best there. */
static double descend(struct members *m, gsl_vector *x)
{
	gsl_multifit_nlinear_parameters how = gsl_multifit_nlinear_default_parameters();
	gsl_multifit_nlinear_fdf what = {
		.f = residuals, .n = 3 * N_FITTED + (x->size == N_SOUGHT), .p = x->size, .params = m
	};
	gsl_multifit_nlinear_workspace *w =
		gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &how, what.n, what.p);
	gsl_error_handler_t *before =
		gsl_set_error_handler_off(); /* where it cannot go on it stops */
	double length;
	int why;

	gsl_multifit_nlinear_init(x, &what, w);
	gsl_multifit_nlinear_driver(STEPS, CONVERGED, CONVERGED, 0, NULL, NULL, &why, w);
	gsl_vector_memcpy(x, gsl_multifit_nlinear_position(w));
	length = gsl_blas_dnrm2(gsl_multifit_nlinear_residual(w));
	gsl_multifit_nlinear_free(w);
	gsl_set_error_handler(before);
	return length;
}

/* From several places: an operation that takes the lock once or often, for long or not. */
static void seek(struct members *m, double operation, double wait)
{
	static const double takes[] = { 0.5, 1, 2, 4, 8 }, held[] = { 0.1, 0.3, 0.6 };
	size_t sought = m->hold > 0 ? N_SOUGHT : TAKES;
	gsl_vector *x = gsl_vector_alloc(sought), *best = gsl_vector_alloc(sought);
	double least = INFINITY;

	for (size_t i = 0; i < 15; i++) {
		double turn = operation / (m->hold > 0 ? takes[i % 5] : 1), value;

		gsl_vector_set(x, THINK, log(turn * (1 - held[i / 5])));
		gsl_vector_set(x, HELD, log(turn * held[i / 5]));
		if (sought == N_SOUGHT) {
			gsl_vector_set(x, TAKES, log(takes[i % 5]));
			gsl_vector_set(x, HANDOVER, log(0.1 * turn * held[i / 5]));
			gsl_vector_set(x, WAKE, log(wait));
		}
		value = descend(m, x);
		if (value < least) {
			least = value;
			gsl_vector_memcpy(best, x);
		}
	}
	set(m, best);
	gsl_vector_free(x);
	gsl_vector_free(best);
}

/* The row without others, and the first @most with some; how many of those there are. */
static size_t choose(struct members *m, size_t most)
{
	size_t n = 0;

	m->row[0].fitted = 1;
	for (size_t i = 1; i < m->rows && n < most; i++) {
		struct members_row *row = &m->row[i];

		row->fitted =
			row->measured && !row->crowded && row->operation > 0 && row->sleeps >= 0;
		n += (size_t)row->fitted;
	}
	return n;
}

int members_fit(struct members *m)
{
	double alone = m->row[0].cycle;

	if (!m->row[0].measured ||
	    choose(m, m->siblings ? 0 : N_FITTED) < (m->siblings ? 0 : N_FITTED))
		return 0;
	m->fit = (struct lock_load){ .away = alone - m->hold, .hold = m->hold };
	if (!m->siblings)
		seek(m, m->row[1].operation, fmax(alone, 1));
	for (size_t i = 0; i < m->rows; i++) {
		struct members_row *row = &m->row[i];

		predict(m, row);
		row->holds = fabs(row->cycle / row->cycle_said - 1) <= TOLERANCE_PCT / 100.0;
	}
	return 1;
}
