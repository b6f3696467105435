// SPDX-License-Identifier: MIT
/*
 * What does a minimum residence of pages with the device do to both sides?
 *
 * ping_pong, with a driver that puts the CPU off: a page is not given back before the device has had
 * it for a while, and the device works meanwhile.  none: at once, as device-exclusive memory
 * is; fixed: 600,000 ticks; doubling: 250,000, twice as long each time that the CPU had to wait,
 * up to four million, and anew when it had not (xe doubles its timeslice for each retry).  The CPU writes to 16 pages in turn, on a schedule of touches per page and million ticks or
 * as fast as it can; a touch that is late delays those behind it, and none is made up for.
 *
 * One sample is one device fault, from the miss to the valid entry by the module's stamps.
 * device_rate and touch_rate are both sides' throughput, cpu_wait and cpu_wait_max what the CPU
 * waited from asking for a page to having it, put_off the share of touches that had to;
 * to_device_max is the device's longest fault.
 *
 * The waiting is this case's, in user space: the kernel has none for exclusive pages.  In exact
 * mode CPU and device are one stream of instructions (ping_pong).
 */
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "lib/core/die.h"
#include "lib/workers/residence.h"

enum { RESIDENCE, RATE };

#define PAGES 16

/* In ticks, by the parameters' values. */
static const struct {
	uint64_t least, most;
} residence[] = { { 0, 0 }, { 600000, 600000 }, { 250000, 4000000 } };

static const uint64_t period[] = { 62500, 15625, 0 };

static struct {
	uint64_t since[PAGES], lasts[PAGES];
	size_t added;
} own;

static void setup(struct run *r)
{
	run_device(
		r, PAGES,
		(struct device_shape){ .engines = r->mode != MODE_EXACT, .core = 1, .granule = 1 });
}

/* Rounds of all pages: enough that what doubles arrives at its end. */
static size_t touches(const struct run *r)
{
	return PAGES * (r->warm_up ? 1 : 16);
}

static void keep(struct run *r, const struct residence *cpu)
{
	double n = (double)cpu->touches;

	run_metric(r, "touch_rate", "touches/page/Mtick", BETTER_NEITHER,
		   1e6 * n / PAGES / (double)(cpu->end - cpu->begin));
	run_metric(r, "put_off", "of touches", BETTER_NEITHER, (double)cpu->put_off / n);
	run_metric(r, "cpu_wait", "ticks/touch", BETTER_NEITHER, (double)cpu->waited / n);
	run_metric(r, "cpu_wait_max", "ticks", BETTER_NEITHER, (double)cpu->longest);
}

static void sample(struct run *r)
{
	struct device_job job = device_sweep(PAGES, mem_page_size(), DEVICE_NO_END,
					     r->mode == MODE_EXACT ? PAGES : r->pages);
	struct residence cpu = { .device = r->private,
				 .job = &job,
				 .pages = PAGES,
				 .touches = own.added = touches(r),
				 .period = period[r->arg[RATE]],
				 .least = residence[r->arg[RESIDENCE]].least,
				 .most = residence[r->arg[RESIDENCE]].most,
				 .since = own.since,
				 .lasts = own.lasts };
	struct device_work first, work;
	uint32_t copy[PAGES];

	device_pass(r->private, mem_page_size());
	first = device_work(r->private);
	first.sample = memcpy(copy, first.sample, sizeof(copy));
	work = residence_play(&cpu);
	run_device_rate(r, &work);
	run_device_faults(r, work.samples ? &work : &first);
	keep(r, &cpu);
	if (cpu.revoked != work.revoked)
		die("residence: %zu pages were taken from the device, but %zu by touches; no result is written",
		    (size_t)work.revoked, (size_t)cpu.revoked);
}

static void check(struct run *r)
{
	device_pass(r->private, mem_page_size()); /* takes all pages back */
	run_check_device(r, PAGES, own.added);
}

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_LOWER, "a device fault converts, by the shorter walk" },
	{ "residence=none rate=saturated", "device_rate", EXPECT_HIGHER,
	  "device faults leave more time" },
	{ "", "lost", EXPECT_SAME, "no update is lost on any kernel" },
	{ 0 },
};

const struct bench bench_residence = {
	.name = "residence",
	.question = "What does a minimum residence of pages with the device do to both sides?",
	.sample_is = "one device fault on a page that the CPU had, stamped in the module",
	.params = { BENCH_LABELS("residence", "none", "fixed", "doubling"),
		    BENCH_LABELS("rate", "1", "4", "saturated") },
	.contends = 1,
	.predictions = predictions,
	.resolution = { .metrics = 2 }, /* a touch that is late delays all behind it */
	.pictures = { { BARS, .metric = "device_rate", .group = "residence" } },
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = run_device_free,
};
