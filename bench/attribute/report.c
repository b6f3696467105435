// SPDX-License-Identifier: MIT
/* A directory of attribute.sh: the question, two boots, one row a combination of parameters. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/attribute.h"
#include "lib/core/bounds.h"
#include "lib/core/die.h"
#include "lib/core/fields.h"
#include "lib/core/input.h"
#include "lib/core/json.h"
#include "lib/core/names.h"
#include "lib/core/samples.h"

/* Functions that changed by as many instructions, or by all that there is, are shown by line. */
#define LINES_FROM 10

/* Does one of the words "name=value[,value...]" of @wanted speak against @params? */
static int is_wanted(json_t *params, const char *wanted)
{
	char *text = fields_params(params, " ", "="), *words = xstrdup(wanted ? wanted : ""),
	     *at = words, *word;
	int matches = 1;

	while ((word = strsep(&at, " "))) {
		char *values = strchr(word, '='), *value;
		int found = 0;

		if (!*word)
			continue;
		if (!values)
			die_usage("PARAMS=\"%s\": give name=value or name=value,value", wanted);
		*values++ = 0;
		while ((value = strsep(&values, ","))) {
			char *pair = xasprintf(" %s=%s ", word, value);
			char *all = xasprintf(" %s ", text);

			found |= !!strstr(all, pair);
			free(all);
			free(pair);
		}
		matches &= found;
	}
	free(words);
	free(text);
	return matches;
}

static size_t find_result(const struct traced *boot, json_t *params)
{
	json_t *results = json_need(boot->file->root, "results", JSON_ARRAY, boot->path);

	for (size_t i = 0; i < json_array_size(results); i++)
		if (json_equal(json_object_get(json_array_get(results, i), "params"), params))
			return i;
	die_usage("%s: no result for what the other kernel has; boot again", boot->path);
}

static void must_agree(const struct fold *f, const struct side *side)
{
	double rest = side->value - f->total.insns;

	if (fabs(rest) > 1e-9 * side->value)
		die_usage(
			"%s: functions add up to %g instructions, the case's value is %g: %g differ",
			side->boot->path, f->total.insns, side->value, rest);
}

/* Of all paths, whatever the table is of. */
static json_t *count(const struct report *r, const struct side *side, const struct fold *shown)
{
	struct fold *all = r->function ? fold(side, NULL) : NULL;
	json_t *counts = counts_of(side, all ? all : shown);

	if (all)
		fold_free(all);
	return counts;
}

static void add_row(struct report *r, json_t *params, const size_t *result)
{
	struct row row = { .params = params };
	const char *why[SIDES] = { NULL, NULL };
	int has[SIDES];

	for (int s = 0; s < SIDES; s++)
		has[s] = side_of(r->boot[s], result[s], &row.side[s], &why[s]);
	if (!has[A] || !has[B]) {
		json_array_append_new(r->skipped, json_pack("{s:O, s:s, s:s}", "params", params,
							    "kernel", r->spec[has[A] ? B : A],
							    "why", why[has[A] ? B : A]));
		return;
	}
	for (int s = 0; s < SIDES; s++) {
		row.fold[s] = fold(&row.side[s], r->function);
		if (!r->function)
			must_agree(row.fold[s], &row.side[s]);
		row.model[s] = model_of(&row.side[s]);
		row.counts[s] = r->lockstep ? count(r, &row.side[s], row.fold[s]) : NULL;
	}
	diff_row(&row);
	lines_of(&row, fmax(1, fmin(LINES_FROM,
				    fabs(row.fold[1]->total.insns - row.fold[0]->total.insns))));
	r->row = xrealloc(r->row, r->rows + 1, sizeof(*r->row));
	r->row[r->rows++] = row;
}

static void read_question(struct report *r)
{
	char *path = xasprintf("%s/attribute.json", r->directory);
	json_t *kernels;

	input_within(r->directory);
	r->question = json_read(path, "dexbench.attribute.v1");
	r->case_name = json_need_string(r->question, "case", path);
	if (!name_is_word(r->case_name))
		die_usage("%s: \"%s\" is no name of a case", path, r->case_name);
	r->lockstep = json_object_get(r->question, "lockstep");
	kernels = json_need(r->question, "kernels", JSON_ARRAY, path);
	if (json_array_size(kernels) != SIDES)
		die_usage("%s: not two kernels", path);
	for (size_t s = 0; s < SIDES; s++) {
		json_t *kernel = json_array_get(kernels, s);

		const char *boot = json_need_string(kernel, "boot", path);

		r->spec[s] = json_need_string(kernel, "spec", path);
		if (!name_is_component(boot))
			die_usage("%s: \"%s\" is no name of a boot", path, boot);
		r->boot[s] = boot_read(r->directory, boot, r->spec[s], r->case_name, r->lockstep);
	}
	free(path);
}

/* A name that no path has is more likely a slip than an answer. */
static void must_have_function(const struct report *r)
{
	size_t found = 0;

	for (size_t i = 0; i < r->rows; i++)
		found += r->row[i].fold[A]->paths + r->row[i].fold[B]->paths;
	if (r->function && !found)
		die_usage(
			"FUNCTION=%s: no function of that name was executed in %s, on either kernel",
			r->function, r->case_name);
}

