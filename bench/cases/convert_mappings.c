// SPDX-License-Identifier: MIT
/*
 * What does a conversion cost in a process of many mappings?
 *
 * One sample is that of convert_latency with a notifier, in a process that has N
 * more mappings.  The kernel finds a VMA in a tree: the page lookup does so once
 * under either walk, the folio walk of 6.12 and make_device_exclusive() once more.
 *
 * It cannot show the whole range: the region is the lowest mapping and so the first
 * in its node of the tree; at other places the same number of mappings costs more.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "bench.h"
#include "lib/core/die.h"

#define MAX_MAPPINGS 4096

static void *extra[MAX_MAPPINGS];

/* Neighbours of other protection, or the kernel would make one of them. */
static void setup(struct run *r)
{
	for (int64_t i = 0; i < r->arg[0]; i++) {
		extra[i] = mmap(NULL, mem_page_size(), i & 1 ? PROT_READ : PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (extra[i] == MAP_FAILED)
			die("mapping %lld of %lld: %s; see vm.max_map_count", (long long)i + 1,
			    (long long)r->arg[0], strerror(errno));
	}
	run_watched_pages(r);
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
	run_free(r);
	for (int64_t i = 0; i < r->arg[0]; i++)
		munmap(extra[i], mem_page_size());
}

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_LOWER, "one more lookup costs less than the rmap walk" },
	{ 0 },
};

const struct bench bench_convert_mappings = {
	.name = "convert_mappings",
	.question = "What does a conversion cost in a process of many mappings?",
	.sample_is = "one conversion call on one base page, stamped in the module",
	.predictions = predictions,
	.params = { BENCH_VALUES("mappings", 0, 64, 512, MAX_MAPPINGS) },
	.pictures = { { LINES, .x = "mappings", .more = 1,
			.axis = "further mappings and the one that is converted" },
		      { IN_LADDER } },
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = teardown,
};
