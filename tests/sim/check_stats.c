// SPDX-License-Identifier: MIT
/*
 * Operating characteristics: how often verdicts are right where the truth is known,
 * and what others' rules would have said of the same data.
 *
 * usage: check_stats [--quick | --rows | --speed]
 *
 * Prints two Markdown tables; exit status 1 if a bound does not hold.  --quick: few
 * campaigns and wide bounds, for `make check`.  --rows: the second table alone.  --speed: what a large
 * campaign costs.
 */
#include "tests/sim/check_stats.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stats/stats.h"

#define DRIFT	  0.03
#define CAMPAIGNS 5000
#define QUICK	  250
/* Four standard errors of a rate near 5 % among QUICK campaigns. */
#define QUICK_SLACK 0.055

/* What must hold; MISLED: else the data lack what misleads, and the rest proves nothing. */
enum promise { NONE, FALSE_ALARMS, COVERS, FAMILYWISE, FINDS, FINDS_OWN, MISLED };
static const struct range {
	double low, high;
} promises[] = {
	[FALSE_ALARMS] = { 0.035, 0.065 },
	[COVERS] = { 0.935, 0.965 },
	[FAMILYWISE] = { 0, 0.06 },
	[FINDS] = { POWER, 1 },
	/* POWER on average, by construction: some simulations fall below. */
	[FINDS_OWN] = { POWER - 0.015, 1 },
	[MISLED] = { 0.3, 1 },
};

struct point {
	const char *what;
	enum kind kind;
	struct truth truth;
	int at_mde; /* the effect is the mean MDE of the point before */
	enum promise promised[COLUMNS];
};

static const struct point points[] = {
	{ .what = "no difference, no drift",
	  .truth = { .effect = 1 },
	  .promised = { [OURS] = FALSE_ALARMS,
			[PAIRED] = COVERS,
			[FIELLER] = COVERS,
			[BOOTSTRAP] = COVERS,
			[GBENCH] = MISLED } },
	{ .what = "no difference",
	  .truth = { .effect = 1, .drift = DRIFT },
	  .promised = { [OURS] = FALSE_ALARMS,
			[PAIRED] = COVERS,
			[BOOTSTRAP] = COVERS,
			[GBENCH] = MISLED } },
	{ .what = "+ the mean printed MDE",
	  .truth = { .drift = DRIFT },
	  .at_mde = 1,
	  .promised = { [OURS] = FINDS, [PAIRED] = COVERS, [BOOTSTRAP] = COVERS } },
	{ .what = "+ the MDE that a first campaign printed",
	  .kind = OWN_MDE,
	  .truth = { .effect = 1, .drift = DRIFT },
	  .promised = { [OURS] = FINDS_OWN, [PAIRED] = COVERS, [BOOTSTRAP] = COVERS } },
	{ .what = "+2 %",
	  .truth = { .effect = 1.02, .drift = DRIFT },
	  .promised = { [PAIRED] = COVERS, [BOOTSTRAP] = COVERS } },
	{ .what = "12 cases, none different",
	  .kind = FAMILY,
	  .truth = { .effect = 1, .drift = DRIFT },
	  .promised = { [OURS] = FAMILYWISE, [GBENCH] = MISLED } },
	{ .what = "no difference, all of A first",
	  .truth = { .effect = 1, .drift = DRIFT, .blocked = 1 },
	  .promised = { [OURS] = MISLED } },
	{ .what = "no difference, boots from a pilot",
	  .kind = TWO_STAGES,
	  .truth = { .effect = 1, .drift = DRIFT },
	  .promised = { [OURS] = FALSE_ALARMS, [PAIRED] = COVERS } },
	{ .what = "+2 %, boots from a pilot",
	  .kind = TWO_STAGES,
	  .truth = { .effect = 1.02, .drift = DRIFT },
	  .promised = { [OURS] = FINDS, [PAIRED] = COVERS } },
	{ .what = "no difference, no drift, 4 of A with thrice the SD",
	  .kind = UNEQUAL,
	  .truth = { .effect = 1, .spread = 3 },
	  .promised = { [OURS] = FALSE_ALARMS, [FIELLER] = COVERS } },
};

