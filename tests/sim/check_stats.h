/* SPDX-License-Identifier: MIT */
/* Campaigns as the model has them, and what several rules say of one. */
#ifndef TESTS_CHECK_STATS_H
#define TESTS_CHECK_STATS_H

#include <gsl/gsl_rng.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_BOOTS  20
#define RUNS	   3
#define ITERATIONS 50
#define PER_BOOT   (RUNS * ITERATIONS)

/* check_stats_model.c ------------------------------------------------------- */

/* What is true of a campaign: @effect is the ratio b / a. */
struct truth {
	double effect;
	double drift;  /* of the machine, from the first boot to the last */
	size_t length; /* boots a kernel over which it drifts */
	int blocked;   /* all of A, then all of B: how not to do it */
	double spread; /* of A's boots, in that of B's; 0: the same */
};

/* Index 0 is A, 1 is B. */
struct campaign {
	size_t boots;		       /* measured so far, of each kernel */
	size_t position[2][MAX_BOOTS]; /* of a boot in the whole campaign */
	uint32_t samples[2][MAX_BOOTS * PER_BOOT];
	double run[2][MAX_BOOTS * RUNS]; /* medians */
	double boot[2][MAX_BOOTS];	 /* means of those */
};

/* Draws the order of up to MAX_BOOTS blocks; nothing is measured yet. */
void campaign_plan(struct campaign *c, const struct truth *truth, gsl_rng *rng);

/* Measures on until there are @boots of each kernel. */
void campaign_measure(struct campaign *c, const struct truth *truth, size_t boots, gsl_rng *rng);

/* check_stats_rules.c ------------------------------------------------------- */

/* Do others' rules call A and B different?  @samples and boots are reordered. */
int rule_google_benchmark(uint32_t *a, uint32_t *b, size_t n);
int rule_mmtests(const double *a, const double *b, size_t n);
int rule_lkp(double *a, double *b, size_t n);

/* check_stats_judge.c ------------------------------------------------------- */

#define ALPHA	  0.05
#define POWER	  0.8
#define THRESHOLD 0.01

enum kind {
	PLAIN,
	FAMILY,	    /* 12 cases, each with boots of its own, judged together */
	OWN_MDE,    /* a second campaign with the effect that the first one printed */
	TWO_STAGES, /* a pilot of 4 blocks says how many more */
	UNEQUAL	    /* unpaired, 4 boots of A: Fieller's interval decides */
};

/* What rules say, which intervals hold the truth: 0 or 1; NAN: does not apply. */
enum column { BOOTS, OURS, PAIRED, FIELLER, BOOTSTRAP, MDE, GBENCH, MMTESTS, LKP, COLUMNS };
struct outcome {
	double of[COLUMNS];
};

/* The mean outcome of @campaigns, the same whatever the number of threads. */
struct outcome simulate(enum kind kind, const struct truth *truth, size_t boots, size_t campaigns,
			unsigned int seed);

/* check_stats_rows.c -------------------------------------------------------- */

/* Prints a table of its own; 1 if a bound, widened by @slack, does not hold. */
int check_rows(size_t campaigns, double slack);

/* check_stats_speed.c ------------------------------------------------------- */

/* Times what a large campaign costs to analyse and prints it. */
int speed(void);

#endif /* TESTS_CHECK_STATS_H */
