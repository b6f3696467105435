// SPDX-License-Identifier: MIT
/*
 * Campaigns by the thousand, each from its own random generator, through the
 * functions that judge real ones.
 */
#include "tests/sim/check_stats.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "stats/stats.h"

#define RESAMPLES   1000
#define ROWS	    12
#define PILOT	    4
#define FEW_OF_A    4	 /* UNEQUAL */
#define FIND	    0.02 /* what two stages are to find */
#define MIN_BOOTS   6
#define MAX_THREADS 64

struct job {
	enum kind kind;
	struct truth truth;
	size_t boots, campaigns, first, step;
	unsigned int seed;
	struct outcome *outcomes;
	double mde_of_sd; /* stats_mde_paired() is proportional to it */
};

static int is_difference(enum stats_verdict verdict)
{
	return verdict == STATS_LOWER || verdict == STATS_HIGHER;
}

static double holds(struct stats_interval interval, double truth)
{
	return isnan(interval.low) ? NAN : interval.low <= truth && truth <= interval.high;
}

/* The default verdict's interval and P. */
static struct stats_interval paired(const struct campaign *c, double *p)
{
	return stats_paired_ratio(c->boot[0], c->boot[1], c->boots, 1 - ALPHA, p);
}

/* Last, for they reorder. */
static void judge_as_others(struct campaign *c, double *of)
{
	of[MMTESTS] = rule_mmtests(c->boot[0], c->boot[1], c->boots);
	of[LKP] = rule_lkp(c->boot[0], c->boot[1], c->boots);
	of[GBENCH] = rule_google_benchmark(c->samples[0], c->samples[1], c->boots * PER_BOOT);
}

static void judge(struct campaign *c, const struct job *job, gsl_rng *rng, double *of)
{
	double p, unused, effect = job->truth.effect;
	struct stats_interval ratio = paired(c, &p);

	of[OURS] = is_difference(stats_decide(ratio, p, ALPHA, THRESHOLD));
	of[PAIRED] = holds(ratio, effect);
	of[FIELLER] = holds(stats_fieller_ratio(c->boot[0], c->boots, c->boot[1], c->boots,
						1 - ALPHA, &unused),
			    effect);
	of[BOOTSTRAP] = holds(stats_bootstrap_ratio(c->run[0], c->run[1], c->boots, RUNS, 1,
						    RESAMPLES, gsl_rng_get(rng), 1 - ALPHA),
			      effect);
	of[MDE] = job->mde_of_sd * stats_paired_sd(c->boot[0], c->boot[1], c->boots);
	judge_as_others(c, of);
}

static void judge_family(struct campaign *c, const struct job *job, gsl_rng *rng, double *of)
{
	struct stats_interval ratio[ROWS];
	double p[ROWS], adjusted[ROWS], row[COLUMNS];

	of[OURS] = of[GBENCH] = of[MMTESTS] = of[LKP] = 0;
	for (size_t i = 0; i < ROWS; i++) {
		c->boots = 0;
		campaign_measure(c, &job->truth, job->boots, rng);
		ratio[i] = paired(c, &p[i]);
		judge_as_others(c, row);
		for (enum column k = GBENCH; k <= LKP; k++)
			of[k] = fmax(of[k], row[k]);
	}
	stats_holm(p, ROWS, adjusted);
	for (size_t i = 0; i < ROWS; i++)
		if (is_difference(stats_decide(ratio[i], adjusted[i], ALPHA, THRESHOLD)))
			of[OURS] = 1;
}

static void judge_unequal(const struct campaign *c, const struct job *job, double *of)
{
	double p;
	struct stats_interval ratio =
		stats_fieller_ratio(c->boot[0], FEW_OF_A, c->boot[1], c->boots, 1 - ALPHA, &p);

	of[OURS] = is_difference(stats_decide(ratio, p, ALPHA, THRESHOLD));
	of[FIELLER] = holds(ratio, job->truth.effect);
}

/* How many blocks after the pilot's; a campaign has at least MIN_BOOTS. */
static size_t after_pilot(const struct campaign *c)
{
	double sd = stats_paired_sd(c->boot[0], c->boot[1], c->boots);
	size_t n = stats_pairs_needed(sd, log1p(FIND), ALPHA, POWER);

	return n < MIN_BOOTS ? MIN_BOOTS : n < MAX_BOOTS ? n : MAX_BOOTS;
}

static void one_campaign(struct campaign *c, const struct job *job, gsl_rng *rng, double *of)
{
	struct job again = *job;

	for (enum column k = 0; k < COLUMNS; k++)
		of[k] = NAN;
	campaign_plan(c, &job->truth, rng);
	if (job->kind == FAMILY) {
		judge_family(c, job, rng, of);
	} else {
		campaign_measure(c, &job->truth, job->kind == TWO_STAGES ? PILOT : job->boots, rng);
		if (job->kind == TWO_STAGES)
			campaign_measure(c, &job->truth, after_pilot(c), rng);
		if (job->kind == UNEQUAL)
			judge_unequal(c, job, of);
		else
			judge(c, job, rng, of);
	}
	if (job->kind == OWN_MDE) {
		again.truth.effect = exp(of[MDE]);
		campaign_plan(c, &again.truth, rng);
		campaign_measure(c, &again.truth, job->boots, rng);
		judge(c, &again, rng, of);
	}
	if (job->kind == TWO_STAGES)
		of[MDE] = NAN;
	of[BOOTS] = (double)c->boots;
}

/* Neighbours' generators must not resemble each other: SplitMix64's finisher. */
static unsigned long seed_of(unsigned int seed, size_t campaign)
{
	uint64_t z = ((uint64_t)seed << 32) + campaign + 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (unsigned long)((z ^ z >> 31) & UINT32_MAX);
}

static void *work(void *arg)
{
	const struct job *job = arg;
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct campaign *c = malloc(sizeof(*c));

	for (size_t i = job->first; c && i < job->campaigns; i += job->step) {
		gsl_rng_set(rng, seed_of(job->seed, i));
		one_campaign(c, job, rng, job->outcomes[i].of);
	}
	gsl_rng_free(rng);
	free(c);
	return NULL;
}

static void share_out(const struct job *job)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = cpus < 1 ? 1 : cpus < MAX_THREADS ? (size_t)cpus : MAX_THREADS;
	struct job part[MAX_THREADS];
	pthread_t thread[MAX_THREADS];

	for (size_t i = 0; i < n; i++) {
		part[i] = *job;
		part[i].first = i;
		part[i].step = n;
		if (pthread_create(&thread[i], NULL, work, &part[i])) {
			perror("check_stats: pthread_create");
			exit(2);
		}
	}
	for (size_t i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
}

struct outcome simulate(enum kind kind, const struct truth *truth, size_t boots, size_t campaigns,
			unsigned int seed)
{
	struct job job = { kind, *truth, boots, campaigns, 0, 1, seed, NULL, 0 };
	struct outcome mean = { { 0 } };

	job.truth.length = kind == TWO_STAGES ? MAX_BOOTS : boots;
	job.mde_of_sd = stats_mde_paired(1, job.truth.length, ALPHA, POWER);
	job.outcomes = calloc(campaigns, sizeof(*job.outcomes));
	if (!job.outcomes) {
		perror("check_stats");
		exit(2);
	}
	share_out(&job);
	for (size_t i = 0; i < campaigns; i++)
		for (enum column k = 0; k < COLUMNS; k++)
			mean.of[k] += job.outcomes[i].of[k];
	for (enum column k = 0; k < COLUMNS; k++)
		mean.of[k] /= (double)campaigns;
	free(job.outcomes);
	return mean;
}
