// SPDX-License-Identifier: MIT
/*
 * How long a revocation waits for engines at full speed.
 *
 * Told in bursts of the engine, not in time: it has to wait for the end of one burst, and
 * while the CPU does everything else that a system call needs, some more go by.  A
 * lock that the engine drops and takes again would let thousands go by, where it is
 * not fair.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "lib/mem.h"
#include "module_test.h"

#define REVOCATIONS 50
#define MOST_BURSTS 100 /* on the average; an emulator's CPU may be away for a while */

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

/* A page that the engine does not use. */
static uint64_t revoke_often(const struct mem *mem, uint32_t burst, double *worst)
{
	uint64_t before = atomics();
	double ms, sum = 0;

	*worst = 0;
	for (int i = 0; i < REVOCATIONS; i++) {
		*(volatile char *)mem_page(mem, 1) = 1;
		ms = now_ms();
		madvise(mem_page(mem, 1), PAGE, MADV_DONTNEED);
		ms = now_ms() - ms;
		sum += ms;
		if (ms > *worst)
			*worst = ms;
	}
	printf("module_test: revocation beside an engine: mean %.3f ms, worst %.3f ms, of %d\n",
	       sum / REVOCATIONS, *worst, REVOCATIONS);
	return (atomics() - before) / burst;
}

void test_revoke(void)
{
	struct mem mem = mem_base_pages(DEVICE_PAGES);
	struct dex_device device = good_device(&mem, 1), none = { .size = sizeof(none) };
	struct dex_job job = good_job();
	uint64_t bursts;
	double worst;

	device.cpu = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN) - 1;
	job.access = DEX_ACCESS_ONE;
	job.span = job.stride;
	job.count = UINT64_MAX;
	job.burst = DEX_MAX_BURST;
	expect("revoke: DEVICE", try(DEX_IOC_DEVICE, &device), 0);
	expect("revoke: JOB", try(DEX_IOC_JOB, &job), 0);
	usleep(10000);
	bursts = revoke_often(&mem, job.burst, &worst);
	printf("module_test: bursts for a revocation: %llu\n",
	       (unsigned long long)bursts / REVOCATIONS);
	expect("revoke: bursts for a revocation are few", bursts / REVOCATIONS > MOST_BURSTS, 0);
	expect("revoke: no device", try(DEX_IOC_DEVICE, &none), 0);
	mem_free(&mem);
}
