// SPDX-License-Identifier: MIT
/*
 * What does taking a page back cost when something stands in its way?
 *
 * One sample is the first write to an exclusive page, timed in user space around
 * that one instruction as in fault_back, with the folio still locked by the driver
 * (held), after mprotect() to read-only and back, or with soft-dirty tracking
 * armed after the conversion.  Metrics: page faults and notifier events per write;
 * of held also for how long the folio was locked.  In exact mode a nanosecond
 * of an idle CPU counts as an instruction, so that waiting is in the sample.
 *
 * It cannot tell waiting for the lock from being woken: the lock is held since
 * before the sample begins, and the sample ends after the unlocking.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench.h"
#include "lib/core/die.h"

enum { HELD, MPROTECT, SOFT_DIRTY };

#define HOLD_NS	      100000
#define PM_SOFT_DIRTY (1ull << 55) /* Documentation/admin-guide/mm/soft-dirty.rst */

static int soft_dirty_is_tracked(const struct mem *mem)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	off_t at = (off_t)((uintptr_t)mem->start / mem_page_size() * sizeof(uint64_t));
	uint64_t entry = 0;

	if (fd < 0 || pread(fd, &entry, sizeof(entry), at) != sizeof(entry))
		die("/proc/self/pagemap: cannot be read");
	close(fd);
	return !!(entry & PM_SOFT_DIRTY);
}

static void clear_soft_dirty(void)
{
	int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "4", 1) != 1)
		die("/proc/self/clear_refs: cannot be written");
	close(fd);
}

static void read_only_and_back(const struct mem *mem)
{
	if (mprotect(mem->start, mem_bytes(mem), PROT_READ) ||
	    mprotect(mem->start, mem_bytes(mem), PROT_READ | PROT_WRITE))
		die("fault_back_state: mprotect failed");
}

/* A page that waits takes as long as many that do not. */
static size_t pages(const struct run *r)
{
	return r->arg[0] == HELD ? r->pages / 8 : r->pages;
}

static void setup(struct run *r)
{
	run_watched_pages(r);
	if (r->arg[0] == SOFT_DIRTY && !soft_dirty_is_tracked(&r->mem))
		r->skip = "the kernel does not track soft-dirty pages (CONFIG_MEM_SOFT_DIRTY)";
	if (r->skip || r->arg[0] == HELD)
		return;
	dev_convert(r->dev, r->mem.start, mem_page_size(), r->pages, 1);
	if (mem_exclusive(&r->mem) != r->pages)
		die("fault_back_state: only %zu of %zu pages are exclusive before the touch",
		    mem_exclusive(&r->mem), r->pages);
	if (r->arg[0] == MPROTECT)
		read_only_and_back(&r->mem);
	else
		clear_soft_dirty();
	dev_events(r->dev); /* the preparation's own */
}

static long faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt + usage.ru_majflt;
}

static void touch(struct run *r, size_t i)
{
	volatile char *page = mem_page(&r->mem, i);
	uint64_t start = clock_stamp();

	*page = 2;
	run_add(r, clock_ticks(start, clock_stamp()), 0);
}

static void sample(struct run *r)
{
	double hold = 0;
	long before;

	/* What we write to is written first: soft-dirty tracking is for all that we have. */
	for (size_t i = 0; i < pages(r); i++)
		r->ticks[i] = (uint32_t)(r->errors[i] = 0);
	before = faults();
	for (size_t i = 0; i < pages(r); i++) {
		if (r->arg[0] == HELD)
			dev_hold(r->dev, mem_page(&r->mem, i), HOLD_NS, i);
		touch(r, i);
		hold += r->arg[0] == HELD ? dev_sample(r->dev, i).ticks : 0;
	}
	run_metric(r, "faults", "faults/write", BETTER_LOWER,
		   (double)(faults() - before) / (double)pages(r));
	if (r->arg[0] == HELD)
		run_metric(r, "hold", "ticks", BETTER_NEITHER, hold / (double)pages(r));
}

/* Every touch told the driver to let go, by the event of either kernel. */
static void check(struct run *r)
{
	uint64_t events = r->events.exclusive_other + r->events.clear_page;

	run_check_pages(r, 0);
	if (events < pages(r))
		die("fault_back_state: %llu notifier events for %zu touches",
		    (unsigned long long)events, pages(r));
	run_metric(r, "events", "events/write", BETTER_LOWER, (double)events / (double)pages(r));
}

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_SAME,
	  "either walk leaves the same entry behind, and it is restored by the same code" },
	{ "", "faults", EXPECT_SAME, "likewise; the one entry type that saves a fault came later" },
	{ "", "events", EXPECT_SAME, "likewise" },
	{ 0 },
};

const struct bench bench_fault_back_state = {
	.name = "fault_back_state",
	.question = "What does taking a page back cost when something stands in its way?",
	.sample_is = "the first write to an exclusive page in that state, from user space",
	.params = { BENCH_LABELS("state", "held", "mprotect", "soft-dirty") },
	.predictions = predictions,
	.pictures = { { BARS }, { IN_LADDER } },
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = run_free,
};
