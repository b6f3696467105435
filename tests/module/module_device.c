// SPDX-License-Identifier: MIT
/*
 * The contract of the software device: DEVICE, JOB, STATE and the mirror.
 *
 * The CPU's own additions are plain increments: a page that both sides used at
 * once would show as a sum that is not what both added.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/machine/clock.h"
#include "lib/mem/mem.h"
#include "module_test.h"

#define PAGES	DEVICE_PAGES
#define ATOMICS 1000u

struct dex_device good_device(const struct mem *mem, uint32_t engines)
{
	return (struct dex_device){ .size = sizeof(struct dex_device),
				    .start = (uintptr_t)mem->start,
				    .length = mem->pages * PAGE,
				    .engines = engines,
				    .granule = 1 };
}

struct dex_job good_job(void)
{
	return (struct dex_job){ .size = sizeof(struct dex_job),
				 .flags = DEX_JOB_WIDE,
				 .op = DEX_OP_ADD,
				 .access = DEX_ACCESS_STRIDED,
				 .stride = PAGE,
				 .span = PAGES * PAGE,
				 .count = ATOMICS,
				 .operand = 3,
				 .burst = 64,
				 .samples = SAMPLES };
}

static struct dex_state state_of(uint32_t flags)
{
	struct dex_state state = { .size = sizeof(state), .flags = flags };

	expect("STATE", try(DEX_IOC_STATE, &state), 0);
	return state;
}

static void attach(struct dex_device device)
{
	expect("DEVICE", try(DEX_IOC_DEVICE, &device), 0);
}

static void detach(void)
{
	struct dex_device none = { .size = sizeof(none) };

	expect("DEVICE: remove", try(DEX_IOC_DEVICE, &none), 0);
}

static const volatile struct dex_entry *map_mirror(int prot)
{
	void *m = mmap(NULL, PAGE, prot, MAP_SHARED, fd, (off_t)DEX_MIRROR_OFFSET);

	return m == MAP_FAILED ? NULL : m;
}

static uint64_t sum(const struct mem *mem, size_t word)
{
	uint64_t all = 0;

	for (size_t i = 0; i < mem->pages * PAGE; i += word) {
		uint64_t value = 0;

		memcpy(&value, mem->start + i, word);
		all += value;
	}
	return word == 4 ? (uint32_t)all : all;
}

/* What a device that is gone left exclusive is an ordinary page to a CPU. */
static void take_back(const struct mem *mem)
{
	for (size_t i = 0; i < mem->pages; i++)
		(void)*(volatile char *)mem_page(mem, i);
	expect("none exclusive after all were touched", (long)mem_exclusive(mem), 0);
}

static void refused_devices(const struct mem *mem)
{
	struct dex_device good = good_device(mem, 1);
	struct dex_state state = { .size = sizeof(state) };
	struct dex_job job = good_job();
	const struct wrong wrong[] = {
		WRONG(dex_device, size, 0, EINVAL),
		WRONG(dex_device, flags, 2, EINVAL),
		WRONG(dex_device, start, 1, EINVAL),
		WRONG(dex_device, start, 1ull << 47, EINVAL),
		WRONG(dex_device, start, UINT64_MAX & ~(PAGE - 1), EINVAL),
		WRONG(dex_device, length, 1, EINVAL),
		WRONG(dex_device, length, (DEX_MAX_MIRROR + 1ull) * PAGE, EINVAL),
		WRONG(dex_device, length, UINT64_MAX & ~(PAGE - 1), EINVAL),
		WRONG(dex_device, length, 0, EINVAL), /* with a start */
		WRONG(dex_device, engines, DEX_MAX_ENGINES + 1, EINVAL),
		WRONG(dex_device, cpu, 4096, EINVAL),
		WRONG(dex_device, cpu, UINT32_MAX, EINVAL),
		WRONG(dex_device, granule, 0, EINVAL),
		WRONG(dex_device, granule, 3, EINVAL),
		WRONG(dex_device, granule, 2 * DEX_MAX_BATCH, EINVAL),
		WRONG(dex_device, reserved, 1, EINVAL),
	};

	expect_wrong(DEX_IOC_DEVICE, &good, sizeof(good), wrong, sizeof(wrong) / sizeof(wrong[0]));
	expect("DEVICE: bad pointer", try(DEX_IOC_DEVICE, (void *)1), EFAULT);
	expect("JOB: no device", try(DEX_IOC_JOB, &job), ENODEV);
	expect("STATE: no device", try(DEX_IOC_STATE, &state), ENODEV);
	expect("mirror: no device", map_mirror(PROT_READ) ? 0 : errno, ENODEV);
	good.engines = 0;
	good.cpu = 1;
	expect("DEVICE: a CPU for nobody", try(DEX_IOC_DEVICE, &good), EINVAL);
	detach();
}

