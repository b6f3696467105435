// SPDX-License-Identifier: MIT
/*
 * What was counted: "events" is an object, its numbers in flat arrays.
 *
 *   names, regions   of events and of where lines lie, by number
 *   places           regions, and addresses, of lines or locks; by number, 0 is nowhere
 *   profiles         each: cell, event, place, how often, ...
 *   totals           of each execution counts: event, region, inside windows, outside, ...; at
 *                    and from: the addresses of each
 */
#include "plugin/write.h"

#include <inttypes.h>

#include "plugin/count.h"

static const char *separator(size_t i)
{
	return i ? "," : "";
}

static void write_names(FILE *f, const char *key, const char *const *names, size_t n)
{
	fprintf(f, "\"%s\":[", key);
	for (size_t i = 0; i < n; i++)
		fprintf(f, "%s\"%s\"", separator(i), names[i]);
	fputs("],\n", f);
}

static void write_places(FILE *f)
{
	fputs("\"places\":{\"regions\":[", f);
	for (size_t i = 0; i < counted.places; i++)
		fprintf(f, "%s%" PRIu32, separator(i), counted.place[i].region);
	fputs("],\"addresses\":[", f);
	for (size_t i = 0; i < counted.places; i++)
		fprintf(f, "%s\"%" PRIx64 "\"", separator(i), counted.place[i].addr);
	fputs("]},\n", f);
}

static void write_profiles(FILE *f)
{
	fputs("\"profiles\":[", f);
	for (size_t i = 0; i < record.n_events; i++) {
		const struct events *e = &record.events[i];

		fprintf(f, "%s\n[", separator(i));
		for (uint32_t k = 0; k < e->n; k++)
			fprintf(f, "%s%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32, separator(k),
				e->event[k].cell, e->event[k].event, e->event[k].place,
				e->event[k].n);
		fputc(']', f);
	}
	fputs("],\n", f);
}

static void write_totals_of(FILE *f, size_t from, size_t to)
{
	const struct total *t = counted.total;

	fputs("{\"counts\":[", f);
	for (size_t i = from; i < to; i++)
		fprintf(f, "%s%" PRIu32 ",%" PRIu32 ",%" PRIu64 ",%" PRIu64, separator(i - from),
			t[i].event, t[i].region, t[i].inside, t[i].outside);
	fputs("],\"at\":[", f);
	for (size_t i = from; i < to; i++)
		fprintf(f, "%s\"%" PRIx64 "\"", separator(i - from), t[i].at);
	fputs("],\"from\":[", f);
	for (size_t i = from; i < to; i++)
		fprintf(f, "%s\"%" PRIx64 "\"", separator(i - from), t[i].from);
	fputs("]}", f);
}

void write_events(FILE *f)
{
	fputs("\"events\":{", f);
	write_names(f, "names", event_names, EVENTS);
	write_names(f, "regions", region_names, REGIONS);
	write_places(f);
	write_profiles(f);
	fputs("\"totals\":[", f);
	for (size_t i = 0; i < counted.executions; i++) {
		fprintf(f, "%s\n", separator(i));
		write_totals_of(f, counted.first[i],
				i + 1 < counted.executions ? counted.first[i + 1] : counted.totals);
	}
	fputs("]},\n", f);
}

void write_happened(FILE *f, const struct execution *e)
{
	size_t n = e->space[IN_KERNEL].n;

	fputs(",\"cpus\":[", f);
	for (size_t i = 0; i < n; i++)
		fprintf(f, "%s%" PRIu32, separator(i), e->happened[i].cpu);
	fputs("],\"pauses\":[", f);
	for (size_t i = 0; i < n; i++)
		fprintf(f, "%s%" PRIu32, separator(i), e->happened[i].pauses);
	fputs("],\"happened\":[", f);
	for (size_t i = 0; i < n; i++)
		fprintf(f, "%s%" PRIu32, separator(i), e->happened[i].events);
	fputc(']', f);
}
