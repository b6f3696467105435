// SPDX-License-Identifier: MIT
/*
 * The contract of the two requests that act like a driver: HOLD and LOOP.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/mem/mem.h"
#include "module_test.h"

#define MANY_ITERATIONS 100u
#define HUGE_BYTES	((size_t)2 << 20)

static struct dex_hold good_hold(const void *page, uint32_t ns)
{
	return (struct dex_hold){ .size = sizeof(struct dex_hold),
				  .start = (uintptr_t)page,
				  .ns = ns };
}

static void let_go(void)
{
	struct dex_hold none = good_hold(NULL, 0);

	expect("HOLD: let go", try(DEX_IOC_HOLD, &none), 0);
}

static void refused_holds(const struct mem *mem)
{
	struct dex_hold good = good_hold(mem->start, DEX_MAX_HOLD_NS);
	void *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	void *read_only = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const struct wrong wrong[] = {
		WRONG(dex_hold, size, 0, EINVAL),
		WRONG(dex_hold, flags, 1, EINVAL),
		WRONG(dex_hold, start, 1, EINVAL),
		WRONG(dex_hold, start, UINT64_MAX & ~(PAGE - 1), EINVAL),
		WRONG(dex_hold, start, 1ull << 47, EINVAL),
		WRONG(dex_hold, start, 0, EFAULT),
		WRONG(dex_hold, start, (uintptr_t)shared, EOPNOTSUPP),
		WRONG(dex_hold, start, (uintptr_t)read_only, EFAULT),
		WRONG(dex_hold, ns, DEX_MAX_HOLD_NS + 1, EINVAL),
		WRONG(dex_hold, ns, 0, EINVAL), /* with a start */
		WRONG(dex_hold, sample, SAMPLES, ENOBUFS),
		WRONG(dex_hold, sample, UINT32_MAX, ENOBUFS),
	};

	expect_wrong(DEX_IOC_HOLD, &good, sizeof(good), wrong, sizeof(wrong) / sizeof(wrong[0]));
	expect("HOLD: bad pointer", try(DEX_IOC_HOLD, (void *)1), EFAULT);
	expect("HOLD: none exclusive after refusals", (long)mem_exclusive(mem), 0);
	let_go();
	munmap(shared, PAGE);
	munmap(read_only, PAGE);
}

/* While it is held: a fork fails, a second hold is refused; a touch waits for the end. */
static void held(const struct mem *mem)
{
	struct dex_hold hold = good_hold(mem->start, DEX_MAX_HOLD_NS), other = hold;
	pid_t pid;

	hold.sample = 7;
	other.start += PAGE;
	*mem->start = 5;
	expect("HOLD", try(DEX_IOC_HOLD, &hold), 0);
	expect("HOLD: exclusive", (long)mem_exclusive(mem), 1);
	expect("HOLD: one at a time", try(DEX_IOC_HOLD, &other), EBUSY);
	pid = fork();
	if (!pid)
		_exit(0);
	expect("HOLD: fork fails", pid < 0 ? errno : 0, ENOMEM);
	expect("HOLD: still held", samples[7].ticks, 0);
	expect("HOLD: content", *(volatile char *)mem->start, 5);
	expect("HOLD: over when the touch is", samples[7].ticks > 0 && samples[7].ok == 1, 1);
	expect("HOLD: none exclusive after the touch", (long)mem_exclusive(mem), 0);
	expect("HOLD: the next at once", try(DEX_IOC_HOLD, &other), 0);
	let_go();
	expect("HOLD: told to let go", samples[0].ticks > 0, 1);
	expect("HOLD: its page can be taken back", *(volatile char *)(mem->start + PAGE), 1);
}

/* Converts and lets go of a page as often as it can, until it is killed. */
static void hold_for_ever(int ready)
{
	struct mem mem = mem_base_pages(8);
	struct dex_hold hold = good_hold(mem.start, DEX_MAX_HOLD_NS);

	fd = open(DEX_DEVICE_PATH, O_RDWR);
	mmap(NULL, SAMPLES * sizeof(*samples), PROT_READ, MAP_SHARED, fd, 0);
	if (ioctl(fd, DEX_IOC_HOLD, &hold) || write(ready, "x", 1) != 1)
		_exit(1);
	*(volatile char *)mem.start = 1;
	pause();
}

static struct dex_loop good_loop(const void *start, uint64_t count)
{
	return (struct dex_loop){ .size = sizeof(struct dex_loop),
				  .pattern = DEX_PATTERN_NOUVEAU,
				  .max_iterations = MANY_ITERATIONS,
				  .run = good_run(start, count) };
}

/* A loop that cannot end: one page that is exclusive, handled over and over. */
static void loop_for_ever(int ready)
{
	struct mem mem = mem_base_pages(8);
	struct dex_loop loop = good_loop(mem.start, SAMPLES);

	loop.max_iterations = DEX_MAX_LOOPS;
	loop.run.stride = 0;
	fd = open(DEX_DEVICE_PATH, O_RDWR);
	mmap(NULL, SAMPLES * sizeof(*samples), PROT_READ, MAP_SHARED, fd, 0);
	if (write(ready, "x", 1) != 1)
		_exit(1);
	ioctl(fd, DEX_IOC_LOOP, &loop);
	_exit(1);
}

