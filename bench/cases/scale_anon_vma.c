// SPDX-License-Identifier: MIT
/*
 * How does what a fork tree converts grow with its members, and where does it stop?
 *
 * One sample is one conversion call on an own, present base page, with a notifier on it,
 * by the module's stamps around the call.  All members share one anon_vma root, and each has
 * a core.  Siblings convert their own pages all together; throughput is of them all, from the
 * first one's start to the last one's end.  In mprotect one member converts, and the
 * others take the root for writing as often as they can; throughput is the converter's,
 * and disturber_rate what the others do together.  Outside: fork, the first touch, the first
 * 64 conversions of each.
 *
 * Readers of the root exclude nobody, so that siblings only meet at its cache line, whose
 * way from CPU to CPU costs an emulator nothing: their curve is straight there and bends on
 * hardware.  Writers exclude each other on either kernel; where disturber_rate bends the lock
 * is never free, and who reads it waits for all of them.
 */
#include "bench.h"
#include "lib/workers/team.h"
#include "lib/workers/worker.h"

enum { AGAINST, MEMBERS };
enum { SIBLINGS, MPROTECT };

#define ALONE_SHARE 4 /* of the pages, for one who waits for each of them */

static size_t members(const struct run *r)
{
	return (size_t)r->arg[MEMBERS];
}

static size_t converters(const struct run *r)
{
	return r->arg[AGAINST] == SIBLINGS ? members(r) : 1;
}

static void setup(struct run *r)
{
	size_t share = r->arg[AGAINST] == SIBLINGS ? members(r) : ALONE_SHARE;

	if (run_has_cores(r, members(r)))
		r->mem = mem_base_pages(WORKER_PILOT + r->pages / share);
}

static struct team *run_members(struct run *r)
{
	struct worker worker = { .mem = r->mem };
	struct team *team = team_new(members(r), r->mem.pages);

	team_assign(team, 0, converters(r), &worker_convert, &worker);
	team_assign(team, converters(r), members(r), &worker_mprotect, &worker);
	team_run(team, TEAM_PROCESSES, 0);
	return team;
}

static void sample(struct run *r)
{
	struct team *team = run_members(r);
	struct run_sum sum = run_team(r, team);

	run_check_exclusive(r, sum.done, converters(r) * r->mem.pages);
	team_free(team);
	run_throughput(r, &sum);
	run_disturbers(r, &sum);
	if (sum.ops)
		run_metric(r, "disturber_rate", "ops/Mtick", BETTER_HIGHER,
			   1e6 * (double)sum.ops / (double)(sum.end - sum.begin));
	run_sleeps(r, &sum);
}

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_LOWER, "the shorter walk, and nobody to wait for" },
	{ "against=siblings", "throughput", EXPECT_HIGHER,
	  "each conversion is shorter; readers exclude nobody under either walk" },
	{ "against=siblings", "sleeps", EXPECT_SAME, "likewise" },
	{ "against=mprotect", "throughput", EXPECT_HIGHER,
	  "the rmap walk waits for every writer of the root, the folio walk for none" },
	{ "against=mprotect members>=2", "sleeps", EXPECT_LOWER, "likewise" },
	{ 0 },
};

const struct bench bench_scale_anon_vma = {
	.name = "scale_anon_vma",
	.question = "How does what a fork tree converts grow with its members?",
	.sample_is = "one conversion call while all other members are at work",
	.modes = IN_LOCKSTEP | IN_PARALLEL | IN_TIMING,
	.params = { BENCH_LABELS("against", "siblings", "mprotect"),
		    BENCH_VALUES("members", 1, 2, 4, 8, 16, 32) },
	.fit = "members",
	.predictions = predictions,
	.tells = "members",
	.setup = setup,
	.sample = sample,
	.teardown = run_free,
};
