/* SPDX-License-Identifier: MIT */
/* Cases as data for other programs. */
#ifndef BENCH_DESCRIBE_H
#define BENCH_DESCRIBE_H

#include "bench.h"

json_t *describe(const struct bench *const *benches, size_t n); /* in that order */

#endif /* BENCH_DESCRIBE_H */
