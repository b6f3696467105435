// SPDX-License-Identifier: MIT
/*
 * Do CPUs that work side by side run at the same rate?
 *
 * One sample is what one CPU needs for a loop of known length, by its own clock,
 * while every other CPU does the same: two instructions a round, the timer's
 * interrupts, and what else the kernel has to do there.  In lockstep mode that is what one busy
 * CPU alone would need; more, and the CPU was given fewer turns than others.  Each CPU's
 * rate is its shortest loop, which nobody else's work is in: if these are more than
 * 1 % apart that is no lockstep, and no result is written.
 *
 * It cannot show whether the CPUs' clocks agree about what happened first: that is
 * known to one turn's length, by construction.
 */

#include "bench.h"
#include "lib/core/die.h"
#include "lib/machine/topo.h"
#include "lib/workers/team.h"

#define LOOPS	   8
#define ROUNDS	   250000
#define MOST_APART 1.0 /* per cent */

static void count(struct team_member *m)
{
	while (m->samples < LOOPS) {
		uint64_t start = clock_stamp();

		arch_loop(ROUNDS);
		m->ticks[m->samples++] = clock_ticks(start, clock_stamp());
	}
}

static const struct team_job counting = { .work = count };

static size_t members(const struct run *r)
{
	return r->arg[0] ? topo_cores() : 1;
}

static uint32_t shortest(struct run *r, const struct team_member *m)
{
	uint32_t least = UINT32_MAX;

	for (size_t i = 0; i < m->samples; i++) {
		run_add(r, m->ticks[i], 0);
		least = m->ticks[i] < least ? m->ticks[i] : least;
	}
	return least;
}

static void sample(struct run *r)
{
	size_t n = members(r);
	struct team *team = team_new(n, LOOPS);
	double least = UINT32_MAX, most = 0;

	for (size_t i = 0; i < n; i++) {
		team_member(team, i)->job = &counting;
		team_member(team, i)->core = (unsigned int)i;
	}
	team_run(team, TEAM_PROCESSES, 0);
	for (size_t i = 0; i < n; i++) {
		uint32_t ticks = shortest(r, team_member(team, i));

		least = ticks < least ? ticks : least;
		most = ticks > most ? ticks : most;
	}
	team_free(team);
	run_metric(r, "apart", "%", BETTER_NEITHER, 100 * (most / least - 1));
}

static void check(struct run *r)
{
	if (r->metric[0].value > MOST_APART)
		die("control_rates: one CPU ran %.2f %% slower than another, at most %.0f %% is lockstep; no result is written",
		    r->metric[0].value, MOST_APART);
}

const struct bench bench_control_rates = {
	.name = "control_rates",
	.question = "Do CPUs that work side by side run at the same rate?",
	.sample_is = "a loop of 250,000 rounds on one CPU",
	.modes = IN_LOCKSTEP,
	.params = { BENCH_LABELS("cpus", "one", "all") },
	.control = 1,
	.sample = sample,
	.check = check,
};
