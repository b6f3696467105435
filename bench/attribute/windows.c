// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdlib.h>

#include "attribute/attribute.h"
#include "lib/die.h"
#include "lib/json.h"
#include "lib/samples.h"

#define MOST_DEPTH 2048 /* of calls; the plugin forgets the outer ones from 512 on */

struct reader {
	struct samples *file;
	const char *path;
};

/* An array of numbers, @each to an element. */
static uint32_t *numbers(const struct reader *r, json_t *object, const char *key, size_t each,
			 size_t *n)
{
	uint32_t *values =
		samples_of(r->file, json_need(object, key, JSON_ARRAY, r->path), n, r->path);

	if (*n % each)
		die_usage("%s: %zu numbers in \"%s\", which are by %zu", r->path, *n, key, each);
	*n /= each;
	return values;
}

static uint64_t *addresses(const struct reader *r, json_t *object, const char *key, size_t *n)
{
	json_t *array = json_need(object, key, JSON_ARRAY, r->path), *item;
	uint64_t *values = xcalloc(json_array_size(array) + 1, sizeof(*values));
	size_t i;

	json_array_foreach(array, i, item) {
		char *end;

		if (!json_is_string(item))
			die_usage("%s: \"%s\" holds something that is no address", r->path, key);
		values[i] = strtoull(json_string_value(item), &end, 16);
		if (*end)
			die_usage("%s: %s is no address", r->path, json_string_value(item));
	}
	*n = json_array_size(array);
	return values;
}

static void read_profiles(const struct reader *r, struct windows *w)
{
	json_t *array = json_need(r->file->root, "profiles", JSON_ARRAY, r->path), *item;
	size_t i, n;

	w->profiles = json_array_size(array);
	w->profile = xcalloc(w->profiles + 1, sizeof(*w->profile));
	json_array_foreach(array, i, item) {
		w->profile[i].cell = samples_of(r->file, item, &n, r->path);
		w->profile[i].cells = n / 4;
	}
}

static void read_executions(const struct reader *r, struct windows *w)
{
	json_t *array = json_need(r->file->root, "executions", JSON_ARRAY, r->path), *item;
	size_t i;

	w->executions = json_array_size(array);
	w->execution = xcalloc(w->executions + 1, sizeof(*w->execution));
	json_array_foreach(array, i, item) {
		w->execution[i].kernel.window =
			numbers(r, item, "kernel", W_FIELDS, &w->execution[i].kernel.n);
		w->execution[i].user.window =
			numbers(r, item, "user", W_FIELDS, &w->execution[i].user.n);
		w->execution[i].span.window =
			numbers(r, item, "span", W_FIELDS, &w->execution[i].span.n);
	}
}

/* Do paths end, where the plugin's can? */
static int has_paths(const struct windows *w)
{
	uint32_t *depth = xcalloc(w->nodes + 1, sizeof(*depth));
	int good = 1;

	for (size_t i = 1; i < w->nodes && good; i++) {
		good = w->node[2 * i] < i;
		depth[i] = good ? depth[w->node[2 * i]] + 1 : 0;
		good &= depth[i] <= MOST_DEPTH;
	}
	free(depth);
	return good;
}

/* A file that was cut or edited must not be read past an end. */
static void check(const struct windows *w, int is_whole, const char *path)
{
	int bad = !is_whole || !has_paths(w);

	for (size_t i = 0; i < w->cells; i++)
		bad |= w->cell[2 * i] >= w->nodes || w->cell[2 * i + 1] >= w->insns;
	for (size_t i = 0; i < w->profiles; i++)
		for (size_t k = 0; k < w->profile[i].cells; k++)
			bad |= w->profile[i].cell[4 * k] >= w->cells;
	for (size_t i = 0; i < w->executions; i++) {
		const struct window_list *list[] = { &w->execution[i].kernel, &w->execution[i].user,
						     &w->execution[i].span };

		for (int s = 0; s < 3; s++)
			for (size_t k = 0; k < list[s]->n; k++)
				bad |= list[s]->window[W_FIELDS * k + W_PROFILE] >= w->profiles;
	}
	if (bad)
		die_usage("%s: not a whole record of the plugin; boot again", path);
}

/* What jansson holds is not let go of: the arrays are part of it. */
struct windows *windows_read(const char *path)
{
	struct windows *w = xcalloc(1, sizeof(*w));
	struct reader r = { samples_read(path, "dexbench.windows.v1"), path };
	json_t *root = r.file->root;
	size_t sites, targets;

	w->insn = addresses(&r, root, "insns", &w->insns);
	w->node = numbers(&r, root, "nodes", 2, &w->nodes);
	w->site = addresses(&r, root, "sites", &sites);
	w->target = addresses(&r, root, "targets", &targets);
	w->cell = numbers(&r, root, "cells", 2, &w->cells);
	w->stamp = addresses(&r, root, "stamps", &w->stamps);
	w->touches = json_object_get(root, "touches");
	read_profiles(&r, w);
	read_executions(&r, w);
	check(w, sites == w->nodes && targets == w->nodes, path);
	return w;
}

/* LFENCE, RDTSC, LFENCE: 3, 2 and 3 bytes. */
int windows_is_clock(const struct windows *w, uint64_t addr)
{
	for (size_t i = 0; i < w->stamps; i++)
		if (addr == w->stamp[i] || addr == w->stamp[i] - 3 || addr == w->stamp[i] + 2)
			return 1;
	return 0;
}
