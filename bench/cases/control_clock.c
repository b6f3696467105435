// SPDX-License-Identifier: MIT
/*
 * What does reading the clock cost?
 *
 * One sample is the difference of two stamps with nothing between them, taken
 * in the module and in user space; every other case's samples contain it once
 * per pair of stamps (stamps_per_sample in the results).
 *
 * It cannot show what a stamp costs the code around it: the fences keep the
 * processor from overlapping the measured call with its surroundings.
 */
#include "bench.h"

enum { IN_MODULE, IN_USER_SPACE };

static void sample(struct run *r)
{
	if (r->arg[0] == IN_MODULE) {
		struct dev_result result = dev_clock(r->dev, r->pages);

		run_keep(r, result, r->pages, 1, 1);
		return;
	}
	for (size_t i = 0; i < r->pages; i++) {
		uint64_t start = clock_stamp();

		run_add(r, clock_ticks(start, clock_stamp()), 0);
	}
}

const struct bench bench_control_clock = {
	.name = "control_clock",
	.question = "What does reading the clock cost?",
	.sample_is = "two stamps with nothing between them",
	.counted = 1,
	.params = { BENCH_LABELS("where", "module", "user") },
	.control = 1,
	.must_equal = EQUAL_ALWAYS,
	.stamps = "where=module",
	.pictures = { { BARS, "controls" } },
	.sample = sample,
};
