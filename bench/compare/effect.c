// SPDX-License-Identifier: MIT
/*
 * The statistics of one comparison.  Boots of one block ran beside each other, so
 * what drifted over the campaign is in both: their ratios are taken pair by pair.
 * Where no block is shared (two directories), the means of all boots are compared.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "lib/core/die.h"

#define RESAMPLES 10000
#define SEED	  1 /* fixed: the same files give the same interval */

#define UNKNOWN	  ((struct stats_interval){ NAN, NAN, NAN })

/* Two sets of boots that are compared; pairs are next to each other. */
struct sets {
	const struct boot **a, **b;
	double *va, *vb;
	size_t na, nb;
	int paired;
};

int boots_agree(const struct cell *cell)
{
	for (size_t i = 1; i < cell->boots; i++)
		if (cell->boot[i].value != cell->boot[0].value)
			return 0;
	return 1;
}

/* NAN: a change from 0 is no share of it. */
static double change_pct(double from, double to)
{
	return from == to ? 0 : from == 0 ? NAN : 100 * (to - from) / from;
}

void effect_exact(const struct table *t, struct comparison *c)
{
	const struct row *row = &t->row[c->row];

	c->method = EXACT;
	c->delta_pct = change_pct(cell_value(t, &row->cell[c->base]),
				  cell_value(t, &row->cell[c->kernel]));
}

static void add_pair(struct sets *s, const struct boot *a, const struct boot *b)
{
	if (a) {
		s->a[s->na] = a;
		s->va[s->na++] = a->value;
	}
	if (b) {
		s->b[s->nb] = b;
		s->vb[s->nb++] = b->value;
	}
}

/* The first boot of @cell in the block of @of. */
static const struct boot *partner(const struct cell *cell, const struct boot *of)
{
	for (size_t i = 0; i < cell->boots; i++)
		if (cell->boot[i].directory == of->directory && cell->boot[i].block == of->block)
			return &cell->boot[i];
	return NULL;
}

static struct sets take_sets(const struct cell *a, const struct cell *b)
{
	struct sets s = { xcalloc(a->boots + 1, sizeof(*s.a)),
			  xcalloc(a->boots + b->boots + 1, sizeof(*s.b)),
			  xcalloc(a->boots + 1, sizeof(*s.va)),
			  xcalloc(a->boots + b->boots + 1, sizeof(*s.vb)),
			  0,
			  0,
			  1 };

	for (size_t i = 0; i < a->boots; i++) {
		const struct boot *other = partner(b, &a->boot[i]);

		if (other)
			add_pair(&s, &a->boot[i], other);
	}
	if (s.na)
		return s;
	s.paired = 0;
	for (size_t i = 0; i < a->boots; i++)
		add_pair(&s, &a->boot[i], NULL);
	for (size_t i = 0; i < b->boots; i++)
		add_pair(&s, NULL, &b->boot[i]);
	return s;
}

static void free_sets(struct sets *s)
{
	free(s->a);
	free(s->b);
	free(s->va);
	free(s->vb);
}

