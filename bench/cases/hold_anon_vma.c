// SPDX-License-Identifier: MIT
/*
 * How long does a conversion hold the lock that a whole fork tree shares?
 *
 * One sample is the instructions for which one conversion holds the anon_vma root
 * lock, seen by kprobes whose own cost is taken off (lib/trace/hold.h); 0 is a conversion
 * that did not take it, and the probes are proven to fire.  With sharers the
 * process has that many children, and its mapping lies behind theirs in the
 * anon_vma's tree, where any later change of the mapping puts it.
 *
 * It cannot show waiting: nobody else wants the lock here (see contend_anon_vma).
 * Exact mode alone: elsewhere a breakpoint costs more than what it would measure.
 */
#include "bench.h"
#include "lib/mem/family.h"
#include "lib/trace/hold.h"

#define PAGES 256

static struct {
	struct hold *hold;
	struct family *family;
} own;

static void setup(struct run *r)
{
	if (r->mode != MODE_EXACT) {
		r->skip = "held instructions are counted in exact mode alone";
		return;
	}
	own.hold = hold_open(&r->skip);
	if (!own.hold)
		return;
	r->pages = PAGES;
	run_watched_pages(r);
	own.family = family_in_front(r->warm_up && r->arg[0] ? 1 : (size_t)r->arg[0], &r->mem);
}

static void sample(struct run *r)
{
	double taken = 0, tried = 0, pages = (double)r->pages;

	hold_begin(own.hold);
	dev_convert(r->dev, r->mem.start, mem_page_size(), r->pages, 1);
	hold_end(own.hold);
	for (size_t i = 0; i < r->pages; i++) {
		struct dev_sample s = dev_sample(r->dev, i);
		struct hold_window w = hold_next(own.hold, s.start, s.start + s.ticks);

		taken += (double)w.taken;
		tried += (double)w.tried;
		run_add(r, w.ticks, s.error);
	}
	run_metric(r, "acquisitions", "/conversion", BETTER_LOWER, taken / pages);
	run_metric(r, "rwsem_trylocks", "/conversion", BETTER_NEITHER, tried / pages);
	run_metric(r, "probe_overhead", "instructions", BETTER_NEITHER, hold_probe_ticks(own.hold));
}

static void check(struct run *r)
{
	run_check_pages(r, r->pages);
}

static void teardown(struct run *r)
{
	family_end(own.family);
	hold_close(own.hold);
	own.family = NULL;
	own.hold = NULL;
	run_free(r);
}

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_LOWER, "the folio walk looks one entry up under its page-table lock" },
	{ "", "acquisitions", EXPECT_LOWER,
	  "the rmap walk takes the root lock once for each folio, the folio walk never" },
	{ "", "probe_overhead", EXPECT_SAME, "the same probes in the same image" },
	{ 0 },
};

const struct bench bench_hold_anon_vma = {
	.name = "hold_anon_vma",
	.question = "How long does a conversion hold the anon_vma root lock?",
	.sample_is = "instructions for which one conversion holds the lock, by kprobes",
	.primary = 1,
	.modes = IN_EXACT,
	.params = { BENCH_VALUES("sharers", 0, 16, 64) },
	.fit = "sharers",
	.predictions = predictions,
	.span = { HOLD_AFTER, HOLD_FROM, HOLD_TO },
	.tells = "hold",
	.pictures = { { LINES, .x = "sharers", .axis = "sharers" } },
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = teardown,
};
