// SPDX-License-Identifier: MIT
/*
 * A lock that one process reads and others write: a closed queueing network with one
 * server, solved exactly as the Markov chain that it is.
 *
 * Who writes waits in a queue, its own time exponential in all parts; without the reader this is
 * the machine repairman's model, whose answer exact mean value analysis gives, too (Reiser
 * and Lavenberg, "Mean-Value Analysis of Closed Multichain Queuing Networks", J. ACM 27(2),
 * 1980; the unit test holds the chain to it).  The reader is served as the kernel's rwsem
 * does it, for which mean values have no exact form: writers wait awake and take a free
 * lock where they find it, and the reader sleeps at the head of the queue, so that the
 * next release is for it, but has the lock from then on while it still wakes up.
 * Between one writer's release and the next one's hold the lock is free for a moment; a
 * reader that comes just then does not sleep.
 *
 * The reader is thinking, and the lock free or held by a writer, or handed over; or it
 * sleeps, wakes, or reads.  Each state counts the writers that hold or wait.
 */
#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <math.h>

#include "plan.h"

enum { AWAY, HANDED, ASLEEP, WAKING, READING, N_PHASES };

struct chain {
	size_t members;
	gsl_matrix *balance; /* of flows: into state i from state j */
};

static size_t state(const struct chain *c, size_t phase, size_t writers)
{
	return phase * (c->members + 1) + writers;
}

static void flow(struct chain *c, size_t from, size_t to, double rate)
{
	*gsl_matrix_ptr(c->balance, to, from) += rate;
	*gsl_matrix_ptr(c->balance, from, from) -= rate;
}

/* One of 0 lasts a unit, which nobody tells apart; phases that nobody comes to empty so, too. */
static double rate(double time)
{
	return time > 0 ? 1 / time : 1;
}

/* What a writer's release leads to, and the reader's coming and going. */
static void add_flows(struct chain *c, const struct lock_load *l, size_t n)
{
	double comes = l->hold > 0 ? rate(l->away) : 0;
	size_t away = state(c, AWAY, n), next = n > 1 && l->handover > 0 ? HANDED : AWAY;

	for (size_t phase = 0; phase < N_PHASES && n < c->members; phase++)
		flow(c, state(c, phase, n), state(c, phase, n + 1),
		     (double)(c->members - n) * rate(l->think));
	flow(c, away, state(c, n ? ASLEEP : READING, n), comes);
	flow(c, state(c, HANDED, n), away, rate(l->handover));
	flow(c, state(c, HANDED, n), state(c, READING, n), comes);
	if (n)
		flow(c, away, state(c, next, n - 1), rate(l->held));
	flow(c, state(c, ASLEEP, n), state(c, WAKING, n ? n - 1 : 0), rate(l->held));
	flow(c, state(c, WAKING, n), state(c, READING, n), rate(l->wake));
	flow(c, state(c, READING, n), away, rate(l->hold));
}

/* The share of time in each state: they add up to one, which takes a balance's place.  All NAN
 * where times are too far apart for a double. */
static gsl_vector *shares(struct chain *c)
{
	size_t n = c->balance->size1;
	gsl_vector *share = gsl_vector_alloc(n), *sums = gsl_vector_calloc(n);
	gsl_error_handler_t *before = gsl_set_error_handler_off();
	gsl_permutation *order = gsl_permutation_alloc(n);
	int sign;

	for (size_t i = 0; i < n; i++)
		gsl_matrix_set(c->balance, n - 1, i, 1);
	gsl_vector_set(sums, n - 1, 1);
	if (gsl_linalg_LU_decomp(c->balance, order, &sign) ||
	    gsl_linalg_LU_solve(c->balance, order, sums, share))
		gsl_vector_set_all(share, NAN);
	gsl_set_error_handler(before);
	gsl_permutation_free(order);
	gsl_vector_free(sums);
	return share;
}

struct lock_answer lock_solve(const struct lock_load *l)
{
	size_t states = N_PHASES * (l->members + 1);
	struct chain c = { l->members, gsl_matrix_calloc(states, states) };
	double reading = 0, meets = 0, held = 0;
	gsl_vector *share;

	for (size_t n = 0; n <= l->members; n++)
		add_flows(&c, l, n);
	share = shares(&c);
	for (size_t n = 0; n <= l->members; n++) {
		reading += gsl_vector_get(share, state(&c, READING, n));
		meets += n ? gsl_vector_get(share, state(&c, AWAY, n)) : 0;
		held += n ? gsl_vector_get(share, state(&c, AWAY, n)) +
					gsl_vector_get(share, state(&c, ASLEEP, n))
			  : 0;
	}
	gsl_vector_free(share);
	gsl_matrix_free(c.balance);
	return (struct lock_answer){
		.cycle = l->hold > 0 ? l->hold / reading : l->away,
		.sleeps = l->hold > 0 ? meets / l->away * l->hold / reading : 0,
		.turn = l->members ? (double)l->members * l->held / held : NAN,
	};
}