/* SD over the mean. */
static double relative_sd(const double *x, size_t n)
{
	double mean = 0, squares = 0;

	for (size_t i = 0; i < n; i++)
		mean += x[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		squares += (x[i] - mean) * (x[i] - mean);
	return n > 1 ? sqrt(squares / (double)(n - 1)) / mean : NAN;
}

static double sign_flip(const struct sets *s)
{
	double *d = xcalloc(s->na, sizeof(*d)), p;

	for (size_t i = 0; i < s->na; i++)
		d[i] = log(s->vb[i] / s->va[i]);
	p = stats_sign_flip(d, s->na);
	free(d);
	return p;
}

/* Runs of boots in a row, or the boots' own values where runs are not equally many. */
static double *run_values(const struct boot **boot, size_t n, size_t runs)
{
	double *v = xcalloc(n * runs, sizeof(*v));

	for (size_t i = 0; i < n; i++)
		for (size_t r = 0; r < runs; r++)
			v[i * runs + r] = runs == 1 ? boot[i]->value : boot[i]->run[r];
	return v;
}

static size_t common_runs(const struct sets *s)
{
	size_t runs = s->a[0]->runs;

	for (size_t i = 0; i < s->na; i++)
		if (s->a[i]->runs != runs || s->b[i]->runs != runs)
			return 1;
	return runs;
}

static struct stats_interval bootstrap(const struct sets *s)
{
	struct stats_interval ratio;
	double *a, *b;
	size_t runs;

	if (s->na != s->nb || s->na < STATS_BOOTSTRAP_MIN_BOOTS)
		return UNKNOWN;
	runs = common_runs(s);
	a = run_values(s->a, s->na, runs);
	b = run_values(s->b, s->nb, runs);
	ratio = stats_bootstrap_ratio(a, b, s->na, runs, s->paired, RESAMPLES, SEED,
				      COMPARE_CONFIDENCE);
	free(a);
	free(b);
	return ratio;
}

static struct stats_interval in_per_cent(struct stats_interval ratio)
{
	return (struct stats_interval){ 100 * (ratio.estimate - 1), 100 * (ratio.low - 1),
					100 * (ratio.high - 1) };
}

static void too_few(struct comparison *c, const struct sets *s)
{
	if (c->pairs >= COMPARE_MIN_BOOTS)
		return;
	c->reason = s->paired ? xasprintf("%zu pair%s of boots, %d are needed", c->pairs,
					  c->pairs == 1 ? "" : "s", COMPARE_MIN_BOOTS)
			      : xasprintf("%zu and %zu boots, %d of each are needed", s->na, s->nb,
					  COMPARE_MIN_BOOTS);
}

static int all_positive(const double *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!(v[i] > 0))
			return 0;
	return 1;
}

/* Nothing on either side, as counts often are: no ratio, but no difference either. */
static int all_zero(const double *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] != 0)
			return 0;
	return 1;
}

static int all_below(const double *v, size_t n, double limit)
{
	for (size_t i = 0; i < n; i++)
		if (!(fabs(v[i]) < limit))
			return 0;
	return 1;
}

/* Events that hardly happen: of none and of one in thousands of pages no ratio says anything, and both
 * are next to nothing. */
static int next_to_nothing(const struct row *row, const struct sets *s, double share)
{
	return row->unit && !strcmp(row->unit, COUNTER_UNIT) && all_below(s->va, s->na, share) &&
	       all_below(s->vb, s->nb, share);
}

/*
 * Values of 0 have no ratio, but pairs still have signs.  In which direction all of them
 * differ; 0 if they do not, or by less than @threshold together.
 */
static int one_way(const struct sets *s, const double *d, double threshold)
{
	double sum = 0, base = 0;
	size_t up = 0, down = 0;

	for (size_t i = 0; i < s->na; i++) {
		up += d[i] > 0;
		down += d[i] < 0;
		sum += d[i];
		base += s->va[i];
	}
	if (fabs(sum) < threshold * fabs(base))
		return 0;
	return up == s->na ? 1 : down == s->na ? -1 : 0;
}

static void compare_signs(struct comparison *c, const struct sets *s, double threshold)
{
	double *d = xcalloc(s->na + 1, sizeof(*d));

	for (size_t i = 0; i < s->na; i++)
		d[i] = s->vb[i] - s->va[i];
	c->method = SIGN_FLIP;
	c->one_way = one_way(s, d, threshold);
	/* Of all signs those that occurred and their opposites: for any number of pairs. */
	c->p = c->one_way ? ldexp(2, -(int)s->na) : stats_sign_flip(d, s->na);
	free(d);
}

