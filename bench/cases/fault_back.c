// SPDX-License-Identifier: MIT
/*
 * What does the CPU pay to take a page back?
 *
 * One sample is the first touch of an exclusive page, a read or a write of one
 * byte, timed in user space around that one instruction: exception entry, the
 * fault handler with its notifier, and the return.  Outside: the conversion.
 *
 * It cannot show waiting: nobody holds the folio lock here, while a driver
 * that programs its device does.  Between rmap-X and folio-X the code is the
 * same, so that a difference there would be a fault of the comparison.
 */
#include "bench.h"
#include "lib/core/die.h"

enum { READ, WRITE };

static void setup(struct run *r)
{
	struct dev_result converted;

	run_watched_pages(r);
	converted = dev_convert(r->dev, r->mem.start, mem_page_size(), r->pages, 1);
	if (converted.succeeded != r->pages || mem_exclusive(&r->mem) != r->pages)
		die("fault_back: only %zu of %zu pages are exclusive before the touch",
		    mem_exclusive(&r->mem), r->pages);
	dev_events(r->dev); /* the conversions' own */
}

/* Inlined with a constant, so that the touch alone is between the stamps. */
static inline __attribute__((always_inline)) void touch_each(struct run *r, int write)
{
	for (size_t i = 0; i < r->pages; i++) {
		volatile char *page = mem_page(&r->mem, i);
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

/* Every touch told the driver to let go, by the event of either kernel. */
static void check(struct run *r)
{
	run_check_pages(r, 0);
	if (r->events.exclusive_other + r->events.clear_page != r->pages)
		die("fault_back: %llu notifier events for %zu touches",
		    (unsigned long long)(r->events.exclusive_other + r->events.clear_page),
		    r->pages);
}

const struct bench bench_fault_back = {
	.name = "fault_back",
	.question = "What does the CPU pay to take a page back?",
	.sample_is = "the first touch of an exclusive page, from user space",
	.primary = 1,
	.decides = "touch=write",
	.counted = 1,
	.params = { BENCH_LABELS("touch", "read", "write") },
	.pictures = { { DISTRIBUTION },
		      { BARS, "fault_back_state", .where = "touch=write", .as = "undisturbed" },
		      { IN_LADDER } },
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = run_free,
};
