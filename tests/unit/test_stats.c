// SPDX-License-Identifier: MIT
/*
 * Order statistics and variance components: against R, published examples, and
 * values worked out by hand from their definitions.
 */
#include "tests/unit/near.h"
#include "tests/unit/stats_fixtures.h"

#include <stdlib.h>
#include <string.h>

#include "stats/stats.h"

static uint32_t low(size_t n, ...)
{
	uint32_t v[8];
	va_list args;

	va_start(args, n);
	for (size_t i = 0; i < n; i++)
		v[i] = va_arg(args, uint32_t);
	va_end(args);
	return stats_median_low(v, n);
}

static void lower_median_is_a_sample(void **state)
{
	(void)state;
	assert_int_equal(low(1, 7), 7);
	assert_int_equal(low(2, 9, 3), 3);
	assert_int_equal(low(3, 9, 3, 5), 5);
	assert_int_equal(low(4, 4, 1, 3, 2), 2);
	assert_int_equal(low(5, UINT32_MAX, 0, 5, 5, 9), 5);
	assert_int_equal(low(2, UINT32_MAX, UINT32_MAX - 1), UINT32_MAX - 1);
}

static void median_averages_the_middle(void **state)
{
	double one[] = { 2.5 }, even[] = { 4, 1, 3, 2 }, odd[] = { 9, -1, 3 };

	(void)state;
	assert_true(stats_median(one, 1) == 2.5);
	assert_true(stats_median(even, 4) == 2.5);
	assert_true(stats_median(odd, 3) == 3);
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* As libc sorts, on both sides of where the radix sort begins, for values that
 * differ in all digits, in the lowest, in the highest alone, and not at all. */
static void sorts_like_qsort(void **state)
{
	static const uint32_t masks[] = { UINT32_MAX, 0x7ff, 0x7ff000, 0xff000000, 0x1001, 0 };
	static const size_t sizes[] = { 0, 1, 2, 100, 511, 512, 513, 5000 };
	uint32_t ours[5000], theirs[5000], x = 1;

	(void)state;
	for (size_t m = 0; m < COUNT(masks); m++)
		for (size_t k = 0; k < COUNT(sizes); k++) {
			for (size_t i = 0; i < sizes[k]; i++) {
				x ^= x << 13, x ^= x >> 17, x ^= x << 5;
				ours[i] = theirs[i] = (x & masks[m]) + (~masks[m] & 0x12345678);
			}
			stats_sort(ours, sizes[k]);
			qsort(theirs, sizes[k], sizeof(*theirs), by_value);
			assert_memory_equal(ours, theirs, sizes[k] * sizeof(*ours));
		}
}

static void quantiles(void **state)
{
	uint32_t v[COUNT(fx_samples)], hundred[100];

	(void)state;
	memcpy(v, fx_samples, sizeof(v));
	stats_sort(v, COUNT(v));
	for (size_t i = 0; i < COUNT(fx_probabilities); i++)
		assert_int_equal(stats_quantile(v, COUNT(v), fx_probabilities[i]), fx_quantiles[i]);
	for (uint32_t i = 0; i < 100; i++)
		hundred[i] = i + 1;
	for (uint32_t i = 1; i < 100; i++)
		assert_int_equal(stats_quantile(hundred, 100, i / 100.0), i);
	assert_int_equal(stats_quantile(hundred, 30, 0.1), 3);
	assert_int_equal(stats_quantile(hundred, 1, 0.999), 1);
	assert_int_equal(stats_quantile(hundred, 100, 1e-9), 1);
}

static void quantile_ranks(void **state)
{
	size_t l, h;

	(void)state;
	for (size_t i = 0; i < COUNT(fx_ranks); i++) {
		l = h = 77777;
		assert_int_equal(stats_quantile_ranks(fx_ranks[i].n, fx_ranks[i].q,
						      fx_ranks[i].confidence, &l, &h),
				 fx_ranks[i].low >= 0);
		assert_int_equal(l, fx_ranks[i].low < 0 ? 77777 : fx_ranks[i].low);
		assert_int_equal(h, fx_ranks[i].low < 0 ? 77777 : fx_ranks[i].high);
	}
	assert_false(stats_quantile_ranks(0, 0.5, 0.95, &l, &h));
	assert_false(stats_quantile_ranks(100, 0, 0.95, &l, &h));
	assert_false(stats_quantile_ranks(100, 0.5, 1, &l, &h));
}

/* Where GSL's series gives up; R: qbinom(c(.025, .975), 1e7, .5), likewise .9. */
static void quantile_ranks_of_many(void **state)
{
	size_t l, h;

	(void)state;
	assert_true(stats_quantile_ranks(10000000, 0.5, 0.95, &l, &h));
	assert_int_equal(l, 4996901 - 1);
	assert_int_equal(h, 5003099);
	assert_true(stats_quantile_ranks(10000000, 0.9, 0.95, &l, &h));
	assert_true(l >= 8998140 - 3 && l <= 8998140 + 3);
	assert_true(h >= 9001859 - 3 && h <= 9001859 + 3);
}

static void components_like_aov(void **state)
{
	static const size_t reps[] = { 6, 4, 5 };
	double s2[3], t2[3];

	(void)state;
	stats_components(fx_nested, reps, 3, s2, t2);
	for (int i = 0; i < 3; i++) {
		assert_near(s2[i], fx_nested_s2[i], 1e-9);
		assert_near(t2[i], fx_nested_t2[i], 1e-9);
	}
}

/* Davies and Goldsmith, "Statistical Methods in Research and Production", 1972, the yield of
 * dyestuff from six batches: components 2451.25 within and 1764.05 between. */
static void components_of_dyestuff(void **state)
{
	static const double yield[] = {
		1545, 1440, 1440, 1520, 1580, 1540, 1555, 1490, 1560, 1495,
		1595, 1550, 1605, 1510, 1560, 1445, 1440, 1595, 1465, 1545,
		1595, 1630, 1515, 1635, 1625, 1520, 1455, 1450, 1480, 1445,
	};
	static const size_t reps[] = { 5, 6 };
	double s2[2], t2[2];

	(void)state;
	stats_components(yield, reps, 2, s2, t2);
	assert_near(t2[0], 2451.25, 1e-12);
	assert_near(t2[1], 1764.05, 1e-12);
}

static void components_of_little(void **state)
{
	static const double same[] = { 3, 3, 3, 3 }, odd[] = { 1, 2, 2, 1 }, one[] = { 1, 3, 6 };
	static const size_t two_by_two[] = { 2, 2 }, one_each[] = { 1, 3 };
	double s2[2], t2[2];

	(void)state;
	stats_components(same, two_by_two, 2, s2, t2);
	assert_true(s2[0] == 0 && t2[0] == 0 && s2[1] == 0 && t2[1] == 0);
	stats_components(odd, two_by_two, 2, s2, t2);
	assert_near(t2[0], 0.5, 1e-12);
	assert_near(t2[1], -0.25, 1e-12);
	stats_components(one, one_each, 2, s2, t2);
	assert_near(s2[1], 19.0 / 3, 1e-12);
	assert_near(s2[0], NAN, 0);
	assert_near(t2[1], NAN, 0);
}

/* Boot 30 s, run 2 s, runs vary 0.09 of what boots do: ceil(sqrt(15 * 0.09)) = 2. */
static void optimal_repetitions(void **state)
{
	static const double cost[] = { 0.01, 2, 30 }, free_run[] = { 0, 2, 30 };
	size_t reps[2];

	(void)state;
	stats_optimal_reps((double[]){ 4, 0.09, 1 }, cost, 3, 1000, reps);
	assert_int_equal(reps[0], 95); /* sqrt(200 * 4 / 0.09) = 94.3 */
	assert_int_equal(reps[1], 2);
	stats_optimal_reps((double[]){ 4, 0.09, 1 }, cost, 3, 50, reps);
	assert_int_equal(reps[0], 50);
	stats_optimal_reps((double[]){ 4, -0.1, 1 }, cost, 3, 50, reps);
	assert_int_equal(reps[0], 50);
	assert_int_equal(reps[1], 1);
	stats_optimal_reps((double[]){ 0, 0.09, 0 }, cost, 3, 50, reps);
	assert_int_equal(reps[0], 1);
	assert_int_equal(reps[1], 50);
	stats_optimal_reps((double[]){ NAN, 1, 1000 }, cost, 3, 50, reps);
	assert_int_equal(reps[0], 1);
	assert_int_equal(reps[1], 1);
	stats_optimal_reps((double[]){ 4, 1, 1 }, free_run, 3, 50, reps);
	assert_int_equal(reps[0], 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lower_median_is_a_sample),
		cmocka_unit_test(median_averages_the_middle),
		cmocka_unit_test(sorts_like_qsort),
		cmocka_unit_test(quantiles),
		cmocka_unit_test(quantile_ranks),
		cmocka_unit_test(quantile_ranks_of_many),
		cmocka_unit_test(components_like_aov),
		cmocka_unit_test(components_of_dyestuff),
		cmocka_unit_test(components_of_little),
		cmocka_unit_test(optimal_repetitions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
