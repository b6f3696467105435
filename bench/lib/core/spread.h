/* SPDX-License-Identifier: MIT */
/*
 * What is said of ticks that are no samples of the result: a result has one set of
 * samples, which leave as they are; a second quantity leaves as four numbers.
 */
#ifndef LIB_SPREAD_H
#define LIB_SPREAD_H

#include <stddef.h>
#include <stdint.h>

/* Each is one of the ticks: quantile q of n is the ceil(nq)-th smallest. */
struct spread {
	uint32_t p50, p90, p99, max;
};

/* The quantile of @percent, from 1 to 100, of @n > 0 ticks, which are reordered. */
uint32_t spread_quantile(uint32_t *ticks, size_t n, size_t percent);

/* Of @n > 0 ticks, which are reordered. */
struct spread spread_of(uint32_t *ticks, size_t n);

#endif /* LIB_SPREAD_H */
