// SPDX-License-Identifier: MIT
/*
 * What a process other than the opener may do with the file, and sees of it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/mem/mem.h"
#include "module_test.h"

#define LOW	((char *)0x10000000) /* in reach of a device that starts at 0 */
#define MAPPED	(DEVICE_PAGES * PAGE)
#define MANY	1000
#define LOOK_US 1000

/* The errno of mapping something of our file in a child. */
static int mmap_in_a_child(off_t offset)
{
	pid_t pid = fork();

	if (!pid)
		_exit(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, offset) == MAP_FAILED ? errno
											: 0);
	return child_status(pid);
}

static void a_child(void)
{
	struct mem mem = mem_base_pages(DEVICE_PAGES);
	struct dex_device device = good_device(&mem, 0), none = { .size = sizeof(none) };
	pid_t pid = fork();

	if (!pid)
		_exit(ioctl(fd, DEX_IOC_NOP) ? errno : 0);
	expect("a child with our file", child_status(pid), EPERM);
	expect("a child that maps our buffer", mmap_in_a_child(0), EPERM);
	expect("a child and no device", mmap_in_a_child((off_t)DEX_MIRROR_OFFSET), EPERM);
	expect("a device", try(DEX_IOC_DEVICE, &device), 0);
	expect("a child that maps it", mmap_in_a_child((off_t)DEX_MIRROR_OFFSET), EPERM);
	expect("no device", try(DEX_IOC_DEVICE, &none), 0);
	mem_free(&mem);
}

static void not_root(void)
{
	pid_t pid = fork();

	if (!pid) {
		if (setuid(65534))
			_exit(1);
		_exit(open(DEX_DEVICE_PATH, O_RDWR) < 0 ? errno : 0);
	}
	expect("not root", child_status(pid), EACCES);
}

static char any_mapped(const volatile struct dex_entry *entry)
{
	for (size_t i = 0; i < DEVICE_PAGES; i++)
		if (entry[i].mapped)
			return 1;
	return 0;
}

/* Outlives @parent, and with it the file and the engines: what do they still use? */
static void witness(pid_t parent, const volatile struct dex_entry *entry, int said)
{
	char mapped = 1;

	while (getppid() == parent)
		usleep(LOOK_US);
	for (int i = 0; i < MANY && mapped; i++, usleep(LOOK_US))
		mapped = any_mapped(entry);
	_exit(write(said, &mapped, 1) != 1);
}

static void end_with_a_witness(int said)
{
	struct dex_device device = { .size = sizeof(device),
				     .length = (uintptr_t)LOW + MAPPED,
				     .engines = 1,
				     .granule = 1 };
	size_t bytes = device.length / PAGE * sizeof(struct dex_entry);
	struct dex_entry *entry;
	struct dex_job job = good_job();
	pid_t self = getpid();

	fd = open(DEX_DEVICE_PATH, O_RDWR);
	if (mmap(LOW, MAPPED, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_POPULATE, -1, 0) != LOW)
		_exit(1);
	job.offset = (uintptr_t)LOW;
	job.samples = 0;
	job.count = UINT64_MAX;
	if (ioctl(fd, DEX_IOC_DEVICE, &device) || ioctl(fd, DEX_IOC_JOB, &job))
		_exit(2);
	entry = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, (off_t)DEX_MIRROR_OFFSET);
	if (entry == MAP_FAILED)
		_exit(3);
	entry += (uintptr_t)LOW / PAGE;
	if (!fork())
		witness(self, entry, said);
	while (!any_mapped(entry))
		usleep(LOOK_US);
	_exit(0);
}

/* The last invalidation covers the whole address space, from 0 to ULONG_MAX. */
static void nothing_mapped_of_the_dead(void)
{
	char mapped = 1;
	int ends[2];
	pid_t pid;

	if (pipe(ends))
		exit(1);
	pid = fork();
	if (!pid)
		end_with_a_witness(ends[1]);
	expect("it ends while engines work", child_status(pid), 0);
	close(ends[1]);
	expect("a witness of it", read(ends[0], &mapped, 1), 1);
	expect("nothing of its memory is mapped", mapped, 0);
	close(ends[0]);
}

void test_other(void)
{
	a_child();
	not_root();
	expect("unload while open", syscall(SYS_delete_module, "dexbench", O_NONBLOCK) ? errno : 0,
	       EAGAIN);
	nothing_mapped_of_the_dead();
}
