/* SPDX-License-Identifier: MIT */
/* Which way a value is good: said by a case, written into its file, and judged by. */
#ifndef BENCH_BETTER_H
#define BENCH_BETTER_H

enum better { BETTER_NEITHER = 1, BETTER_LOWER, BETTER_HIGHER };

#endif /* BENCH_BETTER_H */
