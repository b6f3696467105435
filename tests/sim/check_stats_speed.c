// SPDX-License-Identifier: MIT
/*
 * What the analysis of a large campaign costs: 15 boots of a million samples
 * a kernel reduced to run statistics and redrawn 10,000 times.  Times are printed and
 * judged by nobody.
 */
#include "tests/sim/check_stats.h"

#include <gsl/gsl_randist.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "stats/stats.h"

#define BOOTS	  15
#define SAMPLES	  1000000
#define RESAMPLES 10000

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void draw(uint32_t *samples, gsl_rng *rng)
{
	double level = 2000 * (1 + gsl_ran_gaussian(rng, 0.01));

	for (size_t i = 0; i < SAMPLES; i++)
		samples[i] = (uint32_t)(level * (1 + gsl_ran_gaussian_ziggurat(rng, 0.02)));
}

int speed(void)
{
	static double statistic[2][BOOTS];
	uint32_t *samples = malloc(SAMPLES * sizeof(*samples));
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	double reduced = 0, begin;
	struct stats_interval ratio;

	for (size_t i = 0; samples && i < 2 * (size_t)BOOTS; i++) {
		draw(samples, rng);
		begin = now();
		statistic[i % 2][i / 2] = stats_median_low(samples, SAMPLES);
		reduced += now() - begin;
	}
	begin = now();
	ratio = stats_bootstrap_ratio(statistic[0], statistic[1], BOOTS, 1, 1, RESAMPLES, 1, 0.95);
	printf("%d resamples of 2 x %d boots of %d samples: %.3f s to reduce, %.3f s to redraw; "
	       "B/A %.4f [%.4f, %.4f]\n",
	       RESAMPLES, BOOTS, SAMPLES, reduced, now() - begin, ratio.estimate, ratio.low,
	       ratio.high);
	gsl_rng_free(rng);
	free(samples);
	return 0;
}
