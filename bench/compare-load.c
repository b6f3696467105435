// SPDX-License-Identifier: MIT
/* Result directories into one table: medians of boots, conditions, gaps. */
#define _GNU_SOURCE
#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "compare.h"
#include "lib/die.h"
#include "lib/json.h"
#include "stats/stats.h"

/* Facts that differ between any two boots and say nothing about either. */
static const char *const not_conditions[] = {
	"date",
	"host.kernel.spec",
	"host.kernel.key",
	"host.kernel.cmdline",
	"host.kernel.release",
	"host.label",
};

static void note(struct table *t, char *text)
{
	json_array_append_new(t->notes, json_string(text));
	free(text);
}

static size_t add_kernel(struct table *t, const char *spec, const char *directory)
{
	const char *base = strrchr(directory, '/');

	if (t->kernels == COMPARE_MAX_KERNELS)
		die_usage("more than %d kernels in one comparison", COMPARE_MAX_KERNELS);
	t->kernel[t->kernels].label = xstrdup(spec);
	for (size_t i = 0; i < t->kernels; i++)
		if (!strcmp(t->kernel[i].label, spec))
			t->kernel[t->kernels].label =
				xasprintf("%s@%s", spec, base ? base + 1 : directory);
	return t->kernels++;
}

static struct row *find_row(struct table *t, const char *name, json_t *params, int control)
{
	struct row *row;

	for (size_t i = 0; i < t->rows; i++)
		if (!strcmp(t->row[i].case_name, name) && json_equal(t->row[i].params, params))
			return &t->row[i];
	t->row = realloc(t->row, (t->rows + 1) * sizeof(*t->row));
	if (!t->row)
		die("out of memory for %zu rows", t->rows + 1);
	row = &t->row[t->rows++];
	memset(row, 0, sizeof(*row));
	row->case_name = xstrdup(name);
	row->params = json_incref(params);
	row->control = control;
	return row;
}

static uint32_t median_ticks(json_t *ticks, const char *path)
{
	size_t n = json_array_size(ticks);
	uint32_t *values = xcalloc(n, sizeof(*values)), median;

	if (!n)
		die_usage("%s: a result without samples", path);
	for (size_t i = 0; i < n; i++) {
		json_t *v = json_array_get(ticks, i);

		if (!json_is_integer(v) || json_integer_value(v) < 0 ||
		    json_integer_value(v) > UINT32_MAX)
			die_usage("%s: sample %zu is not a number of ticks", path, i);
		values[i] = (uint32_t)json_integer_value(v);
	}
	median = stats_median_low(values, n);
	free(values);
	return median;
}

static void load_result(struct table *t, size_t k, json_t *file, json_t *result, double scale,
			const char *path)
{
	struct row *row = find_row(t, json_need_string(file, "case", path),
				   json_need(result, "params", JSON_OBJECT, path),
				   json_is_true(json_object_get(file, "control")));
	const char *skipped = json_string_value(json_object_get(result, "skipped"));
	struct cell *cell = &row->cell[k];
	json_int_t pages;
	json_t *ticks;

	if (skipped) {
		free(cell->skipped);
		cell->skipped = xstrdup(skipped);
		return;
	}
	ticks = json_need(result, "ticks", JSON_ARRAY, path);
	pages = json_need_int(result, "pages_per_sample", path);
	if (pages < 1)
		die_usage("%s: samples of %lld pages", path, (long long)pages);
	if (cell->boots == t->kernel[k].boots)
		die_usage(
			"%s: two results for the same parameters; repetitions inside a boot are not compared",
			path);
	if (cell->boots == COMPARE_MAX_BOOTS)
		die_usage("%s: more than %d boots of one kernel", path, COMPARE_MAX_BOOTS);
	cell->boot[cell->boots++] = scale * (double)median_ticks(ticks, path) / (double)pages;
	cell->samples += json_array_size(ticks);
	cell->ok += (uint64_t)json_need_int(result, "ok", path);
	cell->attempted += (uint64_t)json_need_int(result, "attempted", path);
}

/* Keep what the module's loop spends in a call and between two, from the first
 * result: medians, so that an interrupt belongs to neither. */
static void keep_loop(struct kernel *kernel, json_t *file, const char *path)
{
	json_t *result = json_array_get(json_object_get(file, "results"), 0);
	json_t *gaps = json_object_get(result, "gaps");

	if (kernel->loop_call || !json_array_size(gaps))
		return;
	kernel->loop_call = median_ticks(json_object_get(result, "ticks"), path);
	kernel->loop_gap = median_ticks(gaps, path);
}

