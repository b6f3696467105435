// SPDX-License-Identifier: MIT
/*
 * Distributions of samples: the share of them that is no larger (ECDF), all boots of a
 * kernel together, which is for looking and no statistic of anything else: verdicts
 * are over boots.  Quantised: a step is written where the share has grown by a
 * STEP-th, or has come a tenth closer to 1, so that a tail of few samples is there.
 *
 * A block a kernel and combination, the kernel slowest; behind each the block of its
 * percentiles p50, p90, p99, p99.9, those that the samples bound.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/picture.h"
#include "lib/core/die.h"
#include "lib/core/fields.h"
#include "lib/core/quote.h"

#define STEP   400
#define CLOSER 0.9
#define LONG   3 /* times the smallest: that range wants a logarithmic axis */

/* The samples of all boots as values, ascending; to free. */
static double *values_of(const struct cell *cell, size_t *n)
{
	uint32_t *ticks = xcalloc(cell->samples + 1, sizeof(*ticks));
	double *v = xcalloc(cell->samples + 1, sizeof(*v));

	*n = 0;
	/* A tick's worth differs between boots only where a success rate does. */
	for (size_t b = 0; b < cell->boots; b++)
		for (size_t i = 0; i < cell->boot[b].samples; i++)
			ticks[(*n)++] = cell->boot[b].ticks[i];
	if (*n)
		stats_sort(ticks, *n);
	for (size_t i = 0; i < *n; i++)
		v[i] = ticks[i] * cell->boot[0].per_tick;
	free(ticks);
	return v;
}

static void put_steps(FILE *f, const double *v, size_t n)
{
	double written = 0;

	for (size_t i = 0; i < n; i++) {
		double share = (double)(i + 1) / (double)n;

		if (i + 1 < n && v[i + 1] <= v[i])
			continue;
		if (!written) {
			dat_number(f, v[0]);
			fputs(" 0\n", f);
		}
		if (i + 1 < n && share - written < 1.0 / STEP &&
		    1 - share > CLOSER * (1 - written) && written)
			continue;
		written = share;
		dat_number(f, v[i]);
		dat_number(f, share);
		fputc('\n', f);
	}
}

static void put_marks(FILE *f, const struct cell *cell)
{
	for (size_t i = 0; i < N_PERCENTILES; i++) {
		double value = effect_percentile(cell, i);

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

static void widen(struct range *r, const struct cell *cell, const double *v, size_t n)
{
	double last = v[n - 1];

	for (size_t i = N_PERCENTILES; i--;) {
		if (isnan(effect_percentile(cell, i)))
			continue;
		last = effect_percentile(cell, i);
		break;
	}
	r->low = fmin(r->low, v[0]);
	r->high = fmax(r->high, last);
	r->most = fmax(r->most, v[n - 1]);
}

static void put_cell(FILE *f, const struct table *t, const struct row *row, size_t k,
		     struct range *range)
{
	const struct cell *cell = &row->cell[k];
	char *params = fields_params(row->params, " ", " ");
	char *title = xasprintf("%s, %s", t->kernel[k].label, params);
	size_t n;
	double *v = values_of(cell, &n);

	quote_gnuplot(f, title);
	fputc('\n', f);
	if (n) {
		put_steps(f, v, n);
		widen(range, cell, v, n);
	}
	fputs("\n\n", f);
	quote_gnuplot(f, "percentiles");
	fputc('\n', f);
	put_marks(f, cell);
	fputs("\n\n", f);
	free(v);
	free(title);
	free(params);
}

static int is_row(const struct row *row, const char *name)
{
	return !strcmp(row->case_name, name) && !row->metric;
}

static size_t samples_of_case(const struct table *t, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < t->rows; i++)
		for (size_t k = 0; k < t->kernels; k++)
			n += is_row(&t->row[i], name) ? t->row[i].cell[k].samples : 0;
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
		if (samples_of_case(t, list[i].name))
			put_case(t, directory, list[i].name, facts);
	free(list);
}
