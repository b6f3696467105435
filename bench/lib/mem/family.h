/* SPDX-License-Identifier: MIT */
/*
 * Children that keep what fork() gave them until they are told to go.
 *
 * One is started after the other, each when the one before it is ready, so that
 * their order is the same in every run.  They end with the program, also if it is
 * killed, and never run its exit handlers.  Scheduling is by pipes alone: no time
 * is read, no time-out waits.
 */
#ifndef LIB_FAMILY_H
#define LIB_FAMILY_H

#include <stddef.h>
#include <stdint.h>

struct family;
struct mem;

/* What a child does; either may be NULL.  Both run in the child and may die(). */
struct family_job {
	void (*begin)(void *user);	/* before it counts as ready */
	uint64_t (*report)(void *user); /* when it is told to go; adds to the sum */
};

/* @n children that are ready; @job and @user (what fork() made of them) are theirs.
 * Ends the program, with one line, if one of them does not get that far. */
struct family *family_start(size_t n, const struct family_job *job, void *user);

/* Tell all to go and reap them; the sum of what they report.  NULL: nobody, 0. */
uint64_t family_end(struct family *family);

/*
 * @n children whose mappings lie in front of @mem in the anon_vma's tree, where fork() and any
 * later change of a parent's mapping put them; @mem's present pages are the caller's own, in
 * frames above those of the children (frames.h).
 */
struct family *family_in_front(size_t n, struct mem *mem);

#endif /* LIB_FAMILY_H */
