// SPDX-License-Identifier: MIT
/* What the table's enumerations are called, in files and in reports, and questions to the table. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results.h"
#include "lib/core/die.h"
#include "lib/core/quote.h"

const char *better_name(enum better better)
{
	static const char *const names[] = {
		[BETTER_NEITHER] = "neither", [BETTER_LOWER] = "lower", [BETTER_HIGHER] = "higher"
	};

	return names[better];
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		[SAME] = "same",      [FEWER] = "fewer",	   [MORE] = "more",
		[FASTER] = "faster",  [SLOWER] = "slower",	   [LOWER] = "lower",
		[HIGHER] = "higher",  [EQUIVALENT] = "equivalent", [INCONCLUSIVE] = "inconclusive",
		[SKIPPED] = "skipped"
	};

	return names[verdict];
}

const char *family_name(enum family family)
{
	static const char *const names[] = {
		[PRIMARY] = "primary", [OTHERS] = "others",
		[STEPS] = "steps",     [CONTROLS] = "controls",
		[COUNTS] = "counts",   [CONTROL_STEPS] = "control-steps",
		[ARM] = "aa"
	};

	return names[family];
}

const char *method_name(enum method method)
{
	static const char *const names[] = {
		[NO_METHOD] = NULL,	 [EXACT] = "exact",	[INTERLEAVINGS] = "interleavings",
		[PAIRED_T] = "paired-t", [FIELLER] = "fieller", [SIGN_FLIP] = "sign-flip"
	};

	return names[method];
}

/* All rows have the same comparisons, in the same order. */
const struct comparison *table_find(const struct table *t, size_t row, size_t k, size_t base)
{
	size_t each = t->rows ? t->comparisons / t->rows : 0;

	for (size_t i = row * each; i < (row + 1) * each; i++) {
		const struct comparison *c = &t->comparison[i];

		if (c->kernel == k && c->base == base)
			return c;
	}
	return NULL;
}

json_t *env_at(json_t *object, const char *key)
{
	char *copy = xstrdup(key), *rest = copy, *part;

	while (object && (part = strsep(&rest, ".")))
		object = json_object_get(object, part);
	free(copy);
	return object ? object : json_null();
}

int is_arm(const struct table *t, size_t k)
{
	return t->kernel[k].same_as != k;
}

/* Do both kernels' boots say so, and the same? */
int same_fact(const struct table *t, const struct comparison *c, const char *path)
{
	const char *a = json_string_value(env_at(t->kernel[c->base].run, path));
	const char *b = json_string_value(env_at(t->kernel[c->kernel].run, path));

	return a && b && !strcmp(a, b);
}

int same_image(const struct table *t, const struct comparison *c)
{
	return same_fact(t, c, "host.kernel.key");
}

/* Has a P value, and boots enough for a verdict. */
int is_tested(const struct comparison *c, enum family family)
{
	return c->family == family && c->kernel != c->base && !isnan(c->p) &&
	       (!c->reason || c->method == SIGN_FLIP);
}

size_t family_size(const struct table *t, enum family family)
{
	size_t n = 0;

	for (size_t i = 0; i < t->comparisons; i++)
		n += (size_t)is_tested(&t->comparison[i], family);
	return n;
}

double resolution_pct(const struct table *t, const struct row *row)
{
	json_t *said =
		json_object_get(json_object_get(t->cases_said, row->case_name), "resolution_pct");

	return t->exact ? json_number_value(
				  json_object_get(said, row->metric ? "metrics" : "samples"))
			: 0;
}

int differs(const struct comparison *c)
{
	return c->verdict >= FEWER && c->verdict <= HIGHER;
}

int is_worse(const struct table *t, const struct comparison *c)
{
	if (t->exact)
		return c->verdict == (t->row[c->row].better == BETTER_HIGHER ? FEWER : MORE);
	return c->verdict == SLOWER;
}

/* Controls and counts are no results: a kernel does not regress by them. */
int is_result(const struct comparison *c)
{
	return (c->family == PRIMARY || c->family == OTHERS) && c->kernel != c->base;
}

