// SPDX-License-Identifier: MIT
/*
 * Boots that nobody planned: directories that dexbench itself wrote, on bare metal.  Who runs it by
 * hand may run one case more often than others, or a case's second run before its first.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "results.h"
#include "results/known.h"
#include "results/load.h"
#include "lib/core/die.h"
#include "lib/core/input.h"
#include "lib/core/json.h"

static int is_json(const char *suffix)
{
	return !strcmp(suffix, ".json") || !strcmp(suffix, ".json.gz");
}

/* "x.run2.json" is a further run of case x; 1 else. */
static size_t run_number(const char *name)
{
	const char *run = strstr(name, ".run");
	char *end;
	unsigned long n = run ? strtoul(run + 4, &end, 10) : 0;

	return n > 1 && is_json(end) ? n : 1;
}

static int has_case(json_t *cases, const char *name)
{
	json_t *c;
	size_t i;

	json_array_foreach(cases, i, c)
		if (!strcmp(json_string_value(c), name))
			return 1;
	return 0;
}

/* The case files that dexbench left in @directory, but those of a device, in alphabetical order. */
static json_t *cases_in(const char *directory, size_t *runs)
{
	static const char *const others[] = { "run.json", "status.json", "plan.json",
					      "compare.json", "gpu.json" };
	struct dirent **entry = NULL;
	int n = scandir(directory, &entry, NULL, alphasort);
	json_t *cases = json_array();

	for (int i = 0; i < n; i++) {
		const char *name = entry[i]->d_name, *dot = strstr(name, ".json");
		size_t run = run_number(name);
		const char *end = run > 1 ? strstr(name, ".run") : dot;
		char *own = xasprintf("%.*s", end ? (int)(end - name) : 0, name);
		int other = known_is(own, "device") || !dot || !is_json(dot) || !*own ||
			    has_case(cases, own);

		for (size_t o = 0; o < sizeof(others) / sizeof(others[0]); o++)
			other |= !strcmp(name, others[o]);
		if (run > *runs)
			*runs = run;
		if (!other)
			json_array_append_new(cases, json_string(own));
		free(own);
		free(entry[i]);
	}
	free(entry);
	return cases;
}

/* Where "x.boot2" ends to be the name of kernel x; NULL: it is no such name. */
static char *boot_suffix(char *name)
{
	char *suffix = strstr(name, ".boot"), *end;

	if (!suffix || suffix == name || !strtoul(suffix + 5, &end, 10) || *end)
		return NULL;
	return suffix;
}

/* A directory that dexbench itself wrote (bare metal) is a plan of one boot, whose
 * kernel is called what the directory is called: x, or x.boot1, x.boot2, ... */
json_t *lone_plan(const char *directory)
{
	char *path = xasprintf("%s/run.json", directory), *real = realpath(directory, NULL);
	char *end = real ? strrchr(real, '/') : NULL;
	char *name = xstrdup(end ? end + 1 : directory), *suffix = boot_suffix(name);
	json_t *run, *plan, *cases;
	size_t runs = 1;

	if (!input_exists(path))
		check_nothing(directory);
	run = json_read(path, "dexbench.run.v1");
	cases = cases_in(directory, &runs);
	if (suffix)
		*suffix = '\0';
	plan = json_pack("{s:s, s:s, s:o, s:I, s:[{s:s}], s:[{s:s, s:s, s:I}]}", "date",
			 json_need_string(run, "date", path), "mode",
			 json_need_string(run, "mode", path), "cases", cases, "runs",
			 (json_int_t)runs, "kernels", "spec", name, "schedule", "boot", ".",
			 "kernel", name, "block",
			 (json_int_t)(suffix ? strtoul(suffix + 5, NULL, 10) : 1));
	/* Boots of one kernel lie beside each other; elsewhere the name may be another's. */
	if (suffix && end) {
		*end = '\0';
		json_object_set_new(plan, "boot_of", json_string(real));
	}
	json_decref(run);
	free(name);
	free(real);
	free(path);
	return plan;
}

char *run_path(const struct table *t, const char *boot, const char *name, size_t run)
{
	char *path = run == 1 ? xasprintf("%s/%s.json", boot, name)
			      : xasprintf("%s/%s.run%zu.json", boot, name, run);
	char *packed = xasprintf("%s.gz", path);
	int is_planned = !!json_object_get(t->plan[t->plans - 1].json, "schema");

	if (!is_planned && !input_exists(path) && !input_exists(packed)) {
		free(path);
		path = NULL;
	}
	free(packed);
	return path;
}
