/* SPDX-License-Identifier: MIT */
/*
 * What the checks of semantics share: pages whose contents can be told from each
 * other (the first word of each), and calls that must not fail for other reasons.
 */
#ifndef LIB_CHECKS_H
#define LIB_CHECKS_H

#include <sys/types.h>

#include "lib/mem/mem.h"

void checks_number(const struct mem *mem);	/* page i holds i */
size_t checks_increment(const struct mem *mem); /* the page faults that it took */

/* Pages that hold their number and @more. */
size_t checks_holding(const struct mem *mem, int more);

void checks_protect(const struct mem *mem, int protection); /* mprotect() */
struct mem checks_remap(const struct mem *mem);	      /* mremap() to elsewhere; to munmap() there */
void checks_migrate(const struct mem *mem, int node); /* move_pages(); what stays, stays */
int checks_child(pid_t pid); /* that fork() returned: wait for it; its status */

#endif /* LIB_CHECKS_H */
