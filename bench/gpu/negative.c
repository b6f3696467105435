// SPDX-License-Identifier: MIT
/*
 * Memory of the process that no driver should make exclusive: mapped by several at once, a
 * file's, or in huge pages of hugetlbfs.
 *
 * nvidia-uvm refuses VMAs that are VM_SHARED or VM_HUGETLB before it converts a page, so
 * nothing here can meet what it does to large folios (system.c).  That is why the
 * file is mapped MAP_SHARED: pages of a private one would get as far as the conversion.
 */
#define _GNU_SOURCE
#include "gpu/gpu.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/arch/arch.h"

#define HUGE_PAGE  ARCH_HUGE_BYTES
#define FILES_LIVE "/var/tmp" /* /tmp may be a tmpfs, whose files are shared memory */

static size_t mapped(const struct gpu_buffer *b)
{
	return b->memory == GPU_HUGETLB ? (b->bytes + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1) : b->bytes;
}

static const char *map(struct gpu_buffer *b, int flags, int fd)
{
	void *at = mmap(NULL, mapped(b), PROT_READ | PROT_WRITE, flags, fd, 0);

	if (at == MAP_FAILED)
		return gpu_text(
			"mmap of %s memory: %s%s", gpu_memory_name(b->memory), strerror(errno),
			b->memory == GPU_HUGETLB ? "; reserve some: sysctl vm.nr_hugepages=8" : "");
	b->cpu = memset(at, 0, b->bytes);
	b->device = (uintptr_t)at;
	return NULL;
}

static const char *map_file(struct gpu_buffer *b)
{
	int fd = open(FILES_LIVE, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	const char *why;

	if (fd < 0 || ftruncate(fd, (off_t)b->bytes))
		why = gpu_text("a file of %zu bytes in " FILES_LIVE ": %s", b->bytes,
			       strerror(errno));
	else
		why = map(b, MAP_SHARED, fd);
	if (fd >= 0)
		close(fd);
	return why;
}

const char *gpu_negative_map(struct gpu_buffer *b)
{
	if (b->memory == GPU_FILE)
		return map_file(b);
	if (b->memory == GPU_SHARED)
		return map(b, MAP_SHARED | MAP_ANONYMOUS, -1);
	return map(b, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1);
}

void gpu_negative_unmap(struct gpu_buffer *b)
{
	munmap(b->cpu, mapped(b));
	b->cpu = NULL;
}
