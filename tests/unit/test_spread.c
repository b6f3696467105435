// SPDX-License-Identifier: MIT
/* Quantiles are samples, by the definition that bench/stats has: the ceil(nq)-th smallest. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "lib/core/spread.h"

static void of_one(void **state)
{
	uint32_t ticks[] = { 7 };
	struct spread s = spread_of(ticks, 1);

	(void)state;
	assert_int_equal(s.p50, 7);
	assert_int_equal(s.p99, 7);
	assert_int_equal(s.max, 7);
}

static void of_few(void **state)
{
	uint32_t ticks[] = { 40, 10, UINT32_MAX, 20 };
	struct spread s = spread_of(ticks, 4);

	(void)state;
	assert_int_equal(s.p50, 20);
	assert_int_equal(s.p90, UINT32_MAX);
	assert_int_equal(s.max, UINT32_MAX);
}

static void of_many(void **state)
{
	uint32_t ticks[1000];
	struct spread s;

	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		ticks[i] = 1 + i * 7 % 1000; /* 1 to 1000, out of order */
	s = spread_of(ticks, 1000);
	assert_int_equal(s.p50, 500);
	assert_int_equal(s.p90, 900);
	assert_int_equal(s.p99, 990);
	assert_int_equal(s.max, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_one),
		cmocka_unit_test(of_few),
		cmocka_unit_test(of_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
