/* SPDX-License-Identifier: MIT */
/*
 * Memory made of folios of one order, and what the kernel counts about them.
 *
 * Which sizes a fault may take is set system-wide, under
 * /sys/kernel/mm/transparent_hugepage; it is changed for the time of the touches
 * alone and put back before anything else can end the program.
 */
#ifndef LIB_HUGE_H
#define LIB_HUGE_H

#include <stdint.h>

#include "lib/mem/mem.h"

/*
 * Write each page of @mem, which nobody has touched yet and whose length is a
 * multiple of the folio's, so that it is made of folios of @order (0: base pages).
 * Verified; NULL, or why it cannot be.  khugepaged stays away from it.
 */
const char *huge_touch(const struct mem *mem, unsigned int order);

/* Since boot, of all processes; a kernel that does not count has 0. */
struct huge_counts {
	uint64_t pmd_splits;	  /* huge mappings replaced by a page table */
	uint64_t deferred_splits; /* folios of @order queued to be split some day */
};

struct huge_counts huge_counts(unsigned int order);

#endif /* LIB_HUGE_H */
