// SPDX-License-Identifier: MIT
/*
 * What do the members of a fork tree cost one that converts, and it them?
 *
 * One sample is one conversion call on an own, present base page, with a notifier
 * on it, in a child that shares its anon_vma root with the others; in the closed
 * loop by the module's stamps around the call, in the open loop from the moment at
 * which it was meant to begin (lib/workers/worker.h).  The others meanwhile convert, too
 * (siblings), or fork and exit, munmap (which splits) or mprotect for as long as
 * that takes.  disturber_op is one such operation, for fork without the child's end.
 * Siblings have a core each.  So have disturbers in lockstep mode, and more than SHARING anywhere:
 * a writer that is preempted while it holds the lock is another question, whose rows have two
 * states.  In the other modes up to SHARING of them share the cores that the converter
 * does not have; disturber_op then holds their waiting for it.
 *
 * Sleeps are how often a converter waited asleep, as readers of the root's rwsem do;
 * waiting awake and readers that meet at its cache line are no sleeps.  Timing mode also
 * times waits, for any lock, in a round of its own.  The tail: --metric=p99.
 */
#include "bench.h"
#include "lib/machine/topo.h"
#include "lib/workers/team.h"
#include "lib/workers/worker.h"

enum { SIBLINGS, FORK, MUNMAP, MPROTECT };
enum { CLOSED, OPEN };

#define PACE	4
#define SHARING 4

static const struct team_job *const job[] = { [SIBLINGS] = &worker_convert,
					      [FORK] = &worker_fork,
					      [MUNMAP] = &worker_munmap,
					      [MPROTECT] = &worker_mprotect };

static int needs_cores(const struct run *r)
{
	return r->arg[0] == SIBLINGS || r->mode == MODE_LOCKSTEP || r->arg[1] > SHARING;
}

/* Nobody; one of each kind; two converting siblings. */
static int brief(const int64_t *arg)
{
	return arg[2] == CLOSED &&
	       (arg[0] == SIBLINGS ? arg[1] % 2 == 0 && arg[1] < 4 : arg[1] == 1);
}

static void setup(struct run *r)
{
	size_t members = (size_t)r->arg[1] + 1, share = r->pages;

	/*
	 * One amount of work, however many share it, and what a converter's first steps need.
	 * In the open loop, which mostly waits for the next beginning, half of it.
	 */
	if (r->arg[0] == SIBLINGS)
		share /= members;
	if (r->arg[2] == OPEN)
		share = (share + 1) / 2;
	if (run_has_cores(r, needs_cores(r) ? members : 2))
		r->mem = mem_base_pages(WORKER_PILOT + share);
}

static struct team *run_members(struct run *r, int count)
{
	struct worker worker = { .mem = r->mem, .pace = r->arg[2] == OPEN ? PACE : 0 };
	size_t n = (size_t)r->arg[1] + 1;
	struct team *team = team_new(n, r->mem.pages);

	for (size_t i = 0; i < n; i++) {
		struct team_member *m = team_member(team, i);

		m->job = i ? job[r->arg[0]] : &worker_convert;
		m->core = i ? 1 + (unsigned int)((i - 1) % (topo_cores() - 1)) : 0;
		m->user = &worker;
	}
	team_run(team, TEAM_PROCESSES, count);
	return team;
}

static void count_waits(struct run *r)
{
	struct team *team = run_members(r, 1);
	struct lockwait_sum waited;

	if (team_waited(team, &waited)) {
		run_metric(r, "contentions", "events/page", BETTER_NEITHER,
			   (double)waited.waits / (double)r->samples);
		run_metric(r, "waited", "ticks/page", BETTER_NEITHER,
			   (double)waited.ticks / (double)r->samples);
	}
	team_free(team);
}

static void sample(struct run *r)
{
	struct team *team = run_members(r, 0);
	struct run_sum sum = run_team(r, team);
	size_t wanted = ((size_t)r->arg[1] * (r->arg[0] == SIBLINGS) + 1) * r->mem.pages;

	run_check_exclusive(r, sum.done, wanted);
	team_free(team);
	if (r->arg[2] == CLOSED)
		run_throughput(r, &sum);
	run_disturbers(r, &sum);
	run_sleeps(r, &sum);
	if (r->mode == MODE_TIMING)
		count_waits(r);
}

static const struct bench_prediction predictions[] = {
	{ "loop=closed", NULL, EXPECT_LOWER,
	  "neither the root's rwsem nor the interval tree is touched, and less is executed even if nobody disturbs" },
	{ "loop=closed", "throughput", EXPECT_HIGHER,
	  "siblings no longer meet at the root's rwsem, and each conversion is shorter" },
	{ "loop=closed against=fork others>=1", "sleeps", EXPECT_LOWER,
	  "fork and exit hold the root for writing; the folio walk does not take it" },
	{ "loop=closed against=munmap others>=1", "sleeps", EXPECT_LOWER, "so do splits" },
	{ "loop=closed against=mprotect others>=1", "sleeps", EXPECT_LOWER, "so do merges" },
	{ "against=fork others>=1", "disturber_op", EXPECT_LOWER,
	  "anon_vma_fork() waits for the walks that hold the root for reading" },
	{ 0 },
};

const struct bench bench_contend_anon_vma = {
	.name = "contend_anon_vma",
	.question = "What do members of a fork tree cost one that converts, and it them?",
	.sample_is = "one conversion call while others of the tree are at work",
	.modes = IN_LOCKSTEP | IN_PARALLEL | IN_TIMING,
	.decides = "against=munmap,others=1,loop=closed against=mprotect,others=1,loop=closed",
	.params = { BENCH_LABELS("against", "siblings", "fork", "munmap", "mprotect"),
		    BENCH_VALUES("others", 0, 1, 2, 3, 4, 7, 15, 63),
		    BENCH_LABELS("loop", "closed", "open") },
	.brief = brief,
	.fit = "others",
	.predictions = predictions,
	.tells = "members",
	.pictures = { { LINES, .metric = "throughput", .where = "loop=closed", .x = "others",
			.series = "against", .axis = "other members of the fork tree at work" } },
	.setup = setup,
	.sample = sample,
	.teardown = run_free,
};
