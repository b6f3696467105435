/* SPDX-License-Identifier: MIT */
/*
 * A fuzzer of the module, inside a guest.  scripts/guest/fuzz.sh starts it and judges the kernel.
 *
 * A round is a process with threads of its own, and all that it does follows from the seed,
 * the round's number, the thread's and the action's: each action rolls dice of its own, so
 * that one that is left out changes no other.  Under MODE=exact, and lockstep, the schedule
 * follows from the seed as well, and scripts/guest/fuzz.sh cuts a failure down by leaving out.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "../kernel-module/dex_uapi.h"

#define PAGE	    ((size_t)4096)
#define HUGE_PAGE   ((size_t)1 << 21)
#define REGIONS	    8u
#define FILES	    3u
#define THREADS	    3u
#define AT_ONCE	    3u /* rounds */
#define MAX_ERRNO   192u
#define MAX_CHANGES 64u
#define SAMPLES	    ((uint64_t)512)

/* dice.c */
struct dice {
	uint64_t state;
};
struct dice dice_of(uint64_t seed, uint64_t a, uint64_t b, uint64_t c);
uint64_t roll(struct dice *d);
uint64_t under(struct dice *d, uint64_t n);
bool one_in(struct dice *d, uint64_t n);
uint64_t odd_number(struct dice *d); /* edges of what is allowed, above all */

/* What a round works on.  Its threads change it without a lock, which is as it should be. */
struct region {
	char *start;
	size_t bytes;
};

struct player {
	uint64_t round, slot;
	bool watches; /* with userfaultfd */
	struct region region[REGIONS];
	int file[FILES];
	struct dex_device device[FILES]; /* the last that was asked for */
	int uffd;
};

/* One thread's turn. */
struct hand {
	struct player *p;
	struct dice dice;
	unsigned int depth; /* of processes that start processes */
};

/* All processes add to it. */
struct count {
	uint64_t done, refused;
};

#define REQUESTS 19u /* kinds of them, and those with a number that the module does not know */

struct tally {
	uint64_t requests, rounds, processes, killed, overdue, crashed, worst_death_us;
	uint64_t undocumented, nonsense, unloaded, unkillable, poisoned;
	uint64_t watched[AT_ONCE];	    /* by userfaultfd */
	uint64_t said[REQUESTS][MAX_ERRNO]; /* by request and errno */
	struct count change[MAX_CHANGES], disturbance[16];
	uint64_t points[32], injected; /* failures.c */
};
extern struct tally *tally;
void add(uint64_t *to, uint64_t n);
uint64_t now_us(void);

/* What is to be done, from the environment or the boot's parameters. */
struct options {
	uint64_t seed, requests, kills;
	uint64_t first, last;		    /* rounds */
	uint64_t first_action, last_action; /* of each thread */
	bool failures;
};
extern struct options options;

/* pages.c */
struct region *some_region(struct hand *h);
struct region some_part(struct hand *h);
char *some_page(struct hand *h);
bool guarded(void (*touch)(char *at, uint64_t what), char *at, uint64_t what);
void guard_signals(void);
void read_byte(char *at, uint64_t what);
void write_byte(char *at, uint64_t what);

/* requests.c */
const char *request_name(unsigned int kind);
int some_request(struct hand *h);
int request(struct hand *h, unsigned int kind, int fd); /* valid, or nearly so */
int foreign_request(struct hand *h);			/* of a file that is another's */
int known_request(struct hand *h, unsigned long number, int file, void *argument);
int open_file(struct hand *h);

/* changes.c, userfault.c, others.c: 0, or -1 where the kernel refused. */
struct change {
	const char *name;
	unsigned int weight;
	int (*make)(struct hand *h);
};
extern const struct change changes[];
unsigned int changes_known(void);
void some_change(struct hand *h);
int change_userfault(struct hand *h);
int serve_userfault(struct hand *h);
int fork_child(struct hand *h);
int vfork_child(struct hand *h);
int share_memory(struct hand *h);
int execute(struct hand *h);
int dump_core(struct hand *h);
int trace(struct hand *h);
int pass_descriptor(struct hand *h);
int run_out_of_memory(struct hand *h);
int victim(int fd); /* what execute() starts */

/* player.c */
void act(struct hand *h);
void play(uint64_t round, uint64_t slot);

/* machine.c: what the kernel has, and what is done to the machine while rounds go on. */
void machine_probe(void);
void machine_begin(void);
void machine_disturb(struct dice *d, const pid_t *pid);
void machine_end(void);
void machine_way_out(void); /* when all has been measured */
void machine_lacks(char *line, size_t size);
bool machine_has(const char *what);
const char *disturbance_name(unsigned int i); /* NULL: there are no more */
int say(const char *path, const char *what);

/* failures.c: every allocation and copy of every request fails once. */
int failures(void);
void put_points(FILE *f);

/* state.c: what has to be back at the end. */
struct state {
	long threads, references, vmalloc, kib;
	long objects[6]; /* of slabs; -1: the kernel does not say */
};
extern const char *const slab_names[];
struct state state_now(const char *when);
int state_since(const struct state *before, char *line, size_t size);

/* report.c */
int report(uint64_t us, const struct state *before);

#endif /* FUZZ_H */