void test_hold(void)
{
	struct mem mem = mem_base_pages(8);

	refused_holds(&mem);
	held(&mem);
	killed("killed while holding", hold_for_ever);
	mem_free(&mem);
}

static void refused_loops(const struct mem *mem)
{
	struct dex_loop good = good_loop(mem->start, 1);
	const struct wrong wrong[] = {
		WRONG(dex_loop, size, 0, EINVAL),
		WRONG(dex_loop, flags, 2, EINVAL),
		WRONG(dex_loop, pattern, 0, EINVAL),
		WRONG(dex_loop, pattern, 3, EINVAL),
		WRONG(dex_loop, max_iterations, 0, EINVAL),
		WRONG(dex_loop, max_iterations, DEX_MAX_LOOPS + 1, EINVAL),
		WRONG(dex_loop, run.size, 0, EINVAL),
		WRONG(dex_loop, run.flags, 1, EINVAL),
		WRONG(dex_loop, run.start, 1, EINVAL),
		WRONG(dex_loop, run.start, 1ull << 47, EINVAL),
		WRONG(dex_loop, run.batch, 2, EINVAL),
		WRONG(dex_loop, run.count, 0, EINVAL),
		WRONG(dex_loop, run.count, SAMPLES + 1, ENOBUFS),
	};
	struct dex_loop uvm = good;
	const struct wrong wrong_uvm[] = {
		WRONG(dex_loop, run.batch, 0, EINVAL),
		WRONG(dex_loop, run.batch, 3, EINVAL),
		WRONG(dex_loop, run.batch, 2 * DEX_MAX_BATCH, EINVAL),
		WRONG(dex_loop, run.start, (uintptr_t)mem->start + PAGE, EINVAL),
		WRONG(dex_loop, run.stride, PAGE, EINVAL),
	};

	uvm.pattern = DEX_PATTERN_UVM;
	uvm.run.batch = 4;
	uvm.run.stride = 4 * PAGE;
	expect_wrong(DEX_IOC_LOOP, &good, sizeof(good), wrong, sizeof(wrong) / sizeof(wrong[0]));
	expect_wrong(DEX_IOC_LOOP, &uvm, sizeof(uvm), wrong_uvm,
		     sizeof(wrong_uvm) / sizeof(wrong_uvm[0]));
	expect("LOOP: bad pointer", try(DEX_IOC_LOOP, (void *)1), EFAULT);
}

/* 8 pages in @pattern: fresh, then exclusive without and with the cure. */
static void loops(const struct mem *mem, uint32_t pattern, uint32_t batch)
{
	struct dex_loop loop = good_loop(mem->start, 8 / batch);

	loop.pattern = pattern;
	loop.run.batch = batch;
	loop.run.stride = batch * PAGE;
	expect("LOOP: fresh", try(DEX_IOC_LOOP, &loop), 0);
	expect("LOOP: fresh: succeeded", (long)loop.run.succeeded, 8);
	expect("LOOP: fresh: iterations", (long)loop.iterations, 8 / batch);
	expect("LOOP: fresh: exclusive", (long)mem_exclusive(mem), 8);
	expect("LOOP: no cure", try(DEX_IOC_LOOP, &loop), 0);
	expect("LOOP: no cure: attempted", (long)loop.run.attempted, 8);
	expect("LOOP: no cure: succeeded", (long)loop.run.succeeded, 0);
	expect("LOOP: no cure: iterations", (long)loop.iterations, MANY_ITERATIONS * 8 / batch);
	expect("LOOP: no cure: error", samples[0].error, -EBUSY);
	loop.flags = DEX_LOOP_CURE;
	expect("LOOP: cure", try(DEX_IOC_LOOP, &loop), 0);
	expect("LOOP: cure: succeeded", (long)loop.run.succeeded, 8);
	expect("LOOP: cure: iterations", (long)loop.iterations, 8 / batch);
	for (size_t i = 0; i < 8; i++)
		++*mem_page(mem, i);
	expect("LOOP: none exclusive after the touch", (long)mem_exclusive(mem), 0);
}

/* Where nothing is mapped, the lowest 2 MiB, too. */
static void loop_in_a_hole(uint32_t pattern)
{
	struct dex_loop loop = good_loop(NULL, 2);

	loop.pattern = pattern;
	loop.run.stride = 1ull << 40;
	expect("LOOP: hole", try(DEX_IOC_LOOP, &loop), 0);
	expect("LOOP: hole: error", samples[0].error, -EFAULT);
	expect("LOOP: hole: succeeded", (long)loop.run.succeeded, 0);
}

