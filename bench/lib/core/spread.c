// SPDX-License-Identifier: MIT
#include "lib/core/spread.h"

#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* In integers: 0.9 is no double. */
static uint32_t quantile(const uint32_t *sorted, size_t n, size_t percent)
{
	return sorted[(n * percent + 99) / 100 - 1];
}

uint32_t spread_quantile(uint32_t *ticks, size_t n, size_t percent)
{
	qsort(ticks, n, sizeof(*ticks), ascending);
	return quantile(ticks, n, percent);
}

struct spread spread_of(uint32_t *ticks, size_t n)
{
	qsort(ticks, n, sizeof(*ticks), ascending);
	return (struct spread){ quantile(ticks, n, 50), quantile(ticks, n, 90),
				quantile(ticks, n, 99), ticks[n - 1] };
}
