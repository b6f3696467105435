// SPDX-License-Identifier: MIT
/*
 * What each case said beforehand of the folio walk against the rmap walk of the same
 * kernel, and whether it held.  A prediction that failed stays in the report.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "lib/core/die.h"

/* One condition, "name=value" or "name>=number". */
static int holds(const char *condition, json_t *params)
{
	char *copy = xstrdup(condition), *at = copy + strcspn(copy, ">="), *want;
	int at_least = *at == '>', yes = 0;
	json_t *value;

	if (!*at || (at_least && at[1] != '='))
		die_usage("prediction \"%s\": a condition is name=value or name>=number",
			  condition);
	want = at + 1 + at_least;
	*at = '\0';
	value = json_object_get(params, copy);
	if (json_is_string(value))
		yes = !at_least && !strcmp(json_string_value(value), want);
	else if (json_is_integer(value))
		yes = at_least ? json_integer_value(value) >= atoll(want)
			       : json_integer_value(value) == atoll(want);
	free(copy);
	return yes;
}

static int applies(json_t *prediction, const struct row *row)
{
	const char *metric = json_string_value(json_object_get(prediction, "metric"));
	char *copy = xstrdup(json_string_value(json_object_get(prediction, "when"))), *rest = copy;
	int yes = metric && row->metric ? !strcmp(metric, row->metric) : metric == row->metric;
	char *condition;

	while (yes && (condition = strsep(&rest, " ")))
		if (*condition)
			yes = holds(condition, row->params);
	free(copy);
	return yes;
}

static enum held outcome(const struct table *t, const struct comparison *c, const char *expected)
{
	if (c->verdict == SKIPPED || c->verdict == INCONCLUSIVE)
		return IS_OPEN;
	if (!strcmp(expected, "same"))
		return differs(c) ? HAS_FAILED : HAS_HELD;
	if (t->exact && c->verdict == EQUIVALENT)
		return IS_OPEN; /* what is there is less than the case resolves */
	if (!differs(c))
		return HAS_FAILED;
	return (c->delta_pct < 0) == !strcmp(expected, "lower") ? HAS_HELD : HAS_FAILED;
}

static const char *walk(const struct table *t, size_t k)
{
	const char *s = json_string_value(
		json_object_get(json_object_get(t->kernel[k].run, "module"), "walk"));

	return s ? s : "";
}

/* Only the walk differs: one image, the rmap walk in front. */
static int is_walk_step(const struct table *t, const struct comparison *c)
{
	return !is_arm(t, c->kernel) && !strcmp(walk(t, c->base), "rmap") &&
	       !strcmp(walk(t, c->kernel), "folio") && same_image(t, c);
}

static json_t *prediction(const struct table *t, const struct comparison *c, json_t *said)
{
	const struct row *row = &t->row[c->row];
	const char *folio = json_string_value(json_object_get(said, "folio"));
	json_t *o = json_copy(said);

	json_object_set_new(o, "case", json_string(row->case_name));
	json_object_set(o, "params", row->params);
	json_object_set_new(o, "kernel", json_string(t->kernel[c->kernel].label));
	json_object_set_new(o, "baseline", json_string(t->kernel[c->base].label));
	json_object_set_new(o, "outcome", json_string(held_name(outcome(t, c, folio))));
	return o;
}

json_t *predictions(const struct table *t)
{
	json_t *list = json_array();

	for (size_t i = 0; i < t->comparisons; i++) {
		const struct comparison *c = &t->comparison[i];
		const struct row *row = &t->row[c->row];
		json_t *said = json_object_get(t->cases_said, row->case_name), *p;
		size_t n;

		if (!is_walk_step(t, c))
			continue;
		json_array_foreach(json_object_get(said, "predictions"), n, p)
			if (applies(p, row))
				json_array_append_new(list, prediction(t, c, p));
	}
	return list;
}
