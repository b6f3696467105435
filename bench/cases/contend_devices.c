// SPDX-License-Identifier: MIT
/*
 * What becomes of devices that all want the same page?
 *
 * Each device has a driver (kernel-module/driver.c, with the cure), a file, and so an owner, of
 * its own, and a thread on a core of its own that brings it one fault after the other on the one
 * page.  One sample is such a fault as its driver handles it, with all iterations, by the module's
 * stamps.  An iteration fails if another device's conversion came between.  After MOST of
 * them, or at once where nouveau finds the folio locked, the fault failed: EBUSY.  throughput is
 * of those that did not.  Between two faults a device does something else for up to 16384 ticks,
 * drawn: devices of equal rhythm can keep each other from the page for ever.  No device is
 * programmed, and none keeps the page for a while, as a driver's policy may.
 */
#include <stdlib.h>

#include "bench.h"
#include "lib/core/die.h"
#include "lib/workers/team.h"

enum { PATTERN, DEVICES };

#define MOST	      100
#define REST_BITS     18 /* that are dropped of 32 */
#define PAGES_A_FAULT 48 /* of those that other cases work on */

struct rival {
	struct dev *dev;
	struct dev_loop loop;
	const char *page;
	size_t faults;
	int *error; /* of each */
	uint64_t iterations;
};

static size_t devices(const struct run *r)
{
	return (size_t)r->arg[DEVICES];
}

static void setup(struct run *r)
{
	if (run_has_cores(r, devices(r)))
		run_some_pages(r, 1);
}

/* Numerical Recipes, 2nd edition, section 7.1: "quick and dirty". */
static void rest(uint32_t *random)
{
	uint64_t start = clock_stamp();

	*random = *random * 1664525 + 1013904223;
	while (clock_stamp() - start < *random >> REST_BITS)
		arch_relax();
}

static void work(struct team_member *m)
{
	struct rival *rival = m->user;
	uint32_t random = m->index;

	while (m->samples < rival->faults) {
		struct dev_sample s;

		rest(&random);
		dev_loop(rival->dev, rival->page, &rival->loop);
		s = dev_sample(rival->dev, 0);
		rival->error[m->samples] = s.error;
		m->ticks[m->samples++] = s.ticks;
		m->ops += s.ok;
		rival->iterations += rival->loop.iterations;
	}
}

static const struct team_job job = { .work = work };

static void begin(struct run *r, struct rival *rival)
{
	const char *why = NULL;

	*rival = (struct rival){ .page = r->mem.start, .faults = r->pages / PAGES_A_FAULT };
	rival->loop = (struct dev_loop){ (enum dev_pattern)r->arg[PATTERN], 1, MOST, 1, 1, 0 };
	rival->error = xcalloc(rival->faults, sizeof(*rival->error));
	rival->dev = dev_open(1, &why);
	if (!rival->dev)
		die("%s", why);
}

static void end(struct run *r, struct rival *rival, const struct team_member *m)
{
	for (size_t k = 0; k < rival->faults; k++)
		run_add(r, m->ticks[k], rival->error[k]);
	dev_close(rival->dev);
	free(rival->error);
}

static void sample(struct run *r)
{
	struct rival *rival = xcalloc(devices(r), sizeof(*rival));
	struct team *team = team_new(devices(r), r->pages / PAGES_A_FAULT);
	uint64_t iterations = 0;
	struct run_sum sum;

	for (size_t i = 0; i < devices(r); i++) {
		begin(r, &rival[i]);
		team_assign(team, i, i + 1, &job, &rival[i]);
	}
	team_run(team, TEAM_THREADS, 0);
	sum = run_team_sum(team);
	for (size_t i = 0; i < devices(r); i++) {
		iterations += rival[i].iterations;
		end(r, &rival[i], team_member(team, i));
	}
	run_metric(r, "iterations", "iterations/fault", BETTER_LOWER,
		   (double)iterations / (double)sum.samples);
	run_metric(r, "throughput", "faults/Mtick", BETTER_HIGHER,
		   1e6 * (double)sum.done / (double)(sum.end - sum.begin));
	run_metric(r, "success", "%", BETTER_HIGHER, 100 * (double)sum.done / (double)sum.samples);
	team_free(team);
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
