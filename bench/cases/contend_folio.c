// SPDX-License-Identifier: MIT
/*
 * How soon do CPUs get a page whose folio a driver held locked?
 *
 * A driver keeps the folio of a page that it made exclusive locked for a millisecond, as
 * while it programs its device; meanwhile threads, each on a core of its own, all write to
 * that page, fault, and wait asleep for the lock.  One sample is how long one thread's write
 * takes to complete from the moment at which the driver lets go; its wake-up is in it, and so
 * are those of all who are woken before.  last is when all of them have the page, on average.
 * Outside: the conversion, and the wait while the lock was held.  late is the share of writes
 * that began after the lock was free and so waited for nobody but each other.
 *
 * The driver has the first core to itself.  What is measured is the kernel's fault-back under a
 * crowd, in which there is no walk: it is a control of the other cases' differences, and of
 * kernels from one version to the next.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "bench.h"
#include "lib/core/die.h"
#include "lib/machine/proc.h"
#include "lib/workers/team.h"

#define HOLD_NS	      1000000
#define PAGES_A_ROUND 16 /* of those that there are: a round takes a millisecond */

struct meeting {
	struct dev *dev;
	const struct mem *mem;
	atomic_size_t held; /* pages so far */
	atomic_size_t late;
	pthread_barrier_t over;
};

static void setup(struct run *r)
{
	if (run_has_cores(r, (size_t)r->arg[0] + 1))
		run_some_pages(r, r->pages / PAGES_A_ROUND);
}

static void drive(struct team_member *member)
{
	struct meeting *m = member->user;

	for (size_t i = 0; i < m->mem->pages; i++) {
		dev_hold(m->dev, mem_page(m->mem, i), HOLD_NS, i);
		atomic_store(&m->held, i + 1);
		pthread_barrier_wait(&m->over);
	}
}

static void write_once(struct team_member *member, struct meeting *m, size_t i)
{
	volatile char *page = mem_page(m->mem, i);
	uint64_t start = clock_stamp(), end, free_at;
	struct dev_sample hold;

	*page = 2;
	end = clock_stamp();
	hold = dev_sample(m->dev, i);
	free_at = hold.start + hold.ticks;
	if (start > free_at)
		atomic_fetch_add(&m->late, 1);
	member->ticks[member->samples++] = clock_ticks(start > free_at ? start : free_at, end);
}

static void touch(struct team_member *member)
{
	struct meeting *m = member->user;
	uint64_t before = proc_thread_faults();

	for (size_t i = 0; i < m->mem->pages; i++) {
		while (atomic_load(&m->held) <= i)
			arch_relax();
		write_once(member, m, i);
		pthread_barrier_wait(&m->over);
	}
	member->ops = proc_thread_faults() - before;
}

static const struct team_job driver = { .work = drive }, toucher = { .work = touch };

/* From the lock's release until the last thread has the page; the mean of all rounds. */
static double last_of_all(struct team *team, size_t rounds)
{
	double sum = 0;

	for (size_t k = 0; k < rounds; k++) {
		uint32_t last = 0;

		for (size_t i = 1; i < team_size(team); i++) {
			uint32_t ticks = team_member(team, i)->ticks[k];

			last = ticks > last ? ticks : last;
		}
		sum += last;
	}
	return sum / (double)rounds;
}

static void sample(struct run *r)
{
	struct meeting m = { .dev = r->dev, .mem = &r->mem };
	size_t n = (size_t)r->arg[0] + 1;
	struct team *team = team_new(n, r->mem.pages);
	struct run_sum sum;

	if (pthread_barrier_init(&m.over, NULL, (unsigned int)n))
		die("contend_folio: no barrier for %zu threads", n);
	team_assign(team, 0, 1, &driver, &m);
	team_assign(team, 1, n, &toucher, &m);
	team_run(team, TEAM_THREADS, 0);
	sum = run_team(r, team);
	run_metric(r, "last", "ticks", BETTER_LOWER, last_of_all(team, r->mem.pages));
	run_metric(r, "faults", "faults/write", BETTER_LOWER,
		   (double)sum.done / (double)sum.samples);
	run_metric(r, "late", "of writes", BETTER_NEITHER, (double)m.late / (double)sum.samples);
	pthread_barrier_destroy(&m.over);
	team_free(team);
}

static void check(struct run *r)
{
	run_check_pages(r, 0);
}

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_SAME, "there is no walk in the fault-back" },
	{ "", "last", EXPECT_SAME, "likewise" },
	{ "", "faults", EXPECT_SAME, "likewise" },
	{ 0 },
};

const struct bench bench_contend_folio = {
	.name = "contend_folio",
	.question = "How soon do CPUs get a page whose folio a driver held locked?",
	.sample_is = "one thread's write, from the driver's letting go to its completion",
	.modes = IN_LOCKSTEP | IN_PARALLEL | IN_TIMING,
	.params = { BENCH_VALUES("threads", 1, 2, 3, 7, 15) },
	.fit = "threads",
	.predictions = predictions,
	/* Whose wake-up comes first. */
	.resolution = { .samples = 1, .metrics = 3 },
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = run_free,
};
