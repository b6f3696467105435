// SPDX-License-Identifier: MIT
/* Addresses to work on, and touches that may fail. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "fuzz.h"

static __thread sigjmp_buf back;
static __thread volatile sig_atomic_t guarding;

static void caught(int signal)
{
	if (guarding)
		siglongjmp(back, 1);
	_exit(128 + signal);
}

static void ignored(int signal)
{
	(void)signal;
}

void guard_signals(void)
{
	struct sigaction fault = { .sa_handler = caught, .sa_flags = SA_NODEFER };
	struct sigaction other = { .sa_handler = ignored, .sa_flags = SA_RESTART };

	sigaction(SIGSEGV, &fault, NULL);
	sigaction(SIGBUS, &fault, NULL);
	sigaction(SIGUSR1, &other, NULL);
	other.sa_flags = 0;
	sigaction(SIGUSR2, &other, NULL);
}

bool guarded(void (*touch)(char *at, uint64_t what), char *at, uint64_t what)
{
	bool fine = false;

	if (!sigsetjmp(back, 1)) {
		guarding = 1;
		touch(at, what);
		fine = true;
	}
	guarding = 0;
	return fine;
}

void read_byte(char *at, uint64_t what)
{
	(void)what;
	(void)*(volatile char *)at;
}

void write_byte(char *at, uint64_t what)
{
	*(volatile char *)at = (char)what;
}

struct region *some_region(struct hand *h)
{
	return &h->p->region[under(&h->dice, REGIONS)];
}

/* All of a region, or some pages of it. */
struct region some_part(struct hand *h)
{
	struct region r = *some_region(h);
	size_t first, pages = r.bytes / PAGE;

	if (!pages || one_in(&h->dice, 4))
		return r;
	first = under(&h->dice, pages);
	r.start += first * PAGE;
	r.bytes = (1 + under(&h->dice, pages - first)) * PAGE;
	return r;
}

/* Of a region, as a rule; sometimes of the program itself, whose stack works on: not to be
 * written to. */
char *some_page(struct hand *h)
{
	struct region *r = some_region(h);
	char *own = one_in(&h->dice, 2) ? (char *)&r : (char *)(uintptr_t)&some_page;

	if (!r->bytes || one_in(&h->dice, 64))
		return own - (uintptr_t)own % PAGE;
	return r->start + under(&h->dice, r->bytes / PAGE) * PAGE;
}
