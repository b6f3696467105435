// SPDX-License-Identifier: MIT
/* The contract of HMM: what is found, what is faulted back, and what is left behind, which is nothing. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "leftover.h"
#include "lib/mem/mem.h"
#include "module_test.h"

#define PAGES	 8u
#define WRITE	 (DEX_HMM_FAULT | DEX_HMM_WRITE)
#define CHILDREN 40

static struct dex_hmm good_hmm(const void *start, uint32_t batch, uint32_t flags)
{
	return (struct dex_hmm){ .size = sizeof(struct dex_hmm),
				 .flags = flags,
				 .max_iterations = DEX_MAX_LOOPS,
				 .run = { .size = sizeof(struct dex_run),
					  .start = (uintptr_t)start,
					  .stride = batch * PAGE,
					  .count = 1,
					  .batch = batch } };
}

static void refused(const struct mem *mem)
{
	struct dex_hmm good = good_hmm(mem->start, PAGES, WRITE);
	const struct wrong wrong[] = {
		WRONG(dex_hmm, size, 0, EINVAL),
		WRONG(dex_hmm, flags, 8, EINVAL),
		WRONG(dex_hmm, flags, DEX_HMM_WRITE, EINVAL), /* nothing is faulted in */
		WRONG(dex_hmm, max_iterations, 0, EINVAL),
		WRONG(dex_hmm, max_iterations, DEX_MAX_LOOPS + 1, EINVAL),
		WRONG(dex_hmm, reserved, 1, EINVAL),
		WRONG(dex_hmm, run.size, 0, EINVAL),
		WRONG(dex_hmm, run.flags, 1, EINVAL),
		WRONG(dex_hmm, run.start, 1, EINVAL),
		WRONG(dex_hmm, run.start, 1ull << 47, EINVAL),
		WRONG(dex_hmm, run.stride, 1, EINVAL),
		WRONG(dex_hmm, run.count, 0, EINVAL),
		WRONG(dex_hmm, run.count, SAMPLES + 1, ENOBUFS),
		WRONG(dex_hmm, run.batch, 0, EINVAL),
		WRONG(dex_hmm, run.batch, DEX_MAX_BATCH + 1, EINVAL),
		WRONG(dex_hmm, run.reserved, 1, EINVAL),
	};

	expect_wrong(DEX_IOC_HMM, &good, sizeof(good), wrong, sizeof(wrong) / sizeof(wrong[0]));
	expect("HMM: bad pointer", try(DEX_IOC_HMM, (void *)1), EFAULT);
}

/* One call for all of the pages: how many it found, and why not all. */
static struct dex_hmm looked(const char *what, const void *start, uint32_t flags, uint64_t found,
			     int error)
{
	struct dex_hmm hmm = good_hmm(start, PAGES, flags);

	expect(what, try(DEX_IOC_HMM, &hmm), 0);
	expect(what, (long)hmm.run.succeeded, (long)found);
	expect(what, samples[0].ok, (long)found);
	expect(what, -samples[0].error, error);
	return hmm;
}

