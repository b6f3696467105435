// SPDX-License-Identifier: MIT
/* What came of it, as JSON; the exit status says whether all is well. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "fuzz.h"

#define MIN(a, b) ((a) < (b) ? (a) : (b))

static void put_said(FILE *f, unsigned int kind)
{
	const char *separator = "";

	fprintf(f, "\"%s\": {", request_name(kind));
	for (int e = 0; e < (int)MAX_ERRNO; e++) {
		if (!tally->said[kind][e])
			continue;
		fprintf(f, "%s\"%s\": %llu", separator, e ? strerrorname_np(e) : "done",
			(unsigned long long)tally->said[kind][e]);
		separator = ", ";
	}
	fprintf(f, "}");
}

static void put_count(FILE *f, const char *name, const struct count *c, bool last)
{
	fprintf(f, "\"%s\": [%llu, %llu]%s", name, (unsigned long long)c->done,
		(unsigned long long)c->refused, last ? "" : ", ");
}

static void put_counts(FILE *f)
{
	fprintf(f, ", \"said\": {");
	for (unsigned int i = 0; i < REQUESTS; i++) {
		put_said(f, i);
		fprintf(f, i + 1 < REQUESTS ? ", " : "}");
	}
	fprintf(f, ", \"changes\": {");
	for (unsigned int i = 0; i < changes_known(); i++)
		put_count(f, changes[i].name, &tally->change[i], i + 1 == changes_known());
	fprintf(f, "}, \"disturbances\": {");
	for (unsigned int i = 0; disturbance_name(i); i++)
		put_count(f, disturbance_name(i), &tally->disturbance[i], !disturbance_name(i + 1));
	fprintf(f, "}");
}

static void put_options(FILE *f)
{
	fprintf(f, "{\"schema\": \"dexbench.fuzz.v1\", \"seed\": %llu",
		(unsigned long long)options.seed);
	if (options.first || options.last != UINT64_MAX)
		fprintf(f, ", \"rounds_asked\": [%llu, %llu]", (unsigned long long)options.first,
			(unsigned long long)options.last);
	if (options.first_action || options.last_action != UINT64_MAX)
		fprintf(f, ", \"actions_asked\": [%llu, %llu]",
			(unsigned long long)options.first_action,
			(unsigned long long)options.last_action);
}

int report(uint64_t us, const struct state *before)
{
	char left[512], lacks[512];
	int leaked = state_since(before, left, sizeof(left));
	FILE *f = fopen("/results/fuzz.json", "w");

	if (!f)
		return 1;
	machine_lacks(lacks, sizeof(lacks));
	put_options(f);
#define PUT(field) fprintf(f, ", \"" #field "\": %llu", (unsigned long long)tally->field)
	PUT(requests);
	PUT(rounds);
	PUT(processes);
	PUT(killed);
	PUT(worst_death_us);
	PUT(overdue);
	PUT(unkillable);
	PUT(crashed);
	PUT(undocumented);
	PUT(nonsense);
	PUT(unloaded);
	PUT(injected);
	/* By the guest's clock, which an emulator that waits for a CPU has made run fast or slow. */
	fprintf(f, ", \"guest_seconds\": %.3f", (double)us / 1e6);
	put_counts(f);
	put_points(f);
	fprintf(f, ", \"lacks\": [%s], \"leaked\": %s, \"left\": {%s}}\n", lacks,
		leaked ? "true" : "false", left);
	return fclose(f) || leaked || tally->overdue || tally->unkillable || tally->crashed ||
	       tally->undocumented || tally->nonsense || tally->unloaded;
}
