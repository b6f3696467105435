// SPDX-License-Identifier: MIT
/* Medians against values worked out by hand from their definitions. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lower_median_is_a_sample),
		cmocka_unit_test(median_averages_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
