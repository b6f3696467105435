// SPDX-License-Identifier: MIT
/*
 * The independent instrument: runs in a guest in a boot of its own and measures with
 * kprobe pairs what dexbench measures with stamps around the call.  What it finds
 * goes to /results/trace.json; scripts/campaign/trace-check.sh compares.
 *
 * convert   the kernel's own conversion function, entry to return
 * shared    the same with 16 children, behind whose mappings the converting one lies
 * fault     handle_mm_fault(), entry to return, for a write to an exclusive page
 * around    what a fault needs outside handle_mm_fault() (the exception's entry and
 *           exit, which cannot be probed): the first touch of an ordinary page, by
 *           stamps without probes, less the same by probes
 *
 * Medians; a pair's own cost is stated beside them and not taken off.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/dev.h"
#include "lib/die.h"
#include "lib/family.h"
#include "lib/mem.h"
#include "lib/trace.h"

#define PAGES	512
#define SHARERS 16

static struct dev *dev;
static uint32_t ticks[PAGES];

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The lower one, as dexbench has it. */
static uint32_t median(size_t n)
{
	if (!n)
		die("trace_check: nothing was measured");
	qsort(ticks, n, sizeof(*ticks), by_size);
	return ticks[(n - 1) / 2];
}

static void convert(const struct mem *mem)
{
	if (dev_convert(dev, mem->start, mem_page_size(), PAGES, 1).succeeded != PAGES)
		die("trace_check: not all pages could be converted");
}

static void touch(const struct mem *mem)
{
	for (size_t i = 0; i < PAGES; i++)
		*(volatile char *)mem_page(mem, i) = 2;
}

static struct trace *pair(const char *symbol, const char **why)
{
	struct trace_probe probe[] = { { "entry", symbol, NULL, 0 }, { "leave", symbol, NULL, 1 } };

	return trace_open(probe, 2, why);
}

/* Median over all entries that are followed by their return. */
static uint32_t pair_median(struct trace *t, size_t expected)
{
	struct trace_event *event;
	size_t n, found = 0;

	trace_off(t);
	event = trace_read(t, &n);
	for (size_t i = 0; i + 1 < n && found < PAGES; i++)
		if (event[i].probe == 0 && event[i + 1].probe == 1)
			ticks[found++] = clock_ticks(event[i].ticks, event[i + 1].ticks);
	free(event);
	trace_close(t);
	if (found < expected)
		die("trace_check: %zu calls seen, expected %zu", found, expected);
	return median(found);
}

/* The function that the walk begins with: the exported one is a jump that the kernel
 * patches itself where the walk can be chosen. */
static struct trace *conversion_pair(const char **symbol)
{
	static const char *const names[][3] = {
		{ "make_device_exclusive_range_rmap", "make_device_exclusive_range", NULL },
		{ "make_device_exclusive", "folio_walk_range", "make_device_exclusive_range" },
	};
	const char *const *name = names[!strcmp(dev_info(dev)->walk, "folio")], *why = NULL;
	struct trace *t = NULL;

	for (int i = 0; !t && i < 3 && name[i]; i++) {
		*symbol = name[i];
		t = pair(name[i], &why);
	}
	if (!t)
		die("%s", why);
	return t;
}

static struct mem watched(void)
{
	struct mem mem = mem_base_pages(PAGES);

	dev_watch(dev, mem.start, mem_bytes(&mem));
	return mem;
}

static uint32_t shared_by_probes(void)
{
	struct mem mem = watched();
	struct family *family = family_in_front(SHARERS, &mem);
	const char *symbol;
	struct trace *t;
	uint32_t found;

	t = conversion_pair(&symbol);
	trace_on(t);
	convert(&mem);
	found = pair_median(t, PAGES);
	family_end(family);
	dev_unwatch(dev);
	mem_free(&mem);
	return found;
}

static uint32_t convert_by_probes(const char **symbol)
{
	struct mem mem = watched();
	struct trace *t = conversion_pair(symbol);
	uint32_t found;

	trace_on(t);
	convert(&mem);
	found = pair_median(t, PAGES);
	dev_unwatch(dev);
	mem_free(&mem);
	return found;
}

static struct trace *fault_pair(void)
{
	const char *why;
	struct trace *t = pair("handle_mm_fault", &why);

	if (!t)
		die("%s", why);
	return t;
}

static uint32_t fault_by_probes(void)
{
	struct mem mem = watched();
	struct trace *t = fault_pair();
	uint32_t found;

	convert(&mem);
	trace_on(t);
	touch(&mem);
	found = pair_median(t, PAGES);
	dev_unwatch(dev);
	mem_free(&mem);
	return found;
}

/* The first touch of a page whose page table is there. */
static struct mem untouched(void)
{
	struct mem mem = mem_base_pages(PAGES);

	if (madvise(mem.start, mem_bytes(&mem), MADV_DONTNEED))
		die("madvise(MADV_DONTNEED) failed");
	return mem;
}

static uint32_t ordinary_by_probes(void)
{
	struct mem mem = untouched();
	struct trace *t = fault_pair();
	uint32_t found;

	trace_on(t);
	touch(&mem);
	found = pair_median(t, PAGES);
	mem_free(&mem);
	return found;
}

static uint32_t ordinary_by_stamps(void)
{
	struct mem mem = untouched();

	for (size_t i = 0; i < PAGES; i++) {
		volatile char *page = mem_page(&mem, i);
		uint64_t start = clock_stamp();

		*page = 2;
		ticks[i] = clock_ticks(start, clock_stamp());
	}
	mem_free(&mem);
	return median(PAGES);
}

/* Probes do not outlive the program, however it ends. */
static void check_nothing_left(void)
{
	static const int ends[] = { 0, SIGTERM };
	FILE *f;

	for (int i = 0; i < 2; i++) {
		pid_t pid = fork();

		if (!pid) {
			fault_pair();
			raise(ends[i]);
			exit(0);
		}
		waitpid(pid, NULL, 0);
		f = fopen("/sys/kernel/tracing/kprobe_events", "r");
		if (!f || fgetc(f) != EOF ||
		    !access("/sys/kernel/tracing/instances/dexbench", F_OK))
			die("trace_check: probes were left behind by signal %d", ends[i]);
		fclose(f);
	}
}

int main(void)
{
	const char *why = NULL, *symbol;
	struct trace_cost cost;
	uint32_t conversion, shared, fault, probes, stamps;
	FILE *f = fopen("/results/trace.json", "wx");

	die_set_program("trace_check");
	dev = dev_open(PAGES, &why);
	if (!f || !dev || !trace_cost(&cost, &why))
		die("%s", why ? why : "cannot write /results/trace.json");
	conversion = convert_by_probes(&symbol);
	shared = shared_by_probes();
	fault = fault_by_probes();
	probes = ordinary_by_probes();
	stamps = ordinary_by_stamps();
	check_nothing_left();
	fprintf(f,
		"{\"function\": \"%s\", \"pair\": %u, \"hit\": %u, \"spread\": %u, \"convert\": %u, "
		"\"shared\": %u, \"fault\": %u, \"ordinary\": %u, \"ordinary_stamped\": %u}\n",
		symbol, cost.pair, cost.hit, cost.spread, conversion, shared, fault, probes,
		stamps);
	return fclose(f) ? 1 : 0;
}
