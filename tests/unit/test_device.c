// SPDX-License-Identifier: MIT
/*
 * What bench/lib/workers/device.c asks of the module and makes of its answers, and that its
 * books find a lost update.  The fakes stand at the system calls (ld --wrap): the real
 * device is tested in guests.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "../kernel-module/dex_uapi.h"
#include "child.h"
#include "lib/core/die.h"
#include "lib/workers/device.h"
#include "lib/machine/topo.h"
#include "lib/workers/toucher.h"

#define PAGES 4

static struct dex_info module_info = { .size = sizeof(module_info),
				       .abi = DEX_ABI_VERSION,
				       .body = DEX_BODY_SINGLE,
				       .walk = DEX_WALK_FOLIO,
				       .max_batch = 1 };
static struct dex_sample fake_samples[8];
static struct dex_entry fake_entries[PAGES];
static char memory[PAGES * 4096] __attribute__((aligned(4096)));
static const struct mem mem = { .start = memory, .pages = PAGES };

static struct dex_device asked_device;
static struct dex_job asked_job;
static struct dex_state answer;
static int device_errno;
static uint64_t done_by_job; /* added to word 0 of each page that is mapped */
static unsigned int jobs;

int __wrap_open(const char *path, int flags, ...);
int __wrap_ioctl(int fd, unsigned long code, void *arg);
void *__wrap_mmap(void *at, size_t bytes, int prot, int flags, int fd, off_t offset);
int __wrap_munmap(void *at, size_t bytes);

int __wrap_open(const char *path, int flags, ...)
{
	(void)path, (void)flags;
	return 1000;
}

/* A touch by the fake CPU takes no page; so the test itself is the notifier. */
static int do_job(void)
{
	jobs++;
	for (size_t i = 0; i < PAGES; i++)
		*(uint64_t *)(void *)(memory + i * 4096) += done_by_job;
	return 0;
}

int __wrap_ioctl(int fd, unsigned long code, void *arg)
{
	assert_int_equal(fd, 1000);
	switch (code) {
	case DEX_IOC_INFO:
		memcpy(arg, &module_info, sizeof(module_info));
		return 0;
	case DEX_IOC_DEVICE:
		memcpy(&asked_device, arg, sizeof(asked_device));
		errno = device_errno;
		return device_errno ? -1 : 0;
	case DEX_IOC_JOB:
		memcpy(&asked_job, arg, sizeof(asked_job));
		return do_job();
	case DEX_IOC_STATE:
		answer.size = ((struct dex_state *)arg)->size;
		answer.flags = ((struct dex_state *)arg)->flags;
		memcpy(arg, &answer, sizeof(answer));
		return 0;
	default:
		errno = ENOTTY;
		return -1;
	}
}

void *__wrap_mmap(void *at, size_t bytes, int prot, int flags, int fd, off_t offset)
{
	(void)at, (void)flags, (void)fd;
	if (!offset)
		return fake_samples;
	assert_int_equal(offset, DEX_MIRROR_OFFSET);
	assert_int_equal(prot, PROT_READ);
	assert_int_equal(bytes, 4096);
	return fake_entries;
}

int __wrap_munmap(void *at, size_t bytes)
{
	(void)bytes;
	assert_ptr_equal(at, fake_entries);
	return 0;
}

static struct device *device_of(int narrow)
{
	const char *why = NULL;
	const struct device_shape shape = { .mem = &mem, .granule = 2, .narrow = narrow };
	struct device *device;

	memset(memory, 0, sizeof(memory));
	memset(fake_entries, 0, sizeof(fake_entries));
	answer = (struct dex_state){ 0 };
	done_by_job = device_errno = jobs = 0;
	device = device_new(dev_open(8, &why), &shape, &why);
	assert_non_null(device);
	return device;
}

static const struct device_job job = { .op = DEVICE_ADD,
				       .access = DEVICE_STRIDED,
				       .stride = 4096,
				       .span = sizeof(memory),
				       .count = PAGES,
				       .burst = 64,
				       .samples = 2 };

