// SPDX-License-Identifier: MIT
/*
 * Do exclusive pages behave as today's kernels document them?
 *
 * What Documentation/mm/hmm.rst and the comments in mm/ of 7.x say, each as an
 * assertion of its own: pass is 1 if it holds, observed is the number that it was
 * decided by.  An assertion that does not hold is a result; the case ends only if a
 * check cannot be made.
 *
 * One sample is one check and always 1: it cannot
 * show what happens while a driver holds a folio locked.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"
#include "lib/core/die.h"
#include "lib/mem/checks.h"

#define PAGES 64

static double convert(struct run *r)
{
	return (double)dev_convert(r->dev, r->mem.start, mem_page_size(), PAGES, 1).succeeded;
}

static double exclusive(struct run *r)
{
	return (double)mem_exclusive(&r->mem);
}

/* Where a check begins with exclusive pages: it cannot be made without. */
static void begin(struct run *r)
{
	if (convert(r) != PAGES || exclusive(r) != PAGES)
		die("semantics_doc: not all pages could be made exclusive");
}

/* A CPU's access tells the driver by CLEAR: events per page. */
static double fault_clears(struct run *r)
{
	begin(r);
	dev_events(r->dev);
	checks_increment(&r->mem);
	return (double)dev_events(r->dev).clear_page / PAGES;
}

/* mprotect() leaves the entries to the next fault: pages still exclusive. */
static double mprotect_keeps(struct run *r)
{
	begin(r);
	checks_protect(&r->mem, PROT_READ);
	return exclusive(r);
}

/* Writable again, a write is one fault: faults per page. */
static double write_once(struct run *r)
{
	begin(r);
	checks_protect(&r->mem, PROT_READ);
	checks_protect(&r->mem, PROT_READ | PROT_WRITE);
	return (double)(checks_increment(&r->mem) / PAGES);
}

/* What @see finds while there is a child, whose pages must stay as they were. */
static double with_child(struct run *r, double (*see)(struct run *r))
{
	int go[2], failed = pipe(go);
	pid_t pid = failed ? -1 : fork();
	double seen;
	char c;

	if (!pid)
		_exit(read(go[0], &c, 1) != 1 || checks_holding(&r->mem, 0) != PAGES);
	seen = see(r);
	failed = write(go[1], "", 1) != 1 || checks_child(pid);
	close(go[0]);
	close(go[1]);
	return failed ? -1 : seen;
}

/* fork() gives the parent its entries back: pages still exclusive. */
static double fork_restores(struct run *r)
{
	begin(r);
	return with_child(r, exclusive);
}

static double convert_and_write(struct run *r)
{
	return convert(r) == PAGES && checks_increment(&r->mem) ? exclusive(r) : -1;
}

/* A page shared read-only with a child is copied first: pages left after a write. */
static double breaks_cow(struct run *r)
{
	return with_child(r, convert_and_write);
}

/* What is exclusive already is given back and taken again: pages. */
static double exclusive_again(struct run *r)
{
	begin(r);
	return convert(r);
}

static const struct bench_assertion assertions[] = {
	{ fault_clears, 1, "/page" },	  { mprotect_keeps, PAGES, "pages" },
	{ write_once, 1, "faults/page" }, { fork_restores, 0, "pages" },
	{ breaks_cow, 0, "pages" },	  { exclusive_again, PAGES, "pages" },
};

static void setup(struct run *r)
{
	r->pages = PAGES;
	run_watched_pages(r);
	checks_number(&r->mem);
}

static void sample(struct run *r)
{
	run_assert(r, &assertions[r->arg[0]]);
}

static const struct bench_prediction predictions[] = {
	{ "asserts=write_once", "pass", EXPECT_SAME, "the entry's type is 6.12's under both" },
	{ "asserts=fault_clears", "pass", EXPECT_SAME, "the fault is the same code" },
	{ 0 },
};

const struct bench bench_semantics_doc = {
	.name = "semantics_doc",
	.question = "Do exclusive pages behave as today's kernels document them?",
	.sample_is = "one check, always 1; its outcome is in the metrics",
	.params = { BENCH_LABELS("asserts", "fault_clears", "mprotect_keeps", "write_once",
				 "fork_restores", "breaks_cow", "exclusive_again") },
	.primary = 1,
	.predictions = predictions,
	.pictures = { { BARS, "semantics", "pass", .beside = "observed" } },
	.setup = setup,
	.sample = sample,
	.teardown = run_free,
};
