// SPDX-License-Identifier: MIT
/*
 * What do threads pay that take pages back from device-private memory at the same time?
 *
 * One sample is one thread's write to a page that was moved to the device, timed as in
 * fault_back_private.  The threads leave a meeting point together, for each page of the
 * measurement: all to that one page, of which one brings it back, or each to a page of its own.
 * Metrics: page faults and calls of the driver's migrate_to_ram() for each write, and of these
 * calls those that moved nothing, because another thread was at it: a kernel that calls the
 * driver only with the page locked (7.0, commit b570f37a2ce4) has none, and waits instead.
 *
 * It cannot make them fault at the same instruction (fault_back_threads).
 */
#include <stdatomic.h>

#include "bench.h"
#include "lib/core/die.h"
#include "lib/machine/private.h"
#include "lib/machine/proc.h"
#include "lib/machine/topo.h"
#include "lib/mem/checks.h"
#include "lib/workers/team.h"

enum { THREADS, PAGE };
enum { ONE, OWN };

/* Threads that meet before each of @rounds writes; each has a page of its own, or all have one. */
struct meeting {
	const struct mem *mem;
	size_t rounds, threads;
	int is_own;
	atomic_size_t arrived, numbered;
};

static size_t threads(const struct run *r)
{
	return (size_t)r->arg[THREADS];
}

static size_t pages(const struct run *r)
{
	return r->pages / threads(r) * (r->arg[PAGE] == OWN ? threads(r) : 1);
}

static void setup(struct run *r)
{
	if (run_has_cores(r, threads(r)))
		r->skip = private_make(r->dev, pages(r));
	if (r->skip)
		return;
	run_some_pages(r, pages(r));
	checks_number(&r->mem);
	private_fill(r->dev, r->mem.start, pages(r));
}

static void work(struct team_member *member)
{
	struct meeting *m = member->user;
	size_t number = atomic_fetch_add(&m->numbered, 1);
	uint64_t before = proc_thread_faults();

	for (size_t i = 0; i < m->rounds; i++) {
		size_t at = m->is_own ? i * m->threads + number : i;
		volatile char *byte = mem_page(m->mem, at) + mem_page_size() / 2 + number;
		uint64_t start;

		atomic_fetch_add(&m->arrived, 1);
		while (atomic_load(&m->arrived) < (i + 1) * m->threads)
			;
		start = clock_stamp();
		*byte = 2;
		member->ticks[member->samples++] = clock_ticks(start, clock_stamp());
	}
	member->ops = proc_thread_faults() - before;
}

static const struct team_job job = { .work = work };

static void sample(struct run *r)
{
	struct meeting meeting = { .mem = &r->mem,
				   .rounds = r->pages / threads(r),
				   .threads = threads(r),
				   .is_own = r->arg[PAGE] == OWN };
	struct team *team = team_new(meeting.threads, meeting.rounds);
	struct run_sum sum;

	for (size_t i = 0; i < meeting.threads; i++) {
		struct team_member *m = team_member(team, i);

		m->job = &job;
		m->core = (unsigned int)(i + 1) % topo_cores();
		m->user = &meeting;
	}
	team_run(team, TEAM_THREADS, 0);
	sum = run_team(r, team);
	run_metric(r, "faults", "faults/write", BETTER_LOWER,
		   (double)sum.done / (double)r->samples);
	team_free(team);
}

static void check(struct run *r)
{
	struct private_counts c = private_counts(r->dev);
	double writes = (double)r->samples;

	run_check_pages(r, 0);
	if (c.used || c.faults - c.empty != pages(r) || checks_holding(&r->mem, 0) != pages(r))
		die("private_threads: %llu of %llu driver calls moved a page, %zu were there, %llu still are",
		    (unsigned long long)(c.faults - c.empty), (unsigned long long)c.faults,
		    pages(r), (unsigned long long)c.used);
	run_metric(r, "calls", "calls/write", BETTER_LOWER, (double)c.faults / writes);
	run_metric(r, "empty_calls", "calls/write", BETTER_LOWER, (double)c.empty / writes);
}

static void teardown(struct run *r)
{
	if (!r->skip)
		private_remove(r->dev);
	run_free(r);
}

static const struct bench_prediction predictions[] = {
	{ "page=own", NULL, EXPECT_SAME, "nobody waits for another's page, under either walk" },
	{ "page=own", "empty_calls", EXPECT_SAME, "each page has one thread" },
	{ "page=one", "empty_calls", EXPECT_SAME, "who calls the driver is no matter of the walk" },
	{ 0 },
};

const struct bench bench_private_threads = {
	.name = "private_threads",
	.question = "What do threads pay that take pages back from a device at the same time?",
	.sample_is = "one thread's first write to a page in device-private memory",
	.contends = 1,
	.modes = IN_LOCKSTEP | IN_PARALLEL | IN_TIMING,
	.params = { BENCH_VALUES("threads", 1, 2, 4), BENCH_LABELS("page", "one", "own") },
	.predictions = predictions,
	.pictures = { { BARS, .group = "threads" } },
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = teardown,
};
