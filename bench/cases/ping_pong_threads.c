// SPDX-License-Identifier: MIT
/*
 * What do CPU threads cost a device, and does it matter which words they touch?
 *
 * Each thread increments, as fast as it can, one word after the other on the same 16 pages as
 * all others or on pages of its own, while an engine adds to 8 words of each of the
 * pages, 512 bytes apart.  A thread's word is one of those (device) or one 256 bytes
 * behind it, that the device never uses (other).  No two threads have the same word, so that
 * each increment can be plain and a lost one be seen (lib/workers/device.h).  One sample is one
 * touch that took a page from the device, timed in user space; device_rate and
 * touch_rate are of the whole time.  revoking is the share of touches that took a page.
 *
 * What is exclusive is a page: that "other" costs as much as "device" is the result to
 * expect.  It cannot show the cache line's own false sharing.
 */
#include <stdlib.h>

#include "bench.h"
#include "lib/core/die.h"
#include "lib/workers/team.h"
#include "lib/workers/toucher.h"

enum { THREADS, WHERE, WORD };
enum { SAME, OWN };
enum { DEVICES, OTHER };

#define PAGES  16
#define STRIDE 512

/* Of each thread.  Where a host gives CPUs milliseconds, these are to be few of all. */
static size_t touches(const struct run *r)
{
	size_t n = r->mode == MODE_LOCKSTEP ? 1 << 15 : 1 << 20;

	return r->warm_up ? n / 16 : n;
}

static void setup(struct run *r)
{
	if (r->mode == MODE_EXACT)
		r->skip = "touching at once needs CPUs that run at once; MODE=lockstep or parallel";
	else
		run_device(r, PAGES,
			   (struct device_shape){ .engines = 1,
						  .core = (unsigned int)r->arg[THREADS],
						  .granule = 1 });
}

static void work(struct team_member *m)
{
	toucher_run(m->user);
}

static const struct team_job job = { .work = work };

static struct toucher toucher_of(const struct run *r, size_t i, struct team_member *m, size_t room)
{
	size_t threads = (size_t)r->arg[THREADS], own = PAGES / threads;

	return (struct toucher){ .device = r->private,
				 .touch = DEVICE_WRITE,
				 .first = r->arg[WHERE] == OWN ? i * own : 0,
				 .pages = r->arg[WHERE] == OWN ? own : PAGES,
				 .offset = i * STRIDE + (r->arg[WORD] == OTHER ? STRIDE / 2 : 0),
				 .touches = touches(r),
				 .ticks = m->ticks,
				 .room = room };
}

static void play(struct run *r, struct team *team, struct toucher *toucher, size_t room)
{
	struct device_job endless = device_sweep(PAGES, STRIDE, DEVICE_NO_END, r->pages);

	for (size_t i = 0; i < (size_t)r->arg[THREADS]; i++) {
		struct team_member *m = team_member(team, i);

		toucher[i] = toucher_of(r, i, m, room);
		m->job = &job;
		m->core = (unsigned int)i;
		m->user = &toucher[i];
	}
	device_start(r->private, &endless);
	team_run(team, TEAM_THREADS, 0);
	device_stop(r->private);
}

/* The threads together. */
static void keep(struct run *r, const struct toucher *t)
{
	struct toucher all = { .begin = UINT64_MAX };

	for (size_t i = 0; i < (size_t)r->arg[THREADS]; i++) {
		for (size_t k = 0; k < t[i].kept && r->samples < r->pages; k++)
			run_add(r, t[i].ticks[k], 0);
		all.touches += t[i].touches;
		all.revoking += t[i].revoking;
		all.begin = t[i].begin < all.begin ? t[i].begin : all.begin;
		all.end = t[i].end > all.end ? t[i].end : all.end;
	}
	run_touches(r, &all, PAGES);
}

static void sample(struct run *r)
{
	size_t threads = (size_t)r->arg[THREADS], room = r->pages / threads;
	struct toucher *toucher = xcalloc(threads, sizeof(*toucher));
	struct team *team = team_new(threads, room);
	struct device_work work;

	device_pass(r->private, STRIDE);
	device_work(r->private);
	play(r, team, toucher, room);
	work = device_work(r->private);
	run_device_rate(r, &work);
	keep(r, toucher);
	run_metric(r, "faults", "faults/Ktouch", BETTER_NEITHER,
		   1e3 * (double)work.faults / (double)(threads * toucher->touches));
	team_free(team);
	free(toucher);
}

static void check(struct run *r)
{
	device_pass(r->private, STRIDE);
	run_check_device(r, PAGES, (uint64_t)r->arg[THREADS] * touches(r));
}

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_SAME, "there is no walk in the fault-back" },
	{ "", "device_rate", EXPECT_HIGHER, "the device is back sooner, by the shorter walk" },
	{ "", "lost", EXPECT_SAME, "no update is lost on any kernel" },
	{ 0 },
};

const struct bench bench_ping_pong_threads = {
	.name = "ping_pong_threads",
	.question = "What do CPU threads cost a device, and does it matter which words they touch?",
	.sample_is = "one touch that took a page from the device, from user space",
	.modes = IN_LOCKSTEP | IN_PARALLEL | IN_TIMING,
	.params = { BENCH_VALUES("threads", 1, 2, 4), BENCH_LABELS("pages", "same", "own"),
		    BENCH_LABELS("word", "device", "other") },
	.predictions = predictions,
	.pictures = { { BARS, .metric = "faults", .group = "threads" } },
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = run_device_free,
};