static void compare_sets(struct comparison *c, const struct row *row, const struct sets *s,
			 double threshold)
{
	c->pairs = s->na < s->nb ? s->na : s->nb;
	if (all_zero(s->va, s->na) && all_zero(s->vb, s->nb)) {
		c->ratio = (struct stats_interval){ 1, 1, 1 };
		c->ci_pct = in_per_cent(c->ratio);
		c->delta_pct = 0;
		c->p = 1;
		too_few(c, s);
		return;
	}
	if (next_to_nothing(row, s, threshold)) {
		c->nothing = 1;
		too_few(c, s);
		return;
	}
	if (!all_positive(s->va, s->na) || !all_positive(s->vb, s->nb)) {
		if (s->paired && c->pairs >= COMPARE_MIN_BOOTS)
			compare_signs(c, s, threshold);
		else
			c->reason = xstrdup("a value of 0 has no ratio");
		return;
	}
	c->method = s->paired ? PAIRED_T : FIELLER;
	c->ratio = s->paired ? stats_paired_ratio(s->va, s->vb, s->na, COMPARE_CONFIDENCE, &c->p)
			     : stats_fieller_ratio(s->va, s->na, s->vb, s->nb, COMPARE_CONFIDENCE,
						   &c->p);
	/* Unpaired, to first order, the variances of ln a and ln b add up. */
	c->sd = s->paired ? stats_paired_sd(s->va, s->vb, s->na)
			  : hypot(relative_sd(s->va, s->na), relative_sd(s->vb, s->nb));
	c->ci_pct = in_per_cent(c->ratio);
	c->delta_pct = c->ci_pct.estimate;
	too_few(c, s);
	if (c->reason)
		return;
	if (s->paired)
		c->p_sign_flip = sign_flip(s);
	c->p_mann_whitney = stats_mann_whitney(s->va, s->na, s->vb, s->nb);
	c->bootstrap_pct = in_per_cent(bootstrap(s));
}

void effect_statistics(const struct table *t, struct comparison *c)
{
	const struct row *row = &t->row[c->row];
	struct sets s = take_sets(&row->cell[c->base], &row->cell[c->kernel]);

	compare_sets(c, row, &s, t->threshold / 100);
	if (isnan(c->delta_pct) && !c->nothing)
		c->delta_pct = change_pct(cell_value(t, &row->cell[c->base]),
					  cell_value(t, &row->cell[c->kernel]));
	free_sets(&s);
}

/* The least P of n pairs is 2 / 2^n. */
static char *why_no_sign(const struct comparison *c, double alpha)
{
	double more = ceil(1 - log2(alpha)) - (double)c->pairs;

	return c->one_way ? xasprintf("a value of 0 has no ratio; by sign, about %.0f more boot%s",
				      more, more == 1 ? "" : "s")
			  : xstrdup("a value of 0 has no ratio");
}

/*
 * What this campaign could have found, and how many more boots would find an effect
 * as large as the threshold: at the level that Holm, or Benjamini and Hochberg, ask of the least likely of
 * @n_family rows, so that it holds for each row whatever the others say.
 */
void effect_power(const struct table *t, struct comparison *c, size_t n_family)
{
	double alpha = (1 - COMPARE_CONFIDENCE) / (double)(n_family ? n_family : 1);
	size_t needed;

	if (c->method == SIGN_FLIP && c->verdict == INCONCLUSIVE && !c->reason)
		c->reason = why_no_sign(c, alpha);
	if (isnan(c->sd))
		return;
	c->mde_pct = 100 * expm1(stats_mde_paired(c->sd, c->pairs, alpha, COMPARE_POWER));
	needed = stats_pairs_needed(c->sd, log1p(t->threshold / 100), alpha, COMPARE_POWER);
	if (needed != SIZE_MAX)
		c->boots_needed = needed > c->pairs ? (double)(needed - c->pairs) : 0;
	if (c->boots_needed < COMPARE_MIN_BOOTS - (double)c->pairs)
		c->boots_needed = COMPARE_MIN_BOOTS - (double)c->pairs;
}
