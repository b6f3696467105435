// SPDX-License-Identifier: MIT
/*
 * What becomes of devices that all want the same page?
 *
 * Each device has a driver (kernel-module/driver.c, with the cure), a file, and so an owner, of its own,
 * and a thread on a core of its own that brings it one fault after the other on one page that
 * all want.  One sample is such a fault as its driver handles it, with all iterations of its loop,
 * by the module's stamps.  An iteration fails if another device's conversion came
 * between.  After MOST of them, or at once where nouveau finds the folio locked, a fault
 * counts as failed, EBUSY; success is the share of the others.  Between two faults a device does
 * something else for 0 to REST ticks, drawn: devices of equal rhythm can keep each other from
 * the page for ever, and the rest is what ends that here.
 *
 * throughput is faults that succeeded, of all devices.  No device is programmed, none keeps
 * the page for a while before it gives it up: that is a driver's policy, and real ones differ.
 */
#include <stdlib.h>

#include "bench.h"
#include "lib/die.h"
#include "lib/team.h"
#include "lib/topo.h"

enum { PATTERN, DEVICES };
enum { NOUVEAU, UVM };

#define MOST	      100
#define REST	      16384 /* a power of two */
#define PAGES_A_FAULT 32    /* of those that other cases work on */

struct rival {
	const struct run *run;
	struct dev *dev;
	int *error; /* of each fault */
	uint64_t iterations;
};

static size_t devices(const struct run *r)
{
	return (size_t)r->arg[DEVICES];
}

static size_t faults(const struct run *r)
{
	return r->pages / PAGES_A_FAULT;
}

static void setup(struct run *r)
{
	if (r->mode == MODE_EXACT)
		r->skip =
			"devices that want a page at once need CPUs that run at once; MODE=lockstep or parallel";
	else if (devices(r) > topo_cores())
		r->skip = "a core for each device, more than this machine has";
	else
		run_some_pages(r, 1);
}

static void prepare(struct team_member *m)
{
	struct rival *rival = m->user;
	const char *why = NULL;

	rival->dev = dev_open(1, &why);
	if (!rival->dev)
		die("%s", why);
}

static void rest(uint32_t *random)
{
	uint64_t until;

	/* Marsaglia, "Xorshift RNGs", J. Stat. Softw. 8(14), 2003: 13, 17, 5 */
	*random ^= *random << 13;
	*random ^= *random >> 17;
	*random ^= *random << 5;
	for (until = clock_stamp() + *random % REST; clock_stamp() < until;)
		__builtin_ia32_pause();
}

static void work(struct team_member *m)
{
	struct rival *rival = m->user;
	uint32_t random = m->index + 1;

	for (size_t i = 0; i < faults(rival->run); i++) {
		struct dev_loop loop = { .pattern = rival->run->arg[PATTERN] == UVM ? DEV_UVM
										    : DEV_NOUVEAU,
					 .cure = 1,
					 .max_iterations = MOST,
					 .batch = 1,
					 .count = 1 };
		struct dev_sample s;

		rest(&random);
		dev_loop(rival->dev, rival->run->mem.start, &loop);
		s = dev_sample(rival->dev, 0);
		m->ticks[m->samples++] = s.ticks;
		m->ops += s.ok;
		rival->error[i] = s.error;
		rival->iterations += loop.iterations;
	}
}

static void finish(struct team_member *m)
{
	dev_close(((struct rival *)m->user)->dev);
}

static const struct team_job job = { .prepare = prepare, .work = work, .finish = finish };

/* The samples with their errors; iterations of all. */
static uint64_t keep(struct run *r, struct team *team, const struct rival *rival)
{
	uint64_t iterations = 0;

	for (size_t i = 0; i < devices(r); i++) {
		for (size_t k = 0; k < faults(r); k++)
			run_add(r, team_member(team, i)->ticks[k], rival[i].error[k]);
		iterations += rival[i].iterations;
	}
	return iterations;
}

static void sample(struct run *r)
{
	struct rival *rival = xcalloc(devices(r), sizeof(*rival));
	int *error = xcalloc(devices(r) * faults(r), sizeof(*error));
	struct team *team = team_new(devices(r), faults(r));
	struct run_sum sum;

	for (size_t i = 0; i < devices(r); i++) {
		rival[i] = (struct rival){ .run = r, .error = error + i * faults(r) };
		team_assign(team, i, i + 1, &job, &rival[i]);
	}
	team_run(team, TEAM_THREADS, 0);
	sum = run_team_sum(team);
	run_metric(r, "iterations", "iterations/fault", BETTER_LOWER,
		   (double)keep(r, team, rival) / (double)sum.samples);
	run_metric(r, "throughput", "faults/Mtick", BETTER_HIGHER,
		   1e6 * (double)sum.done / (double)(sum.end - sum.begin));
	run_metric(r, "success", "%", BETTER_HIGHER, 100 * (double)sum.done / (double)sum.samples);
	team_free(team);
	free(error);
	free(rival);
}

/* Exclusive also where no driver could keep it: it was converted. */
static void check(struct run *r)
{
	run_check_converted(r, 1);
}

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_LOWER, "the shorter walk, in each iteration" },
	{ "", "throughput", EXPECT_HIGHER, "likewise" },
	{ "devices=1", "iterations", EXPECT_SAME, "nobody comes between" },
	{ "devices>=2", "success", EXPECT_HIGHER,
	  "the rmap walk gives up at a locked folio, the folio walk waits for it" },
	{ 0 },
};

const struct bench bench_contend_devices = {
	.name = "contend_devices",
	.question = "What becomes of devices that all want the same page?",
	.sample_is = "one fault of a device on a page that all others want, by its driver's loop",
	.modes = IN_LOCKSTEP | IN_PARALLEL | IN_TIMING,
	.params = { BENCH_LABELS("pattern", "nouveau", "uvm"),
		    BENCH_VALUES("devices", 1, 2, 4, 8, 16) },
	.fit = "devices",
	.predictions = predictions,
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = run_free,
};
