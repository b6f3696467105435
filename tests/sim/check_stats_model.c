// SPDX-License-Identifier: MIT
/*
 * The model: a sample is a base times what the machine has drifted by, the
 * kernel's effect, and factors of its boot, its run and itself; 1 % of the samples
 * meet an interrupt and take half as long again.  It is rounded to ticks, and the
 * reductions are those of the product: lower median of a run, mean over runs.
 */
#include "tests/sim/check_stats.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_statistics_double.h>

#include "stats/stats.h"

#define BASE		100000
#define SD_BOOT		0.01
#define SD_RUN		0.003
#define SD_ITERATION	0.02
#define SHARE_OUTLIERS	0.01
#define FACTOR_OUTLIERS 1.5

static double factor(gsl_rng *rng, double sd)
{
	return 1 + gsl_ran_gaussian_ziggurat(rng, sd);
}

void campaign_plan(struct campaign *c, const struct truth *truth, gsl_rng *rng)
{
	c->boots = 0;
	for (size_t i = 0; i < truth->length; i++) {
		size_t a_last = gsl_rng_uniform_int(rng, 2);

		c->position[0][i] = truth->blocked ? i : 2 * i + a_last;
		c->position[1][i] = truth->blocked ? truth->length + i : 2 * i + 1 - a_last;
	}
}

static double measure_run(uint32_t *samples, double level, gsl_rng *rng)
{
	for (size_t i = 0; i < ITERATIONS; i++) {
		double x = level * factor(rng, SD_ITERATION);

		if (gsl_rng_uniform(rng) < SHARE_OUTLIERS)
			x *= FACTOR_OUTLIERS;
		samples[i] = (uint32_t)(x + 0.5);
	}
	return stats_median_low(samples, ITERATIONS);
}

static void measure_boot(struct campaign *c, int kernel, const struct truth *truth, gsl_rng *rng)
{
	double drifted = (double)c->position[kernel][c->boots] / (double)(2 * truth->length - 1);
	double sd = kernel == 0 && truth->spread > 0 ? SD_BOOT * truth->spread : SD_BOOT;
	double level = BASE * (1 + truth->drift * drifted) * factor(rng, sd);
	double *run = c->run[kernel] + c->boots * RUNS;
	uint32_t *samples = c->samples[kernel] + c->boots * PER_BOOT;

	if (kernel == 1)
		level *= truth->effect;
	for (size_t r = 0; r < RUNS; r++)
		run[r] = measure_run(samples + r * ITERATIONS, level * factor(rng, SD_RUN), rng);
	c->boot[kernel][c->boots] = gsl_stats_mean(run, 1, RUNS);
}

void campaign_measure(struct campaign *c, const struct truth *truth, size_t boots, gsl_rng *rng)
{
	for (; c->boots < boots; c->boots++) {
		measure_boot(c, 0, truth, rng);
		measure_boot(c, 1, truth, rng);
	}
}
