// SPDX-License-Identifier: MIT
/*
 * How does the cost of a page fall with the length of the range?
 *
 * One sample is the conversion of N consecutive base pages through what the
 * kernel offers: one range call of N pages where there is one, otherwise N
 * calls of one page, whose times are added; results are per page.  An MMU
 * notifier is on the range.  Outside: what lies outside in convert_latency.
 *
 * It cannot separate batching in the walk from batching in the lookup: the
 * range call batches the lookup alone.  Where N calls are added the sample
 * holds N pairs of stamps instead of one (see control_clock).
 */
#include "bench.h"

static void sample(struct run *r)
{
	unsigned int length = (unsigned int)r->arg[0];
	unsigned int max = dev_info(r->dev)->max_batch;
	unsigned int batch = length < max ? length : max;
	unsigned int group = length / batch;
	size_t calls = r->pages / length * group;
	struct dev_result result =
		dev_convert(r->dev, r->mem.start, batch * mem_page_size(), calls, batch);

	run_keep(r, result, calls, batch, group);
}

static void check(struct run *r)
{
	run_check_pages(r, r->attempted);
}

const struct bench bench_convert_range = {
	.name = "convert_range",
	.question = "How does the cost of a page fall with the length of the range?",
	.sample_is = "the conversion of N consecutive base pages, stamped in the module",
	.primary = 1,
	.decides = "pages=512",
	.params = { BENCH_VALUES("pages", 1, 16, 64, 512) },
	.pictures = { { LINES, .x = "pages", .axis = "pages a range" }, { IN_LADDER } },
	.setup = run_watched_pages,
	.sample = sample,
	.check = check,
	.teardown = run_free,
};
