/* SPDX-License-Identifier: MIT */
/*
 * What members of a team do: convert their own pages, or disturb who does.
 *
 * A disturber works on its inherited copy of a region whose pages converters own
 * copies of, so that all belong to one fork tree; ops and op_ticks of its
 * member say how often it did what it does and how long that took.
 */
#ifndef LIB_WORKER_H
#define LIB_WORKER_H

#include "lib/mem/mem.h"
#include "lib/workers/team.h"

/* A member's user; one may be all members'. */
struct worker {
	struct mem mem;
	/*
	 * 0: closed loop, a sample is the module's, around the call.  Otherwise one
	 * conversion begins every @pace times of what one took undisturbed, request
	 * and all, and its sample runs from when it was meant to begin: waiting for one
	 * counts for those behind it, too (no coordinated omission).
	 */
	unsigned int pace;
	/*
	 * Closed loop, a request for each page, and its sample runs from before the request to the
	 * end of the call: what it waits for the process's locks is in it.
	 */
	int requests;
};

/* Conversions of each converter that its schedule comes from; no samples. */
#define WORKER_PILOT 64

/* Touches its region, watches it as a driver does, converts every page once; ops is
 * how many are exclusive in pagemap in the end. */
extern const struct team_job worker_convert;

/* Forks a child that exits; the fork is timed. */
extern const struct team_job worker_fork;
/* Unmaps every second page, which splits the VMA; then a new copy's. */
extern const struct team_job worker_munmap;
/* Makes one page read-only and writable again: a split and a merge. */
extern const struct team_job worker_mprotect;
/* The same with its first pages, a mapping of its own each, as a server has many. */
extern const struct team_job worker_serve;

/*
 * Threads of the converters' process, elsewhere in its address space: map a page and unmap it, or
 * write to it in between; write to pages that are mapped and not there, all but
 * the dropping of them timed.
 */
extern const struct team_job worker_mmap;
extern const struct team_job worker_touch;
extern const struct team_job worker_fault;

#endif /* LIB_WORKER_H */
