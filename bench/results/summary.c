// SPDX-License-Identifier: MIT
/*
 * What all rows say together: "summary" of compare.json, with which every report for people begins.
 * It is made of what was judged, and says nothing that the rows do not; so one that is read from a
 * file must be the one that its rows make.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results.h"
#include "results/hub.h"
#include "lib/core/die.h"
#include "lib/core/json.h"

/* One from 0 has no size, and is less than any that has. */
static double size_of(const struct comparison *c)
{
	return !c ? -2 : isfinite(c->delta_pct) ? fabs(c->delta_pct) : -1;
}

static void keep_larger(const struct comparison **kept, const struct comparison *c)
{
	if (size_of(c) > size_of(*kept))
		*kept = c;
}

static void add_result(const struct table *t, struct tally *tally, const struct comparison *c)
{
	tally->rows[c->verdict]++;
	if (!differs(c))
		return;
	if (is_worse(t, c)) {
		tally->worse++;
		keep_larger(&tally->worst, c);
	} else {
		tally->better++;
		keep_larger(&tally->best, c);
	}
}

static void add_assertion(const struct table *t, struct tally *tally, const struct comparison *c)
{
	const struct cell *cell = t->row[c->row].cell;
	double before = cell_value(t, &cell[c->base]), after = cell_value(t, &cell[c->kernel]);

	if (isnan(before) || isnan(after))
		return;
	tally->asserted++;
	tally->hold += after == 1;
	tally->mended += before < 1 && after == 1;
	if (!assertion_broke(t, c))
		return;
	tally->broken++;
	tally->first_broken = tally->first_broken ? tally->first_broken : c;
}

static void add_row(const struct table *t, struct tally *tally, size_t row)
{
	const struct comparison *c = table_find(t, row, tally->kernel, tally->base);

	if (is_result(c))
		add_result(t, tally, c);
	if (is_assertion(&t->row[row]))
		add_assertion(t, tally, c);
}

static void add_arms(const struct table *t, struct summary *s)
{
	for (size_t i = 0; i < t->comparisons; i++) {
		const struct comparison *c = &t->comparison[i];

		if (c->family != ARM)
			continue;
		s->has_arm = 1;
		s->arm_rows += c->verdict != SKIPPED;
		s->arm_differ += differs(c) || (t->exact && c->verdict == INCONCLUSIVE);
	}
}

struct summary *summary_of(const struct table *t)
{
	struct summary *s = xcalloc(1, sizeof(*s));
	size_t shown[COMPARE_MAX_KERNELS], n = letters(t, shown);

	for (size_t i = 1; i < n; i++) {
		struct tally *tally = &s->tally[s->tallies++];

		tally->kernel = shown[i];
		for (size_t r = 0; r < t->rows; r++)
			add_row(t, tally, r);
	}
	add_arms(t, s);
	for (size_t i = 0; i < t->notes; i++)
		s->doubts += !!t->note[i].doubt;
	return s;
}

static json_t *largest(const struct table *t, const struct comparison *c)
{
	const struct row *row;

	if (!c)
		return json_null();
	row = &t->row[c->row];
	return json_pack("{s:s, s:O, s:o, s:o}", "case", row->case_name, "params", row->params,
			 "metric", json_string_or_null(row->metric), "delta_pct",
			 json_real_or_null(c->delta_pct));
}

static json_t *verdicts(const struct tally *tally)
{
	json_t *o = json_object();

	for (enum verdict v = SAME; v <= SKIPPED; v++)
		if (tally->rows[v])
			json_object_set_new(o, verdict_name(v),
					    json_integer((json_int_t)tally->rows[v]));
	return o;
}

static json_t *assertions(const struct tally *tally)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "on_both", (json_int_t)tally->asserted, "hold",
			 (json_int_t)tally->hold, "broken", (json_int_t)tally->broken, "mended",
			 (json_int_t)tally->mended);
}

json_t *summary_json(const struct table *t, const struct summary *s)
{
	json_t *kernels = json_array(), *arm;

	for (size_t i = 0; i < s->tallies; i++) {
		const struct tally *k = &s->tally[i];

		json_array_append_new(
			kernels,
			json_pack("{s:s, s:s, s:I, s:I, s:o, s:o, s:o, s:o}", "kernel",
				  t->kernel[k->kernel].label, "baseline", t->kernel[k->base].label,
				  "better", (json_int_t)k->better, "worse", (json_int_t)k->worse,
				  "rows", verdicts(k), "best", largest(t, k->best), "worst",
				  largest(t, k->worst), "assertions", assertions(k)));
	}
	arm = s->has_arm ? json_pack("{s:I, s:I}", "rows", (json_int_t)s->arm_rows, "differ",
				     (json_int_t)s->arm_differ)
			 : json_null();
	return json_pack("{s:o, s:o, s:I, s:b}", "kernels", kernels, "aa", arm, "doubts",
			 (json_int_t)s->doubts, "trusted", !s->doubts);
}
