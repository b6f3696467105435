// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/trace/hold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/arch/arch.h"
#include "lib/core/die.h"
#include "lib/machine/clock.h"
#include "lib/trace/trace.h"

enum { TAKE, LOCK, UNLOCK, PROBES };

static const struct trace_probe probes[] = {
	[TAKE] = { "take", HOLD_AFTER, NULL, 0 },
	[LOCK] = { "lock", HOLD_FROM, ARCH_FIRST_ARGUMENT, 0 },
	[UNLOCK] = { "unlock", HOLD_TO, ARCH_FIRST_ARGUMENT, 0 },
};

struct hold {
	struct trace *trace;
	struct trace_cost cost;
	struct trace_event *event, *next, *end;
	uint64_t proof; /* events from here on are of hold_end() */
};

struct hold *hold_open(const char **why)
{
	struct hold *h = xcalloc(1, sizeof(*h));

	if (trace_cost(&h->cost, why))
		h->trace = trace_open(probes, PROBES, why);
	if (h->trace)
		return h;
	free(h);
	return NULL;
}

void hold_begin(struct hold *h)
{
	free(h->event);
	h->event = h->next = h->end = NULL;
	trace_on(h->trace);
}

/* The first touch of a new mapping takes the mmap lock by a trylock, in order to give
 * the mapping its anon_vma. */
static void take_a_lock(void)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	char *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED || madvise(page, size, MADV_DONTFORK))
		die("mapping a page: %s", strerror(errno));
	*(volatile char *)page = 1;
	munmap(page, size);
}

void hold_end(struct hold *h)
{
	size_t n, fired = 0;

	h->proof = clock_stamp();
	take_a_lock();
	trace_off(h->trace);
	h->event = h->next = trace_read(h->trace, &n);
	h->end = h->event + n;
	for (const struct trace_event *e = h->event; e < h->end; e++)
		fired += e->probe == LOCK && e->ticks > h->proof;
	if (!fired)
		die("the probe of down_read_trylock() did not fire where a lock is taken for certain");
}

/* Of the acquisition that begins with @e. */
static uint32_t held(const struct hold *h, const struct trace_event *e)
{
	const struct trace_event *lock = ++e;

	if (lock >= h->end || lock->probe != LOCK)
		die("the anon_vma lock was taken, but not by a trylock; is more than one process at it?");
	while (e < h->end && (e->probe != UNLOCK || e->arg != lock->arg))
		e++;
	if (e >= h->end)
		die("the anon_vma lock was taken and not released");
	return clock_ticks(lock->ticks, e->ticks) - h->cost.hit * (uint32_t)(e - lock);
}

struct hold_window hold_next(struct hold *h, uint64_t start, uint64_t end)
{
	struct hold_window window = { 0 };

	for (; h->next < h->end && h->next->ticks < end; h->next++) {
		if (h->next->ticks < start)
			continue;
		window.tried += h->next->probe == LOCK;
		if (h->next->probe != TAKE)
			continue;
		window.taken++;
		window.ticks += held(h, h->next);
	}
	return window;
}

uint32_t hold_probe_ticks(const struct hold *h)
{
	return h->cost.hit;
}

void hold_close(struct hold *h)
{
	if (!h)
		return;
	trace_close(h->trace);
	free(h->event);
	free(h);
}
