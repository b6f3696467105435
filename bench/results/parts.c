// SPDX-License-Identifier: MIT
/*
 * A campaign that several machines made: each left a directory with the plan of one bundle and the boots that
 * it made.  Where counts repeat, boots of one kernel on two machines must be equal to the byte, and are looked at.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "results.h"
#include "results/load.h"
#include "lib/core/die.h"
#include "lib/core/input.h"
#include "lib/core/json.h"

#define ID_LENGTH 64 /* hexadecimal digits of a SHA-256 */
#define ID_SHOWN  16

struct made {
	json_t *entry; /* of its kernel, in the plan */
	size_t part;
	char *boot;
};

struct parts {
	const char *const *directory;
	size_t n;
	struct made *made;
	size_t boots, pairs, unequal;
};

static struct parts *parts_of(struct table *t)
{
	if (!t->load->parts)
		t->load->parts = xcalloc(1, sizeof(*t->load->parts));
	return t->load->parts;
}

size_t parts_count(struct table *t)
{
	return parts_of(t)->n;
}

const char *parts_at(struct table *t, size_t part)
{
	const char *directory = parts_of(t)->directory[part];

	input_within(directory);
	return directory;
}

/* All files of one run of a case, and how large. */
static char *file_of(const char *boot, const char *name, size_t run, size_t *bytes)
{
	char *path = run == 1 ? xasprintf("%s/%s.json", boot, name)
			      : xasprintf("%s/%s.run%zu.json", boot, name, run);
	char *packed = xasprintf("%s.gz", path), *text = NULL;

	*bytes = 0;
	if (input_exists(path) || input_exists(packed))
		text = input_unpack(path, bytes);
	free(packed);
	free(path);
	return text;
}

static int same_file(struct table *t, const struct made *a, const struct made *b, const char *name,
		     size_t run)
{
	size_t n, m;
	char *one, *other;
	int same;

	parts_at(t, a->part);
	one = file_of(a->boot, name, run, &n);
	parts_at(t, b->part);
	other = file_of(b->boot, name, run, &m);
	/* What is missing is somebody else's to say. */
	same = !one || !other || (n == m && !memcmp(one, other, n));
	free(one);
	free(other);
	return same;
}

/* The first case in which they differ, or NULL. */
static const char *unequal(struct table *t, const struct made *a, const struct made *b,
			   json_t *plan)
{
	json_t *runs = json_object_get(plan, "runs"), *c;
	size_t i, n = json_is_integer(runs) ? (size_t)json_integer_value(runs) : 1;

	json_array_foreach(json_object_get(plan, "cases"), i, c)
		for (size_t run = 1; run <= n; run++)
			if (!same_file(t, a, b, json_string_value(c), run))
				return json_string_value(c);
	return NULL;
}

static void compare(struct table *t, const struct made *a, const struct made *b, json_t *plan)
{
	struct parts *parts = parts_of(t);
	const char *name = unequal(t, a, b, plan);

	parts->pairs++;
	if (!name || parts->unequal++)
		return;
	table_note(
		t, FACT_VERDICTS,
		xasprintf(
			"%s and %s are boots of one kernel, and %s is not the same to the byte: the instrument is not to be trusted on one of the machines",
			a->boot, b->boot, name));
}

static int same_kernel(json_t *a, json_t *b)
{
	return json_equal(json_object_get(a, "key"), json_object_get(b, "key")) &&
	       json_equal(json_object_get(a, "cmdline"), json_object_get(b, "cmdline"));
}

void parts_boot(struct table *t, size_t part, const char *boot, json_t *entry, json_t *plan)
{
	struct parts *parts = parts_of(t);
	struct made own = { entry, part, xstrdup(boot) };

	if (!t->exact || parts->n < 2) {
		free(own.boot);
		return;
	}
	for (size_t i = 0; i < parts->boots; i++) {
		const struct made *other = &parts->made[i];

		if (other->part == part || !same_kernel(other->entry, entry))
			continue;
		compare(t, other, &own, plan);
		break;
	}
	parts->made = xrealloc(parts->made, parts->boots + 1, sizeof(*parts->made));
	parts->made[parts->boots++] = own;
}

