// SPDX-License-Identifier: MIT
/*
 * Memory of the process for a device to fault on: one private anonymous mapping of base
 * pages, alone in its 2 MiB blocks.
 *
 * nvidia-uvm makes every page of a range exclusive while it keeps the folios of those
 * before locked.  Two pages of one large folio would make its kernel thread wait for
 * itself, for ever and for every process of the machine.  So large folios are ruled out
 * here, and smaps must say so, before a driver hears of the address.
 */
#define _GNU_SOURCE
#include "gpu/gpu.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/core/die.h"

#define BLOCK	  ((size_t)2 << 20)
#define KPF_LARGE (3ull << 15) /* COMPOUND_HEAD | COMPOUND_TAIL */

/* The lines of smaps about the mapping around @address. */
static int read_smaps(uintptr_t address, long *huge_kib, int *no_huge)
{
	FILE *file = fopen("/proc/self/smaps", "re");
	char line[512];
	int inside = 0, seen = 0;

	while (file && fgets(line, sizeof(line), file)) {
		unsigned long from, to;

		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			inside = address >= from && address < to;
		else if (inside && sscanf(line, "AnonHugePages: %ld kB", huge_kib) == 1)
			seen |= 1;
		else if (inside && !strncmp(line, "VmFlags:", 8)) {
			*no_huge = !!strstr(line, " nh");
			seen |= 2;
		}
	}
	if (file)
		fclose(file);
	return seen == 3;
}

/* Folios that are large without being huge do not show in smaps; only root can see. */
static int has_large_folio(const char *start, size_t pages)
{
	int map = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	int flags = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	int large = 0;

	for (size_t i = 0; map >= 0 && flags >= 0 && i < pages && !large; i++) {
		uint64_t entry = 0, flag = 0;
		off_t at = (off_t)(((uintptr_t)start / GPU_PAGE + i) * 8);

		if (pread(map, &entry, 8, at) != 8 ||
		    pread(flags, &flag, 8, (off_t)((entry & ((1ull << 55) - 1)) * 8)) != 8)
			break;
		large = !!(flag & KPF_LARGE);
	}
	if (map >= 0)
		close(map);
	if (flags >= 0)
		close(flags);
	return large;
}

static const char *verify(const struct gpu_buffer *b)
{
	long huge_kib = -1;
	int no_huge = 0;

	if (!read_smaps((uintptr_t)b->cpu, &huge_kib, &no_huge))
		return "/proc/self/smaps does not tell whether the memory has huge pages";
	/* A kernel without THP has neither the flag nor the pages. */
	if (huge_kib || (!no_huge && !access("/sys/kernel/mm/transparent_hugepage", F_OK)))
		return gpu_text("smaps: %ld kB of huge pages, %s MADV_NOHUGEPAGE; no device may "
				"see this memory",
				huge_kib, no_huge ? "with" : "without");
	if (has_large_folio((const char *)b->cpu, b->bytes / GPU_PAGE))
		return "kpageflags: the memory has large folios; switch mTHP off";
	return NULL;
}

const char *gpu_system_map(struct gpu_buffer *b)
{
	size_t blocks = (b->bytes + BLOCK - 1) & ~(BLOCK - 1);
	const char *why;
	char *map, *start;

	/* Whole blocks of 2 MiB, one VMA, with another on either side. */
	map = mmap(NULL, blocks + 2 * BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		   -1, 0);
	if (map == MAP_FAILED)
		return gpu_text("mmap of %zu bytes: %s", blocks + 2 * BLOCK, strerror(errno));
	if (madvise(map, blocks + 2 * BLOCK, MADV_NOHUGEPAGE) && errno != EINVAL) {
		munmap(map, blocks + 2 * BLOCK);
		return gpu_text("madvise(MADV_NOHUGEPAGE): %s", strerror(errno));
	}
	start = (char *)(((uintptr_t)map + BLOCK - 1) & ~(BLOCK - 1));
	memset(start, 0, b->bytes);
	b->cpu = (uint32_t *)start;
	b->private = map;
	why = verify(b);
	if (why)
		gpu_system_unmap(b);
	return why;
}

void gpu_system_unmap(struct gpu_buffer *b)
{
	size_t blocks = (b->bytes + BLOCK - 1) & ~(BLOCK - 1);

	munmap(b->private, blocks + 2 * BLOCK);
	b->cpu = NULL;
}
