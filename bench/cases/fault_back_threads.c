// SPDX-License-Identifier: MIT
/*
 * What does taking a page back cost a thread that is not alone with it?
 *
 * One sample is one thread's first write to an exclusive page, timed in user space
 * around that one instruction as in fault_back: by one thread that is not the one
 * which converted (other; on another core where there is one), or by a thread of each
 * core at the same time (all), each of which is a sample.  Metrics: page faults and
 * notifier events per write.
 *
 * It cannot make them fault at the same instruction: threads leave their meeting
 * point within the time that a cache line takes to reach them all, and the first
 * may have restored the page when the last begins.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "bench.h"
#include "lib/core/die.h"
#include "lib/machine/proc.h"
#include "lib/machine/topo.h"
#include "lib/workers/team.h"

enum { OTHER, ALL };

/* Threads that write to one page after the other, each page together. */
struct meeting {
	const struct mem *mem;
	size_t pages, threads;
	atomic_size_t arrived;
};

static size_t threads(const struct run *r)
{
	return r->arg[0] == ALL ? topo_cores() : 1;
}

static void setup(struct run *r)
{
	if (r->arg[0] == ALL && r->mode == MODE_EXACT)
		r->skip = "touching at once needs CPUs that run at once; MODE=lockstep or parallel";
	else if (r->arg[0] == ALL && topo_cores() < 2)
		r->skip = "touching at once needs two cores, this machine has one";
	if (r->skip)
		return;
	run_watched_pages(r);
	dev_convert(r->dev, r->mem.start, mem_page_size(), r->pages / threads(r), 1);
	if (mem_exclusive(&r->mem) != r->pages / threads(r))
		die("fault_back_threads: only %zu of %zu pages are exclusive before the touch",
		    mem_exclusive(&r->mem), r->pages / threads(r));
	dev_events(r->dev); /* the conversions' own */
}

static void work(struct team_member *member)
{
	struct meeting *m = member->user;
	uint64_t before = proc_thread_faults();

	for (size_t i = 0; i < m->pages; i++) {
		volatile char *page = mem_page(m->mem, i);
		uint64_t start;

		atomic_fetch_add(&m->arrived, 1);
		while (atomic_load(&m->arrived) < (i + 1) * m->threads)
			;
		start = clock_stamp();
		*page = 2;
		member->ticks[member->samples++] = clock_ticks(start, clock_stamp());
	}
	member->ops = proc_thread_faults() - before;
}

static const struct team_job job = { .work = work };

static void sample(struct run *r)
{
	struct meeting meeting = { &r->mem, r->pages / threads(r), threads(r), 0 };
	struct team *team = team_new(meeting.threads, meeting.pages);
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
	uint64_t events = r->events.exclusive_other + r->events.clear_page;

	run_check_pages(r, 0);
	if (events < r->pages / threads(r))
		die("fault_back_threads: %llu notifier events for %zu pages",
		    (unsigned long long)events, r->pages / threads(r));
	run_metric(r, "events", "events/write", BETTER_LOWER, (double)events / (double)r->samples);
}

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_SAME,
	  "either walk leaves the same entry behind, and it is restored by the same code" },
	{ "by=other", "faults", EXPECT_SAME, "likewise" },
	{ "by=other", "events", EXPECT_SAME, "likewise" },
	{ 0 },
};

const struct bench bench_fault_back_threads = {
	.name = "fault_back_threads",
	.question = "What does taking a page back cost a thread that is not alone with it?",
	.sample_is = "one thread's first write to an exclusive page, from user space",
	.modes = IN_LOCKSTEP | IN_PARALLEL | IN_TIMING,
	.params = { BENCH_LABELS("by", "other", "all") },
	.predictions = predictions,
	.pictures = { { BARS } },
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = run_free,
};
