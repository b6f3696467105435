// SPDX-License-Identifier: MIT
/*
 * What does a driver pay to look pages up, before it makes them exclusive or moves them?
 *
 * One sample is one call of hmm_range_fault() for some pages, to be written to, as drivers make
 * it: from the reading of the notifier's sequence to when it is known, under the driver's lock,
 * that nothing came between, the lock of the address space and repeated passes included.  The
 * pages are resident; absent (never touched); exclusive; in device-private memory, the
 * asking driver's (private) or another's (foreign); or one huge page each 512 (pmd).  What is
 * exclusive or foreign is faulted back, which invalidates the driver's own look: iterations are
 * the passes of its loop.  unlocked is the kernel's own loop with a time-out (7.3 and later),
 * whose passes nobody outside counts.
 *
 * It cannot show what follows, the device's page tables, nor collisions with others.
 */
#include <string.h>

#include "bench.h"
#include "lib/core/die.h"
#include "lib/core/pages.h"
#include "lib/machine/private.h"
#include "lib/machine/topo.h"
#include "lib/mem/huge.h"

enum { STATE, PAGES, FORM };
enum { RESIDENT, ABSENT, EXCLUSIVE, PRIVATE, FOREIGN, PMD };

#define PMD_ORDER 9

static struct {
	struct dev *foreign; /* another driver's */
	struct dev *keeper;  /* whose memory the pages are in; or NULL */
	struct dev_hmm hmm;
} own;

static void keep(struct run *r)
{
	const char *why = "";

	own.keeper = r->dev;
	if (r->arg[STATE] == FOREIGN)
		own.keeper = own.foreign = dev_open(PAGES_LEAST, &why);
	if (!own.keeper)
		die("hmm_fault: another open of the device: %s", why);
	r->skip = private_make(own.keeper, r->pages);
	if (r->skip)
		own.keeper = NULL;
	else
		private_fill(own.keeper, r->mem.start, r->pages);
}

static void make_state(struct run *r)
{
	if (r->arg[STATE] == PMD)
		r->skip = huge_touch(&r->mem, PMD_ORDER);
	else if (r->arg[STATE] != ABSENT)
		mem_touch(&r->mem);
	if (r->arg[STATE] == EXCLUSIVE)
		dev_convert(r->dev, r->mem.start, mem_page_size(), r->pages, 1);
	if (r->arg[STATE] == EXCLUSIVE && mem_exclusive(&r->mem) != r->pages)
		die("hmm_fault: not all of %zu pages are exclusive before the call", r->pages);
	if (r->arg[STATE] == PRIVATE || r->arg[STATE] == FOREIGN)
		keep(r);
}

static void setup(struct run *r)
{
	memset(&own, 0, sizeof(own));
	r->mem = mem_reserve(r->pages);
	topo_bind_memory(r->mem.map, r->mem.map_bytes, r->node);
	r->skip = dev_why_no_hmm(r->dev, (int)r->arg[FORM], r->mem.start);
	if (!r->skip)
		make_state(r);
}

static void sample(struct run *r)
{
	struct dev_hmm *hmm = &own.hmm;
	struct dev_result result;

	*hmm = (struct dev_hmm){ .unlocked = (int)r->arg[FORM],
				 .batch = (unsigned int)r->arg[PAGES],
				 .count = r->pages / (size_t)r->arg[PAGES] };
	result = dev_hmm(r->dev, r->mem.start, hmm);
	run_keep(r, result, hmm->count, hmm->batch, 1);
	run_metric(r, "iterations", "passes/call", BETTER_LOWER,
		   (double)hmm->iterations / (double)hmm->count);
}

/* The driver's own pages stayed, all others are resident. */
static void check(struct run *r)
{
	size_t present = r->arg[STATE] == PRIVATE ? 0 : r->pages;
	size_t large = r->arg[STATE] == PMD ? r->pages : 0;
	uint64_t there = own.keeper ? private_counts(own.keeper).used : 0;

	run_check_pages(r, r->pages - present);
	if (mem_count(&r->mem, MEM_PRESENT) != present || there != r->pages - present)
		die("hmm_fault: %zu pages are resident and %llu in device-private memory, expected %zu of %zu resident",
		    mem_count(&r->mem, MEM_PRESENT), (unsigned long long)there, present, r->pages);
	if (own.hmm.large != large)
		die("hmm_fault: %llu pages are in huge mappings, expected %zu",
		    (unsigned long long)own.hmm.large, large);
}

static void teardown(struct run *r)
{
	if (own.keeper)
		private_remove(own.keeper);
	dev_close(own.foreign);
	run_free(r);
}

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_SAME, "nothing is converted; what is faulted back has no walk in it" },
	{ "", "iterations", EXPECT_SAME, "a fault-back invalidates under either walk" },
	{ 0 },
};

const struct bench bench_hmm_fault = {
	.name = "hmm_fault",
	.question =
		"What does a driver pay to look pages up, before it makes them exclusive or moves them?",
	.sample_is = "one hmm_range_fault() for some pages, repeated passes included",
	.params = { BENCH_LABELS("state", "resident", "absent", "exclusive", "private", "foreign",
				 "pmd"),
		    BENCH_VALUES("pages", 1, 16, 512), BENCH_LABELS("form", "loop", "unlocked") },
	.predictions = predictions,
	.resolution = { .samples = 0.5 }, /* absent: which frames a boot happens to give */
	.pictures = { { BARS, .where = "pages=16", .group = "state" } },
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = teardown,
};
