// SPDX-License-Identifier: MIT
/*
 * What part of a conversion is the page lookup?
 *
 * One sample is get_user_pages_remote() of one present, writable base page
 * with the flags that a conversion uses, timed in the module around the call
 * alone; dropping the reference is outside.
 *
 * It cannot show the lookup of the single-page interface exactly: that one
 * also looks the VMA up, which modules cannot call.
 */
#include "bench.h"

static void sample(struct run *r)
{
	struct dev_result result = dev_gup(r->dev, r->mem.start, mem_page_size(), r->pages);

	run_keep(r, result, r->pages, 1, 1);
}

static void check(struct run *r)
{
	run_check_pages(r, 0);
}

const struct bench bench_control_gup = {
	.name = "control_gup",
	.question = "What part of a conversion is the page lookup?",
	.sample_is = "get_user_pages_remote() of one present page",
	.control = 1,
	.must_equal = EQUAL_ON_ONE_IMAGE,
	.pictures = { { BARS, "controls" }, { IN_LADDER } },
	.setup = run_pages,
	.sample = sample,
	.check = check,
	.teardown = run_free,
};
