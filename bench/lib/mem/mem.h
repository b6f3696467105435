/* SPDX-License-Identifier: MIT */
/*
 * Memory to measure on, and what the kernel says of it.
 *
 * A region starts where a huge page could, so that equal sizes use equally many
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

/* What pagemap and kpageflags can say of a page. */
enum mem_kind {
	MEM_PRESENT,
	MEM_BASE, /* present and no part of a larger folio */
	MEM_OWN,  /* present and mapped by nobody else */
	MEM_SWAPPED,
	MEM_EXCLUSIVE, /* the entry is device-exclusive; or device-private, which looks alike */
	MEM_SOFT_DIRTY,
	MEM_UFFD_WP,
};

/* Pages of the region that are of @kind. */
size_t mem_count(const struct mem *mem, enum mem_kind kind);
size_t mem_exclusive(const struct mem *mem);

/* The number of the page frame that @page is in; 0 if it is not present. */
size_t mem_frame(char *page);

/* Folios of exactly @order, mapped whole and in line, that the region is made of. */
size_t mem_folios(const struct mem *mem, unsigned int order);

/*
 * Unmap a page of slack behind the region.  The kernel takes what is left of the
 * mapping out of its anon_vma trees and puts it back, behind mappings that start at
 * the same place: those that fork() made meanwhile.
 */
void mem_reinsert(struct mem *mem);

#endif /* LIB_MEM_H */
