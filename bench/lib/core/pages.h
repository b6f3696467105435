/* SPDX-License-Identifier: MIT */
/*
 * How many pages an execution may work on.  dexbench refuses others; dex-compare proposes none
 * (--pilot); scripts ask dexbench --list.
 */
#ifndef LIB_PAGES_H
#define LIB_PAGES_H

/* The longest range that a case works in: a multiple of it. */
#define PAGES_STEP 512
/* Three samples of that: a timer interrupt that falls into one of them must not be the median. */
#define PAGES_LEAST (3 * PAGES_STEP)

#endif /* LIB_PAGES_H */
