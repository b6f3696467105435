// SPDX-License-Identifier: MIT
/*
 * Do the trackers' bits of an entry survive what happens to an exclusive page?
 *
 * Checkpoints read soft-dirty and userfaultfd's write protection from entries.  On 64 exclusive
 * pages the bit is set (soft_dirty: by the write before), taken away (soft_clean: by clear_refs)
 * or set by UFFDIO_WRITEPROTECT with WP_ASYNC (uffd_wp).  Then comes what may lose it, and pagemap
 * counts the pages that have it.  Documentation/admin-guide/mm (soft-dirty, userfaultfd, pagemap)
 * says what it should be: only a write makes a page dirty or ends the protection, mremap() makes
 * all pages dirty, and protection follows neither to a child nor to another place.
 *
 * One sample is one check and always 1.  It cannot show a userfaultfd whose reader resolves the
 * faults, nor migration where there is one node of memory.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"
#include "lib/core/die.h"
#include "lib/mem/checks.h"
#include "lib/mem/state.h"

#define PAGES 64

enum { SOFT_DIRTY, SOFT_CLEAN, UFFD_WP, N_BITS };
enum { ENTRY, READ, WRITE, FORK, CHILD, MREMAP, MIGRATE };

/* Pages that should have the bit, and which bit that is. */
static const int wanted[][N_BITS] = {
	[ENTRY] = { PAGES, 0, PAGES },	 [READ] = { PAGES, 0, PAGES },
	[WRITE] = { PAGES, PAGES, 0 },	 [FORK] = { PAGES, 0, PAGES },
	[CHILD] = { PAGES, 0, 0 },	 [MREMAP] = { PAGES, PAGES, 0 },
	[MIGRATE] = { PAGES, 0, PAGES },
};
static const enum mem_kind kind[] = { MEM_SOFT_DIRTY, MEM_SOFT_DIRTY, MEM_UFFD_WP };

static int uffd = -1;

static double count(const struct run *r, const struct mem *mem)
{
	return (double)mem_count(mem, kind[r->arg[0]]);
}

/* A child's exit status has room for what it counts. */
static double forked(const struct run *r)
{
	pid_t pid = fork();
	int childs;

	if (!pid)
		_exit((int)count(r, &r->mem));
	childs = checks_child(pid) >> 8;
	return r->arg[1] == CHILD ? childs : count(r, &r->mem);
}

static double moved(const struct run *r)
{
	struct mem there = checks_remap(&r->mem);
	double seen = count(r, &there);

	munmap(there.start, mem_bytes(&there));
	return seen;
}

static double observe(struct run *r)
{
	switch (r->arg[1]) {
	case READ:
		checks_holding(&r->mem, 0);
		break;
	case WRITE:
		checks_increment(&r->mem);
		break;
	case FORK:
	case CHILD:
		return forked(r);
	case MREMAP:
		return moved(r);
	case MIGRATE:
		checks_migrate(&r->mem, r->node != 1); /* the other of two */
		break;
	}
	return count(r, &r->mem);
}

static void setup(struct run *r)
{
	r->pages = PAGES;
	run_watched_pages(r);
	checks_number(&r->mem);
	if (r->arg[1] == MIGRATE && access("/sys/devices/system/node/node1", F_OK))
		r->skip = "there is one node of memory, and nowhere to migrate to";
	if (r->skip)
		return;
	dev_convert(r->dev, r->mem.start, mem_page_size(), PAGES, 1);
	if (mem_exclusive(&r->mem) != PAGES)
		die("pte_bits: not all pages could be made exclusive");
	if (r->arg[0] == UFFD_WP)
		r->skip = state_uffd_wp(&r->mem, &uffd);
	else if (r->arg[0] == SOFT_CLEAN)
		r->skip = state_soft_dirty(&r->mem);
	else
		r->skip = state_lacks_soft_dirty(&r->mem);
}

static void sample(struct run *r)
{
	const struct bench_assertion one = { observe, wanted[r->arg[1]][r->arg[0]], "pages" };

	run_assert(r, &one);
}

static void teardown(struct run *r)
{
	if (uffd >= 0)
		close(uffd);
	uffd = -1;
	run_free(r);
}

static const struct bench_prediction predictions[] = {
	{ "", "pass", EXPECT_SAME,
	  "either walk copies both bits into the entry, and the same code reads them" },
	{ 0 },
};

const struct bench bench_pte_bits = {
	.name = "pte_bits",
	.question = "Do the trackers' bits of an entry survive what happens to an exclusive page?",
	.sample_is = "one check, always 1; its outcome is in the metrics",
	.params = { BENCH_LABELS("bit", "soft_dirty", "soft_clean", "uffd_wp"),
		    BENCH_LABELS("after", "entry", "read", "write", "fork", "child", "mremap",
				 "migrate") },
	.predictions = predictions,
	.pictures = { { BARS, "semantics", "pass", .beside = "observed" } },
	.setup = setup,
	.sample = sample,
	.teardown = teardown,
};
