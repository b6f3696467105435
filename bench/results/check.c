// SPDX-License-Identifier: MIT
/*
 * What plans and cases' files may say.  They come from anywhere; names become parts of paths,
 * words stand in tables, numbers are believed.  So all of it is asked for once, here, before
 * anything is made of it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "results.h"
#include "results/known.h"
#include "lib/core/bounds.h"
#include "lib/core/die.h"
#include "lib/core/input.h"
#include "lib/core/json.h"
#include "lib/core/names.h"

#define MOST_CASES	256
#define MOST_BOOTS	10000
#define MOST_RUNS	1000
#define MOST_RESOLUTION 10 /* per cent: what resolves less says nothing */

void check_mode(const char *mode, const char *path)
{
	if (!name_is_mode(mode))
		die_usage("%s: mode %s; one of exact, lockstep, parallel, timing", path, mode);
}

void check_cases(json_t *cases, const char *path)
{
	json_t *c;
	size_t i;

	if (json_array_size(cases) > MOST_CASES)
		die_usage("%s: %zu cases; %d at most", path, json_array_size(cases), MOST_CASES);
	json_array_foreach(cases, i, c) {
		if (!json_is_string(c))
			die_usage("%s: what is no name is among the cases", path);
		if (!name_is_word(json_string_value(c)))
			die_usage("%s: \"%s\" is no name of a case: a to z, 0 to 9 and _ are", path,
				  json_string_value(c));
	}
}

/* dexbench's own directory is its only boot. */
static void check_boot(json_t *boot, int is_own, const char *path)
{
	const char *name = json_need_string(boot, "boot", path);

	if (!is_own && !name_is_component(name))
		die_usage(
			"%s: \"%s\" is no name of a boot: it is one directory's, of A to Z, a to z, 0 to 9, dot, _ and -",
			path, name);
	bounds_int(boot, "block", 1, BOUNDS_NUMBER, path);
	json_need_string(boot, "kernel", path);
}

static void check_kernel(json_t *kernel, const char *path)
{
	const char *spec = json_need_string(kernel, "spec", path);

	if (!name_is_label(spec))
		die_usage("%s: a kernel's name is empty, too long or no line of text", path);
}

/* What the commands say that make a campaign again. */
void check_numbers(json_t *plan, const char *path)
{
	static const struct {
		const char *key;
		json_int_t least, most;
	} numbers[] = { { "boots", 1, MOST_BOOTS },	{ "runs", 1, MOST_RUNS },
			{ "pages", 1, BOUNDS_PAGES },	{ "cpus", 1, 1 << 16 },
			{ "memory_mib", 1, 1ll << 40 }, { "seed", -BOUNDS_NUMBER, BOUNDS_NUMBER },
			{ "retries", 0, BOUNDS_NUMBER } };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (json_object_get(plan, numbers[i].key))
			bounds_int(plan, numbers[i].key, numbers[i].least, numbers[i].most, path);
}

void check_plan(json_t *plan, const char *path)
{
	json_t *kernels = json_need(plan, "kernels", JSON_ARRAY, path), *o;
	json_t *schedule = json_need(plan, "schedule", JSON_ARRAY, path);
	size_t i;

	check_mode(json_need_string(plan, "mode", path), path);
	check_cases(json_need(plan, "cases", JSON_ARRAY, path), path);
	check_numbers(plan, path);
	check_primary(json_object_get(plan, "primary"), path);
	check_fitness(json_object_get(plan, "host_check"), path);
	json_array_foreach(kernels, i, o)
		check_kernel(o, path);
	if (json_array_size(schedule) > MOST_BOOTS)
		die_usage("%s: %zu boots; %d at most", path, json_array_size(schedule), MOST_BOOTS);
	json_array_foreach(schedule, i, o)
		check_boot(o, !json_object_get(plan, "schema"), path);
}

static int is_word_or_null(json_t *value)
{
	return !value || json_is_null(value) ||
	       (json_is_string(value) && name_is_word(json_string_value(value)));
}

void check_prediction(json_t *p, const char *path)
{
	static const char *const expected[] = { "same", "lower", "higher" };
	const char *folio = json_need_string(p, "folio", path);
	int known = 0;

	for (size_t i = 0; i < 3; i++)
		known |= !strcmp(folio, expected[i]);
	if (!known)
		die_usage("%s: a prediction is \"%s\"; one of same, lower, higher", path, folio);
	if (!is_word_or_null(json_object_get(p, "metric")))
		die_usage("%s: a prediction is of a metric without a name", path);
	json_need_string(p, "when", path);
	json_need_string(p, "because", path);
}

