// SPDX-License-Identifier: MIT
/* Intervals, bootstrap, power and verdicts: against R and published examples. */
#include "tests/unit/near.h"
#include "tests/unit/stats_fixtures.h"

#include "stats/stats.h"

/* Darwin's maize, crossed less self-fertilised, eighths of an inch; Fisher, "The Design of
 * Experiments", section 17: t = 2.148. */
static const double darwin[] = { 49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48 };
/* Student 1908, hours of sleep gained, second drug less first: 1.58 [0.70, 2.46]. */
static const double student[] = { 1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6, 1.4 };

static const double ones[] = { 1, 1, 1, 1 }, fives[] = { 5, 5, 5, 5 }, none[] = { 0, 0, 0, 0 };

static void assert_interval(struct stats_interval actual, const double *expected, double tolerance)
{
	assert_near(actual.estimate, expected[0], tolerance);
	assert_near(actual.low, expected[1], tolerance);
	assert_near(actual.high, expected[2], tolerance);
}

static void interval_of_a_mean(void **state)
{
	(void)state;
	assert_interval(stats_mean(fx_a, COUNT(fx_a), 0.95), fx_mean, 1e-10);
	assert_interval(stats_mean(student, COUNT(student), 0.95),
			(double[]){ 1.58, 0.7001142, 2.4598858 }, 1e-6);
	/* Darwin's t of 2.148: an interval at the matching P of 0.0497 touches 0. */
	assert_true(fabs(stats_mean(darwin, COUNT(darwin), 1 - 0.0497).low) < 0.02);
	assert_interval(stats_mean(fives, 4, 0.95), (double[]){ 5, 5, 5 }, 0);
	assert_interval(stats_mean(fives, 1, 0.95), (double[]){ 5, NAN, NAN }, 0);
	assert_interval(stats_mean(fives, 0, 0.95), (double[]){ NAN, NAN, NAN }, 0);
}

static void paired_difference(void **state)
{
	static const double a[] = { 0, 3, 5 }, b[] = { 2, 5, 7 };
	double p, zero[COUNT(student)] = { 0 };

	(void)state;
	/* Student's t was 4.06, P 0.0028. */
	assert_interval(stats_paired_difference(zero, student, COUNT(student), 0.95, &p),
			(double[]){ 1.58, 0.7001142, 2.4598858 }, 1e-6);
	assert_true(fabs(p - 0.002833) < 5e-7);
	assert_interval(stats_paired_difference(a, b, 3, 0.95, &p), (double[]){ 2, 2, 2 }, 0);
	assert_true(p == 0);
	assert_interval(stats_paired_difference(b, b, 3, 0.95, &p), (double[]){ 0, 0, 0 }, 0);
	assert_true(p == 1);
	assert_interval(stats_paired_difference(a, b, 1, 0.95, &p), (double[]){ 2, NAN, NAN }, 0);
	assert_true(isnan(p));
}

static void paired_ratio(void **state)
{
	double p;

	(void)state;
	assert_interval(stats_paired_ratio(fx_a, fx_b, COUNT(fx_a), 0.95, &p), fx_paired, 1e-10);
	assert_near(p, fx_paired_p, 1e-9);
	assert_near(stats_paired_sd(fx_a, fx_b, COUNT(fx_a)), fx_paired_sd, 1e-9);
}

static void paired_ratio_without_spread(void **state)
{
	static const double a[] = { 2, 4, 8 }, b[] = { 3, 6, 12 };
	double p;

	(void)state;
	assert_interval(stats_paired_ratio(a, a, 3, 0.95, &p), (double[]){ 1, 1, 1 }, 0);
	assert_true(p == 1);
	assert_interval(stats_paired_ratio(a, b, 3, 0.95, &p), (double[]){ 1.5, 1.5, 1.5 }, 1e-15);
	assert_true(p == 0);
	assert_true(stats_paired_sd(a, b, 3) == 0);
}

static void paired_ratio_of_little(void **state)
{
	static const double nothing[] = { NAN, NAN, NAN };
	double p = 0.5;

	(void)state;
	assert_interval(stats_paired_ratio(ones, fives, 1, 0.95, &p), (double[]){ 5, NAN, NAN },
			1e-15);
	assert_near(p, NAN, 0);
	assert_interval(stats_paired_ratio(ones, fives, 0, 0.95, &p), nothing, 0);
	assert_interval(stats_paired_ratio(ones, none, 4, 0.95, &p), nothing, 0);
	assert_interval(stats_paired_ratio(none, ones, 4, 0.95, &p), nothing, 0);
	assert_near(p, NAN, 0);
	assert_near(stats_paired_sd(ones, fives, 1), NAN, 0);
	assert_near(stats_paired_sd(ones, none, 4), NAN, 0);
}

