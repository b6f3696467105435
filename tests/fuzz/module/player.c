// SPDX-License-Identifier: MIT
/*
 * One round: a process whose threads act until each has done its part, or none gets on: all
 * that are left wait for each other, then.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <signal.h>
#include <unistd.h>

#include "fuzz.h"

#define MOST_ACTIONS 1600u
#define LOOK_US	     1000u
#define STUCK	     40 /* looks at which nothing has happened since the one before */
#define MOST_LOOKS   4000

struct turn {
	struct player *p;
	uint64_t thread;
	volatile int *left;
	volatile uint64_t *acted;
};

void act(struct hand *h)
{
	if (one_in(&h->dice, 6))
		some_change(h);
	else
		some_request(h);
}

static void *take_turn(void *arg)
{
	const struct turn *t = arg;
	struct dice how_many = dice_of(options.seed, t->p->round, t->thread, UINT64_MAX);
	uint64_t n = 1 + under(&how_many, MOST_ACTIONS), i = options.first_action;
	struct hand h = { .p = t->p };

	for (; i < n && i < options.last_action; i++) {
		h.dice = dice_of(options.seed, t->p->round, t->thread, i);
		act(&h);
		__atomic_add_fetch(t->acted, 1, __ATOMIC_RELAXED);
	}
	__atomic_sub_fetch(t->left, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

/* So that there is something to work on from the first action. */
static void furnish(struct player *p)
{
	struct hand h = { .p = p, .dice = dice_of(options.seed, p->round, UINT64_MAX, 0) };

	for (unsigned int i = 0; i < FILES; i++)
		p->file[i] = -1;
	p->uffd = -1;
	for (unsigned int i = 0; i < 2 * FILES; i++)
		open_file(&h);
	for (unsigned int i = 0; i < 2 * REGIONS; i++)
		changes[0].make(&h);
}

static void wait_for(const volatile int *left, const volatile uint64_t *acted)
{
	uint64_t before = 0;
	int stuck = 0;

	for (int looks = 0; *left > 0 && stuck < STUCK && looks < MOST_LOOKS; looks++) {
		usleep(LOOK_US);
		stuck = *acted == before ? stuck + 1 : 0;
		before = *acted;
	}
}

void play(uint64_t round, uint64_t slot)
{
	struct player p = { .round = round, .slot = slot };
	struct turn turn[THREADS];
	struct dice dice = dice_of(options.seed, round, UINT64_MAX, 1);
	volatile int left = 1 + (int)under(&dice, THREADS);
	volatile uint64_t acted = 0;
	pthread_t thread;
	int threads = left;

	p.watches = one_in(&dice, 4);
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	guard_signals();
	furnish(&p);
	for (int i = 0; i < threads; i++) {
		turn[i] = (struct turn){ &p, (uint64_t)i, &left, &acted };
		if (pthread_create(&thread, NULL, take_turn, &turn[i]))
			__atomic_sub_fetch(&left, 1, __ATOMIC_SEQ_CST);
	}
	wait_for(&left, &acted);
	/* Also in the middle of the others' requests. */
	_exit(0);
}