static void what_is_asked(void **state)
{
	struct device *device = device_of(0);

	(void)state;
	assert_int_equal(asked_device.start, (uintptr_t)memory);
	assert_int_equal(asked_device.length, sizeof(memory));
	assert_int_equal(asked_device.granule, 2);
	assert_int_equal(asked_device.cpu, 0);
	device_do(device, &job);
	assert_int_equal(asked_job.flags, DEX_JOB_WIDE);
	assert_int_equal(asked_job.op, DEX_OP_ADD);
	assert_int_equal(asked_job.access, DEX_ACCESS_STRIDED);
	assert_int_equal(asked_job.operand, 1);
	assert_int_equal(asked_job.until, 0);
	assert_int_equal(answer.flags, DEX_STATE_WAIT);
	device_stop(device);
	assert_int_equal(answer.flags, DEX_STATE_WAIT | DEX_STATE_STOP);
	device_free(device);
	assert_int_equal(asked_device.length, 0);
	assert_int_equal(DEVICE_EXCHANGE, DEX_OP_EXCHANGE);
	assert_int_equal(DEVICE_COMPARE, DEX_OP_COMPARE);
	assert_int_equal(DEVICE_TORN, DEX_OP_TORN);
	assert_int_equal(DEVICE_ONE, DEX_ACCESS_ONE);
	assert_int_equal(DEVICE_DISTINCT, DEX_ACCESS_DISTINCT);
	assert_int_equal(DEVICE_RANDOM, DEX_ACCESS_RANDOM);
}

static void jobs_are_added_up(void **state)
{
	struct device *device = device_of(0);
	struct device_work work;

	(void)state;
	answer = (struct dex_state){ .begin = 100,
				     .end = 130,
				     .faults = 2,
				     .retries = 1,
				     .samples = 2,
				     .atomics = { 3, 1 } };
	fake_samples[0].ticks = 7;
	fake_samples[1].ticks = 9;
	device_do(device, &job);
	fake_samples[0].ticks = 8;
	answer.samples = 1;
	device_do(device, &job);
	fake_entries[1] = (struct dex_entry){ 1, 5 };
	work = device_work(device);
	assert_int_equal(work.atomics, 8);
	assert_int_equal(work.faults, 4);
	assert_int_equal(work.retries, 2);
	assert_int_equal(work.ticks, 60);
	assert_int_equal(work.revoked, 5);
	assert_int_equal(work.samples, 3);
	assert_int_equal(work.sample[1], 9);
	assert_int_equal(work.sample[2], 8);
	assert_int_equal(device_mapped(device), 1);
	fake_entries[3].revoked = 1;
	work = device_work(device);
	assert_int_equal(work.atomics + work.samples, 0);
	assert_int_equal(work.revoked, 1);
	device_free(device);
}

/* Words may wrap, and what one side lost is lost whoever did it. */
static void the_books(void **state)
{
	struct device *device = device_of(0);

	(void)state;
	done_by_job = UINT64_MAX; /* one less in each of four words */
	answer.delta = (uint64_t)-PAGES;
	device_do(device, &job);
	device_touch(device, 2, 8, DEVICE_WRITE);
	device_touch(device, 2, 0, DEVICE_READ);
	device_increment(device, 3, 0, 5);
	assert_int_equal(device_missing(device, 6), 0);
	assert_int_equal(device_missing(device, 9), 3);
	answer.delta = (uint64_t)-PAGES + 2;
	device_do(device, &job);
	assert_int_equal(device_missing(device, 6), 2);
	device_free(device);
}

static void narrow_books(void **state)
{
	struct device *device = device_of(1);

	(void)state;
	done_by_job = UINT32_MAX; /* the low words: one less */
	answer.delta = (uint32_t)-PAGES;
	device_do(device, &job);
	assert_int_equal(asked_job.flags, 0);
	device_increment(device, 0, 4, 3); /* the high word of the first: no carry reaches it */
	device_touch(device, 1, 0, DEVICE_WRITE);
	assert_int_equal(device_missing(device, 4), 0);
	assert_int_equal(device_missing(device, 5), 1);
	device_free(device);
}

