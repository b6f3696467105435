// SPDX-License-Identifier: MIT
/*
 * Do exclusive pages behave as the first selftests demanded?
 *
 * What tools/testing/selftests/mm/hmm-tests.c asked of the interface when it was
 * introduced (5.14), each as an assertion of its own, on 64 pages: pass is 1 if it
 * holds, observed is the number that it was decided by.  An assertion that does
 * not hold is a result; the case ends only if a check cannot be made.
 *
 * One sample is one check and always 1.  It cannot show a device's access, which
 * those tests simulate; its write is here the conversion, a look-up for writing.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"
#include "lib/core/die.h"
#include "lib/mem/checks.h"

#define PAGES 64

static size_t convert(struct run *r)
{
	return dev_convert(r->dev, r->mem.start, mem_page_size(), PAGES, 1).succeeded;
}

/* Where a check begins with exclusive pages: it cannot be made without. */
static void begin(struct run *r)
{
	if (convert(r) != PAGES || mem_exclusive(&r->mem) != PAGES)
		die("semantics: not all pages could be made exclusive");
}

static double converts(struct run *r)
{
	return convert(r) == PAGES ? (double)mem_exclusive(&r->mem) : 0;
}

static double read_revokes(struct run *r)
{
	begin(r);
	return checks_holding(&r->mem, 0) == PAGES ? (double)(PAGES - mem_exclusive(&r->mem)) : 0;
}

static double write_revokes(struct run *r)
{
	begin(r);
	checks_increment(&r->mem);
	return mem_exclusive(&r->mem) ? 0 : (double)checks_holding(&r->mem, 1);
}

static double converts_again(struct run *r)
{
	begin(r);
	checks_increment(&r->mem);
	return converts(r);
}

static double shared_converts(struct run *r)
{
	if (mmap(r->mem.start, mem_bytes(&r->mem), PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		die("mapping shared memory: %s", strerror(errno));
	checks_increment(&r->mem);
	convert(r);
	return (double)mem_exclusive(&r->mem);
}

/* Pages that a device may not write. */
static double mprotect_denies(struct run *r)
{
	begin(r);
	checks_protect(&r->mem, PROT_READ);
	return (double)(PAGES - convert(r));
}

/* Each of the two processes sees its own writes alone. */
static double fork_copies(struct run *r)
{
	pid_t pid;

	begin(r);
	pid = fork();
	checks_increment(&r->mem);
	if (!pid)
		_exit(checks_holding(&r->mem, 1) != PAGES);
	return checks_child(pid) ? 0 : (double)checks_holding(&r->mem, 1);
}

/* A process that ends with exclusive pages ends well. */
static double exit_releases(struct run *r)
{
	pid_t pid = fork();
	const char *why;

	if (!pid) {
		r->dev = dev_open(PAGES, &why);
		r->mem = mem_base_pages(PAGES);
		_exit(r->dev && converts(r) == PAGES ? 0 : 1);
	}
	return checks_child(pid) ? 0 : PAGES;
}

static double (*const assertions[])(struct run *r) = {
	converts,	 read_revokes,	  write_revokes, converts_again,
	shared_converts, mprotect_denies, fork_copies,	 exit_releases,
};

static void setup(struct run *r)
{
	r->pages = PAGES;
	run_watched_pages(r);
	checks_number(&r->mem);
}

static void sample(struct run *r)
{
	const struct bench_assertion one = { assertions[r->arg[0]], PAGES, "pages" };

	run_assert(r, &one);
}

static const struct bench_prediction predictions[] = {
	{ "", "pass", EXPECT_SAME, "the folio walk replaces the same entries of base pages" },
	{ 0 },
};

const struct bench bench_semantics = {
	.name = "semantics",
	.question = "Do exclusive pages behave as the first selftests demanded?",
	.sample_is = "one check, always 1; its outcome is in the metrics",
	.params = { BENCH_LABELS("asserts", "converts", "read_revokes", "write_revokes",
				 "converts_again", "shared_converts", "mprotect_denies",
				 "fork_copies", "exit_releases") },
	.primary = 1,
	.predictions = predictions,
	.pictures = { { BARS, "semantics", "pass", .beside = "observed" } },
	.setup = setup,
	.sample = sample,
	.teardown = run_free,
};
