// SPDX-License-Identifier: MIT
/*
 * What is left of processes that end without a word to their device.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "leftover.h"
#include "lib/mem/mem.h"
#include "module_test.h"

#define CHILDREN 1000

/* Half of them while a thread of the kernel's is at work for them. */
static void leave(const struct mem *mem, uint32_t engines)
{
	struct dex_device device = good_device(mem, engines);
	struct dex_job job = good_job();

	if (engines)
		job.count = UINT64_MAX;
	fd = open(DEX_DEVICE_PATH, O_RDWR);
	_exit(mmap(NULL, SAMPLES * sizeof(*samples), PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED ||
	      ioctl(fd, DEX_IOC_DEVICE, &device) || ioctl(fd, DEX_IOC_JOB, &job));
}

static int left(const struct mem *mem, uint32_t engines)
{
	pid_t pid = fork();

	if (!pid)
		leave(mem, engines);
	return child_status(pid) != 0;
}

/* One structure of 8 KiB a child would be 8 MiB. */
void test_leave(void)
{
	struct mem mem = mem_base_pages(DEVICE_PAGES);
	struct leftover before;
	int failed = 0;

	for (uint32_t i = 0; i < CHILDREN / 5; i++)
		failed += left(&mem, i % 2);
	before = leftover_now();
	for (uint32_t i = 0; i < CHILDREN; i++)
		failed += left(&mem, i % 2);
	expect("children with devices", failed, 0);
	expect("nothing is left of them", leftover_since(&before), 0);
	mem_free(&mem);
}
