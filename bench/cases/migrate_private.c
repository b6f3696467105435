// SPDX-License-Identifier: MIT
/*
 * What does it cost the kernel to move pages to a device, which is what a driver does that
 * does not make them exclusive?
 *
 * One sample is one migration of some base pages to device-private memory: migrate_vma_setup(),
 * which finds, locks and unmaps them, migrate_vma_pages() and migrate_vma_finalize(), which
 * maps them anew and looks in every mapping of the anon_vma's tree for who waits.  With sharers
 * the process has that many children, whose mappings lie in front of its own (convert_shared).
 * Metrics, per page: each of the three, and the copy, which is no part of the sample: a device
 * does it, here a CPU.  Outside besides: the fault that made the page, the lock of the address
 * space, and the driver's search for free device memory.
 *
 * It cannot show what the device needs: its copy, its page tables, its flushes.
 */
#include <stdlib.h>

#include "bench.h"
#include "lib/core/die.h"
#include "lib/machine/private.h"
#include "lib/mem/checks.h"
#include "lib/mem/family.h"

#define WARM_UP_SHARERS 16
#define MOST_PAGES	512 /* the longest migration, and nearly what family_in_front() has frames for */

enum { PAGES, SHARERS, NOTIFIER };
enum { NOT_WATCHED, WATCHED };

static size_t sharers(const struct run *r)
{
	size_t n = (size_t)r->arg[SHARERS];

	return r->warm_up && n > WARM_UP_SHARERS ? WARM_UP_SHARERS : n;
}

/* The children are given as many. */
static void setup(struct run *r)
{
	size_t pages = r->pages < MOST_PAGES ? r->pages : MOST_PAGES;

	r->skip = private_make(r->dev, pages);
	if (r->skip)
		return;
	run_some_pages(r, pages);
	r->private = family_in_front(sharers(r), &r->mem);
	if (r->arg[NOTIFIER] == WATCHED)
		dev_watch(r->dev, r->mem.start, mem_bytes(&r->mem));
	checks_number(&r->mem);
}

static void keep_stage(struct run *r, const char *name, uint64_t ticks)
{
	run_metric(r, name, "ticks/page", BETTER_LOWER, (double)ticks / (double)r->mem.pages);
}

static void sample(struct run *r)
{
	unsigned int batch = (unsigned int)r->arg[PAGES];
	size_t count = r->mem.pages / batch;
	struct private_sample *s = xcalloc(count, sizeof(*s));
	struct private_stages all = { 0 };

	r->request_ticks = private_migrate(r->dev, r->mem.start, batch, count, s).ticks;
	r->pages_per_sample = batch;
	r->stamps_per_sample = 3;
	for (size_t i = 0; i < count; i++) {
		const struct private_stages *t = &s[i].ticks;

		run_add(r, clock_ticks(0, t->setup + t->pages + t->finalize), s[i].error);
		all.setup += t->setup;
		all.copy += t->copy;
		all.pages += t->pages;
		all.finalize += t->finalize;
	}
	free(s);
	keep_stage(r, "setup", all.setup);
	keep_stage(r, "pages", all.pages);
	keep_stage(r, "finalize", all.finalize);
	keep_stage(r, "copy", all.copy);
}

/* pagemap tells an entry of this kind from no other special one; the module counts its own. */
static void check(struct run *r)
{
	uint64_t there = private_counts(r->dev).used;

	run_check_pages(r, r->mem.pages);
	if (there != r->mem.pages)
		die("migrate_private: %llu of %zu pages are in device-private memory",
		    (unsigned long long)there, r->mem.pages);
	if (checks_holding(&r->mem, 0) != r->mem.pages)
		die("migrate_private: contents were lost on the way there and back");
}

static void teardown(struct run *r)
{
	family_end(r->private);
	r->private = NULL;
	if (!r->skip)
		private_remove(r->dev);
	run_free(r);
}

#define NO_WALK "neither walk of make_device_exclusive() is called; this path has its own"

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_SAME, NO_WALK },
	{ "", "setup", EXPECT_SAME, NO_WALK },
	{ "", "pages", EXPECT_SAME, NO_WALK },
	{ "", "finalize", EXPECT_SAME,
	  "remove_migration_ptes() walks the rmap whatever make_device_exclusive() does" },
	{ "", "copy", EXPECT_SAME, "the same copy" },
	{ 0 },
};

const struct bench bench_migrate_private = {
	.name = "migrate_private",
	.question = "What does it cost the kernel to move pages to a device?",
	.sample_is = "one migration of pages to device-private memory, without its copy",
	.params = { BENCH_VALUES("pages", 1, 16, 64, 512), BENCH_VALUES("sharers", 0, 16, 256),
		    BENCH_LABELS("notifier", "no", "yes") },
	.fit = "sharers",
	.predictions = predictions,
	.resolution = { .samples = 0.02, .metrics = 1 },
	.pictures = { { LINES, .where = "notifier=no", .x = "sharers", .more = 1, .series = "pages",
			.axis = "processes of the fork tree, the migrating one included" } },
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = teardown,
};
