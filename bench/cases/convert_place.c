// SPDX-License-Identifier: MIT
/*
 * What does a conversion cost where the region is not the first mapping of its node?
 *
 * One sample is that of convert_latency with a notifier, in a process that has 4096 more mappings
 * above the region and some right below it.  A node of the kernel's tree of VMAs has 16 places and is
 * read from its first one on, so the region is found the later, the more of them lie before it.  The
 * page lookup looks once under either walk, the folio walk of 6.12 and make_device_exclusive() once
 * more; convert_mappings has how deep the tree is.
 *
 * It cannot say where a process has its memory; it shows the dearest of these places.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "bench.h"
#include "lib/core/die.h"

#define ABOVE	   4096
#define MOST_BELOW 4000

static char *extra[ABOVE];
static char *below;

/* Neighbours of other protection, or the kernel would make one of them. */
static char *map_one(char *at, int64_t i)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | (at ? MAP_FIXED_NOREPLACE : 0);
	char *map =
		mmap(at, mem_page_size(), i & 1 ? PROT_READ : PROT_READ | PROT_WRITE, flags, -1, 0);

	if (map == MAP_FAILED)
		die("mapping %lld of the further ones: %s; see vm.max_map_count", (long long)i + 1,
		    strerror(errno));
	return map;
}

static void setup(struct run *r)
{
	for (int64_t i = 0; i < ABOVE; i++)
		extra[i] = map_one(NULL, i);
	run_watched_pages(r);
	below = (char *)r->mem.map - (size_t)r->arg[0] * mem_page_size();
	for (int64_t i = 0; i < r->arg[0]; i++)
		map_one(below + (size_t)i * mem_page_size(), r->arg[0] - i);
}

static void sample(struct run *r)
{
	run_keep(r, dev_convert(r->dev, r->mem.start, mem_page_size(), r->pages, 1), r->pages, 1,
		 1);
}

static void check(struct run *r)
{
	run_check_pages(r, r->pages);
}

static void teardown(struct run *r)
{
	if (r->arg[0])
		munmap(below, (size_t)r->arg[0] * mem_page_size());
	run_free(r);
	for (int64_t i = 0; i < ABOVE; i++)
		munmap(extra[i], mem_page_size());
}

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_LOWER,
	  "one more lookup costs less than the rmap walk, in a full node, too" },
	{ 0 },
};

const struct bench bench_convert_place = {
	.name = "convert_place",
	.question = "What does a conversion cost where the region is not the first of its node?",
	.sample_is = "one conversion call on one base page, stamped in the module",
	.predictions = predictions,
	.params = { BENCH_VALUES("below", 0, 4, 8, 12, 14, 16, 24, 32, 64, 128, 512, 1000, 2000,
				 MOST_BELOW) },
	.pictures = { { LINES, .x = "below", .more = 1,
			.axis = "place of the region among the mappings, from the lowest" } },
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = teardown,
};
