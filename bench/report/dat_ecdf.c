// SPDX-License-Identifier: MIT
/*
 * Distributions of samples: the share of them that is no larger (ECDF), all boots of a
 * kernel together, which is for looking and no statistic of anything else: verdicts
 * are over boots; quantised, as curve.c has it.
 *
 * A block a kernel and combination, the kernel slowest; behind each the block of its
 * percentiles p50, p90, p99, p99.9, those that the samples bound.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/picture.h"
#include "lib/core/die.h"
#include "lib/core/fields.h"
#include "lib/core/quote.h"

#define LONG 3 /* times the smallest: that range wants a logarithmic axis */

static void put_steps(FILE *f, const struct curve *c)
{
	double all = (double)c->up_to[c->points - 1];

	dat_number(f, c->ticks[0] * c->per_tick);
	fputs(" 0\n", f);
	for (size_t i = 0; i < c->points; i++) {
		dat_number(f, c->ticks[i] * c->per_tick);
		dat_number(f, (double)c->up_to[i] / all);
		fputc('\n', f);
	}
}

static void put_marks(FILE *f, const struct cell *cell)
{
	for (size_t i = 0; i < N_PERCENTILES; i++) {
		double value = cell->percentile[i];

		if (isnan(value))
			continue;
		dat_number(f, value);
		dat_number(f, percentile_q[i]);
		fprintf(f, " %s\n", percentile_name[i]);
	}
}

/* What an axis has to show: all but the tails beyond the last percentile. */
struct range {
	double low, high, most;
};

static void widen(struct range *r, const struct cell *cell)
{
	const struct curve *c = cell->curve;
	double most = c->ticks[c->points - 1] * c->per_tick, last = most;

	for (size_t i = N_PERCENTILES; i--;) {
		if (isnan(cell->percentile[i]))
			continue;
		last = cell->percentile[i];
		break;
	}
	r->low = fmin(r->low, c->ticks[0] * c->per_tick);
	r->high = fmax(r->high, last);
	r->most = fmax(r->most, most);
}

static void put_cell(FILE *f, const struct table *t, const struct row *row, size_t k,
		     struct range *range)
{
	const struct cell *cell = &row->cell[k];
	char *params = fields_params(row->params, " ", " ");
	char *title = xasprintf("%s, %s", t->kernel[k].label, params);

	quote_gnuplot(f, title);
	fputc('\n', f);
	if (cell->curve) {
		put_steps(f, cell->curve);
		widen(range, cell);
	}
	fputs("\n\n", f);
	quote_gnuplot(f, "percentiles");
	fputc('\n', f);
	put_marks(f, cell);
	fputs("\n\n", f);
	free(title);
	free(params);
}

static int is_row(const struct row *row, const char *name)
{
	return !strcmp(row->case_name, name) && !row->metric;
}

static size_t curves_of_case(const struct table *t, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < t->rows; i++)
		for (size_t k = 0; k < t->kernels; k++)
			n += is_row(&t->row[i], name) && t->row[i].cell[k].curve;
	return n;
}

static void put_case(const struct table *t, const char *directory, const char *name, FILE *facts)
{
	size_t shown[COMPARE_MAX_KERNELS], n = letters(t, shown);
	char *file = xasprintf("%s.dat", name);
	FILE *f = dat_open(directory, file, "distribution of the samples of all boots",
			   "value per page, share of samples up to it");
	struct range r = { INFINITY, 0, 0 };
	size_t series = 0;

	for (size_t i = 0; i < t->rows; i++)
		series += (size_t)is_row(&t->row[i], name);
	for (size_t s = 0; s < n; s++)
		for (size_t i = 0; i < t->rows; i++)
			if (is_row(&t->row[i], name))
				put_cell(f, t, &t->row[i], shown[s], &r);
	dat_close(f);
	fprintf(facts, "%s_series = %zu\n", name, series);
	fprintf(facts, "%s_low = %.10g\n%s_high = %.10g\n%s_most = %.10g\n%s_log = %d\n", name,
		r.low, name, r.high, name, r.most, name, r.high > LONG * r.low && r.low > 0);
	free(file);
}

void dat_ecdf(const struct table *t, const char *directory, FILE *facts)
{
	size_t n;
	struct picture *list = pictures("distribution", &n);

	for (size_t i = 0; i < n; i++)
		if (curves_of_case(t, list[i].name))
			put_case(t, directory, list[i].name, facts);
	free(list);
}