static const char *const heads[COLUMNS] = {
	"boots",
	"called different",
	"paired t covers",
	"Fieller covers",
	"bootstrap covers",
	"mean MDE",
	"Google Benchmark",
	"mmtests",
	"LKP",
};

static void print_head(size_t campaigns)
{
	printf("| of %zu campaigns", campaigns);
	for (enum column k = 0; k < COLUMNS; k++)
		printf(" | %s", heads[k]);
	printf(" |\n|---");
	for (enum column k = 0; k < COLUMNS; k++)
		printf("|---");
	printf("|\n");
}

static void print_row(const char *what, const struct outcome *mean)
{
	printf("| %s | %.3g", what, mean->of[BOOTS]);
	for (enum column k = OURS; k < COLUMNS; k++)
		if (isnan(mean->of[k]))
			printf(" | -");
		else if (k == MDE)
			printf(" | %.2f %%", 100 * expm1(mean->of[k]));
		else
			printf(" | %.1f %%", 100 * mean->of[k]);
	printf(" |\n");
	fflush(stdout);
}

/* How many promises do not hold; a bootstrap of few boots makes none. */
static int broken(const struct point *point, const struct outcome *mean, double slack)
{
	int n = 0;

	for (enum column k = OURS; k < COLUMNS; k++) {
		const struct range *must = &promises[point->promised[k]];
		double x = mean->of[k];
		double low = fmax(must->low - slack, 0), high = fmin(must->high + slack, 1);

		if (point->promised[k] == NONE || (x >= low && x <= high))
			continue;
		if (k == BOOTSTRAP && mean->of[BOOTS] < STATS_BOOTSTRAP_MIN_BOOTS)
			continue;
		fprintf(stderr,
			"check_stats: %s, %.3g boots: '%s' is %.2f %%, must be %.1f to %.1f\n",
			point->what, mean->of[BOOTS], heads[k], 100 * x, 100 * low, 100 * high);
		n++;
	}
	return n;
}

static int check(const size_t *boots, size_t n, size_t campaigns, double slack)
{
	double mde[8] = { 0 };
	int bad = 0;

	print_head(campaigns);
	for (size_t i = 0; i < sizeof(points) / sizeof(*points); i++)
		for (size_t k = 0; k < (points[i].kind == TWO_STAGES ? 1 : n); k++) {
			struct truth truth = points[i].truth;
			struct outcome mean;

			if (points[i].at_mde)
				truth.effect = exp(mde[k]);
			mean = simulate(points[i].kind, &truth, boots[k], campaigns,
					(unsigned int)(100 * i + boots[k]));
			mde[k] = mean.of[MDE];
			print_row(points[i].what, &mean);
			bad += broken(&points[i], &mean, slack);
		}
	return bad ? 1 : 0;
}

int main(int argc, char **argv)
{
	static const size_t all[] = { 4, 6, 10, 15 }, few[] = { 4, 15 };

	if (argc == 1)
		return check(all, sizeof(all) / sizeof(*all), CAMPAIGNS, 0) |
		       check_rows(CAMPAIGNS, 0);
	if (argc == 2 && !strcmp(argv[1], "--quick"))
		return check(few, sizeof(few) / sizeof(*few), QUICK, QUICK_SLACK) |
		       check_rows(QUICK, QUICK_SLACK);
	if (argc == 2 && !strcmp(argv[1], "--rows"))
		return check_rows(CAMPAIGNS, 0);
	if (argc == 2 && !strcmp(argv[1], "--speed"))
		return speed();
	fprintf(stderr, "usage: check_stats [--quick | --rows | --speed]\n");
	return 2;
}
