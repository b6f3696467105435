// SPDX-License-Identifier: MIT
/*
 * What the model needs to know of one kernel, out of dex-compare's table.
 *
 * Rates are per thousand or million ticks and percentiles in ticks; in timing mode rates are per us or ms,
 * and percentiles in ns (results/metric.c).  What was asked for is in ticks, in every mode.
 */
#define _GNU_SOURCE
#include <gsl/gsl_fit.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/known.h"
#include "lib/core/die.h"
#include "plan.h"

#define MAX_RATES 64

double measure_window(const char *unit)
{
	return strcmp(unit, "ns") ? 1e6 : 1e9;
}

/* In lockstep, which is exact, too, the engine has a CPU of its own. */
int measure_serial(const struct table *t)
{
	return !strcmp(t->mode, "exact");
}

/* A parameter that is a number, or a word for one: "none", "saturated", "16". */
double measure_number(json_t *params, const char *name)
{
	json_t *value = json_object_get(params, name);
	const char *word = json_string_value(value);

	if (!word)
		return json_is_number(value) ? json_number_value(value) : NAN;
	if (!strcmp(word, "none"))
		return 0;
	return strcmp(word, "saturated") ? strtod(word, NULL) : INFINITY;
}

int measure_is(const struct row *row, const char *name, const char *metric)
{
	return !strcmp(row->case_name, name) &&
	       (metric ? row->metric && !strcmp(row->metric, metric) : !row->metric);
}

int measure_tells(const struct row *row, const char *what, const char *metric)
{
	return known_tells(row->case_name, what) && measure_is(row, row->case_name, metric);
}

static const char *touch_of(const struct row *row)
{
	const char *touch = json_string_value(json_object_get(row->params, "touch"));

	return touch ? touch : "";
}

static int belongs(const struct series *s, const struct row *row)
{
	return !strcmp(touch_of(row), s->touch) &&
	       measure_number(row->params, "sharers") == s->sharers;
}

/* Of the boot that is the same as @boot. */
static double value_in(const struct cell *cell, const struct boot *boot)
{
	for (size_t b = 0; b < cell->boots; b++)
		if (cell->boot[b].directory == boot->directory &&
		    cell->boot[b].block == boot->block)
			return cell->boot[b].value;
	return NAN;
}

static double metric_in(const struct table *t, size_t k, const struct row *like,
			const struct boot *boot, const char *metric)
{
	for (size_t i = 0; i < t->rows; i++)
		if (measure_is(&t->row[i], like->case_name, metric) &&
		    json_equal(t->row[i].params, like->params))
			return value_in(&t->row[i].cell[k], boot);
	return NAN;
}

/* Half of all transitions are cheaper and most are not dearer: the range of one. */
static struct figure quantiles(double p50, double p90)
{
	return (struct figure){ p50, p50, fmax(p50, p90) };
}

static struct point point_of(const struct table *t, size_t k, const struct series *s,
			     const struct row *row, const struct boot *boot)
{
	double touches = metric_in(t, k, row, boot, "touch_rate");
	double revoking = metric_in(t, k, row, boot, "revoking");
	struct point p = { .asked =
				   measure_number(row->params, "rate") / 1e6 / t->kernel[k].scale };

	p.rate = metric_in(t, k, row, boot, "device_rate") / 1e3;
	p.touches = p.asked > 0 ? touches * s->pages / 1e6 : 0;
	p.conversions = p.asked > 0 ? p.touches * revoking : 0;
	p.device_fault = quantiles(metric_in(t, k, row, boot, "to_device_p50"),
				   metric_in(t, k, row, boot, "to_device_p90"));
	p.cpu_fault = quantiles(metric_in(t, k, row, boot, "to_cpu_p50"),
				metric_in(t, k, row, boot, "to_cpu_p90"));
	return p;
}

static double size_of(const struct table *t, const struct row *row, const char *name)
{
	json_t *said = json_object_get(t->cases_said, row->case_name);
	json_t *size = json_object_get(json_object_get(said, "sizes"), name);

	if (!size)
		die_usage("%s: its results do not say how many %s it works on", row->case_name,
			  name);
	return json_number_value(size);
}

static struct series *find_series(const struct table *t, struct series **list, size_t *n,
				  const struct row *row)
{
	for (size_t i = 0; i < *n; i++)
		if (belongs(&(*list)[i], row))
			return &(*list)[i];
	*list = xrealloc(*list, *n + 1, sizeof(**list));
	(*list)[*n] = (struct series){ .touch = xstrdup(touch_of(row)),
				       .sharers = measure_number(row->params, "sharers"),
				       .pages = size_of(t, row, "pages"),
				       .burst = size_of(t, row, "burst"),
				       .serial = measure_serial(t),
				       .regular = t->exact };
	return &(*list)[(*n)++];
}

