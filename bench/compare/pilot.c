// SPDX-License-Identifier: MIT
/*
 * What a campaign should be made of, from a few boots of its baseline.
 *
 * Three levels: boots, runs of a case in a boot, samples of a run.  The variance
 * that each adds and what one more of it costs give the repetitions that make the
 * interval narrowest for the time (Kalibera and Jones); the variance that is
 * left between two boots gives the number of blocks that the threshold takes.  The
 * row that needs most speaks for all.  What the pilot measured is used for nothing
 * else, so that no campaign chooses its size by its own outcome.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>

#include "compare.h"
#include "lib/core/die.h"
#include "lib/core/pages.h"

enum { SAMPLES, RUNS, BOOTS, LEVELS };

#define MAX_RUNS  5 /* more are a sign that the estimate between boots came out as 0 */
#define MAX_PAGES 65536
#define BOOT_TAIL 2.0 /* seconds around the kernel's clock, where boots do not say what they took */

struct proposal {
	size_t boots, needed, runs, pages;
	double sd, mde; /* of ln ratio of a pair */
	double seconds; /* of one block */
};

/* One row's variance by level, relative to its value; 0 where the estimate is below. */
static int row_variance(const struct cell *cell, double *t2)
{
	double sampling = 0;

	if (isnan(cell->boot_sd_pct))
		return 0;
	for (size_t i = 0; i < cell->boots; i++)
		sampling += cell->boot[i].sampling / (double)cell->boots;
	t2[BOOTS] = pow(cell->boot_sd_pct / 100, 2);
	t2[SAMPLES] = sampling * (double)cell->boot[0].samples / (double)cell->boot[0].runs;
	t2[RUNS] = fmax(pow(cell->run_sd_pct / 100, 2) - sampling, 0);
	return 1;
}

/* Seconds of a boot that none of its runs takes: making the guest, the firmware, the kernel, bringing results
 * out, and what was counted in an execution of its own. */
static double boot_cost(const struct kernel *k)
{
	double rest = (k->whole - k->busy) / (double)k->boots;

	return rest > k->first ? rest : k->first + BOOT_TAIL;
}

/* Seconds that one more sample (of every result), run or boot takes. */
static void costs(const struct table *t, double *cost)
{
	const struct kernel *k = &t->kernel[0];
	double runs = (double)k->boots * (double)t->row[0].cell[0].boot[0].runs;
	double run = k->busy / runs, samples = 0;

	for (size_t i = 0; i < t->rows; i++)
		if (t->row[i].cell[0].boots)
			samples += (double)t->row[i].cell[0].boot[0].samples /
				   (double)t->row[i].cell[0].boot[0].runs;
	/* All of a run's time is its samples': what a page costs besides its
	 * sample (set-up, check) grows with their number too. */
	cost[SAMPLES] = run / (samples / (double)t->rows);
	cost[RUNS] = run;
	cost[BOOTS] = boot_cost(k);
}

static size_t round_pages(const struct table *t, size_t samples)
{
	size_t pages = (samples + PAGES_STEP - 1) / PAGES_STEP * PAGES_STEP;

	/* More than the pilot had is a guess about what it did not see. */
	pages = pages > (size_t)t->pages ? (size_t)t->pages : pages;
	return pages < PAGES_LEAST ? PAGES_LEAST : pages;
}

