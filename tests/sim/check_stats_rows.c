// SPDX-License-Identifier: MIT
/*
 * Verdicts of campaigns with hundreds of rows: some are primary, and the rules are two.  The old one
 * is Holm's procedure over all rows; the new one is Holm's over primary rows and Benjamini's and Hochberg's
 * over the others.  Both judge the same campaign.
 *
 * Values of boots are drawn, not samples: how those become values is the other table's.  A row has a spread of
 * its own, from half a per cent to twenty; half of a boot's variance is common to all of its rows.  Where kernels
 * differ it is by two to six of the row's standard deviations, in either direction.
 */
#include "tests/sim/check_stats.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>

#include "stats/stats.h"

#define ROWS	    200
#define PRIMARY	    10
#define SPREAD_LOW  0.005
#define SPREAD_HIGH 0.2
#define EFFECT_LOW  2.0
#define EFFECT_HIGH 6.0
#define COMMON	    0.5 /* of the variance of a boot */

/* What is printed of a point, means over campaigns. */
enum figure {
	FALSE_PRIMARY,
	FALSE_SHARE,
	FOUND_PRIMARY,
	FOUND_OTHERS,
	OLD_FALSE,
	OLD_PRIMARY,
	OLD_OTHERS,
	FIGURES
};
static const char *const heads[FIGURES] = {
	[FALSE_PRIMARY] = "primary: any false",
	[FALSE_SHARE] = "others: false among called",
	[FOUND_PRIMARY] = "primary found",
	[FOUND_OTHERS] = "others found",
	[OLD_FALSE] = "Holm over all: any false",
	[OLD_PRIMARY] = "Holm over all: primary found",
	[OLD_OTHERS] = "Holm over all: others found",
};

/* How many rows differ in truth, the first of each sort. */
struct rows_point {
	const char *what;
	size_t primary, others;
};

static const struct rows_point points[] = {
	{ "none differs", 0, 0 },
	{ "a few differ", 2, 10 },
	{ "a third differs", 4, 60 },
	{ "all but primary rows differ", 0, ROWS - PRIMARY },
};

struct drawn {
	double truth[ROWS]; /* ln ratio */
	struct stats_interval ratio[ROWS];
	double p[ROWS], holm[ROWS], new[ROWS];
};

static double truth_of(const struct rows_point *point, size_t row, double sd, gsl_rng *rng)
{
	double size = sd * gsl_ran_flat(rng, EFFECT_LOW, EFFECT_HIGH);
	int up = gsl_rng_uniform_int(rng, 2) == 1;

	if (row < PRIMARY ? row >= point->primary : row - PRIMARY >= point->others)
		return 0;
	return up ? size : -size;
}

static void draw_row(struct drawn *d, const struct rows_point *point, size_t row, size_t boots,
		     double common[2][MAX_BOOTS], gsl_rng *rng)
{
	double sd = exp(gsl_ran_flat(rng, log(SPREAD_LOW), log(SPREAD_HIGH)));
	double value[2][MAX_BOOTS];

	d->truth[row] = truth_of(point, row, sd, rng);
	for (int kernel = 0; kernel < 2; kernel++)
		for (size_t b = 0; b < boots; b++) {
			double z = sqrt(COMMON) * common[kernel][b] +
				   gsl_ran_gaussian_ziggurat(rng, sqrt(1 - COMMON));

			value[kernel][b] = exp(sd * z + kernel * d->truth[row]);
		}
	d->ratio[row] = stats_paired_ratio(value[0], value[1], boots, 1 - ALPHA, &d->p[row]);
}

static void draw(struct drawn *d, const struct rows_point *point, size_t boots, gsl_rng *rng)
{
	double common[2][MAX_BOOTS];

	for (size_t b = 0; b < boots; b++)
		for (int kernel = 0; kernel < 2; kernel++)
			common[kernel][b] = gsl_ran_gaussian_ziggurat(rng, 1);
	for (size_t row = 0; row < ROWS; row++)
		draw_row(d, point, row, boots, common, rng);
	stats_holm(d->p, ROWS, d->holm);
	stats_holm(d->p, PRIMARY, d->new);
	stats_benjamini_hochberg(d->p + PRIMARY, ROWS - PRIMARY, d->new + PRIMARY);
}

