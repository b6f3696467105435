// SPDX-License-Identifier: MIT
/*
 * The ladder: what each step from kernel to kernel added to a row, in per cent of the
 * baseline, one step beginning where the one before it ended; and of modes with statistics each
 * ratio to the baseline with its interval.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/known.h"
#include "report/picture.h"
#include "lib/core/die.h"
#include "lib/core/quote.h"

#define FARTHEST 100.0 /* times; an interval of few boots may end anywhere */
#define MOST	 60 /* per cent; larger steps would hide the others, and have pictures of their own */

static int is_in_ladder(const struct table *t, size_t r, const size_t *shown, size_t n)
{
	const struct row *row = &t->row[r];
	int listed = known_draws(row->case_name, "ladder");

	for (size_t s = 1; s < n && listed; s++)
		listed = isfinite(table_find(t, r, shown[s], shown[0])->delta_pct);
	return listed && !row->metric;
}

static double farthest(const struct table *t, size_t r, const size_t *shown, size_t n)
{
	double most = 0;

	for (size_t s = 1; s < n; s++)
		most = fmax(most, fabs(table_find(t, r, shown[s], shown[0])->delta_pct));
	return most;
}

static void put_rung(FILE *f, const struct table *t, size_t r, const size_t *shown, size_t n)
{
	const struct row *row = &t->row[r];
	char *name = dat_params(row->params),
	     *value = value_text(t, cell_value(t, &row->cell[shown[0]]));
	char *title = xasprintf("%s%s%s: %s", row->case_name, *name ? " " : "", name, value);

	quote_gnuplot(f, title);
	fputs(" 0", f);
	for (size_t s = 1; s < n; s++)
		dat_number(f, table_find(t, r, shown[s], shown[0])->delta_pct);
	fputc('\n', f);
	free(name);
	free(value);
	free(title);
}

/* A step within one image changed the walk and nothing else. */
static void put_step_names(FILE *f, const struct table *t, const size_t *shown, size_t n)
{
	fprintf(f, "array STEP[%zu]\n", n);
	for (size_t s = 1; s < n; s++) {
		const struct comparison *c = table_find(t, 0, shown[s], shown[s - 1]);
		char *name =
			xasprintf("%s to %s%s", t->kernel[shown[s - 1]].label,
				  t->kernel[shown[s]].label,
				  c && same_image(t, c) ? ": the walk alone" : ": everything else");

		fprintf(f, "STEP[%zu] = ", s);
		quote_gnuplot(f, name);
		fputc('\n', f);
		free(name);
	}
}

void dat_ladder(const struct table *t, const char *directory, FILE *facts)
{
	size_t shown[COMPARE_MAX_KERNELS], n = letters(t, shown), rungs = 0, left = 0;
	double most = 0;
	FILE *f;

	for (size_t i = 0; i < t->rows; i++) {
		int in = is_in_ladder(t, i, shown, n);

		double far = in ? farthest(t, i, shown, n) : 0;

		rungs += in && far <= MOST;
		left += far > MOST;
		most = fmax(most, far <= MOST ? far : 0);
	}
	if (n < 2 || most <= 0)
		return;
	f = dat_open(directory, "ladder.dat",
		     "what each step did; rows whose steps are far larger are left out",
		     "name and baseline's value, then each kernel's difference to it in per cent");
	put_step_names(facts, t, shown, n);
	for (size_t i = 0; i < t->rows; i++)
		if (is_in_ladder(t, i, shown, n) && farthest(t, i, shown, n) <= MOST)
			put_rung(f, t, i, shown, n);
	dat_close(f);
	fprintf(facts, "ladder_rows = %zu\nladder_left_out = %zu\n", rungs, left);
}

/* The samples' rows: metrics would bury them. */
static int is_drawn(const struct table *t, const struct comparison *c)
{
	return is_result(c) && !t->row[c->row].metric && !isnan(c->ci_pct.low);
}

static void show(struct stats_interval *range, double ratio)
{
	range->low = fmin(range->low, ratio);
	range->high = fmax(range->high, ratio);
}

/* Ratios of one kernel, with their intervals. */
static size_t put_effects(FILE *f, const struct table *t, size_t k, size_t base,
			  struct stats_interval *range)
{
	size_t n = 0;

	for (size_t i = 0; i < t->rows; i++) {
		const struct comparison *c = table_find(t, i, k, base);
		char *name, *title;

		if (!is_drawn(t, c))
			continue;
		name = dat_params(t->row[i].params);
		title = xasprintf("%s %s", t->row[i].case_name, name);
		quote_gnuplot(f, title);
		dat_number(f, 1 + c->delta_pct / 100);
		dat_number(f, 1 + c->ci_pct.low / 100);
		dat_number(f, 1 + c->ci_pct.high / 100);
		fprintf(f, " %d\n", c->verdict == INCONCLUSIVE ? 0 : 1);
		show(range, 1 + c->delta_pct / 100);
		show(range, fmax(1 + c->ci_pct.low / 100, 1 / FARTHEST));
		show(range, fmin(1 + c->ci_pct.high / 100, FARTHEST));
		n++;
		free(name);
		free(title);
	}
	return n;
}

void dat_effects(const struct table *t, const char *directory, FILE *facts)
{
	size_t shown[COMPARE_MAX_KERNELS], n = letters(t, shown), rows = 0;
	struct stats_interval range = { 1, 1, 1 };
	FILE *f;

	for (size_t i = 0; i < t->comparisons; i++)
		rows += (size_t)is_drawn(t, &t->comparison[i]);
	if (!rows)
		return;
	f = dat_open(directory, "effects.dat", "a block a kernel, against the baseline",
		     "row, ratio, its 95 % interval, whether there is a verdict");
	rows = 0;
	for (size_t s = 1; s < n; s++) {
		size_t own;

		quote_gnuplot(f, t->kernel[shown[s]].label);
		fputc('\n', f);
		own = put_effects(f, t, shown[s], shown[0], &range);
		rows = own > rows ? own : rows;
		fputs("\n\n", f);
	}
	dat_close(f);
	fprintf(facts, "effects_rows = %zu\neffects_low = %.10g\neffects_high = %.10g\n", rows,
		range.low, range.high);
}
