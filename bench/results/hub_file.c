// SPDX-License-Identifier: MIT
/* Which of the results named on a command line is a compare.json, and what is in it. */
#define _GNU_SOURCE
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "results.h"
#include "results/hub.h"
#include "lib/core/die.h"
#include "lib/core/input.h"
#include "lib/core/json.h"

#define SCHEMA "dexbench.compare.v2"
#define BEFORE "dexbench.compare.v1"

static int is_file(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

/* Is there @directory/@name, packed or not?  @name is freed. */
static int has(const char *directory, char *name)
{
	char *path = xasprintf("%s/%s", directory, name), *packed = xasprintf("%s.gz", path);
	int there = input_exists(path) || input_exists(packed);

	free(path);
	free(packed);
	free(name);
	return there;
}

static int has_case(const char *directory, const char *boot, json_t *cases)
{
	json_t *c;
	size_t i;

	json_array_foreach(cases, i, c)
		if (has(directory, xasprintf("%s/%s.json", boot, json_string_value(c))))
			return 1;
	return 0;
}

/* Of what was planned: one boot with one case is something to compute from. */
static int has_boots(const char *directory)
{
	char *path = xasprintf("%s/plan.json", directory);
	json_t *plan, *boot;
	int found = 0;
	size_t i;

	if (!input_exists(path)) {
		free(path);
		return has(directory, xstrdup("run.json"));
	}
	plan = json_read(path, "dexbench.plan.v1");
	check_plan(plan, path);
	json_array_foreach(json_object_get(plan, "schedule"), i, boot)
		found |= has_case(directory, json_string_value(json_object_get(boot, "boot")),
				  json_object_get(plan, "cases"));
	json_decref(plan);
	free(path);
	return found;
}

int hub_is(const char *path)
{
	if (is_file(path))
		return 1;
	if (!has(path, xstrdup("compare.json")))
		return 0;
	input_within(path);
	return !has_boots(path);
}

json_t *hub_open(const char *path)
{
	char *file = is_file(path) ? xstrdup(path) : xasprintf("%s/compare.json", path);
	char *copy = xstrdup(file), *directory = dirname(copy), *text;
	const char *schema;
	json_t *root;
	size_t bytes;

	input_within(directory);
	text = input_unpack(file, &bytes);
	root = json_parse(text, bytes, file, NULL);
	schema = json_string_value(json_object_get(root, "schema"));
	if (schema && !strcmp(schema, BEFORE))
		root = hub_upgrade(root, directory, file);
	else if (!schema || strcmp(schema, SCHEMA))
		die_usage(
			"%s: schema is %s, expected %s; not a comparison, ladder, bisection or convergence, or of another version",
			file, schema ? schema : "absent", SCHEMA);
	free(text);
	free(copy);
	free(file);
	return root;
}
