// SPDX-License-Identifier: MIT
/*
 * What the cases whose members work at once keep alike.
 */
#include "bench.h"
#include "lib/core/die.h"
#include "lib/machine/topo.h"
#include "lib/workers/team.h"
#include "lib/workers/worker.h"

int run_has_cores(struct run *r, size_t cores)
{
	if (r->mode == MODE_EXACT)
		r->skip = "contention needs CPUs that run at once; MODE=lockstep or parallel";
	else if (cores > topo_cores())
		r->skip = "a core for each that is at work, more than this machine has";
	return !r->skip;
}

struct run_sum run_team_sum(struct team *team)
{
	struct run_sum sum = { .begin = UINT64_MAX };

	for (size_t i = 0; i < team_size(team); i++) {
		const struct team_member *m = team_member(team, i);

		if (m->job->endless) {
			sum.ops += m->ops;
			sum.op_ticks += m->op_ticks;
			continue;
		}
		sum.samples += m->samples;
		sum.done += m->ops;
		sum.sleeps += m->sleeps;
		sum.begin = m->begin < sum.begin ? m->begin : sum.begin;
		sum.end = m->end > sum.end ? m->end : sum.end;
	}
	return sum;
}

struct run_sum run_team(struct run *r, struct team *team)
{
	for (size_t i = 0; i < team_size(team); i++) {
		const struct team_member *m = team_member(team, i);

		for (size_t k = 0; k < m->samples && r->samples < r->pages; k++)
			run_add(r, m->ticks[k], 0);
	}
	return run_team_sum(team);
}

void run_throughput(struct run *r, const struct run_sum *sum)
{
	run_metric(r, "throughput", "pages/Mtick", BETTER_HIGHER,
		   1e6 * (double)sum->samples / (double)(sum->end - sum->begin));
}

void run_sleeps(struct run *r, const struct run_sum *sum)
{
	run_metric(r, "sleeps", "sleeps/kpage", BETTER_LOWER,
		   1e3 * (double)sum->sleeps / (double)sum->samples);
}

void run_disturbers(struct run *r, const struct run_sum *sum)
{
	if (!sum->ops)
		return;
	run_metric(r, "disturber_op", "ticks", BETTER_LOWER,
		   (double)sum->op_ticks / (double)sum->ops);
}

struct worker *run_converters(const struct run *r, struct team *team, size_t n, int requests)
{
	struct worker *worker = xcalloc(n, sizeof(*worker));
	size_t each = r->pages / n;

	for (size_t i = 0; i < n; i++) {
		struct team_member *m = team_member(team, i);

		worker[i].mem = (struct mem){ .start = mem_page(&r->mem, i * each), .pages = each };
		worker[i].requests = requests;
		m->job = &worker_convert;
		m->core = (unsigned int)i;
		m->user = &worker[i];
	}
	return worker;
}

void run_check_exclusive(const struct run *r, size_t found, size_t wanted)
{
	if (found != wanted)
		die("%s: %zu of %zu pages are exclusive in /proc/self/pagemap; no result is written",
		    r->bench->name, found, wanted);
}

void run_check_converted(const struct run *r, size_t wanted)
{
	run_check_exclusive(r, mem_exclusive(&r->mem), wanted);
}
