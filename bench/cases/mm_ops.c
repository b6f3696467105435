// SPDX-License-Identifier: MIT
/*
 * What do other memory operations make of exclusive pages?
 *
 * One sample is one system call over a fresh region of 512 pages (one page table) with
 * an MMU notifier, timed in user space around the call, per page; all pages are exclusive
 * or, for comparison, ordinary.  For fork the child's life is outside (it does not run
 * before the parent's second stamp), the rest of the process is inside.  What came of the
 * pages is in the metrics, from pagemap; a call that is refused has its errno there.
 *
 * Nobody holds a folio lock here; which free frames a freed page merges with is the boot's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "lib/core/die.h"

#define REGION	512
#define REGIONS 7

enum { FORK, MPROTECT, MUNMAP, DONTNEED, MOVE_PAGES, PAGEOUT };

static struct {
	void **page; /* move_pages' arguments */
	int *node;   /* and behind it the answers */
	pid_t child;
	size_t exclusive, present; /* pages of all regions, afterwards */
	int error;
} own;

/* A process of a real-time class is not preempted by its child, which is of none. */
static void set_class(int class)
{
	const struct sched_param param = { .sched_priority = class == SCHED_OTHER ? 0 : 1 };

	if (sched_setscheduler(0, class, &param))
		die("sched_setscheduler: %s; run as root", strerror(errno));
}

static void setup(struct run *r)
{
	struct sysinfo info = { 0 };

	memset(&own, 0, sizeof(own));
	own.page = xcalloc(REGION, sizeof(*own.page) + 2 * sizeof(int));
	own.node = (int *)(own.page + REGION);
	r->pages = REGION;
	sysinfo(&info);
	if (r->arg[0] == PAGEOUT && !info.totalswap)
		r->skip = "without swap nothing can be paged out, and /proc/swaps is empty";
	if (r->arg[0] == MOVE_PAGES && syscall(SYS_move_pages, 0, 0, 0, 0, 0, 0) && errno == ENOSYS)
		r->skip = "no move_pages(2): CONFIG_NUMA, or since 7.3 CONFIG_NUMA_MIGRATION";
	set_class(SCHED_FIFO | SCHED_RESET_ON_FORK);
}

/* 0, or -1 and errno. */
static int operate(const struct run *r)
{
	switch (r->arg[0]) {
	case FORK:
		own.child = fork();
		if (!own.child)
			_exit(0);
		return own.child < 0 ? -1 : 0;
	case MPROTECT:
		return mprotect(r->mem.start, mem_bytes(&r->mem), PROT_READ);
	case MUNMAP:
		return munmap(r->mem.start, mem_bytes(&r->mem));
	case DONTNEED:
		return madvise(r->mem.start, mem_bytes(&r->mem), MADV_DONTNEED);
	case MOVE_PAGES:
		return (int)syscall(SYS_move_pages, 0, REGION, own.page, own.node,
				    own.node + REGION, 2 /* MPOL_MF_MOVE */);
	default:
		return madvise(r->mem.start, mem_bytes(&r->mem), MADV_PAGEOUT);
	}
}

static void one_region(struct run *r)
{
	size_t wanted = r->arg[1] ? 0 : REGION;
	uint64_t start;
	int error;

	run_watched_pages(r);
	for (size_t i = 0; i < REGION; i++)
		own.page[i] = mem_page(&r->mem, i);
	if (wanted)
		dev_convert(r->dev, r->mem.start, mem_page_size(), REGION, 1);
	if (mem_exclusive(&r->mem) != wanted)
		die("mm_ops: not %zu pages are exclusive before the call", wanted);
	start = clock_stamp();
	error = operate(r) ? errno : 0;
	run_add(r, clock_ticks(start, clock_stamp()), error);
	own.error |= error;
	own.exclusive += mem_exclusive(&r->mem);
	own.present += mem_count(&r->mem, MEM_PRESENT);
	if (own.child > 0)
		waitpid(own.child, NULL, 0);
	run_free(r);
}

static void sample(struct run *r)
{
	double all;

	r->pages_per_sample = REGION;
	for (int i = 0; i < (r->warm_up ? 1 : REGIONS); i++)
		one_region(r);
	run_metric(r, "errno", "", BETTER_NEITHER, own.error);
	all = (double)r->attempted;
	run_metric(r, "exclusive_after", "%", BETTER_NEITHER, 100.0 * (double)own.exclusive / all);
	run_metric(r, "present_after", "%", BETTER_NEITHER, 100.0 * (double)own.present / all);
}

static void teardown(struct run *r __attribute__((unused)))
{
	set_class(SCHED_OTHER);
	free(own.page);
}

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_SAME, "the same code of one image meets entries of the same kind" },
	{ 0 },
};

const struct bench bench_mm_ops = {
	.name = "mm_ops",
	.question = "What do other memory operations make of exclusive pages?",
	.sample_is = "one system call over a region of 512 pages, from user space",
	.params = { BENCH_LABELS("op", "fork", "mprotect", "munmap", "dontneed", "move_pages",
				 "pageout"),
		    BENCH_LABELS("range", "exclusive", "ordinary") },
	.predictions = predictions,
	.resolution = { .samples = 2 }, /* pageout, 1.6 behind other cases */
	.needs = { .swap = 1 },
	.pictures = { { BARS, .group = "op" } },
	.setup = setup,
	.sample = sample,
	.teardown = teardown,
};
