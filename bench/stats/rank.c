// SPDX-License-Identifier: MIT
/*
 * Exact permutation tests: no assumption but that the labels, or the signs, could
 * have fallen otherwise.  Both count equally likely outcomes at least as far from
 * what is expected as the observed one.
 */
#include "stats/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct item {
	double value;
	size_t from_a;
	size_t rank2; /* twice the mid-rank: whole */
};

static int by_value(const void *x, const void *y)
{
	double a = ((const struct item *)x)->value, b = ((const struct item *)y)->value;

	return (a > b) - (a < b);
}

static void rank_items(struct item *items, size_t n)
{
	size_t end;

	qsort(items, n, sizeof(*items), by_value);
	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n && items[end].value == items[i].value; end++)
			;
		for (size_t j = i; j < end; j++)
			items[j].rank2 = i + 1 + end;
	}
}

/*
 * ways[k][s]: in how many ways k of the items seen so far have doubled ranks
 * that sum to s.  At most C(100, 50), 1e29, of which a double keeps 16 digits.
 */
static double share_as_far(const struct item *items, size_t n, size_t take, size_t observed,
			   double *ways)
{
	size_t width = n * (n + 1) + 1, expected = take * (n + 1);
	size_t far = observed > expected ? observed - expected : expected - observed;
	double beyond = 0, all = 0;

	ways[0] = 1;
	for (size_t i = 0; i < n; i++)
		for (size_t k = i < take ? i + 1 : take; k > 0; k--)
			for (size_t s = items[i].rank2; s < width; s++)
				ways[k * width + s] += ways[(k - 1) * width + s - items[i].rank2];
	for (size_t s = 0; s < width; s++) {
		all += ways[take * width + s];
		if ((s > expected ? s - expected : expected - s) >= far)
			beyond += ways[take * width + s];
	}
	return beyond / all;
}

double stats_mann_whitney(const double *a, size_t na, const double *b, size_t nb)
{
	struct item items[STATS_RANK_MAX] = { 0 };
	size_t n = na + nb, observed = 0;
	double *ways, p;

	if (na == 0 || nb == 0 || na > STATS_RANK_MAX || nb > STATS_RANK_MAX - na)
		return NAN;
	for (size_t i = 0; i < n; i++) {
		items[i] = (struct item){ i < na ? a[i] : b[i - na], i < na, 0 };
		if (isnan(items[i].value))
			return NAN;
	}
	rank_items(items, n);
	for (size_t i = 0; i < n; i++)
		observed += items[i].from_a * items[i].rank2;
	ways = calloc((na + 1) * (n * (n + 1) + 1), sizeof(*ways));
	if (!ways)
		return NAN;
	p = share_as_far(items, n, na, observed, ways);
	free(ways);
	return p;
}

/* Of the sums of @n differences under every sign, on top of @sum, how many reach @far. */
static size_t reaching(const double *d, size_t n, double sum, double far)
{
	if (n == 0)
		return fabs(sum) >= far;
	return reaching(d + 1, n - 1, sum + *d, far) + reaching(d + 1, n - 1, sum - *d, far);
}

double stats_sign_flip(const double *d, size_t n)
{
	double sum = 0, size = 0;

	if (n < 2 || n > STATS_SIGN_FLIP_MAX)
		return NAN;
	for (size_t i = 0; i < n; i++) {
		sum += d[i];
		size += fabs(d[i]);
	}
	if (!isfinite(size))
		return NAN;
	/* A sum that differs by rounding alone is the same sum. */
	return (double)reaching(d, n, 0, fabs(sum) - size * (double)n * 0x1p-52) /
	       (double)(1ull << n);
}
