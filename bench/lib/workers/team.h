/* SPDX-License-Identifier: MIT */
/*
 * Workers that start together: processes of one fork tree, or threads of this
 * process, each bound to a core.
 *
 * A member prepares, waits for the others, works between two stamps, and checks
 * what it did.  Some go on until the others have ended (team_over()).  Results
 * lie in a mapping that all share.  A member that fails ends the program with
 * its message; no process of the team outlives the caller, whatever happens.
 */
#ifndef LIB_TEAM_H
#define LIB_TEAM_H

#include <stddef.h>
#include <stdint.h>

#include "lib/trace/lockwait.h"

struct team;

/* What is in the shared mapping of one member. */
struct team_member {
	const struct team_job *job; /* set by the caller, as are core and user */
	unsigned int core;	    /* for topo_bind() */
	unsigned int index;	    /* in the team */
	void *user;
	void *private; /* the member's own, from prepare to finish */

	uint64_t begin, end;	    /* stamps around work */
	uint64_t ops, op_ticks;	    /* for work to fill: what else it did, how long that took */
	uint64_t sleeps;	    /* of work: voluntary context switches */
	int counted;		    /* are they in @waited? */
	struct lockwait_sum waited; /* for locks, during work */
	uint32_t *ticks;	    /* room for the samples of this member, */
	size_t samples;		    /* how many it filled in */
	struct team *team;
};

/* Any may be NULL but work. */
struct team_job {
	void (*prepare)(struct team_member *m);
	void (*work)(struct team_member *m);
	void (*finish)(struct team_member *m);
	int endless; /* works until all others have ended */
};

enum team_kind { TEAM_PROCESSES, TEAM_THREADS };

/* @room: samples of each member. */
struct team *team_new(size_t members, size_t room);
struct team_member *team_member(struct team *team, size_t i);
size_t team_size(const struct team *team);
/* Members from @first up to @end, exclusive: @job on the core of their own number. */
void team_assign(struct team *team, size_t first, size_t end, const struct team_job *job,
		 void *user);

/*
 * Once.  @count: count waits for locks, in an execution whose times are not kept;
 * not in parallel mode (lockwait.h).
 */
void team_run(struct team *team, enum team_kind kind, int count);
void team_free(struct team *team);

/* What those that are not endless waited; false if it could not be counted. */
int team_waited(struct team *team, struct lockwait_sum *sum);

/* For work of an endless member. */
int team_over(const struct team_member *m);

/* A child that does @work and ends with it; its mother has waited.  @m need not be of a team. */
void team_child(void (*work)(struct team_member *m), struct team_member *m);

#endif /* LIB_TEAM_H */
