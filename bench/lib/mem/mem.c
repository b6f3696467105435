// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/mem/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/arch/arch.h"
#include "lib/core/die.h"

#define ALIGNMENT     ARCH_HUGE_BYTES
#define PAGEMAP_CHUNK 512
#define REGION_AT     ((void *)(64ull << 30))

/* Documentation/admin-guide/mm/pagemap.rst */
#define PM_PRESENT   (1ull << 63)
#define PM_SWAP	     (1ull << 62)
#define PM_UFFD_WP   (1ull << 57)
#define PM_OWN	     (1ull << 56) /* mapped once */
#define PM_DIRTY     (1ull << 55) /* soft-dirty */
#define PM_PFN	     ((1ull << 55) - 1)
#define PM_SWAP_TYPE 0x1full
#define KPF_HEAD     (1ull << 15)
#define KPF_TAIL     (1ull << 16)

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

static int open_kpageflags(void)
{
	int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die("/proc/kpageflags: %s; run as root on a kernel with CONFIG_PROC_PAGE_MONITOR",
		    strerror(errno));
	return fd;
}

static uint64_t flags_of(int fd, uint64_t frame)
{
	uint64_t flags;

	if (pread(fd, &flags, 8, (off_t)(frame * 8)) != 8)
		die("/proc/kpageflags: short read");
	return flags;
}

static size_t is_base_page(uint64_t entry, int fd)
{
	if (!(entry & PM_PRESENT) || !(entry & PM_PFN))
		return 0;
	return !(flags_of(fd, entry & PM_PFN) & (KPF_HEAD | KPF_TAIL));
}

static void verify_base_pages(const struct mem *mem)
{
	size_t base = mem_count(mem, MEM_BASE);

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

void mem_reinsert(struct mem *mem)
{
	/* There is slack: start is page-aligned, and less than ALIGNMENT lies before it. */
	mem->map_bytes -= mem_page_size();
	if (munmap((char *)mem->map + mem->map_bytes, mem_page_size()))
		die("munmap of the slack behind a region: %s", strerror(errno));
}

struct question {
	enum mem_kind kind;
	int kpageflags;
};

static size_t is_kind(uint64_t entry, void *user)
{
	const struct question *q = user;
	int swap = !(entry & PM_PRESENT) && (entry & PM_SWAP);
	int special = (entry & PM_SWAP_TYPE) >= FIRST_SPECIAL_TYPE;

	switch (q->kind) {
	case MEM_PRESENT:
		return !!(entry & PM_PRESENT);
	case MEM_BASE:
		return is_base_page(entry, q->kpageflags);
	case MEM_OWN:
		return (entry & PM_PRESENT) && (entry & PM_OWN);
	case MEM_SWAPPED:
		return swap && !special;
	case MEM_EXCLUSIVE:
		return swap && special;
	case MEM_SOFT_DIRTY:
		return !!(entry & PM_DIRTY);
	case MEM_UFFD_WP:
		return !!(entry & PM_UFFD_WP);
	}
	return 0;
}

size_t mem_count(const struct mem *mem, enum mem_kind kind)
{
	struct question q = { kind, kind == MEM_BASE ? open_kpageflags() : -1 };
	size_t n = walk_pagemap(mem, is_kind, &q);

	if (q.kpageflags >= 0)
		close(q.kpageflags);
	return n;
}

static size_t its_frame(uint64_t entry, void *user)
{
	(void)user;
	return entry & PM_PRESENT ? entry & PM_PFN : 0;
}

size_t mem_frame(char *page)
{
	struct mem one = { .start = page, .pages = 1 };

	return walk_pagemap(&one, its_frame, NULL);
}

size_t mem_exclusive(const struct mem *mem)
{
	return mem_count(mem, MEM_EXCLUSIVE);
}

/* Where in its folio each page must be. */
struct folios {
	int kpageflags;
	size_t pages;  /* of a folio */
	size_t i;      /* the next page */
	uint64_t head; /* its frame; 0: not as it must be */
};

/* 1 for each folio that ends here, whole, and does not go on behind it. */
static size_t ends_folio(uint64_t entry, void *user)
{
	struct folios *f = user;
	uint64_t frame = entry & PM_PRESENT ? entry & PM_PFN : 0;
	size_t at = f->i++ % f->pages;

	if (!at)
		f->head = frame && (flags_of(f->kpageflags, frame) & KPF_HEAD) ? frame : 0;
	else if (!f->head || frame != f->head + at || !(flags_of(f->kpageflags, frame) & KPF_TAIL))
		f->head = 0;
	if (at + 1 < f->pages || !f->head)
		return 0;
	return !(flags_of(f->kpageflags, frame + 1) & KPF_TAIL);
}

size_t mem_folios(const struct mem *mem, unsigned int order)
{
	struct folios f = { .kpageflags = open_kpageflags(), .pages = (size_t)1 << order };
	size_t n = order ? walk_pagemap(mem, ends_folio, &f) : mem_count(mem, MEM_BASE);

	close(f.kpageflags);
	return n;
}
