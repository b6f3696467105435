// SPDX-License-Identifier: MIT
/*
 * What forbids to say "no regression", whatever the verdicts of the rows: an
 * instrument that sees a difference where none can be, rows that only the baseline
 * has, fewer successes, an assertion that holds no more, boots that drifted apart.  One note each.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "results/known.h"
#include "lib/core/die.h"

#define FAILED_LIMIT 2 /* boots that failed, more than the baseline's, are no accident */

/* Does the case promise that the row is equal?  METHODOLOGY.md, section 5; other controls may
 * differ as kernels do. */
static int must_equal(const struct table *t, const struct comparison *c)
{
	const char *when = known_word(t->row[c->row].case_name, "must_equal");

	return when && (!strcmp(when, "always") || same_image(t, c));
}

/* Does the row say that the instrument is wrong? */
static int spoils(const struct table *t, const struct comparison *c)
{
	if (c->family == ARM) /* exact boots that do not agree are no "same" either */
		return differs(c) || (t->exact && c->verdict == INCONCLUSIVE);
	return differs(c) && must_equal(t, c);
}

static void doubt_instrument(struct table *t)
{
	for (size_t i = 0; i < t->comparisons; i++) {
		const struct comparison *c = &t->comparison[i];
		char *name;

		if (!spoils(t, c))
			continue;
		name = row_name(&t->row[c->row]);
		table_note(
			t, FACT_VERDICTS,
			xasprintf(
				"%s differs between %s and %s, %s: the instrument is not to be trusted",
				name, t->kernel[c->base].label, t->kernel[c->kernel].label,
				c->family == ARM   ? "which are the same kernel"
				: same_image(t, c) ? "which are one image"
						   : "where nothing of the kernel is in it"));
		free(name);
	}
}

/* A row that the kernel lost: one that the baseline skips, too, says nothing of it, and a
 * metric goes with its samples. */
static int is_lost(const struct table *t, const struct comparison *c)
{
	const struct row *row = &t->row[c->row];

	if (c->verdict != SKIPPED || (row->metric && skip_reason(t, row, c->kernel)))
		return 0;
	return row->cell[c->base].boots || !skip_reason(t, row, c->base);
}

static int is_fall(const struct table *t, const struct comparison *c)
{
	return !t->row[c->row].metric && c->verdict != SKIPPED && success_fell(t, c);
}

/* Results, and what must be as good as the baseline because it is the baseline. */
static int is_asked(const struct comparison *c)
{
	return is_result(c) || c->family == ARM;
}

/* How many of them are as @is says; @first becomes the name of the first, to free. */
static size_t count(const struct table *t,
		    int (*is)(const struct table *t, const struct comparison *c), char **first)
{
	size_t n = 0;

	*first = NULL;
	for (size_t i = 0; i < t->comparisons; i++) {
		const struct comparison *c = &t->comparison[i];
		char *name;

		if (!is_asked(c) || !is(t, c) || n++)
			continue;
		name = row_name(&t->row[c->row]);
		*first = xasprintf("%s on %s", name, t->kernel[c->kernel].label);
		free(name);
	}
	return n;
}

/* "@before N @one: the first", or "@before N @many: the first and others". */
static void doubt_rows(struct table *t,
		       int (*is)(const struct table *t, const struct comparison *c),
		       const char *before, const char *one, const char *many)
{
	char *first;
	size_t n = count(t, is, &first);

	if (n)
		table_note(t, FACT_VERDICTS,
			   xasprintf("%s%zu %s: %s%s", before, n, n == 1 ? one : many, first,
				     n == 1 ? "" : " and others"));
	free(first);
}

/* An assertion is no cost, and none of its rows is a result; that it holds no more is one. */
static void doubt_outcomes(struct table *t)
{
	for (size_t i = 0; i < t->comparisons; i++) {
		const struct comparison *c = &t->comparison[i];
		char *name;

		if (!assertion_broke(t, c) || (c->base && !is_arm(t, c->kernel)))
			continue;
		name = row_name(&t->row[c->row]);
		table_note(t, FACT_VERDICTS,
			   xasprintf("%s holds on %s and not on %s: the outcome has changed", name,
				     t->kernel[c->base].label, t->kernel[c->kernel].label));
		free(name);
	}
}

