// SPDX-License-Identifier: MIT
/*
 * The rules that others decide by, each on the data that it would have had:
 * Google Benchmark's compare.py all iterations of all boots pooled, mmtests and
 * LKP, for their own good, one statistic a boot.
 */
#include "tests/sim/check_stats.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

#include "stats/stats.h"

/* In a value's turn: how many there are in @v from @at on, counting them past. */
static size_t pass_equal(const uint32_t *v, size_t n, size_t *at, uint32_t value)
{
	size_t begin = *at;

	while (*at < n && v[*at] == value)
		(*at)++;
	return *at - begin;
}

/* compare.py: scipy's Mann-Whitney test, normal with ties and continuity, 5 %. */
int rule_google_benchmark(uint32_t *a, uint32_t *b, size_t n)
{
	double rank_sum = 0, ties = 0, all = 2.0 * (double)n, half = (double)(n * n) / 2, sd, u;
	size_t i = 0, j = 0;

	stats_sort(a, n);
	stats_sort(b, n);
	while (i < n || j < n) {
		uint32_t value = j == n || (i < n && a[i] < b[j]) ? a[i] : b[j];
		double before = (double)(i + j);
		double from_a = (double)pass_equal(a, n, &i, value);
		double equal = from_a + (double)pass_equal(b, n, &j, value);

		rank_sum += from_a * (before + (equal + 1) / 2);
		ties += equal * (equal * equal - 1);
	}
	u = rank_sum - (double)n * (double)(n + 1) / 2;
	sd = sqrt(half / 6 * (all + 1 - ties / (all * (all - 1))));
	return 2 * gsl_cdf_ugaussian_Q((fabs(u - half) - 0.5) / sd) < 0.05;
}

/* Compare.pm's cidiff(): do mean +- 1.96 SD (not its standard error) overlap? */
int rule_mmtests(const double *a, const double *b, size_t n)
{
	double diff = gsl_stats_mean(b, 1, n) - gsl_stats_mean(a, 1, n);

	return fabs(diff) > 1.96 * (gsl_stats_sd(a, 1, n) + gsl_stats_sd(b, 1, n));
}

/* changed_stat.rb: ranges do not overlap, and the gap is over half the medians' distance. */
int rule_lkp(double *a, double *b, size_t n)
{
	double apart, gap;

	gsl_sort(a, 1, n);
	gsl_sort(b, 1, n);
	apart = fabs(gsl_stats_median_from_sorted_data(b, 1, n) -
		     gsl_stats_median_from_sorted_data(a, 1, n));
	gap = fmax(b[0] - a[n - 1], a[0] - b[n - 1]);
	return gap > 0 && gap > apart / 2;
}