static void fieller(void **state)
{
	static const double about_zero[] = { -1, 2, -2, 1.5 };
	struct stats_interval ratio;
	double p;

	(void)state;
	assert_interval(stats_fieller_ratio(fx_a, COUNT(fx_a), fx_c, COUNT(fx_c), 0.95, &p),
			fx_fieller, 1e-10);
	assert_near(p, fx_fieller_p, 1e-9);
	ratio = stats_fieller_ratio(about_zero, 4, fx_c, COUNT(fx_c), 0.95, &p);
	assert_true(isfinite(ratio.estimate) && isnan(ratio.low) && isnan(ratio.high) && p < 0.01);
}

static void fieller_of_little(void **state)
{
	double p;

	(void)state;
	assert_interval(stats_fieller_ratio(ones, 4, ones, 3, 0.95, &p), (double[]){ 1, 1, 1 }, 0);
	assert_true(p == 1);
	assert_interval(stats_fieller_ratio(ones, 4, fives, 4, 0.95, &p), (double[]){ 5, 5, 5 }, 0);
	assert_true(p == 0);
	assert_interval(stats_fieller_ratio(ones, 1, fives, 4, 0.95, &p), (double[]){ 5, NAN, NAN },
			0);
	assert_near(p, NAN, 0);
	assert_interval(stats_fieller_ratio(none, 4, fives, 4, 0.95, &p),
			(double[]){ NAN, NAN, NAN }, 0);
	assert_interval(stats_fieller_ratio(ones, 0, fives, 4, 0.95, &p),
			(double[]){ NAN, NAN, NAN }, 0);
}

/* Both sides draw: 2 % of the interval's width is what 20,000 resamples differ by. */
static void bootstrap(void **state)
{
	const double *expected[] = { fx_boot_unpaired, fx_boot_paired };

	(void)state;
	for (int paired = 0; paired < 2; paired++) {
		const double *e = expected[paired];
		double width = e[2] - e[1];
		struct stats_interval r =
			stats_bootstrap_ratio(fx_runs_a, fx_runs_b, 16, 3, paired, 20000, 1, 0.95);

		assert_near(r.estimate, e[0], 1e-12);
		assert_near(r.low, e[1], 0.02 * width);
		assert_near(r.high, e[2], 0.02 * width);
	}
}

static void bootstrap_repeats_itself(void **state)
{
	struct stats_interval r[3];

	(void)state;
	for (int i = 0; i < 3; i++)
		r[i] = stats_bootstrap_ratio(fx_runs_a, fx_runs_b, 16, 3, 1, 500, i < 2 ? 7 : 8,
					     0.95);
	assert_true(r[0].low == r[1].low && r[0].high == r[1].high);
	assert_true(r[0].low != r[2].low);
}

static void bootstrap_of_little(void **state)
{
	double flat[15], twice[15];
	struct stats_interval r;

	(void)state;
	for (int i = 0; i < 15; i++)
		flat[i] = 2, twice[i] = 4;
	assert_interval(stats_bootstrap_ratio(flat, twice, 15, 1, 0, 1000, 1, 0.95),
			(double[]){ 2, 2, 2 }, 0);
	assert_interval(stats_bootstrap_ratio(flat, twice, 14, 1, 0, 1000, 1, 0.95),
			(double[]){ 2, NAN, NAN }, 0);
	assert_interval(stats_bootstrap_ratio(flat, twice, 15, 1, 0, 10, 1, 0.95),
			(double[]){ 2, NAN, NAN }, 0);
	r = stats_bootstrap_ratio(flat, twice, 0, 1, 0, 1000, 1, 0.95);
	assert_true(isnan(r.estimate) && isnan(r.low));
}

/* @wanted: of fx_p; @four: of the usual worked example. */
static void adjusts(void (*adjust)(const double *p, size_t n, double *adjusted),
		    const double *wanted, const double *four)
{
	double adjusted[COUNT(fx_p)];

	adjust(fx_p, COUNT(fx_p), adjusted);
	for (size_t i = 0; i < COUNT(fx_p); i++)
		assert_near(adjusted[i], wanted[i], 1e-12);
	adjust((double[]){ 0.01, 0.04, 0.03, 0.005 }, 4, adjusted);
	for (size_t i = 0; i < 4; i++)
		assert_near(adjusted[i], four[i], 1e-12);
	adjust((double[]){ NAN }, 1, adjusted);
	assert_near(adjusted[0], NAN, 0);
	adjust(NULL, 0, NULL);
}