/* Only like is compared with like: the first file of all sets the terms. */
static void check_terms(struct table *t, const char *mode, json_int_t pages, const char *path)
{
	if (!t->pages)
		t->pages = pages;
	if (strcmp(mode, t->mode))
		die_usage(
			"%s: mode %s, elsewhere %s; results of different modes are never compared",
			path, mode, t->mode);
	if (pages != t->pages)
		die_usage("%s: %lld pages of work, elsewhere %lld; only equal work can be compared",
			  path, (long long)pages, (long long)t->pages);
}

static void load_case(struct table *t, size_t k, const char *boot, const char *name, double scale)
{
	char *path = xasprintf("%s/%s.json", boot, name);
	json_t *file = json_read(path, "dexbench.case.v1"), *result;
	const char *mode = json_need_string(file, "mode", path);
	size_t i;

	check_terms(t, mode, json_need_int(file, "pages", path), path);
	if (!t->unit)
		t->unit = xstrdup(strcmp(mode, "timing") ? json_need_string(file, "unit", path)
							 : "ns");
	if (!json_is_true(json_object_get(file, "complete")))
		note(t, xasprintf("%s is incomplete: the run ended early", path));
	json_array_foreach(json_need(file, "results", JSON_ARRAY, path), i, result)
		load_result(t, k, file, result, scale, path);
	if (!strcmp(name, "convert_latency"))
		keep_loop(&t->kernel[k], file, path);
	json_decref(file);
	free(path);
}

/* What a tick is worth in the table's unit: in timing mode ns, by the kernel's
 * calibration of the TSC; in the others a tick. */
static double tick_scale(const struct table *t, json_t *run, const char *path)
{
	json_t *khz = json_object_get(json_object_get(run, "module"), "tsc_khz");

	if (strcmp(t->mode, "timing"))
		return 1;
	if (json_integer_value(khz) <= 0)
		die_usage("%s: module.tsc_khz is unknown, so ticks are no time", path);
	return 1e6 / (double)json_integer_value(khz);
}

static void load_boot(struct table *t, size_t k, const char *directory, const char *name,
		      json_t *cases)
{
	char *boot = xasprintf("%s/%s", directory, name);
	char *path = xasprintf("%s/run.json", boot);
	struct stat st;
	json_t *c;
	size_t i;

	if (stat(boot, &st)) {
		note(t, xasprintf("boot %s of %s is missing: its run failed or was interrupted",
				  name, directory));
	} else {
		json_t *run = json_read(path, "dexbench.run.v1");
		double scale = tick_scale(t, run, path);

		if (t->kernel[k].run) {
			json_decref(run);
		} else {
			t->kernel[k].run = run;
			t->kernel[k].scale = scale;
		}
		t->kernel[k].boots++;
		json_array_foreach(cases, i, c)
			load_case(t, k, boot, json_string_value(c), scale);
	}
	free(path);
	free(boot);
}

/* Names of the case files in @directory, in alphabetical order. */
static json_t *cases_in(const char *directory)
{
	struct dirent **entry;
	int n = scandir(directory, &entry, NULL, alphasort);
	json_t *cases = json_array();

	for (int i = 0; i < n; i++) {
		char *dot = strstr(entry[i]->d_name, ".json"), *path;
		json_t *file;

		path = xasprintf("%s/%s", directory, entry[i]->d_name);
		file = dot && !dot[5] ? json_read(path, NULL) : NULL;
		if (file && json_object_get(file, "results"))
			json_array_append_new(cases,
					      json_stringn(entry[i]->d_name,
							   (size_t)(dot - entry[i]->d_name)));
		json_decref(file);
		free(path);
		free(entry[i]);
	}
	free(entry);
	return cases;
}

/* A directory that dexbench itself wrote (bare metal) is a plan of one boot,
 * whose kernel is called what the directory is called. */
static json_t *lone_boot(const char *directory)
{
	char *path = xasprintf("%s/run.json", directory), *real = realpath(directory, NULL);
	const char *name = real ? strrchr(real, '/') + 1 : directory;
	json_t *run, *plan;
	struct stat st;

	if (stat(path, &st))
		die_usage("%s: no results: neither plan.json nor run.json in it", directory);
	run = json_read(path, "dexbench.run.v1");
	plan = json_pack("{s:s, s:o, s:[{s:s}], s:[{s:s, s:s}]}", "mode",
			 json_need_string(run, "mode", path), "cases", cases_in(directory),
			 "kernels", "spec", name, "schedule", "boot", ".", "kernel", name);
	json_decref(run);
	free(real);
	free(path);
	return plan;
}

