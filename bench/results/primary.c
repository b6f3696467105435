// SPDX-License-Identifier: MIT
/*
 * Primary rows: those that a plan names before its first boot, as CASE or
 * CASE:NAME=VALUE,..., the values of some or all of its parameters; metric=NAME is that metric's row,
 * else they are those of the samples.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "results.h"
#include "lib/core/die.h"
#include "lib/core/names.h"

#define MOST_PRIMARY 1000

/* "name=value", in place; NULL: it is none. */
static const char *split_condition(char *condition)
{
	char *value = strchr(condition, '=');

	if (!value)
		return NULL;
	*value++ = '\0';
	return name_is_word(condition) && name_is_label(value) ? value : NULL;
}

/* Does @pattern name a row at all?  Then *@yes: this one, if there is one. */
static int parse(const char *pattern, const struct row *row, int *yes)
{
	char *copy = xstrdup(pattern), *rest = copy, *name = strsep(&rest, ":"), *condition;
	const char *metric = NULL, *value;
	int sound = name_is_word(name);

	*yes = row && !strcmp(name, row->case_name);
	while (sound && rest && (condition = strsep(&rest, ","))) {
		value = split_condition(condition);
		sound = !!value;
		if (sound && !strcmp(condition, "metric"))
			metric = value;
		else if (sound && *yes)
			*yes = param_is(row->params, condition, value);
	}
	if (row && *yes)
		*yes = metric && row->metric ? !strcmp(metric, row->metric) : metric == row->metric;
	free(copy);
	return sound;
}

void check_primary(json_t *list, const char *path)
{
	json_t *pattern;
	size_t i;
	int yes;

	if (list && (!json_array_size(list) || json_array_size(list) > MOST_PRIMARY))
		die_usage("%s: \"primary\" is no list of 1 to %d rows", path, MOST_PRIMARY);
	json_array_foreach(list, i, pattern)
		if (!json_is_string(pattern) || !parse(json_string_value(pattern), NULL, &yes))
			die_usage("%s: what is no CASE:NAME=VALUE,... is among the primary rows",
				  path);
}

/* Of campaigns that named others, none: nobody chose them together before their boots. */
json_t *primary_rows(const struct table *t)
{
	json_t *list = t->plans ? json_object_get(t->plan[0].json, "primary") : NULL;

	for (size_t p = 1; p < t->plans && list; p++)
		if (!json_equal(list, json_object_get(t->plan[p].json, "primary")))
			list = NULL;
	return t->exact ? NULL : list;
}

int primary_names(const char *pattern, const struct row *row)
{
	int yes;

	parse(pattern, row, &yes);
	return yes;
}

int is_primary(const struct table *t, const struct row *row)
{
	json_t *list = primary_rows(t), *pattern;
	size_t i;

	json_array_foreach(list, i, pattern)
		if (primary_names(json_string_value(pattern), row))
			return 1;
	return !list;
}
