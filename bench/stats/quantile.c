// SPDX-License-Identifier: MIT
/*
 * Order statistics.  A case has up to millions of samples and a campaign a
 * thousand cases, so sorting is the cost of reading results: 32-bit samples go
 * through a radix sort of three 11-bit digits, of which a digit that all samples
 * share (the high one, mostly) costs one look.
 */
#include "stats/stats.h"

#include <gsl/gsl_cdf.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DIGIT_BITS 11
#define DIGITS	   (1u << DIGIT_BITS)
#define PASSES	   3
/* Below that clearing and adding up the counts costs more than comparing. */
#define RADIX_MIN 512

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

static unsigned int digit(uint32_t value, int pass)
{
	return value >> (pass * DIGIT_BITS) & (DIGITS - 1);
}

static void count_digits(const uint32_t *v, size_t n, size_t count[PASSES][DIGITS])
{
	memset(count, 0, sizeof(size_t[PASSES][DIGITS]));
	for (size_t i = 0; i < n; i++)
		for (int pass = 0; pass < PASSES; pass++)
			count[pass][digit(v[i], pass)]++;
}

/* Counts to places: where the first value with each digit goes. */
static void places(size_t count[DIGITS])
{
	size_t next = 0;

	for (size_t d = 0; d < DIGITS; d++) {
		size_t here = count[d];

		count[d] = next;
		next += here;
	}
}

static void radix_sort(uint32_t *values, uint32_t *scratch, size_t n)
{
	static _Thread_local size_t count[PASSES][DIGITS]; /* 48 KiB: more than a small stack has */
	uint32_t *from = values, *to = scratch;

	count_digits(values, n, count);
	for (int pass = 0; pass < PASSES; pass++) {
		uint32_t *swap = from;

		if (count[pass][digit(from[0], pass)] == n)
			continue;
		places(count[pass]);
		for (size_t i = 0; i < n; i++)
			to[count[pass][digit(from[i], pass)]++] = from[i];
		from = to;
		to = swap;
	}
	if (from != values)
		memcpy(values, from, n * sizeof(*values));
}

void stats_sort(uint32_t *values, size_t n)
{
	uint32_t *scratch = n < RADIX_MIN ? NULL : malloc(n * sizeof(*scratch));

	if (scratch)
		radix_sort(values, scratch, n);
	else
		qsort(values, n, sizeof(*values), by_value_u32);
	free(scratch);
}

uint32_t stats_median_low(uint32_t *values, size_t n)
{
	stats_sort(values, n);
	return values[(n - 1) / 2];
}

double stats_median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), by_value);
	return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

uint32_t stats_quantile(const uint32_t *sorted, size_t n, double q)
{
	double h = (double)n * q;
	/* 30 * 0.1 is a little over 3 in binary: not the fourth value for that. */
	double rank = ceil(h - h * 4 * 0x1p-52);

	if (rank < 1)
		rank = 1;
	if (rank > (double)n)
		rank = (double)n;
	return sorted[(size_t)rank - 1];
}

/* P(at most @k of @n below the quantile); GSL's series gives up on millions. */
static double binomial_cdf(size_t k, double q, size_t n)
{
	double p = gsl_cdf_binomial_P((unsigned int)k, q, (unsigned int)n);
	double mean = (double)n * q;

	if (isnan(p))
		p = gsl_cdf_ugaussian_P(((double)k + 0.5 - mean) / sqrt(mean * (1 - q)));
	return p;
}

/* The smallest k for which P(at most k) >= @p. */
static size_t binomial_quantile(double p, double q, size_t n)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (binomial_cdf(middle, q, n) >= p)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

int stats_quantile_ranks(size_t n, double q, double confidence, size_t *low, size_t *high)
{
	double tail = (1 - confidence) / 2;
	size_t below, above;

	if (n == 0 || n > UINT_MAX || !(q > 0 && q < 1) || !(confidence > 0 && confidence < 1))
		return 0;
	below = binomial_quantile(tail, q, n);
	above = binomial_quantile(1 - tail, q, n);
	if (below == 0 || above == n)
		return 0;
	*low = below - 1;
	*high = above;
	return 1;
}