static void load_kernel(struct table *t, const char *directory, json_t *plan, const char *spec,
			const char *path)
{
	json_t *cases = json_need(plan, "cases", JSON_ARRAY, path), *boot;
	size_t k = add_kernel(t, spec, directory), i;

	json_array_foreach(json_need(plan, "schedule", JSON_ARRAY, path), i, boot)
		if (!strcmp(json_need_string(boot, "kernel", path), spec))
			load_boot(t, k, directory, json_need_string(boot, "boot", path), cases);
	if (!t->kernel[k].boots)
		die_usage("%s: no boot of %s has ended; run the plan again", directory, spec);
}

void table_load(struct table *t, const char *directory)
{
	char *path = xasprintf("%s/plan.json", directory);
	json_t *plan, *kernel;
	struct stat st;
	size_t i;

	plan = stat(path, &st) ? lone_boot(directory) : json_read(path, "dexbench.plan.v1");
	if (!t->mode) {
		t->mode = xstrdup(json_need_string(plan, "mode", path));
		t->notes = json_array();
	}
	json_array_foreach(json_need(plan, "kernels", JSON_ARRAY, path), i, kernel)
		load_kernel(t, directory, plan, json_need_string(kernel, "spec", path), path);
	json_decref(plan);
	free(path);
}

static int is_condition(const struct table *t, const char *key)
{
	/* Where a tick is no time, nobody asks how long it is. */
	if (!strcmp(key, "module.tsc_khz"))
		return !strcmp(t->mode, "timing");
	for (size_t i = 0; i < sizeof(not_conditions) / sizeof(not_conditions[0]); i++)
		if (!strcmp(key, not_conditions[i]))
			return 0;
	return 1;
}

static json_t *at_path(json_t *object, const char *key)
{
	char *copy = xstrdup(key), *rest = copy, *part;

	while (object && (part = strsep(&rest, ".")))
		object = json_object_get(object, part);
	free(copy);
	return object ? object : json_null();
}

static void diff_leaf(struct table *t, const char *key)
{
	json_t *values = json_object();
	int differ = 0;

	for (size_t k = 0; k < t->kernels; k++) {
		json_t *value = at_path(t->kernel[k].run, key);

		differ |= !json_equal(value, at_path(t->kernel[0].run, key));
		json_object_set(values, t->kernel[k].label, value);
	}
	if (differ)
		json_array_append_new(t->environment_diff,
				      json_pack("{s:s, s:O}", "key", key, "values", values));
	json_decref(values);
}

/* Every leaf of the first kernel's record; all records have the same shape. */
static void diff_object(struct table *t, json_t *object, const char *prefix)
{
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value) {
		char *key = xasprintf("%s%s%s", prefix, *prefix ? "." : "", name);

		if (json_is_object(value))
			diff_object(t, value, key);
		else if (is_condition(t, key))
			diff_leaf(t, key);
		free(key);
	}
}

/* What a pair of stamps in the module costs this kernel, in ticks; NAN if no
 * boot asked.  The first boot's, as the loop is. */
static double stamp_ticks(const struct table *t, size_t k)
{
	for (size_t i = 0; i < t->rows; i++) {
		const struct row *row = &t->row[i];
		const char *where = json_string_value(json_object_get(row->params, "where"));

		if (!strcmp(row->case_name, "control_clock") && where && !strcmp(where, "module") &&
		    row->cell[k].boots)
			return row->cell[k].boot[0] / t->kernel[k].scale;
	}
	return NAN;
}

static double efficiency(const struct table *t, size_t k)
{
	const struct kernel *kernel = &t->kernel[k];

	if (!kernel->loop_call)
		return NAN;
	return 100 * (kernel->loop_call - stamp_ticks(t, k)) /
	       (kernel->loop_call + kernel->loop_gap);
}

void table_finish(struct table *t)
{
	for (size_t k = 0; k < t->kernels; k++)
		t->kernel[k].efficiency = efficiency(t, k);
	t->environment_diff = json_array();
	diff_object(t, t->kernel[0].run, "");
}
