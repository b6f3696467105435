// SPDX-License-Identifier: MIT
/*
 * What do the trackers of written pages make of exclusive pages?
 *
 * One sample is one round of a tracker over a fresh region of 512 pages (one page table) with an
 * MMU notifier, timed in user space around the call, per page: clear_refs (soft-dirty),
 * UFFDIO_WRITEPROTECT with a reader (wp) and with WP_ASYNC (wp_async), or PAGEMAP_SCAN, which finds
 * the written pages and protects them again (scan; in the sample is the opening of pagemap).  All pages
 * are written and then exclusive or, for comparison, ordinary.  Outside: registering with a
 * userfaultfd.  Metrics, from pagemap and rusage: what is exclusive afterwards, and the faults that
 * a write then takes, where no reader would have to resolve them.
 *
 * clear_refs knows no range: what else the process has is in each sample, the same in both.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "lib/core/die.h"
#include "lib/mem/checks.h"
#include "lib/mem/state.h"

#define REGION	512
#define REGIONS 7

enum { CLEAR_REFS, WP, WP_ASYNC, SCAN };

static struct {
	int refs, uffd;
	size_t exclusive, faults; /* of all regions, afterwards */
	int error;
} own;

static void setup(struct run *r)
{
	memset(&own, 0, sizeof(own));
	own.refs = own.uffd = -1;
	r->pages = REGION;
	if (r->arg[0] != CLEAR_REFS)
		return;
	own.refs = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
	run_pages(r);
	if (own.refs < 0)
		die("/proc/self/clear_refs: %s", strerror(errno));
	r->skip = state_lacks_soft_dirty(&r->mem);
	mem_free(&r->mem);
	r->mem.map = NULL;
}

/* 0, or errno. */
static int track(const struct run *r)
{
	switch (r->arg[0]) {
	case CLEAR_REFS:
		return write(own.refs, "4", 1) == 1 ? 0 : errno;
	case SCAN:
		return state_scan(&r->mem);
	default:
		return state_protect(own.uffd, &r->mem);
	}
}

/* Ready to be tracked; 0: it cannot be, and r->skip says why. */
static int prepare(struct run *r, size_t exclusive)
{
	run_watched_pages(r);
	checks_number(&r->mem);
	if (r->arg[0] != CLEAR_REFS)
		r->skip = state_register(&r->mem, r->arg[0] != WP, &own.uffd);
	if (r->skip)
		return 0;
	if (exclusive)
		dev_convert(r->dev, r->mem.start, mem_page_size(), REGION, 1);
	if (mem_exclusive(&r->mem) != exclusive)
		die("track_ops: not %zu pages are exclusive before the call", exclusive);
	return 1;
}

static void one_region(struct run *r)
{
	uint64_t start;
	int error;

	if (prepare(r, r->arg[1] ? 0 : REGION)) {
		start = clock_stamp();
		error = track(r);
		run_add(r, clock_ticks(start, clock_stamp()), error);
		own.error |= error;
		own.exclusive += mem_exclusive(&r->mem);
		if (r->arg[0] != WP)
			own.faults += checks_increment(&r->mem);
	}
	if (own.uffd >= 0)
		close(own.uffd);
	own.uffd = -1;
	run_free(r);
}

static void sample(struct run *r)
{
	r->pages_per_sample = REGION;
	for (int i = 0; i < (r->warm_up ? 1 : REGIONS) && !r->skip; i++)
		one_region(r);
	if (r->skip)
		return;
	run_metric(r, "errno", "", BETTER_NEITHER, own.error);
	run_metric(r, "exclusive_after", "%", BETTER_NEITHER,
		   100.0 * (double)own.exclusive / (double)r->attempted);
	if (r->arg[0] != WP)
		run_metric(r, "faults", "faults/write", BETTER_LOWER,
			   (double)own.faults / (double)r->attempted);
}

static void teardown(struct run *r __attribute__((unused)))
{
	if (own.refs >= 0)
		close(own.refs);
}

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_SAME, "the same code of one image meets entries of the same kind" },
	{ "", "faults", EXPECT_SAME, "likewise" },
	{ 0 },
};

const struct bench bench_track_ops = {
	.name = "track_ops",
	.question = "What do the trackers of written pages make of exclusive pages?",
	.sample_is = "one round of a tracker over a region of 512 pages, from user space",
	.params = { BENCH_LABELS("op", "clear_refs", "wp", "wp_async", "scan"),
		    BENCH_LABELS("range", "exclusive", "ordinary") },
	.predictions = predictions,
	.resolution = { .samples = 1, .metrics = 0.1 },
	.pictures = { { BARS, .group = "op" } },
	.setup = setup,
	.sample = sample,
	.teardown = teardown,
};