static void refused_jobs(const struct mem *mem)
{
	struct dex_device again = good_device(mem, 0);
	struct dex_job good = good_job();
	struct dex_state state = { .size = sizeof(state) };
	const struct wrong wrong[] = {
		WRONG(dex_job, size, 0, EINVAL),
		WRONG(dex_job, flags, 2, EINVAL),
		WRONG(dex_job, op, 0, EINVAL),
		WRONG(dex_job, op, 4, EINVAL),
		WRONG(dex_job, access, 0, EINVAL),
		WRONG(dex_job, access, DEX_ACCESS_ONE, EINVAL), /* of several slots */
		WRONG(dex_job, access, 5, EINVAL),
		WRONG(dex_job, offset, 4, EINVAL),
		WRONG(dex_job, offset, 8, EINVAL), /* out of the range */
		WRONG(dex_job, offset, UINT64_MAX & ~7ull, EINVAL),
		WRONG(dex_job, stride, 0, EINVAL),
		WRONG(dex_job, stride, 4, EINVAL),
		WRONG(dex_job, stride, 1ull << 62, EINVAL),
		WRONG(dex_job, span, 0, EINVAL),
		WRONG(dex_job, span, (PAGES + 1) * PAGE, EINVAL),
		WRONG(dex_job, span, UINT64_MAX & ~(PAGE - 1), EINVAL),
		WRONG(dex_job, span, PAGE + 8, EINVAL),
		WRONG(dex_job, count, 0, EINVAL),
		WRONG(dex_job, burst, 0, EINVAL),
		WRONG(dex_job, burst, DEX_MAX_BURST + 1, EINVAL),
		WRONG(dex_job, samples, SAMPLES + 1, ENOBUFS),
		WRONG(dex_job, reserved, 1, EINVAL),
	};
	const struct wrong wrong_state[] = {
		WRONG(dex_state, size, 0, EINVAL),
		WRONG(dex_state, flags, 4, EINVAL),
		WRONG(dex_state, reserved, 1, EINVAL),
	};

	attach(good_device(mem, 0));
	expect("DEVICE: a second one", try(DEX_IOC_DEVICE, &again), EBUSY);
	expect_wrong(DEX_IOC_JOB, &good, sizeof(good), wrong, sizeof(wrong) / sizeof(wrong[0]));
	expect_wrong(DEX_IOC_STATE, &state, sizeof(state), wrong_state,
		     sizeof(wrong_state) / sizeof(wrong_state[0]));
	expect("JOB: bad pointer", try(DEX_IOC_JOB, (void *)1), EFAULT);
	expect("STATE: bad pointer", try(DEX_IOC_STATE, (void *)1), EFAULT);
	expect("mirror: writable", map_mirror(PROT_READ | PROT_WRITE) ? 0 : errno, EINVAL);
	expect("none exclusive after refusals", (long)mem_exclusive(mem), 0);
	detach();
}

