// SPDX-License-Identifier: MIT
/*
 * What do a fork server's forks cost its children, all of which convert?
 *
 * One sample is one conversion call on an own, present base page, with a notifier on it, in one
 * of the children, by the module's stamps around the call.  They all convert together, each on
 * a core of its own.  Forkers, on cores of their own, are what else the server does: each
 * forks a child that exits at once, and does so again.  They are children of the same
 * parent, which stand for it, and have 16 mappings of its memory, so that a fork and an exit take
 * the anon_vma root of the converters' for writing as many times.  throughput is of all
 * converters; disturber_op is one fork, without the child's exit.
 *
 * contend_anon_vma asks what one converter pays for many that disturb; this asks what one that forks
 * takes from many.  A real server's children execute another program, or live longer.
 */
#include "bench.h"
#include "lib/workers/team.h"
#include "lib/workers/worker.h"

enum { CHILDREN, FORKERS };

static size_t children(const struct run *r)
{
	return (size_t)r->arg[CHILDREN];
}

static size_t members(const struct run *r)
{
	return children(r) + (size_t)r->arg[FORKERS];
}

static void setup(struct run *r)
{
	if (run_has_cores(r, members(r)))
		r->mem = mem_base_pages(WORKER_PILOT + r->pages / children(r));
}

static void sample(struct run *r)
{
	struct worker worker = { .mem = r->mem };
	struct team *team = team_new(members(r), r->mem.pages);
	struct run_sum sum;

	team_assign(team, 0, children(r), &worker_convert, &worker);
	team_assign(team, children(r), members(r), &worker_serve, &worker);
	team_run(team, TEAM_PROCESSES, 0);
	sum = run_team(r, team);
	run_check_exclusive(r, sum.done, children(r) * r->mem.pages);
	run_throughput(r, &sum);
	run_disturbers(r, &sum);
	run_sleeps(r, &sum);
	team_free(team);
}

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_LOWER, "the shorter walk, and no waiting for who forks" },
	{ "", "throughput", EXPECT_HIGHER, "likewise" },
	{ "forkers=0", "sleeps", EXPECT_SAME, "converters exclude each other under neither walk" },
	{ "forkers>=1", "sleeps", EXPECT_LOWER,
	  "fork and exit hold the root for writing; the folio walk does not take it" },
	{ "forkers>=1", "disturber_op", EXPECT_LOWER,
	  "anon_vma_fork() waits for all walks that hold the root for reading" },
	{ 0 },
};

const struct bench bench_contend_fork = {
	.name = "contend_fork",
	.question = "What do a fork server's forks cost its children, all of which convert?",
	.sample_is = "one conversion call while all other children convert and somebody forks",
	.modes = IN_LOCKSTEP | IN_PARALLEL | IN_TIMING,
	.params = { BENCH_VALUES("children", 1, 2, 3, 7, 15), BENCH_VALUES("forkers", 0, 1, 2) },
	.fit = "children",
	.predictions = predictions,
	.setup = setup,
	.sample = sample,
	.teardown = run_free,
};