static void books_that_do_not_add_up(void *arg)
{
	struct device *device = device_of(0);

	(void)arg;
	answer.delta = 7;
	done_by_job = 1;
	device_do(device, &job);
	device_must_add_up(device, 2);
}

static void engine_gives_up(void *arg)
{
	struct device *device = device_of(0);

	(void)arg;
	answer.error = -EBUSY;
	device_do(device, &job);
}

static void module_refuses(void *arg)
{
	const char *why = NULL;
	const struct device_shape shape = { .mem = &mem, .granule = 3 };

	(void)arg;
	device_errno = EINVAL;
	device_new(dev_open(8, &why), &shape, &why);
}

static void misfits_end_the_program(void **state)
{
	char said[512];

	(void)state;
	assert_int_equal(child_run(books_that_do_not_add_up, NULL, said, sizeof(said)), DIE_STATUS);
	assert_non_null(strstr(
		said,
		"5 updates are lost: the device changed the sum by 7 and CPUs by 2, found is 4"));
	assert_int_equal(child_run(engine_gives_up, NULL, said, sizeof(said)), DIE_STATUS);
	assert_non_null(strstr(said, "an engine of the device gave up"));
	assert_non_null(strstr(said, strerror(EBUSY)));
	assert_int_equal(child_run(module_refuses, NULL, said, sizeof(said)), DIE_STATUS);
	assert_non_null(strstr(said, "DEVICE request: Invalid argument"));
}

static void too_few_cores(void **state)
{
	const char *why = NULL;
	const struct device_shape shape = {
		.mem = &mem, .granule = 1, .engines = 2, .core = topo_cores() - 1
	};

	(void)state;
	assert_null(device_new(dev_open(8, &why), &shape, &why));
	assert_non_null(strstr(why, "a core for each engine"));
}

/* The schedule: each touch is due a period behind the one before, and none is left out. */
static void touches_are_paced(void **state)
{
	uint32_t ticks[8];
	struct device_work work;
	struct device *device = device_of(0);
	struct toucher t = { .device = device,
			     .between = &job,
			     .touch = DEVICE_WRITE,
			     .first = 1,
			     .pages = 2,
			     .offset = 16,
			     .touches = 7,
			     .period = 1000,
			     .ticks = ticks,
			     .room = 8 };

	(void)state;
	toucher_run(&t);
	assert_int_equal(jobs, 7);
	assert_int_equal(asked_job.until, t.begin + 7000);
	assert_int_equal(t.revoking + t.kept, 0);
	assert_int_equal(toucher_added(&t), 7);
	assert_int_equal(memory[1 * 4096 + 16], 4);
	assert_int_equal(memory[2 * 4096 + 16], 3);
	assert_int_equal(device_missing(device, toucher_added(&t)), 0);
	t.touches = 3;
	work = toucher_play(&t, &job);
	assert_int_equal(work.ticks, t.end - t.begin);
	assert_int_equal(jobs, 10);
	t.between = NULL;
	t.touches = 7;
	t.idle = 1;
	toucher_run(&t);
	assert_int_equal(memory[2 * 4096 + 16], 4);
	assert_int_equal(toucher_added(&t), 0);
	t.idle = 0;
	t.touch = DEVICE_READ;
	toucher_run(&t);
	assert_int_equal(jobs, 10);
	assert_true(t.end - t.begin >= 7000);
	assert_int_equal(toucher_added(&t), 0);
	device_free(device);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_asked),
		cmocka_unit_test(jobs_are_added_up),
		cmocka_unit_test(the_books),
		cmocka_unit_test(narrow_books),
		cmocka_unit_test(misfits_end_the_program),
		cmocka_unit_test(too_few_cores),
		cmocka_unit_test(touches_are_paced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