struct report *report_read(const char *directory, const char *params, const char *function)
{
	struct report *r = xcalloc(1, sizeof(*r));
	json_t *results, *item;
	size_t i;

	r->directory = xstrdup(directory);
	r->function = function;
	r->skipped = json_array();
	read_question(r);
	results = json_need(r->boot[A]->file->root, "results", JSON_ARRAY, r->boot[A]->path);
	json_array_foreach(results, i, item) {
		json_t *of = json_need(item, "params", JSON_OBJECT, r->boot[A]->path);
		size_t at[SIDES] = { i, find_result(r->boot[B], of) };

		bounds_params(of, r->boot[A]->path);
		if (is_wanted(of, params))
			add_row(r, of, at);
	}
	if (!r->rows) {
		const char *why =
			json_string_value(json_object_get(json_array_get(r->skipped, 0), "why"));

		die_usage("%s: no result with a value on both kernels%s%s%s%s", r->case_name,
			  params ? " for PARAMS=" : "", params ? params : "", why ? ": " : "",
			  why ? why : "");
	}
	must_have_function(r);
	return r;
}

static json_t *triple(double a, double b)
{
	return json_pack("[f, f, f]", a, b, b - a);
}

static json_t *functions_json(const struct row *row)
{
	json_t *list = json_array();

	for (size_t i = 0; i < row->changes; i++) {
		const struct change *c = &row->change[i];

		json_array_append_new(
			list, json_pack("{s:s, s:o, s:o, s:o, s:o}", "function", c->name, "self",
					triple(c->self[A].insns, c->self[B].insns), "inclusive",
					triple(c->inclusive[A].insns, c->inclusive[B].insns),
					"loads", triple(c->self[A].loads, c->self[B].loads),
					"stores", triple(c->self[A].stores, c->self[B].stores)));
	}
	return list;
}

static json_t *lines_json(const struct report *r, const struct row *row)
{
	json_t *list = json_array();

	for (int s = 0; s < SIDES; s++)
		for (size_t i = 0; i < row->lines[s].n; i++) {
			const struct line *l = &row->lines[s].line[i];

			json_array_append_new(list,
					      json_pack("{s:s, s:s, s:s, s:f}", "function",
							l->function, "kernel", r->spec[s], "line",
							l->place, "instructions", l->insns));
		}
	return list;
}

static json_t *side_json(const struct row *row, int s)
{
	const struct side *side = &row->side[s];
	const struct counts *t = &row->fold[s]->total;

	return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:I, s:I, s:I, s:I}", "value",
			 side->value, "counted",
			 t->insns - side->idle - side->probes - side->paused, "clock", side->clock,
			 "idle", side->idle, "probes", side->probes, "loads", t->loads, "stores",
			 t->stores, "samples", (json_int_t)side->samples, "selected",
			 (json_int_t)side->selected, "interrupted", (json_int_t)side->interrupted,
			 "halted", (json_int_t)side->unchecked);
}

static json_t *row_json(const struct report *r, const struct row *row)
{
	json_t *object =
		json_pack("{s:O, s:o, s:o, s:o, s:o}", "params", row->params, "kernels",
			  json_pack("[o, o]", side_json(row, A), side_json(row, B)), "delta",
			  json_real(row->fold[B]->total.insns - row->fold[A]->total.insns),
			  "functions", functions_json(row), "lines", lines_json(r, row));

	if (row->side[A].boot->is_lockstep)
		json_object_set_new(object, "paused",
				    json_pack("[f, f]", row->side[A].paused, row->side[B].paused));
	json_object_set_new(object, "model",
			    row->model[A] && row->model[B]
				    ? json_pack("[O, O]", row->model[A], row->model[B])
				    : json_null());
	return object;
}

json_t *report_to_json(const struct report *r)
{
	json_t *rows = json_array(), *file = r->boot[A]->file->root;

	for (size_t i = 0; i < r->rows; i++)
		json_array_append_new(rows, row_json(r, &r->row[i]));
	return json_pack("{s:s, s:s, s:O, s:O, s:s, s:o, s:O, s:o, s:o, s:O}", "schema",
			 "dexbench.attribution.v1", "case", r->case_name, "question",
			 json_need(file, "question", JSON_STRING, r->boot[A]->path), "sample",
			 json_need(file, "sample", JSON_STRING, r->boot[A]->path), "unit",
			 r->lockstep ? "ticks" : "instructions", "function",
			 json_string_or_null(r->function), "kernels",
			 json_object_get(r->question, "kernels"), "rows", rows, "slopes", slopes(r),
			 "skipped", r->skipped);
}

json_t *report_counts(const struct report *r)
{
	json_t *rows = json_array();

	if (!r->lockstep)
		return NULL;
	for (size_t i = 0; i < r->rows; i++)
		json_array_append_new(rows, json_pack("{s:O, s:[O, O]}", "params", r->row[i].params,
						      "kernels", r->row[i].counts[A],
						      r->row[i].counts[B]));
	return json_pack("{s:s, s:s, s:O, s:O, s:O, s:o, s:O}", "schema", "dexbench.counts.v1",
			 "case", r->case_name, "cpus", json_object_get(r->question, "cpus"),
			 "lockstep", r->lockstep, "kernels",
			 json_object_get(r->question, "kernels"), "rows", rows, "skipped",
			 r->skipped);
}