static int by_rate(const void *a, const void *b)
{
	double x = measure_number((*(const struct row *const *)a)->params, "rate");
	double y = measure_number((*(const struct row *const *)b)->params, "rate");

	return (x > y) - (x < y);
}

/* The rows of a series that its kernel has, by rate. */
static size_t rows_of(const struct table *t, size_t k, const struct series *s,
		      const struct row **rows)
{
	size_t n = 0;

	for (size_t i = 0; i < t->rows && n < MAX_RATES; i++)
		if (measure_tells(&t->row[i], "touches", "device_rate") && belongs(s, &t->row[i]) &&
		    t->row[i].cell[k].boots)
			rows[n++] = &t->row[i];
	qsort(rows, n, sizeof(*rows), by_rate);
	return n;
}

static int complete(const struct point *p)
{
	return p->rate > 0 && isfinite(p->touches) && isfinite(p->conversions);
}

/* The boots of the first rate that have all the others, too. */
static void fill(const struct table *t, size_t k, struct series *s)
{
	const struct row *rows[MAX_RATES];
	const struct cell *first;

	s->rates = rows_of(t, k, s, rows);
	if (!s->rates)
		die_usage("%s: rows of touches without a number of sharers; measure again",
			  t->plan[0].directory);
	first = &rows[0]->cell[k];
	s->asked = xcalloc(s->rates, sizeof(*s->asked));
	s->point = xcalloc(s->rates * first->boots, sizeof(*s->point));
	for (size_t b = 0; b < first->boots; b++) {
		struct point *p = s->point + s->boots * s->rates;
		int all = 1;

		for (size_t i = 0; i < s->rates; i++) {
			p[i] = point_of(t, k, s, rows[i], &first->boot[b]);
			s->asked[i] = p[i].asked;
			all &= complete(&p[i]);
		}
		s->boots += (size_t)all;
	}
}

struct series *measure(const struct table *t, size_t k, size_t *n)
{
	struct series *list = NULL;

	*n = 0;
	for (size_t i = 0; i < t->rows; i++)
		if (measure_tells(&t->row[i], "touches", "device_rate") && t->row[i].cell[k].boots)
			find_series(t, &list, n, &t->row[i]);
	for (size_t i = 0; i < *n; i++)
		fill(t, k, &list[i]);
	return list;
}

/* What an atomic costs: words a page apart in turn, as under touches; mean over boots. */
double measure_atomic(const struct table *t, size_t k, double engines)
{
	double sum = 0;

	for (size_t i = 0; i < t->rows; i++) {
		const struct row *row = &t->row[i];
		const struct cell *cell = &row->cell[k];
		const char *access = json_string_value(json_object_get(row->params, "access"));
		const char *op = json_string_value(json_object_get(row->params, "op"));

		if (!measure_tells(row, "atomics", "device_rate") || !access || !op ||
		    strcmp(access, "strided") || strcmp(op, "add64") || !cell->boots ||
		    measure_number(row->params, "engines") != engines)
			continue;
		for (size_t b = 0; b < cell->boots; b++)
			sum += fmax(engines, 1) * 1e3 / cell->boot[b].value;
		return sum / (double)cell->boots;
	}
	return NAN;
}

/* Least squares over parents behind their children, nobody watching. */
double measure_sharer(const struct table *t, size_t k)
{
	double x[MAX_RATES], y[MAX_RATES], at_none, slope, cov[3], residue;
	size_t n = 0;

	for (size_t i = 0; i < t->rows && n < MAX_RATES; i++) {
		const struct row *row = &t->row[i];
		const char *order = json_string_value(json_object_get(row->params, "order"));
		const char *notifier = json_string_value(json_object_get(row->params, "notifier"));

		if (!measure_tells(row, "sharers", NULL) || !row->cell[k].boots || !order ||
		    strcmp(order, "behind") || !notifier || strcmp(notifier, "no"))
			continue;
		x[n] = measure_number(row->params, "sharers");
		y[n] = 0;
		for (size_t b = 0; b < row->cell[k].boots; b++)
			y[n] += row->cell[k].boot[b].value / (double)row->cell[k].boots;
		n++;
	}
	if (n < 2)
		return NAN;
	gsl_fit_linear(x, 1, y, 1, n, &at_none, &slope, cov, cov + 1, cov + 2, &residue);
	return slope;
}
