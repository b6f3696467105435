// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdlib.h>

#include "attribute/attribute.h"
#include "lib/arch/arch.h"
#include "lib/core/die.h"
#include "lib/core/json.h"
#include "lib/core/samples.h"

#define MOST_DEPTH 2048 /* of calls; the plugin forgets the outer ones from 512 on */

static void read_profiles(const struct record_file *r, struct windows *w)
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

static void read_executions(const struct record_file *r, struct windows *w)
{
	json_t *array = json_need(r->file->root, "executions", JSON_ARRAY, r->path), *item;
	size_t i;

	w->executions = json_array_size(array);
	w->execution = xcalloc(w->executions + 1, sizeof(*w->execution));
	json_array_foreach(array, i, item) {
		w->execution[i].kernel.window =
			record_numbers(r, item, "kernel", W_FIELDS, &w->execution[i].kernel.n);
		w->execution[i].user.window =
			record_numbers(r, item, "user", W_FIELDS, &w->execution[i].user.n);
		w->execution[i].span.window =
			record_numbers(r, item, "span", W_FIELDS, &w->execution[i].span.n);
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
	struct record_file r = { samples_read(path, "dexbench.windows.v1"), path };
	json_t *root = r.file->root;
	size_t sites, targets;

	w->insn = record_addresses(&r, root, "insns", &w->insns);
	w->node = record_numbers(&r, root, "nodes", 2, &w->nodes);
	w->site = record_addresses(&r, root, "sites", &sites);
	w->target = record_addresses(&r, root, "targets", &targets);
	w->cell = record_numbers(&r, root, "cells", 2, &w->cells);
	w->stamp = record_addresses(&r, root, "stamps", &w->stamps);
	w->touches = json_object_get(root, "touches");
	read_profiles(&r, w);
	read_executions(&r, w);
	events_read(&r, w);
	check(w, sites == w->nodes && targets == w->nodes, path);
	return w;
}

int windows_is_clock(const struct windows *w, uint64_t addr)
{
	for (size_t i = 0; i < w->stamps; i++)
		if (arch_is_stamp(w->stamp[i], addr))
			return 1;
	return 0;
}

void windows_add(struct side *side, const uint32_t *window)
{
	const struct profile *p = &side->boot->windows->profile[window[W_PROFILE]];

	if (window[W_PROFILE] == NO_PROFILE)
		return;
	side->profile[window[W_PROFILE]]++;
	side->interrupted += !!window[W_INTERRUPTS];
	for (size_t k = 0; k < p->cells; k++) {
		const uint32_t *c = p->cell + 4 * k;
		struct counts *sum = &side->cell[c[0]];

		sum->insns += c[1];
		sum->loads += c[2];
		sum->stores += c[3];
	}
}
