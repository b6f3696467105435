// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/die.h"

#define ALIGNMENT     ((size_t)2 << 20)
#define PAGEMAP_CHUNK 512
#define REGION_AT     ((void *)(64ull << 30))

/* Documentation/admin-guide/mm/pagemap.rst */
#define PM_PRESENT   (1ull << 63)
#define PM_SWAP	     (1ull << 62)
#define PM_PFN	     ((1ull << 55) - 1)
#define PM_SWAP_TYPE 0x1full
#define KPF_COMPOUND (1ull << 15 | 1ull << 16) /* head, tail */

/*
 * include/linux/swap.h: special entries take the topmost of 32 swap types,
 * nine of them at the most, so a real swap file is below 23.
 */
#define FIRST_SPECIAL_TYPE 23

size_t mem_page_size(void)
{
	static size_t size;

	if (!size)
		size = (size_t)sysconf(_SC_PAGESIZE);
	return size;
}

char *mem_page(const struct mem *mem, size_t i)
{
	return mem->start + i * mem_page_size();
}

size_t mem_bytes(const struct mem *mem)
{
	return mem->pages * mem_page_size();
}

/* Call @see for each pagemap entry of the region; returns the sum. */
static size_t walk_pagemap(const struct mem *mem, size_t (*see)(uint64_t entry, void *user),
			   void *user)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry[PAGEMAP_CHUNK];
	size_t total = 0;

	if (fd < 0)
		die("/proc/self/pagemap: %s", strerror(errno));
	for (size_t i = 0; i < mem->pages;) {
		size_t n = mem->pages - i < PAGEMAP_CHUNK ? mem->pages - i : PAGEMAP_CHUNK;
		off_t at = (off_t)((uintptr_t)mem_page(mem, i) / mem_page_size() * 8);

		if (pread(fd, entry, n * 8, at) != (ssize_t)(n * 8))
			die("/proc/self/pagemap: short read");
		for (size_t k = 0; k < n; k++)
			total += see(entry[k], user);
		i += n;
	}
	close(fd);
	return total;
}

static size_t is_base_page(uint64_t entry, void *user)
{
	int fd = *(int *)user;
	uint64_t flags;

	if (!(entry & PM_PRESENT) || !(entry & PM_PFN))
		return 0;
	if (pread(fd, &flags, 8, (off_t)((entry & PM_PFN) * 8)) != 8)
		die("/proc/kpageflags: short read");
	return !(flags & KPF_COMPOUND);
}

size_t mem_base(const struct mem *mem)
{
	int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	size_t base;

	if (fd < 0)
		die("/proc/kpageflags: %s; run as root on a kernel with CONFIG_PROC_PAGE_MONITOR",
		    strerror(errno));
	base = walk_pagemap(mem, is_base_page, &fd);
	close(fd);
	return base;
}

static void verify_base_pages(const struct mem *mem)
{
	size_t base = mem_base(mem);

	if (base != mem->pages)
		die("only %zu of %zu pages are present base pages; switch THP and mTHP off (/sys/kernel/mm/transparent_hugepage)",
		    base, mem->pages);
}

/*
 * The kernel finds a region's VMA in a tree whose steps depend on what lies around
 * it: a library more, and every lookup costs some instructions more.  Below
 * everything else there is one place that does not move.  A second region at the same
 * time goes wherever there is room.
 */
static void *map_region(size_t bytes)
{
	int prot = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS;
	void *map = mmap(REGION_AT, bytes, prot, flags | MAP_FIXED_NOREPLACE, -1, 0);

	if (map == MAP_FAILED && errno == EEXIST)
		map = mmap(NULL, bytes, prot, flags, -1, 0);
	return map;
}

struct mem mem_reserve(size_t pages)
{
	struct mem mem = { .pages = pages };

	mem.map_bytes = pages * mem_page_size() + ALIGNMENT;
	mem.map = map_region(mem.map_bytes);
	if (mem.map == MAP_FAILED)
		die("mapping %zu bytes: %s; use fewer --pages", mem.map_bytes, strerror(errno));
	mem.start = (char *)(((uintptr_t)mem.map + ALIGNMENT - 1) & ~(ALIGNMENT - 1));
	/* EINVAL: a kernel without THP has nothing to switch off. */
	if (madvise(mem.map, mem.map_bytes, MADV_NOHUGEPAGE) && errno != EINVAL)
		die("madvise(MADV_NOHUGEPAGE): %s", strerror(errno));
	return mem;
}

void mem_touch(const struct mem *mem)
{
	for (size_t i = 0; i < mem->pages; i++)
		*(volatile char *)mem_page(mem, i) = 1;
	verify_base_pages(mem);
}

struct mem mem_base_pages(size_t pages)
{
	struct mem mem = mem_reserve(pages);

	mem_touch(&mem);
	return mem;
}

void mem_free(struct mem *mem)
{
	munmap(mem->map, mem->map_bytes);
}

static size_t is_exclusive(uint64_t entry, void *user)
{
	(void)user;
	return !(entry & PM_PRESENT) && (entry & PM_SWAP) &&
	       (entry & PM_SWAP_TYPE) >= FIRST_SPECIAL_TYPE;
}

size_t mem_exclusive(const struct mem *mem)
{
	return walk_pagemap(mem, is_exclusive, NULL);
}

static size_t is_present(uint64_t entry, void *user)
{
	(void)user;
	return !!(entry & PM_PRESENT);
}

size_t mem_present(const struct mem *mem)
{
	return walk_pagemap(mem, is_present, NULL);
}
