// SPDX-License-Identifier: MIT
/*
 * compare.json of version 1 had the rows and not what they were made of.  What can be had of it:
 * every statistic, and so the reports as text, Markdown and HTML, the cover letter, tab-separated
 * values.  Conditions and what a campaign was made of come from plan.json and the boots' run.json,
 * where they lie beside it.  What cannot: values of single boots where there were several, with
 * their extremes, distributions of samples, and which notes were doubts; all of them count as one.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results.h"
#include "results/hub.h"
#include "results/hub_v1.h"
#include "results/known.h"
#include "lib/core/die.h"
#include "lib/core/input.h"
#include "lib/core/json.h"

/* Of the first boot that is there: its other boots had the same, or a note says so. */
static json_t *conditions(const struct before *b, const char *spec)
{
	json_t *boot, *run = NULL;
	size_t i;

	json_array_foreach(json_object_get(b->plan, "schedule"), i, boot) {
		char *path = xasprintf("%s/%s/run.json", b->directory, before_word(boot, "boot"));

		if (!run && !strcmp(before_word(boot, "kernel"), spec) && input_exists(path))
			run = json_read(path, "dexbench.run.v1");
		free(path);
	}
	json_object_del(run, "dmesg");
	json_object_del(json_object_get(run, "config"), "symbols");
	return run ? run : json_object();
}

static json_int_t most_boots(const struct before *b, const char *kernel)
{
	json_int_t most = 1;
	json_t *row;
	size_t i;

	json_array_foreach(b->rows, i, row)
		if (!strcmp(before_word(row, "kernel"), kernel) &&
		    json_integer_value(json_object_get(row, "boots")) > most)
			most = json_integer_value(json_object_get(row, "boots"));
	return most;
}

static int is_called_arm(const char *kernel)
{
	size_t n = strlen(kernel), end = strlen(" (A/A)");

	return n > end && !strcmp(kernel + n - end, " (A/A)");
}

/* Of whom an A/A arm is one; without a plan by its rows, and by its name, since one kernel under
 * two names has such rows, too. */
static json_t *twin(const struct before *b, const char *kernel)
{
	json_t *entry = before_planned(b, "kernels", "spec", kernel), *same = NULL, *row;
	size_t i;

	if (entry)
		same = json_object_get(entry, "same_as");
	json_array_foreach(b->rows, i, row)
		if (!b->plan && !same && is_called_arm(kernel) &&
		    !strcmp(before_word(row, "kernel"), kernel))
			same = json_object_get(row, "baseline");
	return json_is_string(same) ? json_incref(same) : json_null();
}

static double scale(json_t *conditions, const char *mode)
{
	double khz = json_number_value(env_at(conditions, "module.tsc_khz"));

	return strcmp(mode, "timing") || !(khz > 0) ? 1 : 1e6 / khz;
}

static json_t *kernels(const struct before *b)
{
	json_t *list = json_array();

	for (size_t k = 0; k < b->kernels; k++) {
		json_t *run = conditions(b, before_label(b, k));

		json_array_append_new(
			list, json_pack("{s:s, s:s, s:o, s:i, s:I, s:i, s:f, s:n, s:n, s:o}",
					"label", before_label(b, k), "spec", before_label(b, k),
					"same_as", twin(b, before_label(b, k)), "plan", 0, "boots",
					most_boots(b, before_label(b, k)), "failed", 0, "scale",
					scale(run, before_word(b->root, "mode")), "first_s",
					"busy_s", "conditions", run));
	}
	return list;
}

/* What each said of itself, as far as its rows repeat it; sizes are this build's, as of case files
 * from before sizes. */
static json_t *cases(const struct before *b)
{
	json_t *said = json_object(), *row, *fit;
	size_t i, j;

	json_array_foreach(b->rows, i, row) {
		json_t *own = json_object_get(said, before_word(row, "case"));
		const char *of = strcmp(before_word(row, "metric"), b->key) ? "metrics" : "samples";

		if (!own) {
			own = json_pack("{s:{}, s:O?}", "resolution_pct", "sizes",
					known_of(before_word(row, "case"), "sizes"));
			json_object_set_new(said, before_word(row, "case"), own);
		}
		json_object_set(json_object_get(own, "resolution_pct"), of,
				json_object_get(row, "resolution_pct"));
	}
	json_array_foreach(json_object_get(b->root, "fits"), j, fit)
		json_object_set(json_object_get(said, before_word(fit, "case")), "fit",
				json_object_get(fit, "over"));
	return said;
}

/* The rows that decide: as table_status() has it. */
static json_int_t status(const struct before *b)
{
	int exact = !strcmp(before_word(b->root, "mode"), "exact") ||
		    !strcmp(before_word(b->root, "mode"), "lockstep");
	int found =
		json_array_size(json_object_get(b->root, "notes")) ? EXIT_INCONCLUSIVE : EXIT_SAME;
	json_t *row;
	size_t i;

	json_array_foreach(b->rows, i, row) {
		const char *worse = !exact					   ? "slower"
				    : strcmp(before_word(row, "better"), "higher") ? "more"
										   : "fewer";

		if (strcmp(before_word(row, "family"), "primary"))
			continue;
		if (!strcmp(before_word(row, "verdict"), worse))
			return EXIT_REGRESSION;
		if (!strcmp(before_word(row, "verdict"), "inconclusive"))
			found = EXIT_INCONCLUSIVE;
	}
	return found;
}

