// SPDX-License-Identifier: MIT
/*
 * What do a process's address space locks cost who converts in it?
 *
 * One sample is one conversion of one page of the thread's own range by a request of its own,
 * as a driver makes it: from before the request to the end of the kernel's call, so that
 * waiting for the mmap lock is in it (the module takes it for reading for each request).  Each
 * converting thread has a core, a range with a notifier and an open device.  Beside them one
 * more thread, on a core of its own and elsewhere in the address space, maps and
 * unmaps a page (mmap: the lock for writing), writes to it in between (touch: a page fault in a new
 * mapping, and a flush of all the process's CPUs), or writes to pages of a mapping that stays
 * (fault: where the kernel has them, its VMA's own lock is all that it takes).
 *
 * disturber_op is one such operation: what converters cost it.  Shootdowns are flush interrupts
 * of all CPUs per converted page, either side's.  Sleeps are the converters' own; waiting awake
 * is no sleep.  It cannot tell the mmap lock from the lock of the page tables, and a
 * flush interrupt costs an emulator what its handler executes.
 */
#include <stdlib.h>

#include "bench.h"
#include "lib/machine/proc.h"
#include "lib/workers/team.h"
#include "lib/workers/worker.h"

enum { AGAINST, CONVERTERS };
enum { NONE, MMAP, TOUCH, FAULT };

static const struct team_job *const job[] = {
	[NONE] = NULL, [MMAP] = &worker_mmap, [TOUCH] = &worker_touch, [FAULT] = &worker_fault
};

static size_t converters(const struct run *r)
{
	return (size_t)r->arg[CONVERTERS];
}

static size_t threads(const struct run *r)
{
	return converters(r) + (r->arg[AGAINST] != NONE);
}

static void setup(struct run *r)
{
	if (run_has_cores(r, threads(r)))
		run_pages(r);
}

static void sample(struct run *r)
{
	struct team *team = team_new(threads(r), r->pages / converters(r));
	struct worker *worker = run_converters(r, team, converters(r), 1);
	uint64_t before = proc_shootdowns();
	struct run_sum sum;

	team_assign(team, converters(r), threads(r), job[r->arg[AGAINST]], NULL);
	team_run(team, TEAM_THREADS, 0);
	sum = run_team(r, team);
	run_throughput(r, &sum);
	run_disturbers(r, &sum);
	run_sleeps(r, &sum);
	run_metric(r, "shootdowns", "interrupts/page", BETTER_NEITHER,
		   (double)(proc_shootdowns() - before) / (double)sum.done);
	team_free(team);
	free(worker);
}

static void check(struct run *r)
{
	run_check_converted(r, r->pages / converters(r) * converters(r));
}

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_LOWER, "the shorter walk, under a lock that either takes" },
	{ "", "throughput", EXPECT_HIGHER, "likewise" },
	{ "against=none", "sleeps", EXPECT_SAME, "all take the mmap lock for reading" },
	{ "against=fault", "sleeps", EXPECT_SAME, "a page fault takes its VMA's own lock alone" },
	{ "against=mmap", "disturber_op", EXPECT_LOWER,
	  "who writes waits for readers that hold the lock for less time" },
	{ "against=touch", "disturber_op", EXPECT_LOWER, "likewise" },
	{ 0 },
};

const struct bench bench_contend_mmap = {
	.name = "contend_mmap",
	.question = "What do a process's address space locks cost who converts in it?",
	.sample_is = "one conversion by a request of its own, waiting for the mmap lock included",
	.modes = IN_LOCKSTEP | IN_PARALLEL | IN_TIMING,
	.params = { BENCH_LABELS("against", "none", "mmap", "touch", "fault"),
		    BENCH_VALUES("converters", 1, 2, 3, 7) },
	.fit = "converters",
	.predictions = predictions,
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = run_free,
};
