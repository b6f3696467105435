// SPDX-License-Identifier: MIT
/*
 * How long does it take to make one page exclusive?
 *
 * One sample is one call of make_device_exclusive() or, for one page,
 * make_device_exclusive_range() on a present, writable, anonymous base page of
 * one process, timed in the module around the call alone: the ioctl, the fault
 * that makes the page present, and unlocking and putting the page are outside.
 * Measured with an MMU notifier on the range, as every driver has one, and
 * without.
 *
 * It cannot show what sharers cost: one process, one mapping is the case in
 * which the two walks differ least.
 */
#include "bench.h"

enum { WATCHED, NOT_WATCHED };

static void setup(struct run *r)
{
	if (r->arg[0] == WATCHED)
		run_watched_pages(r);
	else
		run_pages(r);
}

static void sample(struct run *r)
{
	struct dev_result result = dev_convert(r->dev, r->mem.start, mem_page_size(), r->pages, 1);

	run_keep(r, result, r->pages, 1, 1);
}

static void check(struct run *r)
{
	run_check_pages(r, r->pages);
}

const struct bench bench_convert_latency = {
	.name = "convert_latency",
	.question = "How long does it take to make one page exclusive?",
	.sample_is = "one conversion call on one base page, stamped in the module",
	.primary = 1,
	.decides = "notifier=yes",
	.counted = 1,
	.params = { BENCH_LABELS("notifier", "yes", "no") },
	.shows_loop = 1,
	.pictures = { { DISTRIBUTION }, { IN_LADDER } },
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = run_free,
};