/* One large folio, somewhere in the mapping. */
static struct mem huge_mapping(void **mapping)
{
	size_t bytes = HUGE_BYTES;
	char *m = mmap(NULL, 2 * bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *huge = (char *)(((uintptr_t)m + bytes - 1) & ~(bytes - 1));

	madvise(huge, bytes, MADV_HUGEPAGE);
	memset(huge, 3, bytes);
	*mapping = m;
	return (struct mem){ .start = huge, .pages = DEVICE_PAGES };
}

/* A region inside one large folio: refused by the rmap walk, and no wait for ourselves. */
static void loop_in_a_huge_page(void)
{
	void *mapping;
	struct mem mem = huge_mapping(&mapping);
	struct dex_loop loop = good_loop(mem.start, 1);
	int refused = info.walk == DEX_WALK_RMAP || info.body == DEX_BODY_RANGE;

	loop.pattern = DEX_PATTERN_UVM;
	loop.flags = DEX_LOOP_CURE;
	loop.run.batch = 16;
	loop.run.stride = 16 * PAGE;
	expect("LOOP: huge page", try(DEX_IOC_LOOP, &loop), 0);
	expect("LOOP: huge page: succeeded", (long)loop.run.succeeded, refused ? 0 : 16);
	munmap(mapping, 2 * HUGE_BYTES);
}

/* An engine that cannot get a granule of a large folio tries for long, but not when it
 * is told to stop. */
static void stop_in_a_huge_page(void)
{
	void *mapping;
	struct mem mem = huge_mapping(&mapping);
	struct dex_device device = good_device(&mem, 1), none = { .size = sizeof(none) };
	struct dex_state state = { .size = sizeof(state) };
	struct dex_job job = good_job();

	device.granule = DEVICE_PAGES;
	expect("huge page: DEVICE", try(DEX_IOC_DEVICE, &device), 0);
	expect("huge page: JOB", try(DEX_IOC_JOB, &job), 0);
	do
		try(DEX_IOC_STATE, &state);
	while (!state.retries && state.running);
	state.flags = DEX_STATE_STOP | DEX_STATE_WAIT;
	expect("huge page: STATE", try(DEX_IOC_STATE, &state), 0);
	expect("huge page: stopped", state.error, info.body == DEX_BODY_RANGE ? 0 : -EOPNOTSUPP);
	expect("huge page: DEVICE: remove", try(DEX_IOC_DEVICE, &none), 0);
	munmap(mapping, 2 * HUGE_BYTES);
}

static void *ask_for_a_job(void *error)
{
	struct dex_job job = good_job();

	*(int *)error = try(DEX_IOC_JOB, &job);
	return NULL;
}

/* The asking thread as well, and it is not as if a signal had come. */
static void stop_the_asking_thread(void)
{
	void *mapping;
	struct mem mem = huge_mapping(&mapping);
	struct dex_device device = good_device(&mem, 0), none = { .size = sizeof(none) };
	struct dex_state stop = { .size = sizeof(stop), .flags = DEX_STATE_STOP };
	pthread_t thread;
	int error = -1;

	device.granule = DEVICE_PAGES;
	expect("huge page, no engines: DEVICE", try(DEX_IOC_DEVICE, &device), 0);
	pthread_create(&thread, NULL, ask_for_a_job, &error);
	usleep(5000);
	/* The answer waits for the job; that it is to stop does not. */
	expect("huge page, no engines: STATE", try(DEX_IOC_STATE, &stop), 0);
	pthread_join(thread, NULL);
	expect("huge page, no engines: JOB that is stopped", error, 0);
	expect("huge page, no engines: DEVICE: remove", try(DEX_IOC_DEVICE, &none), 0);
	munmap(mapping, 2 * HUGE_BYTES);
}

static void random_loops(const struct mem *mem)
{
	uint32_t state = 7;
	int strange = 0;

	for (int i = 0; i < 1000; i++) {
		struct dex_loop loop = good_loop(mem->start, 1);
		uint64_t *words = (uint64_t *)&loop;
		int error;

		words[odd_number(&state) % (sizeof(loop) / 8)] = odd_number(&state);
		memset(mem->start, i, mem->pages * PAGE);
		error = try(DEX_IOC_LOOP, &loop);
		strange += error && error != EINVAL && error != ENOBUFS;
	}
	expect("undocumented errors of random loops", strange, 0);
}

void test_loop(void)
{
	struct mem mem = mem_base_pages(8);

	refused_loops(&mem);
	loops(&mem, DEX_PATTERN_NOUVEAU, 1);
	loops(&mem, DEX_PATTERN_UVM, 1);
	loops(&mem, DEX_PATTERN_UVM, 8);
	loop_in_a_hole(DEX_PATTERN_NOUVEAU);
	loop_in_a_hole(DEX_PATTERN_UVM);
	loop_in_a_huge_page();
	stop_in_a_huge_page();
	stop_the_asking_thread();
	random_loops(&mem);
	killed("killed in a loop", loop_for_ever);
	mem_free(&mem);
}
