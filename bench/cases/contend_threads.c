// SPDX-License-Identifier: MIT
/*
 * What do threads of one process cost each other when all of them convert?
 *
 * One sample is one conversion call on a page of the thread's own range, by the
 * module's stamps around it; each thread has a core, a range with a notifier and
 * an open device of its own, so that what they share is the process: the mmap
 * lock, the notifier list, the CPUs on which its translations must be flushed.
 * throughput is of all threads, from the first one's start to the last one's end;
 * shootdowns are flush interrupts received, /proc/interrupts' line TLB.
 *
 * It cannot tell these causes apart, nor what a shootdown costs in hardware: an
 * emulator flushes in its own way, and processors with broadcast flushes send no
 * interrupt at all.
 */
#include <stdlib.h>

#include "bench.h"
#include "lib/machine/proc.h"
#include "lib/workers/team.h"
#include "lib/workers/worker.h"

static void setup(struct run *r)
{
	if (run_has_cores(r, (size_t)r->arg[0]))
		run_pages(r);
}

static void sample(struct run *r)
{
	size_t threads = (size_t)r->arg[0], each = r->pages / threads;
	struct team *team = team_new(threads, each);
	struct worker *worker = run_converters(r, team, threads, 0);
	struct run_sum sum;
	uint64_t before;

	before = proc_shootdowns();
	team_run(team, TEAM_THREADS, 0);
	run_metric(r, "shootdowns", "interrupts/page", BETTER_NEITHER,
		   (double)(proc_shootdowns() - before) / (double)(each * threads));
	sum = run_team(r, team);
	run_throughput(r, &sum);
	team_free(team);
	free(worker);
}

/* All but those that a remainder leaves over. */
static void check(struct run *r)
{
	size_t threads = (size_t)r->arg[0];

	run_check_converted(r, r->pages / threads * threads);
}

static const struct bench_prediction predictions[] = {
	{ "threads=1", NULL, EXPECT_LOWER, "the shorter walk; nobody else is there" },
	{ "threads>=2", NULL, EXPECT_LOWER,
	  "the root's rwsem and the interval tree are gone; mmap lock, notifier list and flushes stay" },
	{ "", "throughput", EXPECT_HIGHER, "likewise" },
	{ "", "shootdowns", EXPECT_SAME, "either walk flushes one entry a page" },
	{ 0 },
};

const struct bench bench_contend_threads = {
	.name = "contend_threads",
	.question = "What do converting threads of one process cost each other?",
	.sample_is = "one conversion call while other threads convert, too",
	.modes = IN_LOCKSTEP | IN_PARALLEL | IN_TIMING,
	.decides = "threads=2",
	.params = { BENCH_VALUES("threads", 1, 2, 4) },
	.fit = "threads",
	.predictions = predictions,
	.pictures = { { LINES, .metric = "throughput", .x = "threads",
			.axis = "threads that convert" } },
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = run_free,
};
