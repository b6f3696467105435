// SPDX-License-Identifier: MIT
/*
 * What is left of a device's throughput when a CPU touches its pages?
 *
 * The device adds to one word on each of 16 pages in turn; the CPU touches those words in turn on a
 * schedule, as many times on every kernel.  Rate is the schedule's touches per page and million
 * ticks; saturated is as fast as they come (lib/workers/toucher.h).  One sample is one device fault after a
 * touch (if there is none: before), from the miss to the valid entry by the module's stamps.
 * to_cpu are the touches that took a page, from when they began, not from when they were due;
 * device_rate is of the whole phase, touches and requests included; touch_rate is what was
 * achieved, revoking the share of touches that took a page.  Sharers are children of a mapping
 * behind them (convert_shared).  The touch is a load or a plain increment of the device's own word:
 * an update is lost as soon as both use a page at once (lib/workers/device.h).
 *
 * Exact mode: the CPU is the engine between two touches, in bursts of 64 atomics; a saturated CPU
 * leaves it one.  Handling a fault takes the device's time there.  On one CPU nothing can happen at
 * once, so that it proves no exclusivity; the other modes, where an engine has a core of its own,
 * do.  A real device's own share of a fault is missing.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "lib/core/die.h"
#include "lib/mem/family.h"
#include "lib/workers/toucher.h"

enum { RATE, TOUCH, SHARERS };

#define PAGES	    16
#define SETTLE_USEC 50000

/* From touch to touch, in ticks. */
static const uint64_t period[] = { 0, 1000000, 250000, 125000, 62500, 31250, 15625, 0 };

static struct {
	struct family *family;
	struct toucher toucher;
} own;

/* Children in front of the mapping, whose pages are its own again. */
static void share(struct run *r)
{
	own.family = family_in_front((size_t)r->arg[SHARERS], &r->mem);
	if (mem_count(&r->mem, MEM_OWN) != PAGES)
		die("ping_pong: not all of %d pages are the parent's own", PAGES);
}

/* Exact, lockstep, and modes whose host gives CPUs milliseconds, which are to be few of a phase. */
static const struct phase {
	size_t ticks, least, most; /* its length; touches, and those of a saturated CPU */
} phases[] = { { 1 << 24, 64, 1 << 11 }, { 1 << 22, 16, 1 << 12 }, { 1 << 28, 256, 1 << 20 } };

static void schedule(const struct run *r, struct toucher *t)
{
	const struct phase *phase = &phases[(r->mode != MODE_EXACT) + (r->mode > MODE_LOCKSTEP)];

	t->idle = !r->arg[RATE]; /* none */
	t->period = t->idle ? phase->ticks : period[r->arg[RATE]];
	t->touches = t->period ? phase->ticks / t->period : phase->most;
	if (t->touches < phase->least && !t->idle)
		t->touches = phase->least;
	if (r->warm_up && !t->idle)
		t->touches /= 8;
}

static void setup(struct run *r)
{
	struct toucher *t = &own.toucher;

	own.family = NULL;
	*t = (struct toucher){ .touch = (enum device_touch)r->arg[TOUCH], .pages = PAGES };
	schedule(r, t);
	t->room = 1 << 16;
	t->ticks = xcalloc(t->room, sizeof(*t->ticks));
	run_device(
		r, PAGES,
		(struct device_shape){ .engines = r->mode != MODE_EXACT, .core = 1, .granule = 1 });
	if (!r->skip)
		share(r);
}

static void sample(struct run *r)
{
	struct device_job job = device_sweep(PAGES, mem_page_size(), DEVICE_NO_END,
					     r->mode == MODE_EXACT ? PAGES : r->pages);
	struct device_work first, work;
	uint32_t copy[PAGES];

	device_pass(r->private, mem_page_size());
	first = device_work(r->private);
	first.sample = memcpy(copy, first.sample, sizeof(copy));
	own.toucher.device = r->private;
	work = toucher_play(&own.toucher, &job);
	run_device_rate(r, &work);
	run_device_faults(r, work.samples ? &work : &first);
	if (!own.toucher.idle)
		run_touches(r, &own.toucher, PAGES);
	if (own.toucher.revoked != work.revoked)
		die("ping_pong: %zu pages were taken from the device, but %zu by touches; no result is written",
		    (size_t)work.revoked, own.toucher.revoked);
}

static void check(struct run *r)
{
	device_pass(r->private, mem_page_size()); /* takes all pages back */
	run_check_device(r, PAGES, toucher_added(&own.toucher));
}

static void teardown(struct run *r)
{
	run_device_free(r);
	family_end(own.family);
	usleep(SETTLE_USEC); /* the kernel frees what is left of children later */
	free(own.toucher.ticks);
}

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_LOWER, "a device fault converts, by the shorter walk" },
	{ "rate=none", "device_rate", EXPECT_SAME, "nothing is converted" },
	{ "rate=2", "device_rate", EXPECT_HIGHER, "device faults leave more time" },
	{ "rate=4", "device_rate", EXPECT_HIGHER, "likewise" },
	{ "rate=saturated", "device_rate", EXPECT_HIGHER, "likewise" },
	{ "rate=saturated", "touch_rate", EXPECT_HIGHER, "the device is back sooner" },
	{ "", "to_cpu_p50", EXPECT_SAME, "there is no walk in the fault-back" },
	{ "", "lost", EXPECT_SAME, "no update is lost on any kernel" },
	{ 0 },
};

const struct bench bench_ping_pong = {
	.name = "ping_pong",
	.question = "What is left of a device's throughput when a CPU touches its pages?",
	.sample_is = "one device fault on a page that the CPU had, stamped in the module",
	.params = { BENCH_LABELS("rate", "none", "0.0625", "0.25", "0.5", "1", "2", "4",
				 "saturated"),
		    BENCH_LABELS("touch", "read", "write"), BENCH_VALUES("sharers", 0, 16) },
	.contends = 1,
	.predictions = predictions,
	.resolution = { .metrics = 0.2 }, /* the most that was seen */
	.tells = "touches",
	.sizes = { { "pages", PAGES }, { "burst", DEVICE_BURST } },
	.pictures = { { LINES, .metric = "device_rate", .where = "touch=write", .x = "@touch_rate",
			.series = "sharers",
			.axis = "touches achieved per page and million units" } },
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = teardown,
};