static void say_equal(struct table *t)
{
	const struct parts *parts = parts_of(t);

	if (!t->exact || parts->unequal)
		return;
	if (!parts->pairs)
		table_note(
			t, FACT_CONDITIONS,
			xstrdup("no kernel was booted in two of the bundle's directories, so nothing says that who made them counts alike"));
	else
		table_note(
			t, FACT_CONDITIONS,
			xasprintf(
				"%zu directories of one bundle: %zu %s compared with another directory's of the same kernel, equal to the byte",
				parts->n, parts->pairs, parts->pairs == 1 ? "boot" : "boots"));
}

static int is_id(const char *s)
{
	return s && strlen(s) == ID_LENGTH && strspn(s, "0123456789abcdef") == ID_LENGTH;
}

/* The name of the bundle that made @directory, or NULL: make ab did, or nobody planned it. */
static char *bundle_of(const char *directory)
{
	char *path = xasprintf("%s/plan.json", directory), *copy = NULL;
	json_t *plan, *id;

	input_within(directory);
	plan = input_exists(path) ? json_read(path, "dexbench.plan.v1") : NULL;
	id = json_object_get(plan, "bundle");
	if (id && !is_id(json_string_value(id)))
		die_usage("%s: \"bundle\" is no SHA-256", path);
	if (id)
		copy = xstrdup(json_string_value(id));
	json_decref(plan);
	free(path);
	return copy;
}

/* They say that they are of one bundle, so their plans are one. */
static void must_be_one_plan(const char *const *directory, size_t n)
{
	char *first = xasprintf("%s/plan.json", directory[0]);
	json_t *plan;

	input_within(directory[0]);
	plan = json_read(first, "dexbench.plan.v1");
	for (size_t i = 1; i < n; i++) {
		char *path = xasprintf("%s/plan.json", directory[i]);
		json_t *own;

		input_within(directory[i]);
		own = json_read(path, "dexbench.plan.v1");
		if (!json_equal(plan, own))
			die_usage(
				"%s and %s are plans of one bundle and differ; one of them was changed",
				first, path);
		json_decref(own);
		free(path);
	}
	json_decref(plan);
	free(first);
}

static void load_parts(struct table *t, const char *const *directory, size_t n)
{
	struct parts *parts = parts_of(t);

	parts->directory = directory;
	parts->n = n;
	table_load_parts(t);
	if (n > 1)
		say_equal(t);
}

void table_load(struct table *t, const char *directory)
{
	const char **copy = xcalloc(1, sizeof(*copy));

	load_of(t);
	*copy = directory;
	load_parts(t, copy, 1);
}

/* Where a bundle's first directory stands, all of them are loaded. */
void table_load_all(struct table *t, char *const *directory, size_t n)
{
	const char **of_bundle = xcalloc(n, sizeof(*of_bundle));
	char *id = NULL;
	size_t many = 0, first = 0;

	load_of(t);
	for (size_t i = 0; i < n; i++) {
		char *own = bundle_of(directory[i]);

		if (own && id && strcmp(own, id))
			die_usage(
				"%s and %s are of two bundles (%.*s and %.*s), and boots of two are not joined; compare each for itself",
				of_bundle[0], directory[i], ID_SHOWN, id, ID_SHOWN, own);
		if (own) {
			id = own;
			first = many ? first : i;
			of_bundle[many++] = directory[i];
		}
	}
	if (many)
		must_be_one_plan(of_bundle, many);
	for (size_t i = 0, next = 0; i < n; i++) {
		int is_part = next < many && directory[i] == of_bundle[next];

		next += (size_t)is_part;
		if (!is_part)
			table_load(t, directory[i]);
		else if (i == first)
			load_parts(t, of_bundle, many);
	}
}