static int is_compared(const struct table *t, const struct comparison *c)
{
	(void)t;
	return c->verdict != SKIPPED;
}

static int is_any(const struct table *t, const struct comparison *c)
{
	(void)t;
	(void)c;
	return 1;
}

static int decide_any(const struct table *t)
{
	for (size_t i = 0; i < t->comparisons; i++)
		if (decides(&t->comparison[i]))
			return 1;
	return 0;
}

/* The plan said that they decide: without them nothing does. */
static void doubt_primary(struct table *t)
{
	json_t *list = primary_rows(t), *pattern;
	size_t i;

	if (list && t->kernels > 1 && !decide_any(t))
		table_note(t, FACT_VERDICTS,
			   xstrdup("no primary row of the plan is here, so nothing decides"));
	json_array_foreach(list, i, pattern) {
		const char *name = json_string_value(pattern);
		size_t r = 0;

		while (r < t->rows && !(primary_names(name, &t->row[r]) && !t->row[r].control))
			r++;
		if (r == t->rows && !t->cases)
			table_note(t, FACT_VERDICTS,
				   xasprintf("the plan's primary row %s was not measured", name));
	}
}

static void doubt_nothing(struct table *t)
{
	char *any, *compared = NULL;

	if (count(t, is_any, &any) && !count(t, is_compared, &compared))
		table_note(t, FACT_VERDICTS,
			   xstrdup("nothing is compared: no row has values of two kernels"));
	free(any);
	free(compared);
}

static int is_unpaired(const struct table *t, size_t k)
{
	for (size_t i = 0; i < t->comparisons; i++) {
		const struct comparison *c = &t->comparison[i];

		if (c->kernel == k && c->base == 0 && c->method == FIELLER)
			return 1;
	}
	return 0;
}

/* What is left of a kernel that crashes says little of it. */
static void doubt_failures(struct table *t)
{
	const struct kernel *base = &t->kernel[0];

	for (const struct kernel *kernel = base + 1; kernel < t->kernel + t->kernels; kernel++)
		if (kernel->failed >= base->failed + FAILED_LIMIT)
			table_note(
				t, FACT_FAILURES,
				xasprintf(
					"%zu of %zu boots of %s failed at first, of %s %zu of %zu; see what they left before you believe the rest",
					kernel->failed, kernel->boots, kernel->label, base->label,
					base->failed, base->boots));
}

static void doubt_drift(struct table *t)
{
	for (size_t k = 1; k < t->kernels; k++)
		if (!is_arm(t, k) && is_unpaired(t, k))
			table_note(t, FACT_VERDICTS,
				   xasprintf("%s and %s share no block: drift between their "
					     "boots is in the difference",
					     t->kernel[0].label, t->kernel[k].label));
}

/* What loading found: a row that is not there, or was measured otherwise, may be the one that is
 * worse. */
static int is_doubt(enum fact fact)
{
	return fact != FACT_REPEATED && fact != FACT_CONDITIONS && fact != FACT_DISTURBED &&
	       fact != FACT_HOST;
}

void table_distrust(struct table *t)
{
	fitness_notes(t);
	doubt_failures(t);
	doubt_instrument(t);
	doubt_nothing(t);
	doubt_primary(t);
	doubt_rows(t, is_lost, "", "row is skipped or not measured where the baseline has it",
		   "rows are skipped or not measured where the baseline has them");
	doubt_rows(t, is_fall, "fewer attempts succeed than on the baseline in ", "row", "rows");
	doubt_outcomes(t);
	doubt_drift(t);
	for (size_t i = 0; i < t->notes; i++)
		t->note[i].doubt = is_doubt(t->note[i].fact);
}
