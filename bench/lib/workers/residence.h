/* SPDX-License-Identifier: MIT */
/*
 * A CPU that wants the software device's pages back, and is put off until the device has had each
 * for a while: a driver's minimum residence (drm_gpusvm's timeslice).
 *
 * A page's time counts from when the CPU last had it.  Between two touches, and while the CPU
 * waits, the device works, as beside a toucher (toucher.h): the CPU asks for the pages in turn,
 * each @period after the one before, or at once.
 */
#ifndef LIB_RESIDENCE_H
#define LIB_RESIDENCE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/workers/device.h"

struct residence {
	struct device *device;
	const struct device_job *job; /* what the device does */
	size_t pages;		      /* that the CPU asks for */
	size_t touches;		      /* that it does, each an increment */
	uint64_t period;	      /* 0: one touch behind the other */
	uint64_t least;		      /* of a page with the device; 0: none */
	uint64_t most;		      /* as much as @least: fixed.  More: it doubles whenever the
				       * CPU was put off, and begins anew when it was not */
	uint64_t *since, *lasts;      /* room for @pages each */
	uint64_t revoked, put_off;    /* out: pages taken back, touches that had to wait */
	uint64_t waited, longest; /* out: from asking for a page to having it: all touches, one */
	uint64_t begin, end;	  /* out: stamps around all of it */
};

/* What the device did in the time that all of it took. */
struct device_work residence_play(struct residence *r);

#endif /* LIB_RESIDENCE_H */
