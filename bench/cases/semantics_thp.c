// SPDX-License-Identifier: MIT
/*
 * Does the conversion of one page of a huge page concern that page alone?
 *
 * "This function always operates on individual PTEs" (mm/rmap.c of 7.x), as
 * assertions on a transparent huge page: pass is 1 if one holds, observed is the
 * number that it was decided by.  An assertion that does not hold is a result.
 *
 * One sample is one check and always 1: there is nothing to time here, which is
 * what convert_thp is for.
 */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "bench.h"
#include "lib/mem/checks.h"

#define THP  512
#define TAIL 100

static double convert(struct run *r, size_t page)
{
	return (double)dev_convert(r->dev, mem_page(&r->mem, page), mem_page_size(), 1, 1)
		.succeeded;
}

static double head_converts(struct run *r)
{
	return convert(r, 0);
}

static double tail_converts(struct run *r)
{
	return convert(r, TAIL);
}

/* Entries that one call changes. */
static double one_entry(struct run *r)
{
	convert(r, 0);
	return (double)mem_exclusive(&r->mem);
}

/* Faults when all pages but the converted one are touched. */
static double neighbours_stay(struct run *r)
{
	struct mem rest = { .start = mem_page(&r->mem, 1), .pages = THP - 1 };

	convert(r, 0);
	return (double)checks_increment(&rest);
}

static double content_stays(struct run *r)
{
	convert(r, 0);
	return (double)checks_holding(&r->mem, 0);
}

static const struct bench_assertion assertions[] = {
	{ head_converts, 1, "pages" },	 { tail_converts, 1, "pages" },
	{ one_entry, 1, "entries" },	 { neighbours_stay, 0, "faults" },
	{ content_stays, THP, "pages" },
};

static void setup(struct run *r)
{
	r->pages = THP;
	r->mem = mem_reserve(THP);
	if (madvise(r->mem.start, mem_bytes(&r->mem), MADV_HUGEPAGE)) {
		r->skip = "a kernel without transparent huge pages";
		return;
	}
	checks_number(&r->mem);
	dev_watch(r->dev, r->mem.start, mem_bytes(&r->mem));
	if (mem_count(&r->mem, MEM_BASE))
		r->skip =
			"no huge page to be had: switched off (/sys/kernel/mm/transparent_hugepage), or memory is in pieces";
}

static void sample(struct run *r)
{
	run_assert(r, &assertions[r->arg[0]]);
}

static const struct bench_prediction predictions[] = {
	{ "asserts=head_converts", "pass", EXPECT_SAME, "either walk takes the head page" },
	{ "asserts=tail_converts", "pass", EXPECT_HIGHER, "the rmap call refuses tail pages" },
	{ "asserts=one_entry", "pass", EXPECT_HIGHER,
	  "the rmap walk replaces every entry of the folio, the folio walk one" },
	{ "asserts=neighbours_stay", "pass", EXPECT_HIGHER, "likewise: 511 more entries fault" },
	{ "asserts=content_stays", "pass", EXPECT_SAME, "nothing is copied" },
	{ 0 },
};

const struct bench bench_semantics_thp = {
	.name = "semantics_thp",
	.question = "Does the conversion of one page of a huge page concern that page alone?",
	.sample_is = "one check, always 1; its outcome is in the metrics",
	.params = { BENCH_LABELS("asserts", "head_converts", "tail_converts", "one_entry",
				 "neighbours_stay", "content_stays") },
	.predictions = predictions,
	.pictures = { { BARS, "semantics", "pass", .beside = "observed" } },
	.setup = setup,
	.sample = sample,
	.teardown = run_free,
};
