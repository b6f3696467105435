// SPDX-License-Identifier: MIT
/*
 * What becomes of devices that all want the same page?
 *
 * Each device has a file, and so an owner of its entries, and an engine on a core of its own: the
 * thread that asks for the job.  All add to one word of one page for a given time.  A device
 * that converts takes the page from the one that has it, whose next atomic is a device fault.
 * One sample is such a fault, from the miss to the valid entry by the module's stamps, with all
 * its passes; retries are passes that had to be repeated, because somebody came between or,
 * under the rmap walk, because the folio was locked at that moment.  device_rate is of all
 * devices together, least the share of a fair share that the unluckiest one got.
 *
 * In the end exactly one of them has the page, or no result is written.  That
 * no update is lost says little here: the engines' additions are atomic for each other, too.
 * Real devices hold a page for a while before they give it up (a driver's policy); these do not.
 */
#include <stdlib.h>

#include "bench.h"
#include "lib/die.h"
#include "lib/team.h"
#include "lib/topo.h"

#define TICKS_A_PAGE 500 /* of the time, for each page that other cases work on */

struct rival {
	struct run *run;
	struct dev *dev;
	struct device *device;
	struct device_work work;
};

static size_t devices(const struct run *r)
{
	return (size_t)r->arg[0];
}

static void setup(struct run *r)
{
	if (r->mode == MODE_EXACT)
		r->skip =
			"devices at work at once need CPUs that run at once; MODE=lockstep or parallel";
	else if (devices(r) > topo_cores())
		r->skip = "a core for each device, more than this machine has";
	if (r->skip)
		return;
	run_some_pages(r, 1);
	r->private = xcalloc(devices(r), sizeof(struct rival));
}

static void prepare(struct team_member *m)
{
	struct rival *rival = m->user;
	struct device_shape shape = { .mem = &rival->run->mem, .granule = 1 };
	const char *why = NULL;

	rival->dev = dev_open(rival->run->pages, &why);
	rival->device = rival->dev ? device_new(rival->dev, &shape, &why) : NULL;
	if (!rival->device)
		die("%s", why);
}

static void work(struct team_member *m)
{
	struct rival *rival = m->user;
	size_t pages = rival->run->pages;
	struct device_job job = { .op = DEVICE_ADD,
				  .access = DEVICE_ONE,
				  .stride = sizeof(uint64_t),
				  .span = sizeof(uint64_t),
				  .count = DEVICE_NO_END,
				  .until = clock_stamp() + TICKS_A_PAGE * pages,
				  .burst = DEVICE_BURST,
				  .samples = pages / devices(rival->run) };

	device_do(rival->device, &job);
	rival->work = device_work(rival->device);
}

static const struct team_job job = { .prepare = prepare, .work = work };

static void keep(struct run *r, const struct run_sum *sum)
{
	struct rival *rival = r->private;
	uint64_t least = UINT64_MAX;
	struct device_work all = { .ticks = sum->end - sum->begin };

	for (size_t i = 0; i < devices(r); i++) {
		const struct device_work *w = &rival[i].work;

		for (size_t k = 0; k < w->samples; k++)
			run_add(r, w->sample[k], 0);
		all.atomics += w->atomics;
		all.faults += w->faults;
		all.retries += w->retries;
		least = w->atomics < least ? w->atomics : least;
	}
	run_device_rate(r, &all, BETTER_HIGHER);
	run_metric(r, "retries", "passes/fault", BETTER_LOWER,
		   (double)all.retries / (double)all.faults);
	run_metric(r, "least", "of a fair share", BETTER_NEITHER,
		   (double)least * (double)devices(r) / (double)all.atomics);
}

static void sample(struct run *r)
{
	struct rival *rival = r->private;
	struct team *team = team_new(devices(r), 1);
	struct run_sum sum;

	for (size_t i = 0; i < devices(r); i++) {
		rival[i].run = r;
		team_assign(team, i, i + 1, &job, &rival[i]);
	}
	team_run(team, TEAM_THREADS, 0);
	sum = run_team(r, team);
	keep(r, &sum);
	team_free(team);
}

static void check(struct run *r)
{
	struct rival *rival = r->private;
	uint64_t others = 0;
	size_t have = 0;

	for (size_t i = 0; i < devices(r); i++) {
		have += device_mapped(rival[i].device);
		others += i ? rival[i].work.atomics : 0;
	}
	if (have != 1)
		die("contend_devices: %zu of %zu devices have the page; no result is written", have,
		    devices(r));
	run_check_pages(r, 1);
	run_metric(r, "lost", "updates", BETTER_LOWER, device_must_add_up(rival->device, others));
}

static void teardown(struct run *r)
{
	struct rival *rival = r->private;

	for (size_t i = 0; rival && i < devices(r); i++) {
		device_free(rival[i].device);
		if (rival[i].dev)
			dev_close(rival[i].dev);
	}
	free(rival);
	r->private = NULL;
	run_free(r);
}

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_LOWER, "the shorter walk, and no passes because a folio was locked" },
	{ "devices=1", "device_rate", EXPECT_SAME, "nobody takes the page away" },
	{ "devices>=2", "device_rate", EXPECT_HIGHER, "device faults leave more time" },
	{ "devices>=2", "retries", EXPECT_LOWER,
	  "the rmap walk gives up at a locked folio, the folio walk waits for it" },
	{ 0 },
};

const struct bench bench_contend_devices = {
	.name = "contend_devices",
	.question = "What becomes of devices that all want the same page?",
	.sample_is = "one device fault on the page that all devices want, stamped in the module",
	.modes = IN_LOCKSTEP | IN_PARALLEL | IN_TIMING,
	.params = { BENCH_VALUES("devices", 1, 2, 4, 8, 16) },
	.fit = "devices",
	.predictions = predictions,
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = teardown,
};
