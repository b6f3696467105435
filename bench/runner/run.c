// SPDX-License-Identifier: MIT
/*
 * One measurement: set up, warm up, sample, check; and what cases call.
 *
 * Counters get an execution of their own, after the one whose samples are kept:
 * an enabled event costs something (tracepoints patch the kernel's code, counters
 * are switched in every context switch), and that must not be in the samples.
 */
#include "runner/run.h"

#include <stdlib.h>
#include <string.h>

#include "lib/arch/mark.h"
#include "lib/core/die.h"
#include "lib/core/pages.h"
#include "lib/machine/topo.h"
#include "lib/trace/perf.h"
#include "lib/workers/interleaving.h"

/* Enough for every length that a case works in; the first calls of anything
 * run cold paths of the kernel (lazy allocations, refills). */
#define WARM_UP_PAGES PAGES_STEP

/* What the module's loop needs between two calls. */
static void keep_gaps(struct run *r, size_t calls)
{
	for (size_t i = 0; i + 1 < calls; i++) {
		struct dev_sample s = dev_sample(r->dev, i);

		r->gaps[i] = clock_ticks(s.start + s.ticks, dev_sample(r->dev, i + 1).start);
	}
	r->n_gaps = calls - 1;
}

void run_keep(struct run *r, struct dev_result result, size_t calls, unsigned int batch,
	      unsigned int group)
{
	for (size_t i = 0; i < calls; i += group) {
		uint64_t ticks = 0;
		int error = 0;

		for (size_t k = i; k < i + group; k++) {
			struct dev_sample s = dev_sample(r->dev, k);

			ticks += s.ticks;
			error = error ? error : s.error;
		}
		r->ticks[r->samples] = clock_ticks(0, ticks);
		r->errors[r->samples++] = error;
	}
	if (group == 1)
		keep_gaps(r, calls);
	r->pages_per_sample = batch * group;
	r->stamps_per_sample = group;
	r->request_ticks = result.ticks;
	r->attempted = result.attempted;
	r->succeeded = result.succeeded;
}

void run_add(struct run *r, uint32_t ticks, int error)
{
	r->ticks[r->samples] = ticks;
	r->errors[r->samples++] = error;
	r->attempted += r->pages_per_sample;
	r->succeeded += error ? 0 : r->pages_per_sample;
}

void run_metric(struct run *r, const char *name, const char *unit, enum better better, double value)
{
	if (r->metrics == BENCH_MAX_METRICS)
		die("%s: more than %d metrics; raise BENCH_MAX_METRICS", r->bench->name,
		    BENCH_MAX_METRICS);
	r->metric[r->metrics++] = (struct bench_metric){ name, unit, better, value };
}

void run_assert(struct run *r, const struct bench_assertion *assertion)
{
	double seen = assertion->check(r);

	run_add(r, 1, 0);
	run_metric(r, "pass", "", BETTER_NEITHER, seen == assertion->wanted);
	run_metric(r, "observed", assertion->unit, BETTER_NEITHER, seen);
}

void run_check_pages(const struct run *r, size_t exclusive)
{
	size_t found = mem_exclusive(&r->mem);

	if (r->succeeded != r->attempted || !r->attempted)
		die("%s: %llu of %llu pages succeeded; no result is written", r->bench->name,
		    (unsigned long long)r->succeeded, (unsigned long long)r->attempted);
	if (found != exclusive)
		die("%s: %zu pages are exclusive in /proc/self/pagemap, expected %zu; no result is written",
		    r->bench->name, found, exclusive);
}

void run_some_pages(struct run *r, size_t pages)
{
	r->mem = mem_reserve(pages);
	topo_bind_memory(r->mem.map, r->mem.map_bytes, r->node);
	mem_touch(&r->mem);
	topo_check_memory(r->mem.start, mem_bytes(&r->mem), r->node);
}

void run_pages(struct run *r)
{
	run_some_pages(r, r->pages);
}

void run_watched_pages(struct run *r)
{
	run_pages(r);
	dev_watch(r->dev, r->mem.start, mem_bytes(&r->mem));
}

void run_free(struct run *r)
{
	if (!r->mem.map)
		return;
	dev_unwatch(r->dev);
	mem_free(&r->mem);
	r->mem.map = NULL;
}

/* Marked where the samples are kept, for bench/plugin; the same with and without it. */
static void sample(struct run *r, struct perf *perf)
{
	int is_kept = !r->warm_up && !perf;

	if (perf)
		perf_start(perf);
	if (is_kept && r->mode == MODE_LOCKSTEP)
		interleaving_begin(r->number);
	if (is_kept)
		MARK(MARK_BEGIN);
	r->bench->sample(r);
	if (is_kept)
		MARK(MARK_END);
	if (perf)
		perf_stop(perf);
}

/* setup, sample, check, teardown on r->pages pages; @perf: count the sampling. */
static void run_once(struct run *r, struct perf *perf)
{
	r->samples = r->n_gaps = r->metrics = 0;
	r->attempted = r->succeeded = r->request_ticks = 0;
	r->pages_per_sample = r->stamps_per_sample = 1;
	if (r->bench->setup)
		r->bench->setup(r);
	if (!r->skip) {
		sample(r, perf);
		if (r->dev)
			r->events = dev_events(r->dev);
		if (r->bench->check)
			r->bench->check(r);
	}
	if (r->bench->teardown)
		r->bench->teardown(r);
}

/* Written now, or the first samples would hold our own page faults. */
static void make_room(struct run *r)
{
	size_t n = r->pages;

	r->ticks = xcalloc(n, sizeof(*r->ticks));
	r->errors = xcalloc(n, sizeof(*r->errors));
	r->gaps = xcalloc(n, sizeof(*r->gaps));
	memset(r->ticks, 0xff, n * sizeof(*r->ticks));
	memset(r->errors, 0xff, n * sizeof(*r->errors));
}

void run_execute(struct run *r)
{
	size_t pages = r->pages;

	MARK(MARK_READY);
	make_room(r);
	r->pages = pages < WARM_UP_PAGES ? pages : WARM_UP_PAGES;
	r->warm_up = 1;
	run_once(r, NULL);
	r->pages = pages;
	r->warm_up = 0;
	if (!r->skip)
		run_once(r, NULL);
}

json_t *run_count(const struct run *r)
{
	struct run again = *r;
	struct perf *perf = perf_open();
	json_t *results;

	make_room(&again);
	run_once(&again, perf);
	results = perf_results(perf, again.attempted);
	perf_close(perf);
	run_release(&again);
	return results;
}

void run_release(struct run *r)
{
	free(r->ticks);
	free(r->errors);
	free(r->gaps);
	json_decref(r->facts);
	r->facts = NULL;
	r->ticks = NULL;
	r->errors = NULL;
}
