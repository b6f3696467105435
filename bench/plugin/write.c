// SPDX-License-Identifier: MIT
/*
 * The record as one JSON object.  Addresses are strings of hexadecimal digits,
 * because JSON readers keep 53 or 63 bits of a number; the rest are flat arrays of numbers:
 *
 *   insns       address, ...                        by number
 *   nodes       parent, entry, ..., sites, targets  by number; 0 is where a window opens
 *   cells       node, instruction, ...              by number
 *   profiles    each: cell, instructions, loads, stores, ...
 *   touches     each: instruction, ... and lines    of a profile's first window; null: not asked
 *   stamps      the addresses of the readings of the clock in them
 *   executions  each: of each space total, profile, interrupts, halts, inner, ...
 *
 * and where events are counted write_events.c's, and of each execution's windows of the kernel
 * cpus, pauses and happened, the number of a profile of events.
 */
#include "plugin/write.h"

#include <inttypes.h>
#include <stdio.h>

#include "plugin/record.h"

static const char *separator(size_t i)
{
	return i ? "," : "";
}

static void write_insns(FILE *f)
{
	fputs("\n\"insns\":[", f);
	for (size_t i = 0; i < record.insns; i++)
		fprintf(f, "%s\"%" PRIx64 "\"", separator(i), record.insn[i]->addr);
	fputs("],\n\"nodes\":[", f);
	for (size_t i = 0; i < record.nodes; i++)
		fprintf(f, "%s%" PRIu32 ",%u", separator(i), record.node[i].parent,
			record.node[i].entry);
	fputs("],\n\"sites\":[", f);
	for (size_t i = 0; i < record.nodes; i++)
		fprintf(f, "%s\"%" PRIx64 "\"", separator(i), record.node[i].site);
	fputs("],\n\"targets\":[", f);
	for (size_t i = 0; i < record.nodes; i++)
		fprintf(f, "%s\"%" PRIx64 "\"", separator(i), record.node[i].target);
	fputs("],\n\"stamps\":[", f);
	for (size_t i = 0; i < record.stamps; i++)
		fprintf(f, "%s\"%" PRIx64 "\"", separator(i), record.stamp[i]);
	fputs("],\n\"cells\":[", f);
	for (size_t i = 0; i < record.cells; i++)
		fprintf(f, "%s%" PRIu32 ",%" PRIu32, separator(i), record.cell[i].node,
			record.cell[i].insn);
	fputs("],\n", f);
}

static void write_profiles(FILE *f)
{
	fputs("\"profiles\":[", f);
	for (size_t i = 0; i < record.profiles; i++) {
		const struct profile *p = &record.profile[i];

		fprintf(f, "%s\n[", separator(i));
		for (uint32_t k = 0; k < p->cells; k++)
			fprintf(f, "%s%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32, separator(k),
				p->cell[k].cell, p->cell[k].count.insns, p->cell[k].count.loads,
				p->cell[k].count.stores);
		fputc(']', f);
	}
	fputs("],\n", f);
}

static void write_touches(FILE *f)
{
	if (!record_touches) {
		fputs("\"touches\":null,\n", f);
		return;
	}
	fputs("\"touches\":[", f);
	for (size_t i = 0; i < record.profiles; i++) {
		const struct profile *p = &record.profile[i];

		fprintf(f, "%s\n{\"insns\":[", separator(i));
		for (uint32_t k = 0; k < p->touches; k++)
			fprintf(f, "%s%" PRIu32, separator(k), p->touch[k].insn);
		fputs("],\"lines\":[", f);
		for (uint32_t k = 0; k < p->touches; k++)
			fprintf(f, "%s\"%" PRIx64 "\"", separator(k), p->touch[k].line);
		fputs("]}", f);
	}
	fputs("],\n", f);
}

static void write_windows(FILE *f, const struct execution *e, enum space s, const char *name)
{
	fprintf(f, "\"%s\":[", name);
	for (size_t i = 0; i < e->space[s].n; i++) {
		const struct window *w = &e->space[s].window[i];

		fprintf(f, "%s%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32,
			separator(i), w->total, w->profile, w->interrupts, w->halts, w->inner);
	}
	fputc(']', f);
}

static void write_executions(FILE *f)
{
	fputs("\"executions\":[", f);
	for (size_t i = 0; i < record.executions; i++) {
		fprintf(f, "%s\n{", separator(i));
		write_windows(f, &record.execution[i], IN_KERNEL, "kernel");
		fputc(',', f);
		write_windows(f, &record.execution[i], IN_USER, "user");
		fputc(',', f);
		write_windows(f, &record.execution[i], IN_SPAN, "span");
		if (record_events)
			write_happened(f, &record.execution[i]);
		fputc('}', f);
	}
	fputs("]", f);
}

int write_record(const char *path, int api)
{
	FILE *f = fopen(path, "w");

	if (!f)
		return -1;
	fprintf(f, "{\"schema\":\"dexbench.windows.v1\",\"api\":%d,", api);
	write_insns(f);
	write_profiles(f);
	write_touches(f);
	if (record_events)
		write_events(f);
	write_executions(f);
	fputs("}\n", f);
	if (ferror(f)) {
		fclose(f);
		return -1;
	}
	return fclose(f);
}
