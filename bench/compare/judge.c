// SPDX-License-Identifier: MIT
/*
 * Verdicts.
 *
 * exact: boots must agree to the bit, and then any difference is real.
 *
 * lockstep: so must they, but one boot has several interleavings (seeds.c).
 *
 * parallel and timing: the boot is the unit.  An interval that lies within the
 * threshold is "equivalent"; one that excludes 0, and whose P survives its family's
 * procedure, is "faster" or "slower"; the rest is "inconclusive",
 * which says how large an effect could have been found.  "No difference" is never
 * concluded from a P value.  The procedure is Holm's: with it 19 of 20 campaigns say no false word.  Where
 * the plan named primary rows, which alone decide, it is theirs; among hundreds of others it would find next to
 * nothing, so that they are held to a false discovery rate.  Where a value is 0 there is no ratio, and signs
 * decide; events that happen in less than the threshold of all pages, on either side, are equivalent.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "lib/core/die.h"

#define ALPHA (1 - COMPARE_CONFIDENCE)

static struct comparison *add(struct table *t, size_t row, size_t kernel, size_t base)
{
	struct comparison *c;

	t->comparison = xrealloc(t->comparison, t->comparisons + 1, sizeof(*c));
	c = &t->comparison[t->comparisons++];
	*c = (struct comparison){ .row = row, .kernel = kernel, .base = base };
	c->delta_pct = c->p = c->p_holm = c->p_fdr = c->p_sign_flip = c->p_mann_whitney = NAN;
	c->sd = c->mde_pct = c->boots_needed = NAN;
	c->ci_pct = c->bootstrap_pct = c->ratio = (struct stats_interval){ NAN, NAN, NAN };
	return c;
}

/* One image, started alike: an A/A pair, whatever the two are called. */
static int same_kernel(const struct table *t, const struct comparison *c)
{
	return c->kernel != c->base && same_image(t, c) && same_fact(t, c, "kernel.cmdline");
}

static enum family family_of(const struct table *t, const struct comparison *c)
{
	int control = t->row[c->row].control, count = t->row[c->row].better == BETTER_NEITHER;

	if (is_arm(t, c->kernel) || (same_kernel(t, c) && !count))
		return ARM;
	if (count)
		return COUNTS;
	if (c->base)
		return control ? CONTROL_STEPS : STEPS;
	return control ? CONTROLS : is_primary(t, &t->row[c->row]) ? PRIMARY : OTHERS;
}

/* What can be computed of it before its family is known. */
static void compute(struct table *t, struct comparison *c)
{
	const struct cell *cell = t->row[c->row].cell;

	c->family = family_of(t, c);
	if (!cell[c->kernel].boots || !cell[c->base].boots)
		return;
	if (seeds_of(t, c)) {
		effect_seeds(t, c);
	} else if (t->exact) {
		effect_exact(t, c);
	} else if (c->kernel != c->base) {
		effect_statistics(t, c);
	} else {
		c->delta_pct = 0;
	}
}

/* Each kernel against the baseline (an A/A arm against its twin), then against the
 * one before it. */
static void list_comparisons(struct table *t)
{
	size_t shown[COMPARE_MAX_KERNELS], n = letters(t, shown);

	for (size_t i = 0; i < t->rows; i++) {
		for (size_t k = 0; k < t->kernels; k++)
			compute(t, add(t, i, k, is_arm(t, k) ? t->kernel[k].same_as : 0));
		for (size_t s = 2; s < n; s++)
			compute(t, add(t, i, shown[s], shown[s - 1]));
	}
}

static void adjust(struct table *t, enum family family)
{
	double *p = xcalloc(t->comparisons + 1, sizeof(*p));
	double *adjusted = xcalloc(t->comparisons + 1, sizeof(*adjusted));
	int fdr = primary_rows(t) && family != PRIMARY;

	for (size_t i = 0; i < t->comparisons; i++)
		p[i] = is_tested(&t->comparison[i], family) ? t->comparison[i].p : NAN;
	(fdr ? stats_benjamini_hochberg : stats_holm)(p, t->comparisons, adjusted);
	for (size_t i = 0; i < t->comparisons; i++)
		if (!isnan(p[i]))
			*(fdr ? &t->comparison[i].p_fdr : &t->comparison[i].p_holm) = adjusted[i];
	free(p);
	free(adjusted);
}

