// SPDX-License-Identifier: MIT
/*
 * Operating characteristics: how often verdicts are right where the truth is known,
 * and what others' rules would have said of the same data.
 *
 * usage: check_stats [--quick | --speed]
 *
 * Prints a Markdown table; exit status 1 if a bound does not hold.  --quick: few
 * campaigns and wide bounds, for `make check`.  --speed: what a large one costs.
 */
#include "tests/check_stats.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stats/stats.h"

#define DRIFT	  0.03
#define CAMPAIGNS 5000
#define QUICK	  250
/* Four standard errors of a rate near 5 % among QUICK campaigns. */
#define QUICK_SLACK 0.055

struct bound {
	enum column column;
	double low, high;
};

struct point {
	const char *what;
	enum kind kind;
	struct truth truth;
	int at_mde; /* the effect is the mean MDE of the point before */
	struct bound bounds[6];
};

#define ALARMS                     \
	{                          \
		OURS, 0.035, 0.065 \
	}
#define COVERAGE(column)             \
	{                            \
		column, 0.935, 0.965 \
	}
/* That there is in the data what misleads: else the rest proves nothing. */
#define MISLED(column)         \
	{                      \
		column, 0.3, 1 \
	}
#define POWERFUL               \
	{                      \
		OURS, POWER, 1 \
	}

static const struct point points[] = {
	{ "no difference, no drift",
	  PLAIN,
	  { .effect = 1 },
	  0,
	  { ALARMS, COVERAGE(PAIRED), COVERAGE(FIELLER), COVERAGE(BOOTSTRAP), MISLED(GBENCH) } },
	{ "no difference",
	  PLAIN,
	  { .effect = 1, .drift = DRIFT },
	  0,
	  { ALARMS, COVERAGE(PAIRED), COVERAGE(BOOTSTRAP), MISLED(GBENCH) } },
	{ "+ the mean printed MDE",
	  PLAIN,
	  { .drift = DRIFT },
	  1,
	  { POWERFUL, COVERAGE(PAIRED), COVERAGE(BOOTSTRAP) } },
	{ "+ the MDE that a first campaign printed",
	  OWN_MDE,
	  { .effect = 1, .drift = DRIFT },
	  0,
	  { { OURS, POWER - 0.015, 1 } } },
	{ "+2 %",
	  PLAIN,
	  { .effect = 1.02, .drift = DRIFT },
	  0,
	  { COVERAGE(PAIRED), COVERAGE(BOOTSTRAP) } },
	{ "12 cases, none different",
	  FAMILY,
	  { .effect = 1, .drift = DRIFT },
	  0,
	  { { OURS, 0, 0.06 }, MISLED(GBENCH) } },
	{ "no difference, all of A first",
	  PLAIN,
	  { .effect = 1, .drift = DRIFT, .blocked = 1 },
	  0,
	  { MISLED(OURS) } },
	{ "no difference, boots from a pilot",
	  TWO_STAGES,
	  { .effect = 1, .drift = DRIFT },
	  0,
	  { ALARMS, COVERAGE(PAIRED) } },
	{ "+2 %, boots from a pilot",
	  TWO_STAGES,
	  { .effect = 1.02, .drift = DRIFT },
	  0,
	  { POWERFUL, COVERAGE(PAIRED) } },
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

/* How many bounds do not hold; a bootstrap of few boots has no interval to check. */
static int broken(const struct point *point, const struct outcome *mean, double slack)
{
	int n = 0;

	for (const struct bound *b = point->bounds; b->high > 0; b++) {
		double x = mean->of[b->column];

		if (b->column == BOOTSTRAP && mean->of[BOOTS] < STATS_BOOTSTRAP_MIN_BOOTS)
			continue;
		if (x >= b->low - slack && x <= b->high + slack)
			continue;
		fprintf(stderr,
			"check_stats: %s, %.3g boots: '%s' is %.2f %%, must be %.1f to %.1f\n",
			point->what, mean->of[BOOTS], heads[b->column], 100 * x,
			100 * (b->low - slack), 100 * (b->high + slack));
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
	static const size_t all[] = { 4, 6, 10, 15 }, few[] = { 6, 15 };

	if (argc == 1)
		return check(all, sizeof(all) / sizeof(*all), CAMPAIGNS, 0);
	if (argc == 2 && !strcmp(argv[1], "--quick"))
		return check(few, sizeof(few) / sizeof(*few), QUICK, QUICK_SLACK);
	if (argc == 2 && !strcmp(argv[1], "--speed"))
		return speed();
	fprintf(stderr, "usage: check_stats [--quick | --speed]\n");
	return 2;
}
