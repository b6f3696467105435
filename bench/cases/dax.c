// SPDX-License-Identifier: MIT
/*
 * What do pins and mappings of persistent memory cost?
 *
 * Up to 6.14 a page of an FS-DAX file was free at a count of one, mapping did not count, and
 * pin_user_pages_fast() asked for the device behind each page.  Since 6.15 it is counted as any other
 * page, and what one huge entry maps is one folio ("fs/dax: Fix ZONE_DEVICE page reference counts").
 *
 * One sample is one operation on a fresh region of 512 pages (one page table), per page: the first
 * write to each (touch), a pin or an unpin of all in one call or of each in a call of its own
 * (pin_one, unpin_one), munmap().  touch and munmap are timed in user space around it; pins in the
 * module around the kernel's call alone.  Memory is private and anonymous, the control; a new file on a
 * file system with dax=always, its blocks written before; or a dax device.  Mapped by 512 entries (pte)
 * or by one (pmd), which the faults of the first touch show.
 *
 * It cannot tell this series from the rest of what two kernels differ in; the control shows how much
 * of that is in the way.  Anonymous pages are cleared in their first fault, and no others are.
 */
#include <sys/mman.h>
#include <sys/resource.h>

#include "bench.h"
#include "lib/core/die.h"
#include "lib/mem/checks.h"
#include "lib/mem/dax.h"

#define REGION	512
#define REGIONS 7

enum { TOUCH, PIN, UNPIN, PIN_ONE, UNPIN_ONE, MUNMAP };

static struct dax own;
static size_t faults_taken; /* in all regions' first touches */

static size_t faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (size_t)usage.ru_minflt;
}

/* The first write to each page; stamps are for what is the sample alone. */
static uint32_t touch(size_t *took, int timed)
{
	size_t before = faults();
	uint64_t start = timed ? clock_stamp() : 0;

	checks_number(&own.mem);
	start = timed ? clock_ticks(start, clock_stamp()) : 0;
	*took = faults() - before;
	return (uint32_t)start;
}

/* Ready to be touched; 0: it cannot be had, and r->skip says why. */
static int map(struct run *r)
{
	r->skip = dax_region(&own, (enum dax_kind)r->arg[0], (int)r->arg[1], REGION);
	return !r->skip;
}

static void setup(struct run *r)
{
	size_t took;

	faults_taken = 0;
	if (map(r)) {
		touch(&took, 0);
		if (took != (r->arg[1] ? 1 : REGION))
			r->skip =
				"the region is not mapped by the entries asked for: switched off (/sys/kernel/mm/transparent_hugepage), or memory or the file is in pieces";
		else if (!dev_can_pin(r->dev, own.mem.start))
			r->skip = "pins that fault nothing in need a kernel from 5.16 on";
	}
	dax_free(&own);
}

static uint32_t pin(struct run *r)
{
	int unpin = r->arg[2] == UNPIN || r->arg[2] == UNPIN_ONE;
	unsigned int calls = r->arg[2] >= PIN_ONE ? REGION : 1;
	struct dev_result result = dev_pin(r->dev, own.mem.start, calls, REGION / calls, unpin);
	uint64_t ticks = 0;

	if (result.succeeded != REGION)
		die("dax: %llu of %d pages could be pinned; no result is written",
		    (unsigned long long)result.succeeded, REGION);
	for (size_t i = 0; i < calls; i++)
		ticks += dev_sample(r->dev, i).ticks;
	r->stamps_per_sample = calls;
	r->request_ticks += result.ticks;
	return clock_ticks(0, ticks);
}

static uint32_t unmap(void)
{
	uint64_t start = clock_stamp();

	munmap(own.mem.start, mem_bytes(&own.mem));
	return clock_ticks(start, clock_stamp());
}

static void one_region(struct run *r)
{
	size_t took;
	uint32_t ticks = touch(&took, r->arg[2] == TOUCH);

	faults_taken += took;
	if (checks_holding(&own.mem, 0) != REGION)
		die("dax: a region does not hold what was written to it");
	if (r->arg[2] == MUNMAP)
		ticks = unmap();
	else if (r->arg[2] != TOUCH)
		ticks = pin(r);
	run_add(r, ticks, 0);
}

static void sample(struct run *r)
{
	r->pages_per_sample = REGION;
	for (int i = 0; i < (r->warm_up ? 1 : REGIONS); i++) {
		if (!map(r))
			die("dax: %s", r->skip);
		one_region(r);
		dax_free(&own);
	}
	run_metric(r, "faults", "faults/page", BETTER_LOWER,
		   (double)faults_taken / (double)r->attempted);
}

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_SAME, "no exclusive entry is in it, and the walk is not called" },
	{ "", "faults", EXPECT_SAME, "likewise" },
	{ 0 },
};

const struct bench bench_dax = {
	.name = "dax",
	.question = "What do pins and mappings of persistent memory cost?",
	.sample_is = "one operation on a region of 512 pages",
	.params = { BENCH_LABELS("memory", "anon", "fsdax", "devdax"),
		    BENCH_LABELS("mapped", "pte", "pmd"),
		    BENCH_LABELS("op", "touch", "pin", "unpin", "pin_one", "unpin_one", "munmap") },
	.predictions = predictions,
	.resolution = { .samples = 1 },
	.pictures = { { BARS, .group = "memory" } },
	.needs = { .fsdax = 1 },
	.setup = setup,
	.sample = sample,
};
