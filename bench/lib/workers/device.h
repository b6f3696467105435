/* SPDX-License-Identifier: MIT */
/*
 * The module's software device as typed calls, and the books on it: dev.c's
 * neighbour, the other user of the ABI header.
 *
 * Its engines do atomics on a region whose pages it holds exclusive; a CPU touch takes
 * a page away, and the next atomic there is a device fault.  Without engines of its own
 * the caller is the engine while a job lasts: one stream of instructions, which exact
 * mode needs.
 *
 * Every word of the region is added up before the first job and after the last.  What
 * the device and the CPU say they added must be the difference.  The device's atomics
 * are atomic among engines alone: against them a CPU's plain increment, which is a load and a
 * store to everybody else, loses updates as soon as both use the page at once.  So
 * a lost update is what a violation of exclusivity looks like.
 *
 * Every failure of a request ends the program, as does a job that gave up.
 */
#ifndef LIB_DEVICE_H
#define LIB_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/machine/dev.h"
#include "lib/mem/mem.h"

struct device;

/* What it is made of. */
struct device_shape {
	unsigned int engines;  /* 0: the caller of device_do() */
	unsigned int core;     /* of the first engine, for topo_cpu(); the others follow */
	const struct mem *mem; /* its range; pages that exist */
	unsigned int granule;  /* pages that one device fault converts: a power of two */
	int narrow;	       /* words of 32 bits, not 64 */
	int referenced;	       /* pages by reference alone: no exclusivity */
};

/* See struct dex_job; its word is the device's. */
struct device_job {
	enum device_op { DEVICE_ADD = 1, DEVICE_EXCHANGE, DEVICE_COMPARE, DEVICE_TORN } op;
	enum device_access {
		DEVICE_ONE = 1,
		DEVICE_DISTINCT,
		DEVICE_STRIDED,
		DEVICE_RANDOM
	} access;
	uint64_t offset, stride, span; /* bytes: of slot 0, from slot to slot, of all slots */
	uint64_t count;		       /* atomics of each engine */
	uint64_t until;		       /* stamp; 0: none */
	uint64_t seed;
	unsigned int burst;
	size_t samples; /* device faults to keep a sample of, in the buffer of the dev */
};

/* Add to every @stride-th byte's word of the first @pages pages, in turn. */
struct device_job device_sweep(size_t pages, size_t stride, uint64_t count, size_t samples);
#define DEVICE_BURST  64 /* its burst */

#define DEVICE_NO_END UINT64_MAX /* a count: until it is stopped */

/* What it did since it was last asked. */
struct device_work {
	uint64_t atomics, faults;
	uint64_t retries; /* passes of the fault's loop that had to be repeated */
	uint64_t revoked; /* entries taken away, at any time */
	uint64_t ticks;	  /* of its jobs, by the module's stamps; between looks */
	size_t samples;	  /* the first device faults of them, in ticks: */
	uint32_t *sample; /* until the next job; may be reordered */
};

/* NULL if there are too few cores, with the reason; dies if the module refuses. */
struct device *device_new(struct dev *dev, const struct device_shape *shape, const char **why);
void device_free(struct device *device); /* NULL: nothing */

unsigned int device_engines(const struct device *device);

/* A job from beginning to end. */
void device_do(struct device *device, const struct device_job *job);
void device_pass(struct device *device, size_t stride); /* one sweep of all pages */

/*
 * A job of engines that goes on until it is stopped.  They are all at work when
 * device_start() returns, which their waking up can make long: what counts as work begins
 * there, at a look, and ends with the last look, in device_stop().
 */
void device_start(struct device *device, const struct device_job *job);
void device_look(struct device *device);
void device_stop(struct device *device);

struct device_work device_work(struct device *device);
/* Its atomics, ticks and faults to those of @sum. */
void device_work_add(struct device_work *sum, struct device_work more);

size_t device_mapped(const struct device *device); /* entries that are valid */

enum device_touch { DEVICE_READ, DEVICE_WRITE };

/* One touch by the CPU, timed around its one instruction; a write is a plain increment.  Not
 * timed, 0, if the device does not have the page just before: reading the clock is dear to
 * an emulator, whose CPUs wait for each other there. */
struct device_touched {
	uint32_t ticks;
	uint32_t revoked; /* how often the page was taken from the device meanwhile, by
			   * whomever; twice if the device had it back before the touch got it */
};

struct device_touched device_touch(const struct device *device, size_t page, size_t offset,
				   enum device_touch touch);
/* @n plain increments of one word, one behind the other; ticks of all. */
uint32_t device_increment(const struct device *device, size_t page, size_t offset, size_t n);

/* Updates lost since device_new(), if CPUs did @added increments besides; the device is at
 * rest.  Touches all pages. */
uint64_t device_missing(struct device *device, uint64_t added);
/* Die if there are any; 0. */
double device_must_add_up(struct device *device, uint64_t added);

#endif /* LIB_DEVICE_H */