static void errors(uint32_t form)
{
	char *read_only = mmap(NULL, PAGES * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct mem absent = mem_reserve(PAGES);

	looked("HMM: not there, a look alone", absent.start, form, 0, 0);
	expect("HMM: a look faults nothing in", (long)mem_count(&absent, MEM_PRESENT), 0);
	looked("HMM: not there", absent.start, form | WRITE, PAGES, 0);
	expect("HMM: there now", (long)mem_count(&absent, MEM_PRESENT), PAGES);
	mem_free(&absent);
	looked("HMM: nothing mapped", absent.start, form | WRITE, 0, EFAULT);
	looked("HMM: read-only, to be read", read_only, form | DEX_HMM_FAULT, PAGES, 0);
	looked("HMM: read-only, to be written to", read_only, form | WRITE, 0, EPERM);
	munmap(read_only, PAGES * PAGE);
}

/* A fault-back invalidates the driver's own look, so that it looks twice, and no more. */
static void exclusive(const struct mem *mem, uint32_t form)
{
	struct dex_run run = good_run(mem->start, PAGES);
	struct dex_hmm hmm;

	hmm = looked("HMM: resident", mem->start, form | WRITE, PAGES, 0);
	expect("HMM: resident: one pass", (long)hmm.iterations, 1);
	expect("HMM: resident: base pages", (long)hmm.large, 0);
	expect("HMM: CONVERT", try(DEX_IOC_CONVERT, &run), 0);
	looked("HMM: exclusive, a look alone", mem->start, form, 0, 0);
	expect("HMM: a look takes nothing back", (long)mem_exclusive(mem), PAGES);
	hmm = looked("HMM: exclusive", mem->start, form | WRITE, PAGES, 0);
	expect("HMM: none is exclusive", (long)mem_exclusive(mem), 0);
	if (!form)
		expect("HMM: exclusive: repeated", hmm.iterations > 1, 1);
	expect("HMM: CONVERT", try(DEX_IOC_CONVERT, &run), 0);
	hmm = good_hmm(mem->start, PAGES, WRITE);
	hmm.max_iterations = 1;
	expect("HMM: one pass alone", try(DEX_IOC_HMM, &hmm), 0);
	expect("HMM: one pass alone does not do", -samples[0].error, EBUSY);
	mem_touch(mem);
}

static int there(void)
{
	struct dex_frames f = { .size = sizeof(f) };

	expect("HMM: FRAMES", try(DEX_IOC_FRAMES, &f), 0);
	return (int)f.used;
}

/* The driver's own stay; another's come back. */
static void private(const struct mem *mem, uint32_t form)
{
	struct dex_private region = { .size = sizeof(region), .pages = PAGES };
	struct dex_migrate m = { .size = sizeof(m), .run = good_hmm(mem->start, PAGES, 0).run };
	int own = fd, other = open(DEX_DEVICE_PATH, O_RDWR);

	if (try(DEX_IOC_PRIVATE, &region) == EOPNOTSUPP)
		goto out;
	expect("HMM: MIGRATE", try(DEX_IOC_MIGRATE, &m), 0);
	looked("HMM: private", mem->start, form | WRITE, PAGES, 0);
	expect("HMM: they stay", there(), PAGES);
	fd = other;
	expect("HMM: another's buffer",
	       mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED, 0);
	struct dex_hmm hmm = good_hmm(mem->start, PAGES, form | WRITE);

	expect("HMM: by another", try(DEX_IOC_HMM, &hmm), 0);
	expect("HMM: by another: found", (long)hmm.run.succeeded, PAGES);
	fd = own;
	expect("HMM: they came back", there(), 0);
	expect("HMM: and are resident", (long)mem_count(mem, MEM_PRESENT), PAGES);
	region.pages = 0;
	expect("HMM: PRIVATE: remove", try(DEX_IOC_PRIVATE, &region), 0);
out:
	close(other);
}

static void work_for_ever(int ready)
{
	struct mem mem = mem_base_pages(PAGES);
	struct dex_hmm hmm = good_hmm(mem.start, 1, WRITE);
	struct dex_run run = good_run(mem.start, PAGES);

	fd = open(DEX_DEVICE_PATH, O_RDWR);
	mmap(NULL, SAMPLES * sizeof(*samples), PROT_READ, MAP_SHARED, fd, 0);
	if (ioctl(fd, DEX_IOC_HMM, &hmm) || write(ready, "x", 1) != 1)
		_exit(1);
	for (hmm.run.count = SAMPLES, hmm.run.stride = 0;;) {
		ioctl(fd, DEX_IOC_CONVERT, &run);
		ioctl(fd, DEX_IOC_HMM, &hmm);
	}
}

static int left(const struct mem *mem)
{
	struct dex_hmm hmm = good_hmm(mem->start, PAGES, WRITE);
	pid_t pid = fork();

	if (!pid) {
		fd = open(DEX_DEVICE_PATH, O_RDWR);
		_exit(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED ||
		      ioctl(fd, DEX_IOC_HMM, &hmm) || hmm.run.succeeded != PAGES);
	}
	return child_status(pid) != 0;
}

static void leave(const struct mem *mem)
{
	struct leftover before;
	int failed = 0;

	for (int i = 0; i < CHILDREN / 4; i++)
		failed += left(mem);
	before = leftover_now();
	for (int i = 0; i < CHILDREN; i++)
		failed += left(mem);
	expect("children that look pages up", failed, 0);
	expect("nothing is left of their looks", leftover_since(&before), 0);
}

void test_hmm(void)
{
	struct mem mem = mem_base_pages(PAGES);
	struct dex_hmm unlocked = good_hmm(mem.start, PAGES, DEX_HMM_UNLOCKED);
	struct dex_hmm locked = good_hmm(mem.start, PAGES, 0);

	if (try(DEX_IOC_HMM, &locked) == EOPNOTSUPP) {
		printf("module_test: skipped: no hmm_range_fault() in this kernel\n");
		return;
	}
	refused(&mem);
	for (uint32_t form = 0; form <= DEX_HMM_UNLOCKED; form += DEX_HMM_UNLOCKED) {
		if (form && try(DEX_IOC_HMM, &unlocked) == EOPNOTSUPP)
			break;
		errors(form);
		exclusive(&mem, form);
		private(&mem, form);
	}
	killed("killed while looking pages up", work_for_ever);
	leave(&mem);
	mem_free(&mem);
}
