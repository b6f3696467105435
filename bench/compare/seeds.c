// SPDX-License-Identifier: MIT
/*
 * Lockstep mode: each run of a boot is an interleaving of its own, the same in every boot, and
 * each is exact.  What two kernels differ by under one interleaving may be that interleaving's;
 * what they differ by on average, beyond what interleavings differ among themselves, is
 * the kernels'.  So a row's value is the mean over interleavings, with Student's interval, and
 * two kernels are compared interleaving by interleaving.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "lib/core/die.h"

/* Boots of a kernel that agree: the first speaks for all. */
static size_t interleavings(const struct cell *cell)
{
	return cell->boots ? cell->boot[0].runs : 0;
}

size_t seeds_of(const struct table *t, const struct comparison *c)
{
	const struct cell *cell = t->row[c->row].cell;
	size_t a = interleavings(&cell[c->base]), b = interleavings(&cell[c->kernel]);
	size_t n = a < b ? a : b;

	return !strcmp(t->mode, "lockstep") && n > 1 ? n : 0;
}

void effect_seeds(const struct table *t, struct comparison *c)
{
	const struct cell *cell = t->row[c->row].cell;
	const double *a = cell[c->base].boot[0].run, *b = cell[c->kernel].boot[0].run;
	struct stats_interval d =
		stats_paired_difference(a, b, seeds_of(t, c), COMPARE_CONFIDENCE, &c->p);
	double base = stats_mean(a, seeds_of(t, c), COMPARE_CONFIDENCE).estimate;

	c->method = INTERLEAVINGS;
	c->pairs = seeds_of(t, c);
	c->delta_pct = d.estimate == 0 ? 0 : base > 0 ? 100 * d.estimate / base : NAN;
	if (base > 0)
		c->ci_pct = (struct stats_interval){ 100 * d.estimate / base, 100 * d.low / base,
						     100 * d.high / base };
}

/* The largest difference under one interleaving, in per cent of the baseline's value. */
static double largest(const double *a, const double *b, size_t n)
{
	double most = 0;

	for (size_t i = 0; i < n; i++)
		if (a[i] != b[i])
			most = fmax(most, a[i] > 0 ? 100 * fabs(b[i] - a[i]) / a[i] : INFINITY);
	return most;
}

/* "Same" is the same under every interleaving; an A/A arm must be. */
enum verdict judge_seeds(const struct table *t, const struct comparison *c, double resolution,
			 double alpha)
{
	const struct cell *a = &t->row[c->row].cell[c->base], *b = &t->row[c->row].cell[c->kernel];
	double most, mean;

	if (!boots_agree(a) || !boots_agree(b))
		return INCONCLUSIVE;
	most = largest(a->boot[0].run, b->boot[0].run, c->pairs);
	if (most == 0)
		return SAME;
	if (most <= resolution)
		return EQUIVALENT;
	mean = cell_value(t, b) - cell_value(t, a);
	if (!(c->p_holm <= alpha) || fabs(c->delta_pct) <= resolution)
		return INCONCLUSIVE;
	return mean < 0 ? FEWER : MORE;
}
