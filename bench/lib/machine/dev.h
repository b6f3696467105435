/* SPDX-License-Identifier: MIT */
/*
 * /dev/dexbench as typed calls: with device.c the only user of the ioctl ABI header.
 *
 * dev_open() checks that the module speaks our ABI; every later failure of a
 * request ends the program, because no benchmark can go on without it.
 */
#ifndef LIB_DEV_H
#define LIB_DEV_H

#include <stddef.h>
#include <stdint.h>

struct dev;

/* What the module says of itself; strings are static. */
struct dev_info {
	unsigned int abi;
	const char *body; /* "range" or "single": the kernel's interface */
	const char *walk; /* "rmap" or "folio" */
	unsigned int clock_khz;
	unsigned int max_batch;
};

/* One timed call; see struct dex_sample. */
struct dev_sample {
	uint64_t start; /* stamp */
	uint32_t ticks;
	int error;	 /* 0 or a positive errno */
	unsigned int ok; /* pages */
};

/* What one request came to. */
struct dev_result {
	uint64_t attempted; /* pages */
	uint64_t succeeded; /* pages */
	uint64_t ticks;	    /* of the whole request, seen from user space */
};

/* Events on the watched range since the last call; see enum dex_event. */
struct dev_events {
	uint64_t exclusive_own;	  /* our own conversions */
	uint64_t exclusive_other; /* EXCLUSIVE with another or no owner */
	uint64_t clear_page;	  /* CLEAR of one page */
	uint64_t clear_more;	  /* CLEAR of more */
	uint64_t other;
};

/* @max_samples: the largest request to come.  NULL if there is no device, with
 * the reason in *@why; dies on an ABI mismatch. */
struct dev *dev_open(size_t max_samples, const char **why);
void dev_close(struct dev *dev);

int dev_fd(const struct dev *dev); /* for device.c */
const struct dev_info *dev_info(const struct dev *dev);
int dev_nop(struct dev *dev); /* enter and leave; 0 */
struct dev_result dev_clock(struct dev *dev, uint64_t count);
struct dev_result dev_gup(struct dev *dev, const void *start, uint64_t stride, uint64_t count);
struct dev_result dev_convert(struct dev *dev, const void *start, uint64_t stride, uint64_t count,
			      unsigned int batch);
/* Pin for DMA and unpin, @batch pages a call; what is timed is the one or the other. */
int dev_can_pin(struct dev *dev, const void *page); /* from 5.16 on */
struct dev_result dev_pin(struct dev *dev, const void *start, uint64_t count, unsigned int batch,
			  int unpin);
struct dev_sample dev_sample(const struct dev *dev, size_t i); /* of the last request */

/* Convert one page and keep its folio locked for @ns; sample @i tells how long it
 * was.  The kernel unlocks it also if nobody asks. */
void dev_hold(struct dev *dev, const void *page, unsigned int ns, size_t i);

/* The handling of a device's fault as a driver does it, see enum dex_pattern. */
struct dev_loop {
	enum dev_pattern { DEV_NOUVEAU, DEV_UVM } pattern;
	int cure;		     /* fault the pages in first */
	unsigned int max_iterations; /* for each fault */
	unsigned int batch;	     /* pages of a fault: a power of two, 1 for DEV_NOUVEAU */
	uint64_t count;		     /* faults, one behind the other */
	uint64_t iterations;	     /* out: of all faults */
};

#define DEV_MAX_ITERATIONS 10000 /* that the module allows */

struct dev_result dev_loop(struct dev *dev, const void *start, struct dev_loop *loop);

/* Pages looked up as a driver does before it maps or moves them, to be written to; see struct dex_hmm. */
struct dev_hmm {
	int unlocked;	     /* by the kernel's own loop, 7.3 and later */
	unsigned int batch;  /* pages a call */
	uint64_t count;	     /* calls, one behind the other */
	uint64_t iterations; /* out: of all calls */
	uint64_t large;	     /* out: pages in a mapping of more than one */
};

/* NULL, or why there is none here. */
const char *dev_why_no_hmm(struct dev *dev, int unlocked, const void *page);
struct dev_result dev_hmm(struct dev *dev, const void *start, struct dev_hmm *hmm);

void dev_watch(struct dev *dev, const void *start, size_t length);
void dev_unwatch(struct dev *dev);
struct dev_events dev_events(struct dev *dev);

#endif /* LIB_DEV_H */
