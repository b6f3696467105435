// SPDX-License-Identifier: MIT
/*
 * What does the CPU pay to take a page back that was moved to a device?
 *
 * One sample is the first touch of a page in device-private memory, a read or a write of one
 * byte, timed in user space around that one instruction: exception entry, the fault handler,
 * the driver's migrate_to_ram() with its three calls, a new page and the copy, and the return.
 * Outside: the migration to the device.  fault_back is the same for an exclusive page.
 *
 * It cannot show what a device adds: the copy is a CPU's, and nothing has to be told to stop.
 */
#include "bench.h"
#include "lib/core/die.h"
#include "lib/machine/private.h"
#include "lib/mem/checks.h"

enum { READ, WRITE };

static void setup(struct run *r)
{
	r->skip = private_make(r->dev, r->pages);
	if (r->skip)
		return;
	run_watched_pages(r);
	checks_number(&r->mem);
	private_fill(r->dev, r->mem.start, r->pages);
	dev_events(r->dev); /* of the migrations */
}

/* Inlined with a constant, so that the touch alone is between the stamps. */
static inline __attribute__((always_inline)) void touch_each(struct run *r, int write)
{
	for (size_t i = 0; i < r->pages; i++) {
		volatile char *page = mem_page(&r->mem, i) + mem_page_size() / 2;
		uint64_t start = clock_stamp();

		if (write)
			*page = 2;
		else
			(void)*page;
		run_add(r, clock_ticks(start, clock_stamp()), 0);
	}
}

static void sample(struct run *r)
{
	if (r->arg[0] == READ)
		touch_each(r, 0);
	else
		touch_each(r, 1);
}

static void check(struct run *r)
{
	struct private_counts c = private_counts(r->dev);

	run_check_pages(r, 0);
	if (c.faults != r->pages || c.empty || c.used)
		die("fault_back_private: %llu faults for %zu touches, %llu for nothing, %llu pages still there",
		    (unsigned long long)c.faults, r->pages, (unsigned long long)c.empty,
		    (unsigned long long)c.used);
	if (checks_holding(&r->mem, 0) != r->pages)
		die("fault_back_private: contents were lost on the way there and back");
}

static void teardown(struct run *r)
{
	if (!r->skip)
		private_remove(r->dev);
	run_free(r);
}

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_SAME, "a private entry is restored by migrating, under either walk" },
	{ 0 },
};

const struct bench bench_fault_back_private = {
	.name = "fault_back_private",
	.question = "What does the CPU pay to take a page back that was moved to a device?",
	.sample_is = "the first touch of a page in device-private memory, from user space",
	.counted = 1,
	.params = { BENCH_LABELS("touch", "read", "write") },
	.predictions = predictions,
	.pictures = { { DISTRIBUTION } },
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = teardown,
};
