// SPDX-License-Identifier: MIT
/* Exact tests: against R, tables of critical values and enumerations. */
#include "tests/unit/near.h"
#include "tests/unit/stats_fixtures.h"

#include "stats/stats.h"

static void mann_whitney_like_r(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(fx_mann_whitney); i++)
		assert_near(stats_mann_whitney(fx_x, fx_mann_whitney[i].na, fx_y,
					       fx_mann_whitney[i].nb),
			    fx_mann_whitney[i].p, 1e-9);
}

/* Sets of @n whose U is @u: b is 1 to n, of a the first lie below all of it. */
static double p_of_u(size_t n, size_t u)
{
	double a[20], b[20];

	for (size_t i = 0; i < n; i++) {
		size_t above = u < n ? u : n;

		b[i] = (double)i + 1;
		a[i] = (double)above + 0.5 + (double)i / 100;
		u -= above;
	}
	return stats_mann_whitney(a, n, b, n);
}

/* The table in every textbook: the largest U that is significant at 5 %, two-sided. */
static void mann_whitney_critical_values(void **state)
{
	static const size_t table[][2] = { { 4, 0 },  { 5, 2 },	  { 6, 5 },   { 7, 8 },	  { 8, 13 },
					   { 9, 17 }, { 10, 23 }, { 15, 64 }, { 20, 127 } };

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		assert_true(p_of_u(table[i][0], table[i][1]) <= 0.05);
		assert_true(p_of_u(table[i][0], table[i][1] + 1) > 0.05);
	}
	assert_near(p_of_u(5, 2), 8.0 / 252, 1e-12);
	assert_near(p_of_u(3, 0), 0.1, 1e-12);
}

static void mann_whitney_with_ties(void **state)
{
	static const double same[] = { 4, 4, 4, 4, 4, 4 };

	(void)state;
	assert_near(stats_mann_whitney(fx_tied_x, COUNT(fx_tied_x), fx_tied_y, COUNT(fx_tied_y)),
		    fx_tied_p, 1e-12);
	assert_near(stats_mann_whitney(fx_tied_y, COUNT(fx_tied_y), fx_tied_x, COUNT(fx_tied_x)),
		    fx_tied_p, 1e-12);
	assert_true(stats_mann_whitney(same, 3, same, 6) == 1);
}

static void mann_whitney_limits(void **state)
{
	double v[STATS_RANK_MAX + 1], bad[] = { 1, NAN };

	(void)state;
	for (size_t i = 0; i < COUNT(v); i++)
		v[i] = (double)i;
	/* All of one below all of the other: 2 of C(100, 50) divisions. */
	assert_near(stats_mann_whitney(v, 50, v + 50, 50), 2 / 1.0089134454556415e29, 1e-9);
	assert_near(stats_mann_whitney(v, 50, v + 50, 51), NAN, 0);
	assert_near(stats_mann_whitney(v, 0, v, 5), NAN, 0);
	assert_near(stats_mann_whitney(v, 5, v, 0), NAN, 0);
	assert_near(stats_mann_whitney(v, SIZE_MAX, v, 2), NAN, 0);
	assert_near(stats_mann_whitney(bad, 2, v, 5), NAN, 0);
}

static void sign_flip(void **state)
{
	/* Darwin's maize: 863 sums of 32768 are 314 or more, as many -314 or less;
	 * Fisher, "The Design of Experiments", section 21. */
	static const double darwin[] = {
		49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48
	};

	(void)state;
	assert_near(stats_sign_flip(darwin, COUNT(darwin)), 2 * 863 / 32768.0, 1e-12);
	assert_near(stats_sign_flip(fx_d, COUNT(fx_d)), fx_sign_flip_p, 1e-12);
	/* 0.1 + 0.2 and 0.3 are the same, though not in binary. */
	assert_near(stats_sign_flip((double[]){ 0.1, 0.2, -0.3 }, 3), 1, 1e-12);
	assert_near(stats_sign_flip((double[]){ 0.1, 0.2, 0.3, 0.1, 0.2, 0.3 }, 6), 2 / 64.0,
		    1e-12);
}

static void sign_flip_limits(void **state)
{
	double v[STATS_SIGN_FLIP_MAX + 1], zero[3] = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(v); i++)
		v[i] = (double)i + 1;
	assert_near(stats_sign_flip(v, STATS_SIGN_FLIP_MAX), 2 / 1048576.0, 1e-12);
	assert_near(stats_sign_flip(v, STATS_SIGN_FLIP_MAX + 1), NAN, 0);
	assert_near(stats_sign_flip(v, 1), NAN, 0);
	assert_true(stats_sign_flip(zero, 3) == 1);
	assert_near(stats_sign_flip((double[]){ 1, NAN, 2 }, 3), NAN, 0);
	assert_near(stats_sign_flip((double[]){ 1, INFINITY, 2 }, 3), NAN, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mann_whitney_like_r),
		cmocka_unit_test(mann_whitney_critical_values),
		cmocka_unit_test(mann_whitney_with_ties),
		cmocka_unit_test(mann_whitney_limits),
		cmocka_unit_test(sign_flip),
		cmocka_unit_test(sign_flip_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
