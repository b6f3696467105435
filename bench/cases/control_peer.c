// SPDX-License-Identifier: MIT
/*
 * What does upstream's own test driver need for the same work?
 *
 * One sample is one EXCLUSIVE ioctl of lib/test_hmm.c on 64 pages, timed from
 * user space because that driver has no clock inside; results are per page.
 * The sample holds the system call, the conversion, an xarray entry and a copy
 * of every page: what timing that ioctl would call "conversion latency".
 *
 * It cannot show the conversion itself; that is what convert_range is for.
 */
#include <errno.h>

#include "bench.h"
#include "lib/workers/hmm.h"

#define PAGES_PER_REQUEST 64

static void setup(struct run *r)
{
	r->private = hmm_open(PAGES_PER_REQUEST, &r->skip);
	if (r->private)
		run_pages(r);
}

static void sample(struct run *r)
{
	r->pages_per_sample = PAGES_PER_REQUEST;
	for (size_t i = 0; i + PAGES_PER_REQUEST <= r->pages; i += PAGES_PER_REQUEST) {
		uint64_t start = clock_stamp();
		long done = hmm_exclusive(r->private, mem_page(&r->mem, i), PAGES_PER_REQUEST);
		uint32_t ticks = clock_ticks(start, clock_stamp());

		run_add(r, ticks, done == PAGES_PER_REQUEST ? 0 : done < 0 ? (int)-done : EIO);
	}
}

static void check(struct run *r)
{
	run_check_pages(r, r->attempted);
}

static void teardown(struct run *r)
{
	hmm_close(r->private);
	r->private = NULL;
	run_free(r);
}

const struct bench bench_control_peer = {
	.name = "control_peer",
	.question = "What does upstream's test driver need per page?",
	.sample_is = "one test_hmm EXCLUSIVE ioctl of 64 pages, from user space",
	.control = 1,
	/* One instruction in 64 pages: where a boot's xarray and the copies of its pages lie. */
	.resolution = { .samples = 0.01 },
	.needs = { .module = "test_hmm" },
	.pictures = { { BARS, "controls" }, { IN_LADDER } },
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = teardown,
};
