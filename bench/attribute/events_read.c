// SPDX-License-Identifier: MIT
/* What the plugin counted besides instructions (bench/plugin/write_events.c). */
#include <stdlib.h>

#include "attribute/attribute.h"
#include "lib/core/die.h"
#include "lib/core/json.h"
#include "lib/core/samples.h"

static void read_places(const struct record_file *r, json_t *object, struct events *e)
{
	json_t *places = json_need(object, "places", JSON_OBJECT, r->path);
	size_t n;

	e->place_region = record_numbers(r, places, "regions", 1, &e->places);
	e->place_addr = record_addresses(r, places, "addresses", &n);
	if (n != e->places)
		die_usage("%s: %zu places have %zu addresses; boot again", r->path, e->places, n);
}

static void read_profiles(const struct record_file *r, json_t *object, struct events *e)
{
	json_t *array = json_need(object, "profiles", JSON_ARRAY, r->path), *item;
	size_t i, n;

	e->profiles = json_array_size(array);
	e->profile = xcalloc(e->profiles + 1, sizeof(*e->profile));
	json_array_foreach(array, i, item) {
		e->profile[i].event = samples_of(r->file, item, &n, r->path);
		e->profile[i].n = n / E_FIELDS;
	}
}

static void read_sums(const struct record_file *r, json_t *object, struct events *e,
		      size_t executions)
{
	json_t *array = json_need(object, "totals", JSON_ARRAY, r->path), *item;
	size_t i, at, from;

	if (json_array_size(array) != executions)
		die_usage("%s: %zu executions have %zu sums of events; boot again", r->path,
			  executions, json_array_size(array));
	e->sums = xcalloc(executions + 1, sizeof(*e->sums));
	json_array_foreach(array, i, item) {
		struct event_sums *s = &e->sums[i];

		s->count = record_numbers(r, item, "counts", 4, &s->n);
		s->at = record_addresses(r, item, "at", &at);
		s->from = record_addresses(r, item, "from", &from);
		if (at != s->n || from != s->n)
			die_usage("%s: sums of events without an address; boot again", r->path);
	}
}

/* Beside the windows of the kernel in each execution. */
static int read_happened(const struct record_file *r, struct windows *w)
{
	json_t *array = json_need(r->file->root, "executions", JSON_ARRAY, r->path), *item;
	size_t i, n[3];
	int bad = 0;

	json_array_foreach(array, i, item) {
		w->execution[i].cpu = record_numbers(r, item, "cpus", 1, &n[0]);
		w->execution[i].pauses = record_numbers(r, item, "pauses", 1, &n[1]);
		w->execution[i].happened = record_numbers(r, item, "happened", 1, &n[2]);
		for (int k = 0; k < 3; k++)
			bad |= n[k] != w->execution[i].kernel.n;
		for (size_t k = 0; !bad && k < n[2]; k++)
			bad |= w->execution[i].happened[k] >= w->events->profiles;
	}
	return bad;
}

/* No number reaches past an end. */
static int is_bad(const struct windows *w)
{
	const struct events *e = w->events;
	size_t names = json_array_size(e->names), regions = json_array_size(e->regions);
	int bad = !e->places;

	for (size_t i = 0; i < e->places; i++)
		bad |= e->place_region[i] >= regions;
	for (size_t i = 0; i < e->profiles; i++)
		for (size_t k = 0; k < e->profile[i].n; k++) {
			const uint32_t *one = e->profile[i].event + k * E_FIELDS;

			bad |= one[E_CELL] >= w->cells || one[E_EVENT] >= names ||
			       one[E_PLACE] >= e->places;
		}
	for (size_t i = 0; i < w->executions; i++)
		for (size_t k = 0; k < e->sums[i].n; k++)
			bad |= e->sums[i].count[4 * k] >= names;
	return bad;
}

void events_read(const struct record_file *r, struct windows *w)
{
	json_t *object = json_object_get(r->file->root, "events");
	struct events *e;

	if (!object)
		return;
	e = w->events = xcalloc(1, sizeof(*e));
	e->names = json_need(object, "names", JSON_ARRAY, r->path);
	e->regions = json_need(object, "regions", JSON_ARRAY, r->path);
	read_places(r, object, e);
	read_profiles(r, object, e);
	read_sums(r, object, e, w->executions);
	if (read_happened(r, w) || is_bad(w))
		die_usage("%s: not a whole record of the plugin; boot again", r->path);
}
