// SPDX-License-Identifier: MIT
/*
 * A visit of the device to a page and back: what migrating it costs the kernel more than making
 * it exclusive, by one measurement of both.
 *
 * What is a driver's own in a device fault, and the instruction that touches, is the same both ways
 * and in the costs of staying already.  So a migration in is a device fault and what the kernel's
 * calls cost more, a migration back likewise.  What a device does is in no result: its copy
 * (back, a CPU's stands in its place) and its atomics, in its memory and in the CPU's.
 *
 * Validated: of so many pages at once a visit costs a page each + once / pages, and every number of
 * pages is predicted from the others.
 */
#define _GNU_SOURCE
#include <gsl/gsl_fit.h>
#include <math.h>
#include <string.h>

#include "results/known.h"
#include "lib/core/die.h"
#include "plan.h"

#define TOLERANCE_PCT 10
#define MOST_SIZES    16

static const char *const ways[] = { "stay", "migrate" };

static int is_way(const struct row *row, const char *way, const char *metric)
{
	const char *its = json_string_value(json_object_get(row->params, "way"));

	return measure_tells(row, "visits", metric) && its && !strcmp(its, way);
}

/* The mean over boots. */
static double mean_of(const struct cell *cell)
{
	double sum = 0;

	for (size_t b = 0; b < cell->boots; b++)
		sum += cell->boot[b].value;
	return sum / (double)cell->boots; /* NAN of none */
}

/* Of one page at a time, as a device fault takes it. */
static double of_one(const struct table *t, size_t k, const char *way, const char *metric)
{
	for (size_t i = 0; i < t->rows; i++)
		if (is_way(&t->row[i], way, metric) &&
		    measure_number(t->row[i].params, "pages") == 1)
			return mean_of(&t->row[i].cell[k]);
	return NAN;
}

static struct figure plus(struct figure f, double more)
{
	return (struct figure){ f.low + more, f.best + more, f.high + more };
}

int visits_costs(const struct table *t, size_t k, const char *const *by_hand, struct costs *boot)
{
	double in = of_one(t, k, "migrate", "to_device") - of_one(t, k, "stay", "to_device");
	double back = of_one(t, k, "migrate", "to_cpu") - of_one(t, k, "stay", "to_cpu");

	if (isnan(in) || isnan(back))
		return 0;
	if (!by_hand[MIGRATE_IN])
		boot->cost[MIGRATE_IN] = plus(boot->cost[DEVICE_FAULT], in);
	if (!by_hand[MIGRATE_BACK])
		boot->cost[MIGRATE_BACK] = plus(boot->cost[CPU_FAULT], back);
	return !by_hand[MIGRATE_IN] || !by_hand[MIGRATE_BACK];
}

char *visits_note(void)
{
	return xasprintf(
		"migrating costs the kernel's calls, by %s, and is software's alone: a device's copy is not in it, a CPU's is on the way back; what an atomic costs on a page that stays and in the device's memory only a device can say (--atomic-cost, --atomic-cost-local)",
		known_telling("visits"));
}

/* The rows of one way, whole visits. */
static size_t rows_of(const struct table *t, size_t k, const char *way, double *pages, double *cost)
{
	size_t n = 0;

	for (size_t i = 0; i < t->rows && n < MOST_SIZES; i++) {
		if (!is_way(&t->row[i], way, NULL) || !t->row[i].cell[k].boots)
			continue;
		pages[n] = measure_number(t->row[i].params, "pages");
		cost[n++] = mean_of(&t->row[i].cell[k]);
	}
	return n;
}

/* From all sizes but @out. */
static double predicted(const double *pages, const double *cost, size_t n, size_t out)
{
	double x[MOST_SIZES], y[MOST_SIZES], each, once, cov[3], residue;
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (i == out)
			continue;
		x[kept] = 1 / pages[i];
		y[kept++] = cost[i];
	}
	gsl_fit_linear(x, 1, y, 1, kept, &each, &once, cov, cov + 1, cov + 2, &residue);
	return each + once / pages[out];
}

struct visit *visits_validate(const struct table *t, size_t k, struct visit *list, size_t *n)
{
	double pages[MOST_SIZES], cost[MOST_SIZES];

	for (size_t w = 0; w < 2; w++) {
		size_t sizes = rows_of(t, k, ways[w], pages, cost);

		if (sizes < 3)
			continue;
		list = xrealloc(list, *n + sizes, sizeof(*list));
		for (size_t i = 0; i < sizes; i++) {
			struct visit *v = &list[(*n)++];

			*v = (struct visit){ .kernel = t->kernel[k].label,
					     .way = ways[w],
					     .pages = pages[i],
					     .measured = cost[i],
					     .predicted = predicted(pages, cost, sizes, i) };
			v->error_pct = 100 * (v->predicted / v->measured - 1);
			v->holds = fabs(v->error_pct) <= TOLERANCE_PCT;
		}
	}
	return list;
}

size_t visits_failed(const struct visit *list, size_t n)
{
	size_t failed = 0;

	for (size_t i = 0; i < n; i++)
		failed += !list[i].holds;
	return failed;
}

void visits_text(FILE *f, const struct plan_answer *a, const struct visit *list, size_t n)
{
	static const char *const head[] = { "pages at once", "measured", "predicted", "error %",
					    "holds" };
	struct grid g = grid_make(n + 1, 6);

	fprintf(f, "\n%s: %s a page of a visit; each number of pages predicted from the others\n\n",
		known_telling("visits"), a->unit);
	g.cell[0] = xstrdup("kernel, way");
	for (size_t c = 0; c < 5; c++)
		g.cell[c + 1] = xstrdup(head[c]);
	for (size_t i = 0; i < n; i++) {
		char **cell = g.cell + (i + 1) * g.columns;

		cell[0] = xasprintf("%s %s", list[i].kernel, list[i].way);
		cell[1] = xasprintf("%.0f", list[i].pages);
		cell[2] = xasprintf("%.0f", list[i].measured);
		cell[3] = xasprintf("%.0f", list[i].predicted);
		cell[4] = xasprintf("%+.1f", list[i].error_pct);
		cell[5] = xstrdup(list[i].holds ? "yes" : "NO");
	}
	grid_print(f, &g, 4, 139);
	grid_free(&g);
	fprintf(f, "\n%zu of %zu visits hold: off by %d %% at most\n", n - visits_failed(list, n),
		n, TOLERANCE_PCT);
}

json_t *visits_json(const struct visit *list, size_t n)
{
	json_t *all = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			all, json_pack("{s:s, s:s, s:f, s:f, s:f, s:f, s:b}", "kernel",
				       list[i].kernel, "way", list[i].way, "pages", list[i].pages,
				       "measured", list[i].measured, "predicted", list[i].predicted,
				       "error_pct", list[i].error_pct, "holds", list[i].holds));
	return all;
}
