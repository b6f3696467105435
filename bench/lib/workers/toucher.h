/* SPDX-License-Identifier: MIT */
/*
 * A CPU that touches the software device's pages, one after the other, on a schedule.
 *
 * Touch k is due @period ticks after touch k - 1 was due, whenever that one happened: who
 * is late catches up, so that a schedule that cannot be kept shows as a lower rate and
 * never as fewer touches.  A touch's ticks run from when it begins; what it waited
 * for its turn is not in them.
 *
 * Between two touches the device works.  One with engines does so by itself, and the
 * caller spins.  One without is given the caller until the touch is due, and looks up
 * between bursts alone: that is by how much a touch can be late, and a touch without
 * a due time has one burst in front of it.
 */
#ifndef LIB_TOUCHER_H
#define LIB_TOUCHER_H

#include <stddef.h>
#include <stdint.h>

#include "lib/workers/device.h"

struct toucher {
	struct device *device;
	const struct device_job *between; /* for a device without engines; or NULL */
	enum device_touch touch;
	int idle;	       /* it keeps the schedule and touches nothing */
	size_t first, pages;   /* which it touches */
	size_t offset;	       /* of the word in its page */
	size_t touches;	       /* that it does */
	uint64_t period;       /* 0: none; one touch behind the other */
	uint32_t *ticks;       /* of the first timed touches that took a page from the device, */
	size_t room;	       /* as many as fit */
	size_t kept, revoking; /* out: touches that were kept; that took a page */
	size_t revoked;	       /* out: how often they did, together */
	uint64_t begin, end;   /* out: stamps around all of it */
};

void toucher_run(struct toucher *t);

/* The same with the device at @job: as @between, or all the time if it has engines; what
 * it did in the time that all of it took. */
struct device_work toucher_play(struct toucher *t, const struct device_job *job);

/* What a CPU has added: each write is one. */
uint64_t toucher_added(const struct toucher *t);

#endif /* LIB_TOUCHER_H */