static void propose(const struct table *t, const double *t2, const double *cost, double budget,
		    size_t arms, struct proposal *p)
{
	double threshold = log1p(t->threshold / 100);
	size_t reps[LEVELS], affordable;

	stats_optimal_reps(t2, cost, LEVELS, MAX_PAGES, reps);
	p->runs = reps[RUNS] > MAX_RUNS ? MAX_RUNS : reps[RUNS];
	p->pages = round_pages(t, reps[SAMPLES]);
	p->sd = sqrt(2 * (t2[BOOTS] + t2[RUNS] / (double)p->runs +
			  t2[SAMPLES] / (double)(p->runs * p->pages)));
	p->seconds = (double)arms * (cost[BOOTS] + (double)p->runs * (double)p->pages /
							   (double)t->pages * cost[RUNS]);
	p->needed = stats_pairs_needed(p->sd, threshold, 1 - COMPARE_CONFIDENCE, COMPARE_POWER);
	affordable = (size_t)(60 * budget / p->seconds);
	p->boots = p->needed < affordable ? p->needed : affordable;
	p->boots = p->boots < COMPARE_MIN_BOOTS ? COMPARE_MIN_BOOTS : p->boots;
	p->mde = expm1(stats_mde_paired(p->sd, p->boots, 1 - COMPARE_CONFIDENCE, COMPARE_POWER));
}

static char *says(const struct table *t, const struct proposal *p, double budget)
{
	char *plan = xasprintf("%zu boots of %zu run%s and %zu pages, about %.0f minutes", p->boots,
			       p->runs, p->runs == 1 ? "" : "s", p->pages,
			       ceil((double)p->boots * p->seconds / 60)),
	     *text;

	if (p->boots >= p->needed)
		text = xasprintf("%s, find %s %%", plan, t->threshold_text);
	else if (p->needed == SIZE_MAX)
		text = xasprintf("%s, find %.1f %%; no number of boots finds %s %%", plan,
				 100 * p->mde, t->threshold_text);
	else
		text = xasprintf(
			"%s, find %.1f %%; %s %% would take %zu boots, BUDGET is %g minutes", plan,
			100 * p->mde, t->threshold_text, p->needed, budget);
	free(plan);
	return text;
}

static json_t *pilot_json(const struct row *row, const double *t2, const double *cost,
			  const struct proposal *p, char *text)
{
	const struct cell *cell = &row->cell[0];

	return json_pack("{s:I, s:I, s:{s:s, s:O, s:f, s:f, s:f}, s:{s:f, s:f, s:f},"
			 " s:{s:I, s:I, s:I}, s:I, s:f, s:f, s:s}",
			 "boots", (json_int_t)cell->boots, "runs", (json_int_t)cell->boot[0].runs,
			 "worst", "case", row->case_name, "params", row->params, "boot_sd_pct",
			 100 * sqrt(t2[BOOTS]), "run_sd_pct", 100 * sqrt(t2[RUNS]), "sample_sd_pct",
			 100 * sqrt(t2[SAMPLES]), "cost_s", "boot", cost[BOOTS], "run", cost[RUNS],
			 "sample", cost[SAMPLES], "proposed", "boots", (json_int_t)p->boots, "runs",
			 (json_int_t)p->runs, "pages", (json_int_t)p->pages, "boots_needed",
			 p->needed == SIZE_MAX ? (json_int_t)-1 : (json_int_t)p->needed, "mde_pct",
			 100 * p->mde, "minutes", (double)p->boots * p->seconds / 60, "says", text);
}

json_t *pilot(const struct table *t, double budget, size_t arms)
{
	double cost[LEVELS], t2[LEVELS], worst_t2[LEVELS] = { 0 };
	struct proposal p, worst = { 0 };
	const struct row *row = NULL;
	char *text;
	json_t *o;

	costs(t, cost);
	for (size_t i = 0; i < t->rows; i++) {
		if (t->row[i].control || !row_variance(&t->row[i].cell[0], t2))
			continue;
		propose(t, t2, cost, budget, arms, &p);
		if (row && p.sd <= worst.sd)
			continue;
		row = &t->row[i];
		worst = p;
		for (size_t l = 0; l < LEVELS; l++)
			worst_t2[l] = t2[l];
	}
	if (!row)
		die_usage(
			"--pilot needs two boots of two runs each, and a case that is no control");
	text = says(t, &worst, budget);
	o = pilot_json(row, worst_t2, cost, &worst, text);
	free(text);
	return o;
}
