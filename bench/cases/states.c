// SPDX-License-Identifier: MIT
/*
 * What comes of a large folio with one exclusive page when something else happens to it?
 *
 * bench/lib/mm has what happens, a function each; semantics, pte_bits and mm_ops have other
 * operations on base pages that are exclusive all.  A region of 512 pages is made of folios of one
 * order; a page of the first folio is made exclusive, its first or its middle one, or none for
 * comparison.  One sample is the operation on the region (on the page, where it takes one), in
 * user space around the call; 1 where the kernel sleeps in it, which is no cost.
 *
 * Always and for all kernels: `intact`, all contents are what they should be, and `told`, where
 * the page is no longer exclusive the driver had an event.  Only reported: errno, what is exclusive and
 * present afterwards, the faults of a write to that page and to the region.
 *
 * It cannot show a driver that holds the folio's lock, nor one region among many.
 */
#include <string.h>

#include "bench.h"
#include "lib/machine/topo.h"
#include "lib/mm/states.h"

enum { STATE, ORDER, PAGE };
enum { NONE, FIRST, MIDDLE };

static struct state own;
static int entered;

static const struct states_entry *entry(const struct run *r)
{
	return states_table[r->arg[STATE]];
}

static const char *why_not(const struct run *r)
{
	if (r->arg[PAGE] != MIDDLE)
		return NULL;
	if (!r->arg[ORDER])
		return "a folio of order 0 is one page: see page=first";
	return strcmp(dev_info(r->dev)->walk, "rmap") ? NULL : "the rmap walk refuses tail pages";
}

static void setup(struct run *r)
{
	memset(&own, 0, sizeof(own));
	own.fd = -1;
	own.order = (unsigned int)r->arg[ORDER];
	own.converts = r->arg[PAGE] != NONE;
	entered = 0;
	r->pages = STATES_PAGES;
	r->skip = why_not(r);
	if (r->skip)
		return;
	own.mem = r->mem = mem_reserve(STATES_PAGES);
	topo_bind_memory(r->mem.map, r->mem.map_bytes, r->node);
	dev_watch(r->dev, r->mem.start, mem_bytes(&r->mem));
	entered = 1;
	r->skip = states_prepare(&own, entry(r), r->arg[PAGE] == MIDDLE);
	if (!r->skip)
		states_convert(&own, r->dev);
}

static void touch(struct run *r)
{
	size_t faults = 0, of_page = 0, lost = own.lost;

	for (size_t k = 0; k < STATES_PAGES; k++) {
		size_t i = (own.page + k) % STATES_PAGES, took = 0;

		if (!entry(r)->takes_victim || i != own.victim)
			took = states_touch(&own, i);
		faults += took;
		of_page = k ? of_page : took;
	}
	lost += STATES_PAGES - states_intact(&own, entry(r), 1);
	run_metric(r, "page_faults", "faults", BETTER_NEITHER, (double)of_page);
	run_metric(r, "faults", "faults", BETTER_NEITHER, (double)faults);
	run_metric(r, "intact", "%", BETTER_NEITHER, 100 - 100.0 * (double)lost / STATES_PAGES);
}

static void sample(struct run *r)
{
	size_t before = states_count(&own, MEM_EXCLUSIVE), after;
	struct dev_events told;
	uint64_t start;
	int error;

	dev_events(r->dev); /* of all that */
	start = clock_stamp();
	error = entry(r)->operate(&own);
	run_add(r, entry(r)->waits ? 1 : clock_ticks(start, clock_stamp()), error);
	told = dev_events(r->dev);
	after = states_count(&own, MEM_EXCLUSIVE);
	run_metric(r, "errno", "", BETTER_NEITHER, error);
	run_metric(r, "exclusive_after", "pages", BETTER_NEITHER, (double)after);
	run_metric(r, "present_after", "pages", BETTER_NEITHER,
		   (double)states_count(&own, MEM_PRESENT));
	run_metric(r, "told", "", BETTER_NEITHER,
		   after == before ||
			   told.exclusive_other + told.clear_page + told.clear_more + told.other);
	touch(r);
}

static void teardown(struct run *r)
{
	if (entered && entry(r)->leave)
		entry(r)->leave(&own);
	run_free(r);
}

static const struct bench_prediction predictions[] = {
	{ "", "intact", EXPECT_SAME, "no operation may lose contents, under either walk" },
	{ "", "told", EXPECT_SAME, "each operation has its notifier call" },
	{ "order>=2 page=first", "exclusive_after", EXPECT_LOWER,
	  "one entry is exclusive instead of the folio's" },
	{ 0 },
};

#define X(name) #name,
static const char *const names[] = { STATES_LIST(X) };
#undef X
#define X(name) STATES_##name,
static const int64_t numbers[] = { STATES_LIST(X) };
#undef X

const struct bench bench_states = {
	.name = "states",
	.question = "What comes of a large folio with one exclusive page in the rest of mm?",
	.sample_is = "one operation on a region of 512 pages, from user space; 1 if it sleeps",
	.params = { { "state", numbers, names, STATES_N },
		    BENCH_VALUES("order", 0, 2, 4, 9),
		    BENCH_LABELS("page", "none", "first", "middle") },
	.predictions = predictions,
	.modes = IN_EXACT,
	.resolution = { .samples = 2 }, /* as mm_ops */
	.needs = { .swap = 1 },
	.pictures = { { BARS, .group = "state", .where = "order=9" } },
	.setup = setup,
	.sample = sample,
	.teardown = teardown,
};