/* One job of the asking thread, its sum, its pages; then the CPU takes them back. */
static void one_job(const struct mem *mem, struct dex_job job)
{
	size_t word = job.flags & DEX_JOB_WIDE ? 8 : 4;
	const volatile struct dex_entry *entry;
	uint64_t before, used = 0;
	struct dex_state state;

	before = sum(mem, word);
	attach(good_device(mem, 0));
	entry = map_mirror(PROT_READ);
	expect("JOB", try(DEX_IOC_JOB, &job), 0);
	state = state_of(DEX_STATE_WAIT);
	expect("JOB: error", state.error, 0);
	expect("JOB: atomics", (long)state.atomics[0], (long)job.count);
	for (size_t i = 0; i < PAGES; i++)
		used += entry[i].mapped;
	expect("JOB: exclusive as mapped", (long)mem_exclusive(mem), (long)used);
	expect("JOB: faults", (long)state.faults, (long)used);
	expect("JOB: samples", state.samples, (long)used);
	expect("JOB: a sample", used && samples[used - 1].ticks > 0 && samples[used - 1].ok == 1,
	       1);
	state.delta = sum(mem, word) - before - state.delta;
	expect("JOB: lost updates", (long)(word == 4 ? (uint32_t)state.delta : state.delta), 0);
	expect("JOB: none exclusive after the touch", (long)mem_exclusive(mem), 0);
	expect("JOB: none mapped after the touch", entry[0].mapped, 0);
	expect("JOB: revoked once", entry[0].revoked, 1);
	munmap((void *)entry, PAGE);
	detach();
}

static void jobs(const struct mem *mem)
{
	for (uint32_t op = DEX_OP_ADD; op <= DEX_OP_COMPARE; op++) {
		for (uint32_t access = DEX_ACCESS_ONE; access <= DEX_ACCESS_RANDOM; access++) {
			struct dex_job job = good_job();

			job.op = op;
			job.access = access;
			job.operand = 0x123456789abcdefull;
			if (access == DEX_ACCESS_ONE)
				job.span = job.stride;
			one_job(mem, job);
			job.flags = 0;
			job.stride = 4;
			job.span = access == DEX_ACCESS_ONE ? 4 : PAGES * PAGE;
			one_job(mem, job);
		}
	}
}

/* A time that has passed leaves one burst; faults do not count as one. */
static void deadline(const struct mem *mem)
{
	struct dex_job job = good_job();

	job.until = 1;
	attach(good_device(mem, 0));
	expect("JOB: until", try(DEX_IOC_JOB, &job), 0);
	expect("JOB: one burst", (long)state_of(0).atomics[0], PAGES - 1 + 64);
	job.until = clock_stamp() + 1000000000ull;
	job.count = 10;
	expect("JOB: until later", try(DEX_IOC_JOB, &job), 0);
	expect("JOB: the count first", (long)state_of(0).atomics[0], 10);
	detach();
	take_back(mem);
}

/* Threads at work while the CPU increments the very words that they add to. */
static void engines(const struct mem *mem, uint32_t n, uint32_t granule, uint32_t op)
{
	struct dex_device device = good_device(mem, n);
	struct dex_job job = good_job();
	uint64_t before = sum(mem, 8), found, touches = 0;
	struct dex_state state;

	device.granule = granule;
	attach(device);
	job.op = op;
	job.count = UINT64_MAX;
	expect("engines: JOB", try(DEX_IOC_JOB, &job), 0);
	expect("engines: a second job", try(DEX_IOC_JOB, &job), EBUSY);
	for (; touches < 400; touches++) {
		__asm__ volatile("incq %0" : "+m"(*(uint64_t *)mem_page(mem, touches % PAGES)));
		if (touches % 10 == 0)
			usleep(1000);
	}
	expect("engines: at work", state_of(0).running, n);
	state = state_of(DEX_STATE_STOP | DEX_STATE_WAIT);
	expect("engines: all stopped", state.running || !state.end, 0);
	expect("engines: error", state.error, 0);
	expect("engines: faults", state.faults > 0 && state.revoked > 0, 1);
	found = sum(mem, 8) - before;
	expect("engines: lost updates", (long)(state.delta + touches - found), 0);
	for (uint32_t i = 0; i < n; i++)
		expect("engines: each did some", state.atomics[i] > 0, 1);
	job.count = 5;
	expect("engines: the next job", try(DEX_IOC_JOB, &job), 0);
	expect("engines: as asked for", (long)state_of(DEX_STATE_WAIT).atomics[0], 5);
	detach();
	take_back(mem);
}