int decides(const struct comparison *c)
{
	return c->family == PRIMARY && c->kernel != c->base;
}

double adjusted_p(const struct comparison *c)
{
	return isnan(c->p_fdr) ? c->p_holm : c->p_fdr;
}

int param_is(json_t *params, const char *name, const char *value)
{
	json_t *param = json_object_get(params, name);
	char *end;

	if (json_is_integer(param))
		return strtoll(value, &end, 10) == json_integer_value(param) && !*end;
	return json_is_string(param) && !strcmp(json_string_value(param), value);
}

int is_assertion(const struct row *row)
{
	return row->metric && !strcmp(row->metric, ASSERTION);
}

int assertion_broke(const struct table *t, const struct comparison *c)
{
	const struct row *row = &t->row[c->row];

	return is_assertion(row) && c->kernel != c->base &&
	       cell_value(t, &row->cell[c->base]) == 1 && cell_value(t, &row->cell[c->kernel]) < 1;
}

int has_method(const struct table *t, enum method method)
{
	for (size_t i = 0; i < t->comparisons; i++)
		if (t->comparison[i].method == method && !is_arm(t, t->comparison[i].kernel))
			return 1;
	return 0;
}

int table_status(const struct table *t)
{
	int status = EXIT_SAME;

	for (size_t i = 0; i < t->notes; i++)
		if (t->note[i].doubt)
			status = EXIT_INCONCLUSIVE;
	for (size_t i = 0; i < t->comparisons; i++) {
		const struct comparison *c = &t->comparison[i];

		if (!decides(c))
			continue;
		if (is_worse(t, c))
			return EXIT_REGRESSION;
		if (c->verdict == INCONCLUSIVE)
			status = EXIT_INCONCLUSIVE;
	}
	return status;
}

size_t letters(const struct table *t, size_t *shown)
{
	size_t n = 0;

	for (size_t k = 0; k < t->kernels; k++)
		if (!is_arm(t, k))
			shown[n++] = k;
	return n;
}

const char *row_unit(const struct table *t, const struct row *row)
{
	return row->unit ? row->unit : t->unit ? t->unit : "none";
}

double cell_value(const struct table *t, const struct cell *cell)
{
	(void)t;
	return cell->boots ? cell->value : NAN;
}

struct stats_interval cell_interval(const struct table *t, const struct cell *cell)
{
	(void)t;
	return cell->boots ? cell->interval : (struct stats_interval){ NAN, NAN, NAN };
}

/* In the order of enum held. */
static const char *const held_names[N_HELD] = { "held", "not held", "open" };

const char *held_name(enum held held)
{
	return held_names[held];
}

enum held held_of(const char *name)
{
	enum held held = HAS_HELD;

	while (held < N_HELD && strcmp(held_names[held], name))
		held++;
	return held;
}

const char *fact_name(enum fact fact)
{
	static const char *const names[N_FACTS] = {
		[FACT_MISSING] = "missing",
		[FACT_REPEATED] = "repeated",
		[FACT_INCOMPLETE] = "incomplete",
		[FACT_CASES] = "cases",
		[FACT_CONDITIONS] = "conditions",
		[FACT_INSTRUMENT] = "instrument",
		[FACT_FAILURES] = "failures",
		[FACT_DISTURBED] = "disturbed",
		[FACT_STOLEN] = "stolen",
		[FACT_MODEL] = "model",
		[FACT_HOST] = "host",
		[FACT_UNFIT] = "unfit-host",
		[FACT_VERDICTS] = "verdicts",
	};

	return names[fact];
}

json_int_t plan_int(const struct table *t, size_t plan, const char *name)
{
	return json_integer_value(json_object_get(t->plan[plan].json, name));
}

int interleaves(const struct table *t)
{
	return !strcmp(t->mode, "lockstep") && plan_int(t, 0, "runs") > 1;
}

void table_note(struct table *t, enum fact fact, char *text)
{
	t->note = xrealloc(t->note, t->notes + 1, sizeof(*t->note));
	t->note[t->notes++] = (struct note){ fact, quote_line(text), 0 };
	free(text);
}
