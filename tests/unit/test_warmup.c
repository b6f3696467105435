// SPDX-License-Identifier: MIT
/* Changepoints against R's exhaustive search, and what is called warm-up. */
#include "tests/unit/near.h"
#include "tests/unit/stats_fixtures.h"

#include "stats/stats.h"

#define ASSERT_CHANGES(series) changes_are(series, COUNT(series), series##_at, COUNT(series##_at))

static void changes_are(const double *x, size_t n, const size_t *expected, size_t changes)
{
	size_t at[64];

	assert_int_equal(stats_changepoints(x, n, at, COUNT(at)), changes);
	for (size_t i = 0; i < changes; i++)
		assert_int_equal(at[i], expected[i]);
}

static void changes_like_exhaustive_search(void **state)
{
	(void)state;
	ASSERT_CHANGES(fx_steps);
	ASSERT_CHANGES(fx_spread);
	ASSERT_CHANGES(fx_flat);
	ASSERT_CHANGES(fx_slope);
}

static void no_changes(void **state)
{
	double flat[50], zero[50] = { 0 };
	size_t at[1] = { 77 };

	(void)state;
	for (size_t i = 0; i < COUNT(flat); i++)
		flat[i] = 3;
	assert_int_equal(stats_changepoints(flat, COUNT(flat), at, 1), 0);
	assert_int_equal(stats_changepoints(zero, COUNT(zero), at, 1), 0);
	assert_int_equal(stats_changepoints(fx_steps, 9, at, 1), 0);
	assert_int_equal(stats_changepoints(NULL, 0, at, 1), 0);
	flat[7] = NAN;
	assert_int_equal(stats_changepoints(flat, COUNT(flat), at, 1), 0);
	assert_int_equal(at[0], 77);
}

/* There are three; room for two, or none. */
static void writes_no_more_than_asked_for(void **state)
{
	size_t at[3] = { 77, 77, 77 };

	(void)state;
	assert_int_equal(stats_changepoints(fx_flat, COUNT(fx_flat), at, 2), 3);
	assert_int_equal(at[0], fx_flat_at[0]);
	assert_int_equal(at[1], fx_flat_at[1]);
	assert_int_equal(at[2], 77);
	assert_int_equal(stats_changepoints(fx_flat, COUNT(fx_flat), NULL, 0), 3);
}

/* Samples that spread by some 2 % round @level; every hundredth is half as long again. */
static void settle(uint32_t *samples, size_t from, size_t to, uint32_t level)
{
	uint32_t x = 2463534242;

	for (size_t i = from; i < to; i++) {
		x ^= x << 13, x ^= x >> 17, x ^= x << 5;
		samples[i] = level + x % (level / 15);
		if (x >> 16 < 655)
			samples[i] += level / 2;
	}
}

static void warm_up_ends_where_it_ends(void **state)
{
	static uint32_t samples[12800];
	size_t warm;

	(void)state;
	settle(samples, 0, 12800, 2000);
	assert_int_equal(stats_warm_up(samples, 12800), 0);
	settle(samples, 0, 1500, 2300);
	warm = stats_warm_up(samples, 12800);
	assert_true(warm >= 1400 && warm <= 1700);
	/* Again, not settled when it ends. */
	settle(samples, 9000, 12800, 2300);
	assert_int_equal(stats_warm_up(samples, 12800), 12800);
}

static void warm_up_of_counts(void **state)
{
	uint32_t samples[1280];

	(void)state;
	for (size_t i = 0; i < COUNT(samples); i++)
		samples[i] = i % 97 ? 2036 : 5000; /* a timer interrupt now and then */
	assert_int_equal(stats_warm_up(samples, COUNT(samples)), 0);
	for (size_t i = 0; i < 100; i++)
		samples[i] = 2200;
	assert_int_equal(stats_warm_up(samples, COUNT(samples)), 100);
}

static void warm_up_of_little(void **state)
{
	uint32_t samples[80];

	(void)state;
	for (size_t i = 0; i < COUNT(samples); i++)
		samples[i] = i < 40 ? 1000 : 10;
	assert_int_equal(stats_warm_up(samples, 80), 80);
	assert_int_equal(stats_warm_up(samples, 79), 0);
	assert_int_equal(stats_warm_up(samples, 1), 0);
	assert_int_equal(stats_warm_up(NULL, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_like_exhaustive_search),
		cmocka_unit_test(no_changes),
		cmocka_unit_test(writes_no_more_than_asked_for),
		cmocka_unit_test(warm_up_ends_where_it_ends),
		cmocka_unit_test(warm_up_of_counts),
		cmocka_unit_test(warm_up_of_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
