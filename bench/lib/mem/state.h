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

/* Why pages that were written are not soft-dirty, or NULL: they are. */
const char *state_lacks_soft_dirty(const struct mem *mem);

/* Soft-dirty tracking armed: written before, clean since (this process's other pages
 * too: clear_refs knows no range). */
const char *state_soft_dirty(const struct mem *mem);

/* Write-protected by a userfaultfd that resolves faults by itself (WP_ASYNC); it lasts
 * until *@fd is closed. */
const char *state_uffd_wp(const struct mem *mem, int *fd);

/* The same in two steps: registered with a userfaultfd, one with a reader's protection (@async 0: a
 * write to what is protected waits for one) or one that resolves by itself; and protected. */
const char *state_register(const struct mem *mem, int async, int *fd);
int state_protect(int fd, const struct mem *mem); /* 0, or errno */

/* PAGEMAP_SCAN (6.7): find the pages written since, and protect them again; 0, or errno. */
int state_scan(const struct mem *mem);

#endif /* LIB_STATE_H */
