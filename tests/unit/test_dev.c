// SPDX-License-Identifier: MIT
/*
 * What bench/lib/machine/dev.c says when the device is not as it must be.  The fakes
 * stand at the system calls (ld --wrap): the real module is tested in guests
 * (module_test.c).
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "../kernel-module/dex_uapi.h"
#include "child.h"
#include "lib/core/die.h"
#include "lib/machine/dev.h"

static int open_errno;
static struct dex_info module_info;
static int convert_errno;
static struct dex_sample fake_samples[8];

int __wrap_open(const char *path, int flags, ...);
int __wrap_ioctl(int fd, unsigned long code, void *arg);
void *__wrap_mmap(void *at, size_t bytes, int prot, int flags, int fd, off_t offset);

int __wrap_open(const char *path, int flags, ...)
{
	(void)flags;
	assert_string_equal(path, DEX_DEVICE_PATH);
	errno = open_errno;
	return open_errno ? -1 : 1000;
}

int __wrap_ioctl(int fd, unsigned long code, void *arg)
{
	(void)fd;
	if (code == DEX_IOC_INFO) {
		memcpy(arg, &module_info, sizeof(module_info));
		return 0;
	}
	errno = convert_errno;
	return convert_errno ? -1 : 0;
}

void *__wrap_mmap(void *at, size_t bytes, int prot, int flags, int fd, off_t offset)
{
	(void)at, (void)bytes, (void)prot, (void)flags, (void)fd, (void)offset;
	return fake_samples;
}

static const char *why_not(int error)
{
	const char *why = NULL;

	open_errno = error;
	assert_null(dev_open(8, &why));
	open_errno = 0;
	return why;
}

static void reasons_are_true(void **state)
{
	(void)state;
	assert_non_null(strstr(why_not(ENOENT), "the module is not loaded"));
	assert_non_null(strstr(why_not(EACCES), "run as root"));
	assert_non_null(strstr(why_not(EPERM), "run as root"));
	assert_string_equal(why_not(ENODEV), strerror(ENODEV));
}

static struct dev *open_good(size_t samples)
{
	const char *why;

	module_info = (struct dex_info){ .size = sizeof(module_info),
					 .abi = DEX_ABI_VERSION,
					 .body = DEX_BODY_SINGLE,
					 .walk = DEX_WALK_FOLIO,
					 .clock_khz = 1000,
					 .max_batch = 1 };
	return dev_open(samples, &why);
}

static void info_is_passed_on(void **state)
{
	struct dev *dev = open_good(8);

	(void)state;
	assert_string_equal(dev_info(dev)->body, "single");
	assert_string_equal(dev_info(dev)->walk, "folio");
	assert_int_equal(dev_info(dev)->clock_khz, 1000);
	fake_samples[2] = (struct dex_sample){ .ticks = 5, .error = -EFAULT, .ok = 0 };
	assert_int_equal(dev_sample(dev, 2).ticks, 5);
	assert_int_equal(dev_sample(dev, 2).error, EFAULT);
}

static void open_other_abi(void *arg)
{
	const char *why;

	(void)arg;
	module_info.abi = DEX_ABI_VERSION + 1;
	dev_open(8, &why);
}

static void open_too_many(void *arg)
{
	(void)arg;
	open_good(DEX_MAX_SAMPLES + 1ul);
}

static void failing_convert(void *arg)
{
	struct dev *dev = open_good(8);

	(void)arg;
	convert_errno = ENOBUFS;
	dev_convert(dev, NULL, 4096, 9, 1);
}

static void failing_hold(void *arg)
{
	struct dev *dev = open_good(8);

	(void)arg;
	convert_errno = EBUSY;
	dev_hold(dev, NULL, 1000, 0);
}

static void failing_loop(void *arg)
{
	struct dev *dev = open_good(8);
	struct dev_loop loop = { .pattern = DEV_UVM, .batch = 4, .count = 3 };

	(void)arg;
	convert_errno = EINVAL;
	dev_loop(dev, NULL, &loop);
}

static void misfits_end_the_program(void **state)
{
	char said[512], abi[64];

	(void)state;
	snprintf(abi, sizeof(abi), "speaks ABI %u, this program %u; rebuild", DEX_ABI_VERSION + 1,
		 DEX_ABI_VERSION);
	assert_int_equal(child_run(open_other_abi, NULL, said, sizeof(said)), DIE_STATUS);
	assert_non_null(strstr(said, abi));
	assert_int_equal(child_run(open_too_many, NULL, said, sizeof(said)), DIE_STATUS);
	assert_non_null(strstr(said, "use fewer --pages"));
	assert_int_equal(child_run(failing_convert, NULL, said, sizeof(said)), DIE_STATUS);
	assert_non_null(strstr(said, "CONVERT request of 9 calls"));
	assert_int_equal(child_run(failing_hold, NULL, said, sizeof(said)), DIE_STATUS);
	assert_non_null(strstr(said, "HOLD request: Device or resource busy"));
	assert_int_equal(child_run(failing_loop, NULL, said, sizeof(said)), DIE_STATUS);
	assert_non_null(strstr(said, "LOOP request of 3 faults: Invalid argument"));
	assert_int_equal(DEV_MAX_ITERATIONS, DEX_MAX_LOOPS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reasons_are_true),
		cmocka_unit_test(info_is_passed_on),
		cmocka_unit_test(misfits_end_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
