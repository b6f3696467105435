// SPDX-License-Identifier: MIT
/*
 * What each case said beforehand of the folio walk against the rmap walk of the same
 * kernel, and whether it held.  A prediction that failed stays in the report.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "lib/die.h"

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

static const char *word(json_t *prediction, const char *key)
{
	return json_string_value(json_object_get(prediction, key));
}

static size_t kernel_of(const struct table *t, const char *label)
{
	size_t k = 0;

	while (k < t->kernels && strcmp(t->kernel[k].label, label))
		k++;
	return k;
}

/* The comparison that decided it. */
static const struct comparison *judged_by(const struct table *t, json_t *p)
{
	const char *metric = word(p, "metric");

	for (size_t i = 0; i < t->rows; i++) {
		const struct row *row = &t->row[i];

		if (!strcmp(row->case_name, word(p, "case")) &&
		    (metric && row->metric ? !strcmp(metric, row->metric)
					   : metric == row->metric) &&
		    json_equal(row->params, json_object_get(p, "params")))
			return table_find(t, i, kernel_of(t, word(p, "kernel")),
					  kernel_of(t, word(p, "baseline")));
	}
	return NULL;
}

static void print_failed(FILE *f, const struct table *t, json_t *p)
{
	const struct comparison *c = judged_by(t, p);
	char *name, *delta;

	if (!c)
		return;
	name = row_name(&t->row[c->row]);
	delta = delta_text(t, c);
	fprintf(f, "  not held: %s: expected %s, found %s (%s)\n", name, word(p, "folio"), delta,
		word(p, "because"));
	free(name);
	free(delta);
}

void print_predictions(FILE *f, const struct table *t)
{
	size_t n[N_HELD] = { 0 }, i;
	json_t *p;

	json_array_foreach(t->predictions, i, p)
		n[held_of(word(p, "outcome"))]++;
	if (!json_array_size(t->predictions))
		return;
	fprintf(f,
		"\nPredictions of what the folio walk changes, made before it was measured: %zu held, %zu not, %zu open\n",
		n[HAS_HELD], n[HAS_FAILED], n[IS_OPEN]);
	json_array_foreach(t->predictions, i, p)
		if (held_of(word(p, "outcome")) == HAS_FAILED)
			print_failed(f, t, p);
}
