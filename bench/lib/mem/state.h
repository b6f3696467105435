/* SPDX-License-Identifier: MIT */
/*
 * Bring present pages into a state that the kernel has a tracker or a device for.
 *
 * Each returns NULL, or a literal why it cannot be had here; what it says it did is
 * verified through /proc/self/pagemap, and the program ends if it was not done.
 */
#ifndef LIB_STATE_H
#define LIB_STATE_H

#include "lib/mem/mem.h"

/* Paged out to a swap device, with MADV_PAGEOUT. */
const char *state_swapped(const struct mem *mem);

/* Soft-dirty tracking armed: written before, clean since (this process's other pages
 * too: clear_refs knows no range). */
const char *state_soft_dirty(const struct mem *mem);

/* Write-protected by a userfaultfd that resolves faults by itself (WP_ASYNC); it lasts
 * until *@fd is closed. */
const char *state_uffd_wp(const struct mem *mem, int *fd);

#endif /* LIB_STATE_H */