/* At 5 % the first and the last are rejected. */
static void holm(void **state)
{
	(void)state;
	adjusts(stats_holm, fx_holm, (double[]){ 0.03, 0.06, 0.06, 0.02 });
}

/* Where Holm's rejects two, all four are. */
static void benjamini_hochberg(void **state)
{
	(void)state;
	adjusts(stats_benjamini_hochberg, fx_fdr, (double[]){ 0.02, 0.04, 0.04, 0.02 });
}

static void minimum_detectable_effect(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(fx_mde); i++) {
		double mde = stats_mde_paired(1, fx_mde[i].n, fx_mde[i].alpha, fx_mde[i].power);

		assert_near(mde, fx_mde[i].mde, 1e-5);
		assert_near(stats_mde_paired(0.02, fx_mde[i].n, fx_mde[i].alpha, fx_mde[i].power),
			    0.02 * mde, 1e-12);
	}
	assert_true(stats_mde_paired(0, 5, 0.05, 0.8) == 0);
	assert_near(stats_mde_paired(0.01, 1, 0.05, 0.8), NAN, 0);
	assert_near(stats_mde_paired(NAN, 5, 0.05, 0.8), NAN, 0);
	assert_near(stats_mde_paired(0.01, 5, 0, 0.8), NAN, 0);
	assert_near(stats_mde_paired(0.01, 5, 0.05, 1), NAN, 0);
}

static void pairs_needed(void **state)
{
	static const double effects[] = { 0.05, 0.1, 0.2 };

	(void)state;
	for (double effect = 0.02; effect < 3; effect *= 1.7) {
		size_t n = stats_pairs_needed(1, effect, 0.05, 0.8);

		assert_true(stats_mde_paired(1, n, 0.05, 0.8) <= effect);
		assert_true(n > 2 && stats_mde_paired(1, n - 1, 0.05, 0.8) > effect);
	}
	/* A known sd needs fewer, but by a handful only. */
	for (size_t i = 0; i < COUNT(effects); i++) {
		double n = (double)stats_pairs_needed(1, effects[i], 0.05, 0.8);

		assert_true(n >= fx_known_sd_pairs[i] && n < fx_known_sd_pairs[i] + 8);
	}
	assert_int_equal(stats_pairs_needed(0, 0.01, 0.05, 0.8), 2);
	assert_true(stats_pairs_needed(1, 1e-5, 0.05, 0.8) == SIZE_MAX);
	assert_true(stats_pairs_needed(1, 0, 0.05, 0.8) == SIZE_MAX);
	assert_true(stats_pairs_needed(NAN, 0.01, 0.05, 0.8) == SIZE_MAX);
}

static int decide(double low, double high, double p)
{
	return (int)stats_decide((struct stats_interval){ 1, low, high }, p, 0.05, 0.01);
}

static void verdicts(void **state)
{
	(void)state;
	assert_int_equal(decide(1.002, 1.03, 0.01), STATS_HIGHER);
	assert_int_equal(decide(0.97, 0.998, 0.01), STATS_LOWER);
	assert_int_equal(decide(1.02, 1.02, 0), STATS_HIGHER);
	/* Surely different, and surely by less than matters. */
	assert_int_equal(decide(1.002, 1.008, 0.001), STATS_EQUIVALENT);
	assert_int_equal(decide(0.992, 1.008, 0.9), STATS_EQUIVALENT);
	assert_int_equal(decide(1, 1, 1), STATS_EQUIVALENT);
	assert_int_equal(decide(0.98, 1.008, 0.4), STATS_INCONCLUSIVE);
	assert_int_equal(decide(0.98, 1.02, 0.9), STATS_INCONCLUSIVE);
	/* Holm took it back; or there is no P, or no interval. */
	assert_int_equal(decide(1.002, 1.03, 0.06), STATS_INCONCLUSIVE);
	assert_int_equal(decide(1.002, 1.03, NAN), STATS_INCONCLUSIVE);
	assert_int_equal(decide(NAN, NAN, 0.01), STATS_INCONCLUSIVE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interval_of_a_mean),
		cmocka_unit_test(paired_difference),
		cmocka_unit_test(paired_ratio),
		cmocka_unit_test(paired_ratio_without_spread),
		cmocka_unit_test(paired_ratio_of_little),
		cmocka_unit_test(fieller),
		cmocka_unit_test(fieller_of_little),
		cmocka_unit_test(bootstrap),
		cmocka_unit_test(bootstrap_repeats_itself),
		cmocka_unit_test(bootstrap_of_little),
		cmocka_unit_test(holm),
		cmocka_unit_test(benjamini_hochberg),
		cmocka_unit_test(minimum_detectable_effect),
		cmocka_unit_test(pairs_needed),
		cmocka_unit_test(verdicts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