/* It would not be atomic among engines. */
static void not_torn(const struct mem *mem)
{
	struct dex_job job = good_job();

	job.op = DEX_OP_TORN;
	for (uint32_t n = 0; n <= 2; n += 2) {
		if (n > (uint32_t)sysconf(_SC_NPROCESSORS_ONLN))
			continue;
		attach(good_device(mem, n));
		expect("torn: by more engines or none", try(DEX_IOC_JOB, &job), EINVAL);
		detach();
	}
}

/* The page goes away under the device; and it is the device's fault that it wants it. */
static void unmapped(void)
{
	struct mem mem = mem_base_pages(PAGES);
	struct dex_job job = good_job();
	struct dex_state state;

	attach(good_device(&mem, 1));
	job.count = UINT64_MAX;
	expect("munmap: JOB", try(DEX_IOC_JOB, &job), 0);
	usleep(2000);
	mem_free(&mem);
	state = state_of(DEX_STATE_WAIT);
	expect("munmap: error", state.error, -EFAULT);
	detach();
}

static void granule(const struct mem *mem)
{
	struct dex_device device = good_device(mem, 0);
	struct dex_job job = good_job();

	device.granule = 4;
	job.access = DEX_ACCESS_ONE;
	job.span = job.stride;
	attach(device);
	expect("granule: JOB", try(DEX_IOC_JOB, &job), 0);
	expect("granule: exclusive", (long)mem_exclusive(mem), 4);
	expect("granule: faults", (long)state_of(0).faults, 1);
	detach();
	take_back(mem);
}

static void referenced(const struct mem *mem)
{
	struct dex_device device = good_device(mem, 0);
	struct dex_job job = good_job();
	struct dex_state state;
	uint64_t before = sum(mem, 8);

	device.flags = DEX_DEVICE_REFERENCED;
	attach(device);
	expect("referenced: JOB", try(DEX_IOC_JOB, &job), 0);
	state = state_of(0);
	expect("referenced: none exclusive", (long)mem_exclusive(mem), 0);
	expect("referenced: sum", (long)(sum(mem, 8) - before - state.delta), 0);
	expect("referenced: never revoked", (long)state.revoked, 0);
	detach();
}

static void random_jobs(const struct mem *mem)
{
	uint32_t seed = 11;
	int strange = 0;

	attach(good_device(mem, 0));
	for (int i = 0; i < 2000; i++) {
		struct dex_job job = good_job();
		uint64_t *words = (uint64_t *)&job;
		int error;

		words[odd_number(&seed) % (sizeof(job) / 8)] = odd_number(&seed);
		job.until = 1;
		error = try(DEX_IOC_JOB, &job);
		strange += error && error != EINVAL && error != ENOBUFS;
	}
	expect("undocumented errors of random jobs", strange, 0);
	detach();
}

/* Engines go on until their process is gone. */
static void work_for_ever(int ready)
{
	struct mem mem = mem_base_pages(PAGES);
	struct dex_device device = good_device(&mem, (uint32_t)sysconf(_SC_NPROCESSORS_ONLN));
	struct dex_job job = good_job();

	fd = open(DEX_DEVICE_PATH, O_RDWR);
	mmap(NULL, SAMPLES * sizeof(*samples), PROT_READ, MAP_SHARED, fd, 0);
	job.count = UINT64_MAX;
	if (ioctl(fd, DEX_IOC_DEVICE, &device) || ioctl(fd, DEX_IOC_JOB, &job) ||
	    write(ready, "x", 1) != 1)
		_exit(1);
	for (;;)
		++*(volatile char *)mem.start;
}

void test_device(void)
{
	struct mem mem = mem_base_pages(PAGES);

	refused_devices(&mem);
	refused_jobs(&mem);
	jobs(&mem);
	deadline(&mem);
	engines(&mem, 1, 1, DEX_OP_ADD);
	engines(&mem, 1, 1, DEX_OP_TORN);
	engines(&mem, (uint32_t)sysconf(_SC_NPROCESSORS_ONLN), 1, DEX_OP_ADD);
	engines(&mem, (uint32_t)sysconf(_SC_NPROCESSORS_ONLN), 4, DEX_OP_ADD);
	not_torn(&mem);
	granule(&mem);
	referenced(&mem);
	unmapped();
	random_jobs(&mem);
	killed("killed while engines work", work_for_ever);
	mem_free(&mem);
}
