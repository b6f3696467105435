// SPDX-License-Identifier: MIT
/*
 * What does entering the module cost?
 *
 * One sample is one ioctl that the module answers at once, seen from user
 * space: system call entry and exit, the VFS, and the module's check of the
 * caller.  No other case's samples contain it.
 *
 * It must not differ between two kernels that differ in their walk alone: a
 * difference here is a difference of everything else.
 */
#include <errno.h>

#include "bench.h"

static void sample(struct run *r)
{
	for (size_t i = 0; i < r->pages; i++) {
		uint64_t start = clock_stamp();
		int failed = dev_nop(r->dev);

		run_add(r, clock_ticks(start, clock_stamp()), failed ? errno : 0);
	}
}

const struct bench bench_control_ioctl = {
	.name = "control_ioctl",
	.question = "What does entering the module cost?",
	.sample_is = "one empty ioctl, from user space",
	.control = 1,
	.must_equal = EQUAL_ON_ONE_IMAGE,
	.pictures = { { BARS, "controls" } },
	.sample = sample,
};