/* By how much a value may differ and be the same. */
static void check_resolution(json_t *resolution, const char *path)
{
	const char *of;
	json_t *pct;

	json_object_foreach(resolution, of, pct)
		if (!json_is_number(pct) || !(json_number_value(pct) >= 0) ||
		    json_number_value(pct) > MOST_RESOLUTION)
			die_usage("%s: a resolution that is not from 0 to %d %%", path,
				  MOST_RESOLUTION);
}

void check_words(json_t *file, const char *path)
{
	json_t *p;
	size_t i;

	if (!is_word_or_null(json_object_get(file, "fit")))
		die_usage("%s: \"fit\" names no parameter", path);
	check_resolution(json_object_get(file, "resolution_pct"), path);
	json_array_foreach(json_object_get(file, "predictions"), i, p)
		check_prediction(p, path);
}

/* Of a tick, in this mode: no file has another. */
static void check_unit(const struct table *t, json_t *file, const char *path)
{
	const char *unit = json_need_string(file, "unit", path);
	const char *wanted = t->exact ? "instructions" : "ticks";

	if (strcmp(unit, wanted))
		die_usage("%s: unit %s; in mode %s it is %s", path, unit, t->mode, wanted);
}

void check_file(const struct table *t, json_t *file, size_t run, const char *path)
{
	json_t *own = json_object_get(file, "run"), *results;

	check_unit(t, file, path);
	bounds_int(file, "pages", 1, BOUNDS_PAGES, path);
	if (own && json_integer_value(own) != (json_int_t)run)
		die_usage("%s: run %lld of the case; give the file its own name back", path,
			  (long long)json_integer_value(own));
	results = json_need(file, "results", JSON_ARRAY, path);
	if (json_array_size(results) > BOUNDS_RESULTS)
		die_usage("%s: %zu results; %d at most", path, json_array_size(results),
			  BOUNDS_RESULTS);
	check_words(file, path);
}

void check_size_words(json_t *sizes, const char *path)
{
	json_t *size;
	const char *of;

	if (sizes && !json_is_object(sizes))
		die_usage("%s: \"sizes\" is no object", path);
	json_object_foreach(sizes, of, size)
		bounds_int(sizes, of, 1, BOUNDS_PAGES, path);
}

/* A file from before sizes has this build's. */
json_t *check_sizes(const struct table *t, const char *name, json_t *file, const char *path)
{
	json_t *before = json_object_get(json_object_get(t->cases_said, name), "sizes");
	json_t *sizes = json_object_get(file, "sizes");

	check_size_words(sizes, path);
	if (!sizes)
		sizes = known_of(name, "sizes");
	if (before && !json_equal(before, sizes))
		die_usage(
			"%s: other sizes of work than in the files before it; only equal work can be compared",
			path);
	return sizes;
}

void check_skipped(const char *why, const char *path)
{
	if (!name_is_label(why))
		die_usage("%s: skipped for a reason that is empty or too long", path);
}

void check_metric(json_t *metric, const char *path)
{
	const char *name = json_need_string(metric, "name", path);
	const char *unit = json_need_string(metric, "unit", path);

	if (!name_is_word(name))
		die_usage("%s: \"%s\" is no name of a metric", path, name);
	if (*unit && !name_is_label(unit))
		die_usage("%s: the unit of metric %s is too long", path, name);
	bounds_value(json_object_get(metric, "value"), name, path);
}

enum better check_better(const char *word, const char *path)
{
	for (enum better b = BETTER_NEITHER; b <= BETTER_HIGHER; b++)
		if (!strcmp(better_name(b), word))
			return b;
	die_usage("%s: \"better\" is \"%s\"; one of lower, higher, neither", path, word);
}

/* What @directory is instead, as a user may have meant it. */
void check_nothing(const char *directory)
{
	static const char *const told[] = { "exact/plan.json",	  "lockstep/plan.json",
					    "parallel/plan.json", "timing/plan.json",
					    "ladder.json",	  "bisect.json",
					    "converge.json",	  "gpu.json" };
	struct stat st;

	if (stat(directory, &st))
		die_usage("%s: %s", directory, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		die_usage(
			"%s: neither a directory nor a plain file; give one that make ab left, or its compare.json",
			directory);
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		char *path = xasprintf("%s/%s", directory, told[i]);
		size_t shown = strcspn(path + strlen(directory) + 1, "/");

		if (input_exists(path))
			die_usage("%s: no results of its own: give %s/%.*s", directory, directory,
				  (int)shown, told[i]);
		free(path);
	}
	die_usage(
		"%s: no results: neither plan.json, run.json nor compare.json in it; give a directory that make ab or dexbench --out left",
		directory);
}
