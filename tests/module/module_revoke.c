// SPDX-License-Identifier: MIT
/*
 * How long a revocation waits for an engine at full speed.
 *
 * Told in bursts of the engine, not in time: it has to wait for the end of one, and while
 * the CPU does everything else that a system call needs, another may go by.  A lock that
 * the engine drops and takes again would let many go by, where it is not fair.  The
 * median, because an emulator's CPU may be away for long now and then.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "lib/mem/mem.h"
#include "module_test.h"

#define REVOCATIONS 101
#define MOST_BURSTS 1.5 /* a lock: 2 to 3, in a guest */

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static uint64_t atomics(void)
{
	struct dex_state state = { .size = sizeof(state) };

	expect("revoke: STATE", try(DEX_IOC_STATE, &state), 0);
	return state.atomics[0];
}

static int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Of a page that the engine does not use; the median of its atomics meanwhile. */
static uint64_t revoke_often(const struct mem *mem)
{
	double ms, sum = 0, worst = 0;
	uint64_t n[REVOCATIONS];

	for (int i = 0; i < REVOCATIONS; i++) {
		*(volatile char *)mem_page(mem, 1) = 1;
		n[i] = atomics();
		ms = now_ms();
		madvise(mem_page(mem, 1), PAGE, MADV_DONTNEED);
		ms = now_ms() - ms;
		n[i] = atomics() - n[i];
		sum += ms;
		worst = ms > worst ? ms : worst;
	}
	printf("module_test: %d revocations beside an engine: mean %.3f ms, worst %.3f ms\n",
	       REVOCATIONS, sum / REVOCATIONS, worst);
	qsort(n, REVOCATIONS, sizeof(n[0]), by_number);
	return n[REVOCATIONS / 2];
}

/* Away from the engine, which is on CPU 1. */
static void stay_on_cpu_0(cpu_set_t *before)
{
	cpu_set_t zero;

	CPU_ZERO(&zero);
	CPU_SET(0, &zero);
	expect("revoke: affinity", sched_getaffinity(0, sizeof(*before), before), 0);
	expect("revoke: CPU 0", sched_setaffinity(0, sizeof(zero), &zero), 0);
}

void test_revoke(void)
{
	cpu_set_t before;
	struct mem mem = mem_base_pages(DEVICE_PAGES);
	struct dex_device device = good_device(&mem, 1), none = { .size = sizeof(none) };
	struct dex_job job = good_job();
	uint64_t median;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		printf("module_test: skipped: revocations beside an engine need two CPUs\n");
		return;
	}
	stay_on_cpu_0(&before);
	device.cpu = 1;
	job.access = DEX_ACCESS_ONE;
	job.span = job.stride;
	job.count = UINT64_MAX;
	job.burst = DEX_MAX_BURST;
	expect("revoke: DEVICE", try(DEX_IOC_DEVICE, &device), 0);
	expect("revoke: JOB", try(DEX_IOC_JOB, &job), 0);
	usleep(10000);
	median = revoke_often(&mem);
	printf("module_test: bursts beside a revocation, median: %.2f\n",
	       (double)median / job.burst);
	expect("revoke: more than a few bursts", (double)median > MOST_BURSTS * job.burst, 0);
	expect("revoke: no device", try(DEX_IOC_DEVICE, &none), 0);
	sched_setaffinity(0, sizeof(before), &before);
	mem_free(&mem);
}