/* Boots that do not agree are no measurement; interleavings may differ. */
static char *why_inconclusive(const struct table *t, const struct comparison *c)
{
	const struct cell *cell = t->row[c->row].cell;

	if (!boots_agree(&cell[c->base]) || !boots_agree(&cell[c->kernel]))
		return xstrdup("boots of a kernel do not agree");
	return xasprintf("%zu interleavings do not tell", c->pairs);
}

static enum verdict judge_exact(const struct cell *a, const struct cell *b, double resolution)
{
	if (!boots_agree(a) || !boots_agree(b))
		return INCONCLUSIVE;
	if (a->boot[0].value == b->boot[0].value)
		return SAME;
	if (fabs(b->boot[0].value - a->boot[0].value) <= resolution / 100 * a->boot[0].value)
		return EQUIVALENT;
	return b->boot[0].value < a->boot[0].value ? FEWER : MORE;
}

static enum verdict word_for(enum stats_verdict v, enum better better)
{
	static const enum verdict lower[] = {
		[BETTER_NEITHER] = LOWER, [BETTER_LOWER] = FASTER, [BETTER_HIGHER] = SLOWER
	};
	static const enum verdict higher[] = {
		[BETTER_NEITHER] = HIGHER, [BETTER_LOWER] = SLOWER, [BETTER_HIGHER] = FASTER
	};

	switch (v) {
	case STATS_LOWER:
		return lower[better];
	case STATS_HIGHER:
		return higher[better];
	case STATS_EQUIVALENT:
		return EQUIVALENT;
	default:
		return INCONCLUSIVE;
	}
}

static enum verdict judge_sign(const struct comparison *c, enum better better)
{
	if (!c->one_way || !(adjusted_p(c) <= ALPHA))
		return INCONCLUSIVE;
	return word_for(c->one_way < 0 ? STATS_LOWER : STATS_HIGHER, better);
}

static enum verdict judge_values(const struct table *t, struct comparison *c)
{
	const struct cell *cell = t->row[c->row].cell;

	if (!cell[c->kernel].boots || !cell[c->base].boots)
		return SKIPPED;
	if (t->exact) {
		/* An A/A arm is the same boot once more. */
		double resolution = is_arm(t, c->kernel) ? 0 : resolution_pct(t, &t->row[c->row]);
		enum verdict v =
			seeds_of(t, c) ? judge_seeds(t, c, resolution, ALPHA)
				       : judge_exact(&cell[c->base], &cell[c->kernel], resolution);

		if (v == INCONCLUSIVE)
			c->reason = why_inconclusive(t, c);
		return v;
	}
	if (c->kernel == c->base)
		return SAME;
	if (c->reason)
		return INCONCLUSIVE;
	if (c->nothing)
		return EQUIVALENT;
	if (c->method == SIGN_FLIP)
		return judge_sign(c, t->row[c->row].better);
	return word_for(stats_decide(c->ratio, adjusted_p(c), ALPHA, t->threshold / 100),
			t->row[c->row].better);
}

static int is_gain(const struct table *t, const struct comparison *c, enum verdict v)
{
	if (t->row[c->row].better == BETTER_NEITHER)
		return 0;
	return v == FASTER || v == (t->row[c->row].better == BETTER_HIGHER ? MORE : FEWER);
}

/* What is cheaper because it was not done is no gain. */
static enum verdict judge(const struct table *t, struct comparison *c)
{
	const struct cell *cell = t->row[c->row].cell;
	enum verdict v = judge_values(t, c);

	if (!is_gain(t, c, v) || !success_fell(t, c))
		return v;
	free(c->reason);
	c->reason = xasprintf("%.4g %% of attempts succeed, %.4g %% on the baseline",
			      success_rate(&cell[c->kernel]), success_rate(&cell[c->base]));
	return INCONCLUSIVE;
}

void table_judge(struct table *t)
{
	size_t size[N_FAMILIES];

	list_comparisons(t);
	for (enum family f = PRIMARY; f < N_FAMILIES; f++) {
		adjust(t, f);
		size[f] = family_size(t, f);
	}
	for (size_t i = 0; i < t->comparisons; i++) {
		struct comparison *c = &t->comparison[i];

		c->verdict = judge(t, c);
		effect_power(t, c, size[c->family]);
	}
	table_distrust(t);
}
