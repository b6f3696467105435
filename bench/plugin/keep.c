// SPDX-License-Identifier: MIT
/* The events of a window that closes, equal ones together. */
#include "plugin/record.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/table.h"

static struct table events_table;

static int by_event(const void *a, const void *b)
{
	return memcmp(a, b, offsetof(struct event_count, n));
}

/* How many there are then. */
static uint32_t merge(struct event_count *event, size_t n)
{
	uint32_t kept = 0;

	if (n)
		qsort(event, n, sizeof(*event), by_event);
	for (size_t i = 0; i < n; i++)
		if (kept && !by_event(&event[kept - 1], &event[i]))
			event[kept - 1].n++;
		else
			event[kept++] = event[i];
	return kept;
}

static uint64_t fingerprint(const struct event_count *event, uint32_t n)
{
	uint64_t print = n;

	for (uint32_t i = 0; i < n; i++)
		print = table_mix(print + ((uint64_t)event[i].cell << 32 | event[i].place)) +
			((uint64_t)event[i].event << 32 | event[i].n);
	return print ? print : 1;
}

uint32_t keep_events(struct record *to, struct event_count *event, size_t all)
{
	uint32_t n = merge(event, all), i;
	int new;

	i = table_index(&events_table, fingerprint(event, n), &new);
	if (new) {
		struct events kept = { n, table_realloc(NULL, n + 1, sizeof(*kept.event)) };

		if (n)
			memcpy(kept.event, event, n * sizeof(*kept.event));
		TABLE_ROOM(to->events, to->n_events);
		to->events[to->n_events++] = kept;
	}
	return i;
}