/* Of rows @from to @to by @adjusted: how many are called what they are not, and what they are. */
static void count(const struct drawn *d, const double *adjusted, size_t from, size_t to,
		  double *wrong, double *right)
{
	*wrong = *right = 0;
	for (size_t row = from; row < to; row++) {
		enum stats_verdict said =
			stats_decide(d->ratio[row], adjusted[row], ALPHA, THRESHOLD);
		enum stats_verdict is = d->truth[row] < 0 ? STATS_LOWER : STATS_HIGHER;

		if (said != STATS_LOWER && said != STATS_HIGHER)
			continue;
		*(d->truth[row] != 0 && said == is ? right : wrong) += 1;
	}
}

static void judge(const struct drawn *d, const struct rows_point *point, double *of)
{
	double wrong[2], right[2], primary = (double)point->primary, others = (double)point->others;

	count(d, d->new, 0, PRIMARY, &wrong[0], &right[0]);
	count(d, d->new, PRIMARY, ROWS, &wrong[1], &right[1]);
	of[FALSE_PRIMARY] += wrong[0] > 0;
	of[FALSE_SHARE] += wrong[1] / fmax(wrong[1] + right[1], 1);
	of[FOUND_PRIMARY] += right[0] / primary;
	of[FOUND_OTHERS] += right[1] / others;
	count(d, d->holm, 0, PRIMARY, &wrong[0], &right[0]);
	count(d, d->holm, PRIMARY, ROWS, &wrong[1], &right[1]);
	of[OLD_FALSE] += wrong[0] + wrong[1] > 0;
	of[OLD_PRIMARY] += right[0] / primary;
	of[OLD_OTHERS] += right[1] / others;
}

static void print_figures(const char *what, size_t boots, const double *of)
{
	printf("| %s | %zu", what, boots);
	for (enum figure k = 0; k < FIGURES; k++)
		if (isnan(of[k]))
			printf(" | -");
		else
			printf(" | %.1f %%", 100 * of[k]);
	printf(" |\n");
	fflush(stdout);
}

/* The promises, and that the new rule is worth it: it finds no less. */
static int broken(const char *what, size_t boots, const double *of, double slack)
{
	int bad = 0;

	for (enum figure k = FALSE_PRIMARY; k <= FALSE_SHARE; k++)
		if (of[k] > ALPHA + 0.01 + slack) {
			fprintf(stderr,
				"check_stats: %s, %zu boots: '%s' is %.2f %%, must be %.1f at most\n",
				what, boots, heads[k], 100 * of[k], 100 * (ALPHA + 0.01 + slack));
			bad = 1;
		}
	if (of[FOUND_PRIMARY] < of[OLD_PRIMARY] || of[FOUND_OTHERS] < of[OLD_OTHERS]) {
		fprintf(stderr, "check_stats: %s, %zu boots: the old rule finds more\n", what,
			boots);
		bad = 1;
	}
	return bad;
}

static int check_point(const struct rows_point *point, size_t boots, size_t campaigns, double slack,
		       gsl_rng *rng)
{
	double of[FIGURES] = { 0 };
	struct drawn d;

	for (size_t i = 0; i < campaigns; i++) {
		draw(&d, point, boots, rng);
		judge(&d, point, of);
	}
	for (enum figure k = 0; k < FIGURES; k++)
		of[k] /= (double)campaigns;
	print_figures(point->what, boots, of);
	return broken(point->what, boots, of, slack);
}

int check_rows(size_t campaigns, double slack)
{
	static const size_t boots[] = { 4, 6, 8 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	int bad = 0;

	printf("\n| of %zu campaigns of %d rows, %d of them primary | boots", campaigns, ROWS,
	       PRIMARY);
	for (enum figure k = 0; k < FIGURES; k++)
		printf(" | %s", heads[k]);
	printf(" |\n|---|---");
	for (enum figure k = 0; k < FIGURES; k++)
		printf("|---");
	printf("|\n");
	for (size_t i = 0; i < sizeof(points) / sizeof(*points); i++)
		for (size_t k = 0; k < sizeof(boots) / sizeof(*boots); k++) {
			gsl_rng_set(rng, 1000 * (i + 1) + boots[k]);
			bad |= check_point(&points[i], boots[k], campaigns, slack, rng);
		}
	gsl_rng_free(rng);
	return bad;
}
