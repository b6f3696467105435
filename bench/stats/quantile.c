// SPDX-License-Identifier: MIT
#include "stats/stats.h"

#include <stdlib.h>

static int by_value_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

uint32_t stats_median_low(uint32_t *values, size_t n)
{
	qsort(values, n, sizeof(*values), by_value_u32);
	return values[(n - 1) / 2];
}

double stats_median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), by_value);
	return (values[(n - 1) / 2] + values[n / 2]) / 2;
}
