// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/machine/proc.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "lib/core/die.h"

#define MAX_BYTES (64 << 10)

const char *proc_root = "";

char *proc_read(const char *path, size_t *size)
{
	char *whole = xasprintf("%s%s", proc_root, path), *text;
	FILE *file = fopen(whole, "re");
	size_t n;

	free(whole);
	if (!file)
		return NULL;
	text = xcalloc(1, MAX_BYTES + 1);
	n = fread(text, 1, MAX_BYTES, file);
	/* Some files open and then refuse: a zone without a reading, say. */
	if (ferror(file)) {
		free(text);
		text = NULL;
	}
	fclose(file);
	if (size)
		*size = n;
	return text;
}

/* @text up to the first of @stop; null if the kernel wrote what is no UTF-8. */
static json_t *until(const char *text, const char *stop)
{
	json_t *value = json_stringn(text, strcspn(text, stop));

	return value ? value : json_null();
}

json_t *proc_line(const char *path)
{
	char *text = proc_read(path, NULL);
	json_t *value = text && *text ? until(text, "\n") : json_null();

	free(text);
	return value;
}

static json_t *to_number(const char *s)
{
	char *end;
	long long n = strtoll(s, &end, 10);

	if (end == s || (*end && *end != '\n' && *end != ' '))
		return json_null();
	return json_integer(n);
}

json_t *proc_number(const char *path)
{
	char *text = proc_read(path, NULL);
	json_t *value = text ? to_number(text) : json_null();

	free(text);
	return value;
}

json_t *proc_boolean(const char *path, int inverse)
{
	json_t *number = proc_number(path);
	json_int_t n = json_integer_value(number);
	int known = json_is_integer(number) && (n == 0 || n == 1);

	json_decref(number);
	return known ? json_boolean(n != inverse) : json_null();
}

json_t *proc_chosen(const char *path, const char *brackets)
{
	char *text = proc_read(path, NULL), *open = text ? strchr(text, brackets[0]) : NULL;
	const char stop[] = { brackets[1], '\n', '\0' };
	json_t *value;

	if (open)
		value = until(open + 1, stop);
	else
		value = text && *text ? until(text, "\n") : json_null();
	free(text);
	return value;
}

/* The rest of the first line that starts with @key; NULL without one. */
static const char *line_of(const char *text, const char *key)
{
	size_t length = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, key, length))
			return line + length;
	}
	return NULL;
}

json_t *proc_field(const char *path, const char *key)
{
	char *text = proc_read(path, NULL);
	const char *rest = text ? line_of(text, key) : NULL;
	json_t *value = json_null();

	if (rest)
		rest += strspn(rest, " \t");
	if (rest && *rest == ':') {
		rest++;
		rest += strspn(rest, " \t");
		value = until(rest, "\n");
	}
	free(text);
	return value;
}

json_t *proc_column(const char *path, const char *key, size_t n)
{
	char *text = proc_read(path, NULL);
	const char *at = text ? line_of(text, key) : NULL;
	json_t *value = json_null();

	for (size_t i = 0; at && *at && *at != '\n'; i++) {
		at += strspn(at, " \t");
		if (i == n && *at && *at != '\n') {
			value = to_number(at);
			break;
		}
		at += strcspn(at, " \t\n");
	}
	free(text);
	return value;
}

/* Paths that match below proc_root, without it; to globfree(). */
static size_t matches(const char *pattern, glob_t *found)
{
	char *whole = xasprintf("%s%s", proc_root, pattern);
	int rc = glob(whole, GLOB_BRACE, NULL, found);

	free(whole);
	return rc ? 0 : found->gl_pathc;
}

static const char *match(const glob_t *found, size_t i)
{
	return found->gl_pathv[i] + strlen(proc_root);
}

static json_t *reduce(const char *pattern, json_int_t (*step)(json_int_t, json_int_t))
{
	glob_t found = { 0 };
	size_t n = matches(pattern, &found);
	json_t *value = NULL;

	for (size_t i = 0; i < n; i++) {
		json_t *one = proc_number(match(&found, i));

		if (json_is_integer(one) && value)
			json_integer_set(value,
					 step(json_integer_value(value), json_integer_value(one)));
		else if (json_is_integer(one))
			value = json_incref(one);
		json_decref(one);
	}
	globfree(&found);
	return value ? value : json_null();
}

static json_int_t sum(json_int_t a, json_int_t b)
{
	return a + b;
}

static json_int_t larger(json_int_t a, json_int_t b)
{
	return a > b ? a : b;
}

json_t *proc_sum(const char *pattern)
{
	return reduce(pattern, sum);
}

json_t *proc_largest(const char *pattern)
{
	return reduce(pattern, larger);
}

json_t *proc_distinct(const char *pattern)
{
	glob_t found = { 0 };
	size_t n = matches(pattern, &found);
	json_t *seen = json_object(), *value = json_null();
	char *joined = NULL;

	for (size_t i = 0; i < n; i++) {
		json_t *line = proc_line(match(&found, i));
		const char *s = json_string_value(line);

		if (s && !json_object_get(seen, s)) {
			char *longer = joined ? xasprintf("%s,%s", joined, s) : xstrdup(s);

			free(joined);
			joined = longer;
			json_object_set_new(seen, s, json_true());
		}
		json_decref(line);
	}
	if (joined)
		value = json_string(joined);
	free(joined);
	json_decref(seen);
	globfree(&found);
	return value;
}

json_t *proc_matches(const char *pattern)
{
	glob_t found = { 0 };
	size_t n = matches(pattern, &found);

	globfree(&found);
	return n ? json_integer((json_int_t)n) : json_null();
}

/* The last part of @path, or the one before it; to free. */
static char *part_of(const char *path, int parent)
{
	char *copy = xstrdup(path), *slash = strrchr(copy, '/'), *part;

	if (parent && slash) {
		*slash = '\0';
		slash = strrchr(copy, '/');
	}
	part = xstrdup(slash ? slash + 1 : copy);
	free(copy);
	return part;
}

json_t *proc_object(const char *pattern, int parent, json_t *(*value)(const char *path))
{
	glob_t found = { 0 };
	size_t n = matches(pattern, &found);
	json_t *object = n ? json_object() : json_null();

	for (size_t i = 0; i < n; i++) {
		char *name = part_of(match(&found, i), parent);

		json_object_set_new(object, name, value(match(&found, i)));
		free(name);
	}
	globfree(&found);
	return object;
}

uint64_t proc_shootdowns(void)
{
	char *text = proc_read("/proc/interrupts", NULL);
	char *at = text ? strstr(text, "TLB:") : NULL, *end;
	uint64_t sum = 0;

	if (!at)
		die("/proc/interrupts has no line TLB; is this a kernel with CONFIG_SMP?");
	for (at += strlen("TLB:");; at = end) {
		uint64_t n = strtoull(at, &end, 10);

		if (end == at)
			break;
		sum += n;
	}
	free(text);
	return sum;
}

uint64_t proc_thread_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return (uint64_t)(usage.ru_minflt + usage.ru_majflt);
}
