// SPDX-License-Identifier: MIT
/*
 * Is the time that CPUs wait for each other what it must be?
 *
 * Members take turns with a ticket lock in user space: each holds it for a known number
 * of instructions and stays away from it for half as many.  One sample is one
 * wait, from the ticket to the lock.  All being equal and the queue first come, first
 * served, n members that are more than the lock can serve wait (n - 1) * hold - away each
 * (the asymptote of a closed queueing network with one server; Lazowska et al.,
 * Quantitative System Performance, 1984, chapter 5; exact here, because nothing varies).
 * Who waits looks once a PAUSE; that, the way in, and the timer's interrupts are within the
 * 2 % that a median may be off (of AWAY at least), or no result is written.
 *
 * It cannot show what a kernel's lock costs: handing over here is a store that the next
 * one sees at once, without sleeping.
 */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bench.h"
#include "lib/core/die.h"
#include "lib/core/spread.h"
#include "lib/machine/topo.h"
#include "lib/workers/team.h"

#define TIMES	 32
#define SETTLED	 8 /* of each member's waits, the first ones find a shorter queue */
#define HOLD	 50000
#define AWAY	 (HOLD / 2)
#define MOST_OFF 2.0 /* per cent */

struct lock {
	atomic_uint next, serving;
};

static void run_for(uint64_t instructions)
{
	arch_loop(instructions / ARCH_LOOP_INSTRUCTIONS);
}

static void take_turns(struct team_member *m)
{
	struct lock *lock = m->user;

	for (size_t i = 0; i < TIMES; i++) {
		uint64_t start = clock_stamp();
		unsigned int mine = atomic_fetch_add(&lock->next, 1);

		while (atomic_load(&lock->serving) != mine)
			arch_relax();
		m->ticks[m->samples++] = clock_ticks(start, clock_stamp());
		run_for(HOLD);
		atomic_store(&lock->serving, mine + 1);
		run_for(AWAY);
	}
}

static const struct team_job turns = { .work = take_turns };

static double expected(const struct run *r)
{
	double wait = ((double)r->arg[0] - 1) * HOLD - AWAY;

	return wait > 0 ? wait : 0;
}

static void setup(struct run *r)
{
	if ((unsigned int)r->arg[0] > topo_cores())
		r->skip = "a core for each member, more than this machine has";
}

/* The waits of a full queue: the last members to end find it empty again. */
static void keep(struct run *r, const struct team_member *m)
{
	for (size_t k = SETTLED; k < TIMES - SETTLED; k++)
		run_add(r, m->ticks[k], 0);
}

static void sample(struct run *r)
{
	size_t n = (size_t)r->arg[0];
	struct lock *lock = mmap(NULL, sizeof(*lock), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct team *team = team_new(n, TIMES);

	if (lock == MAP_FAILED)
		die("control_lock: no memory for a lock");
	for (size_t i = 0; i < n; i++) {
		struct team_member *m = team_member(team, i);

		m->job = &turns;
		m->core = (unsigned int)i;
		m->user = lock;
	}
	team_run(team, TEAM_PROCESSES, 0);
	for (size_t i = 0; i < n; i++)
		keep(r, team_member(team, i));
	run_metric(r, "expected", "ticks", BETTER_NEITHER, expected(r));
	team_free(team);
	munmap(lock, sizeof(*lock));
}

static double median_wait(const struct run *r)
{
	uint32_t *waits = xcalloc(r->samples, sizeof(*waits));
	double median;

	memcpy(waits, r->ticks, r->samples * sizeof(*waits));
	median = spread_of(waits, r->samples).p50;
	free(waits);
	return median;
}

static void check(struct run *r)
{
	double wanted = expected(r), wait = median_wait(r), off = fabs(wait - wanted);

	if (off > MOST_OFF / 100 * (wanted > AWAY ? wanted : AWAY))
		die("control_lock: %lld members wait %.0f ticks for a lock, and must %.0f; no result is written",
		    (long long)r->arg[0], wait, wanted);
}

const struct bench bench_control_lock = {
	.name = "control_lock",
	.question = "Is the time that CPUs wait for each other what it must be?",
	.sample_is = "one wait for a ticket lock that others hold for a known time",
	.modes = IN_LOCKSTEP,
	.params = { BENCH_VALUES("members", 1, 2, 4, 8) },
	.control = 1,
	.setup = setup,
	.sample = sample,
	.check = check,
};