static json_t *notes(const struct before *b)
{
	json_t *list = json_array(), *text;
	size_t i;

	json_array_foreach(json_object_get(b->root, "notes"), i, text)
		json_array_append_new(list, json_pack("{s:O, s:s, s:s}", "text", text, "fact",
						      "verdicts", "weight", "doubt"));
	return list;
}

/* Of one image, the rmap walk in front. */
static json_t *with_baselines(const struct before *b, json_t *of)
{
	json_t *list = json_deep_copy(json_object_get(b->root, "predictions")), *p;
	size_t i, k;

	json_array_foreach(list, i, p) {
		for (k = 0; k + 1 < b->kernels; k++)
			if (!strcmp(before_word(env_at(json_array_get(of, k), "conditions.module"),
						"walk"),
				    "rmap"))
				break;
		json_object_set_new(p, "baseline", json_string(before_label(b, k)));
	}
	return list;
}

/* Without one, what the rows say. */
static json_t *plans(const struct before *b, json_t *said)
{
	json_t *plan = b->plan ? json_copy(b->plan) : json_object(), *names = json_array(), *of;
	const char *name;

	json_object_del(plan, "schedule");
	json_object_del(plan, "kernels");
	json_object_foreach(said, name, of)
		json_array_append_new(names, json_string(name));
	if (!json_is_array(json_object_get(plan, "cases")))
		json_object_set(plan, "cases", names);
	json_decref(names);
	return json_pack("[o]", plan);
}

static void find_key(struct before *b)
{
	json_t *row;
	size_t i;

	for (b->metric = METRIC_MEDIAN; b->metric <= METRIC_P999; b->metric++) {
		b->key = metric_key(b->metric);
		json_array_foreach(b->rows, i, row)
			if (!strcmp(before_word(row, "metric"), b->key))
				return;
	}
	die_usage("%s: no row has a value of the samples", b->path);
}

static void count_rows(struct before *b)
{
	size_t shown = 0;

	b->kernels = json_array_size(b->labels);
	for (size_t k = 0; k < b->kernels; k++) {
		json_t *same = twin(b, before_label(b, k));

		shown += json_is_null(same);
		json_decref(same);
	}
	b->each = b->kernels + (shown > 2 ? shown - 2 : 0);
	if (!b->kernels || json_array_size(b->rows) % b->each)
		die_usage("%s: %zu rows of %zu kernels, which belong to no plan.json beside it",
			  b->path, json_array_size(b->rows), b->kernels);
}

static struct before before(json_t *root, const char *directory, const char *path)
{
	struct before b = { .root = root, .directory = directory, .path = path };
	char *plan = xasprintf("%s/plan.json", directory);

	b.rows = json_need(root, "rows", JSON_ARRAY, path);
	b.labels = json_need(root, "kernels", JSON_ARRAY, path);
	if (input_exists(plan)) {
		b.plan = json_read(plan, "dexbench.plan.v1");
		check_plan(b.plan, plan);
	}
	free(plan);
	count_rows(&b);
	find_key(&b);
	return b;
}

static json_t *options(const struct before *b)
{
	char *threshold =
		xasprintf("%.15g", json_number_value(json_object_get(b->root, "threshold_pct")));
	json_t *o = json_pack("{s:s, s:s, s:n}", "threshold", threshold, "metric",
			      metric_option(b->metric), "case");

	free(threshold);
	return o;
}

static json_t *unit(const struct before *b)
{
	json_t *row;
	size_t i;

	json_array_foreach(b->rows, i, row)
		if (!strcmp(before_word(row, "metric"), b->key))
			return before_or_null(json_object_get(row, "unit"));
	return json_null();
}

json_t *hub_upgrade(json_t *root, const char *directory, const char *path)
{
	struct before b = before(root, directory, path);
	json_t *o = json_copy(root), *of = kernels(&b), *said = cases(&b);

	fprintf(stderr,
		"note: %s is of version 1: it has no values of single boots where a kernel had several, no "
		"distributions, and every note of it counts as a doubt\n",
		path);
	json_object_set_new(o, "schema", json_string("dexbench.compare.v2"));
	json_object_set_new(o, "status", json_integer(status(&b)));
	json_object_set_new(o, "options", options(&b));
	json_object_set_new(o, "unit", unit(&b));
	json_object_set_new(o, "pages",
			    json_integer(json_integer_value(json_object_get(b.plan, "pages"))));
	json_object_set_new(o, "predictions", with_baselines(&b, of));
	json_object_set_new(o, "plans", plans(&b, said));
	json_object_set_new(o, "kernels", of);
	json_object_set_new(o, "cases", said);
	json_object_set_new(o, "measured", before_measured(&b));
	json_object_set_new(o, "notes", notes(&b));
	return o;
}
