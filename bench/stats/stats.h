/* SPDX-License-Identifier: MIT */
/* Statistics: pure functions on arrays; no I/O, no state. */
#ifndef STATS_STATS_H
#define STATS_STATS_H

#include <stddef.h>
#include <stdint.h>

/*
 * The lower median: the ceil(n/2)-th smallest of @n > 0 values, which are
 * reordered.  Unlike the mean of the two middle values it is always one of the
 * samples, so that a count stays a count (Hyndman and Fan, "Sample Quantiles in
 * Statistical Packages", The American Statistician 50(4), 1996, definition 1).
 */
uint32_t stats_median_low(uint32_t *values, size_t n);

/* The median of @n > 0 values, which are reordered: definition 2 of the same,
 * the mean of the two middle values where @n is even. */
double stats_median(double *values, size_t n);

#endif /* STATS_STATS_H */
