/* SPDX-License-Identifier: MIT */
/*
 * Which of two pages that fork() made of one lies in the higher page frame.
 *
 * The rmap walk asks of each process that shares a mapping on which side of the wanted page's
 * frame its own page lies, and takes 3 instructions more on one side than on the other
 * (check_pte(), mm/page_vma_mapped.c).  Left to the allocator that makes two kinds of samples, in
 * a mixture that no other campaign has.  Here the children keep the lower one.
 */
#ifndef LIB_FRAMES_H
#define LIB_FRAMES_H

#include "lib/mem/mem.h"

/* Before fork(): the region's present pages come to lie in the lower of some frames.  Their
 * content is lost, and who watches the region is told. */
void frames_low(const struct mem *mem);

/* After it: each present page is written anew and the process's own, in one of the higher
 * frames; where the kernel gives none (huge pages, no right to see frames) in any. */
void frames_high(const struct mem *mem);

/* In a child: a frame that it had as well could not be given back. */
void frames_forget(void);

#endif /* LIB_FRAMES_H */
