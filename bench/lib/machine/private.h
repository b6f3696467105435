/* SPDX-License-Identifier: MIT */
/*
 * Device-private memory, the module's: pages migrate there, and come back when a CPU touches them.
 *
 * The first request says whether the kernel has it; every later failure ends the program.
 */
#ifndef LIB_PRIVATE_H
#define LIB_PRIVATE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/machine/dev.h"

/* Ticks of all migrations together, by what they consist of. */
struct private_stages {
	uint64_t setup, copy, pages, finalize;
};

/* What one migration came to. */
struct private_sample {
	struct private_stages ticks;
	int error; /* 0, or why not all of its pages went, a positive errno */
	unsigned int moved;
};

/* Since private_make(). */
struct private_counts {
	uint64_t used;		/* pages that are there now */
	uint64_t faults, empty; /* by CPUs, and those of them that moved nothing */
};

/* Room for @pages; NULL, or why there is none here. */
const char *private_make(struct dev *dev, size_t pages);
/* What is there comes back. */
void private_remove(struct dev *dev);

/* Move @batch pages at @start, and so on, @count times: how each went, into @samples. */
struct dev_result private_migrate(struct dev *dev, const char *start, unsigned int batch,
				  size_t count, struct private_sample *samples);
/* Move @pages pages at @start, one by one; dies unless all went. */
void private_fill(struct dev *dev, const char *start, size_t pages);
struct private_counts private_counts(struct dev *dev);

#endif /* LIB_PRIVATE_H */
