/* SPDX-License-Identifier: MIT */
/*
 * Memory to measure on, and what the kernel says of it.
 *
 * A region starts on a 2 MiB boundary, so that equal sizes use equally many
 * page tables on every kernel, at the bottom of the address space, so that finding
 * its VMA costs the same whatever else is mapped, and is made of base pages, which is verified
 * (/proc/kpageflags).  mem_exclusive() counts device-exclusive entries in
 * /proc/self/pagemap: a witness that is independent of the module.
 */
#ifndef LIB_MEM_H
#define LIB_MEM_H

#include <stddef.h>
#include <stdint.h>

struct mem {
	char *start;
	size_t pages;
	void *map; /* what was mapped, alignment included */
	size_t map_bytes;
};

size_t mem_page_size(void);

/* Private anonymous base pages, each written once, each verified; in two steps
 * for those who bind them to a node in between (which needs more than one: see
 * topo.h). */
struct mem mem_base_pages(size_t pages);
struct mem mem_reserve(size_t pages);
void mem_touch(const struct mem *mem);
void mem_free(struct mem *mem);
char *mem_page(const struct mem *mem, size_t i);
size_t mem_bytes(const struct mem *mem);

/* Pages of the region that are present base pages; whose entry is device-exclusive;
 * present pages of any kind. */
size_t mem_base(const struct mem *mem);
size_t mem_exclusive(const struct mem *mem);
size_t mem_present(const struct mem *mem);

#endif /* LIB_MEM_H */
