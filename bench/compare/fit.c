// SPDX-License-Identifier: MIT
/*
 * What one more of something costs: the straight line through a case's values over
 * the parameter that the case names ("fit"), its other parameters fixed.
 */
#define _GNU_SOURCE
#include <gsl/gsl_fit.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "lib/die.h"
#include "lib/fields.h"
#include "lib/json.h"

struct line {
	double intercept, slope, r2;
	size_t points;
};

/* @params without @over. */
static json_t *others(json_t *params, const char *over)
{
	json_t *copy = json_copy(params);

	json_object_del(copy, over);
	return copy;
}

static int same_line(const struct row *a, const struct row *b, const char *over)
{
	json_t *x = others(a->params, over), *y = others(b->params, over);
	int same =
		!strcmp(a->case_name, b->case_name) && !a->metric && !b->metric && json_equal(x, y);

	json_decref(x);
	json_decref(y);
	return same;
}

/* Least squares over all rows that differ from @first in @over alone. */
static struct line fit(const struct table *t, size_t first, const char *over, size_t k)
{
	double *x = xcalloc(t->rows, sizeof(*x)), *y = xcalloc(t->rows, sizeof(*y));
	double cov[3], residue = NAN, mean = 0, total = 0;
	struct line l = { NAN, NAN, NAN, 0 };

	for (size_t i = first; i < t->rows; i++) {
		const struct row *row = &t->row[i];

		if (!same_line(&t->row[first], row, over) || !row->cell[k].boots)
			continue;
		x[l.points] = json_number_value(json_object_get(row->params, over));
		y[l.points++] = cell_value(t, &row->cell[k]);
	}
	if (l.points > 2)
		gsl_fit_linear(x, 1, y, 1, l.points, &l.intercept, &l.slope, cov, cov + 1, cov + 2,
			       &residue);
	for (size_t i = 0; i < l.points; i++)
		mean += y[i] / (double)l.points;
	for (size_t i = 0; i < l.points; i++)
		total += (y[i] - mean) * (y[i] - mean);
	/* A level line explains nothing, and its sums are rounding alone. */
	l.r2 = l.slope != 0 && total > 0 ? 1 - residue / total : NAN;
	free(x);
	free(y);
	return l;
}

/* The parameter that row @i's case wants fitted, if @i is the first row of a line. */
static const char *starts_line(const struct table *t, size_t i)
{
	const struct row *row = &t->row[i];
	json_t *said = json_object_get(t->cases_said, row->case_name);
	const char *over = json_string_value(json_object_get(said, "fit"));

	if (!over || row->metric || !json_object_get(row->params, over))
		return NULL;
	for (size_t k = 0; k < i; k++)
		if (same_line(row, &t->row[k], over))
			return NULL;
	return over;
}

json_t *fits(const struct table *t)
{
	json_t *list = json_array();

	for (size_t i = 0; i < t->rows; i++) {
		const char *over = starts_line(t, i);

		for (size_t k = 0; over && k < t->kernels; k++) {
			struct line l = fit(t, i, over, k);

			json_array_append_new(list,
					      json_pack("{s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:I}",
							"case", t->row[i].case_name, "params",
							others(t->row[i].params, over), "over",
							over, "kernel", t->kernel[k].label,
							"intercept", json_real_or_null(l.intercept),
							"slope", json_real_or_null(l.slope), "r2",
							json_real_or_null(l.r2), "points",
							(json_int_t)l.points));
		}
	}
	return list;
}

static double number(json_t *o, const char *key)
{
	json_t *value = json_object_get(o, key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

static void print_slope(FILE *f, size_t letter, json_t *line)
{
	double slope = number(line, "slope"), r2 = number(line, "r2");

	fprintf(f, "  %c ", (char)('A' + letter));
	if (isfinite(slope))
		fprintf(f, "%.2f (%.4f)", slope, isfinite(r2) ? r2 : 0);
	else
		fputc('-', f);
}

static int is_same(json_t *a, json_t *b, const char *key)
{
	return json_equal(json_object_get(a, key), json_object_get(b, key));
}

/* Behind the first of a line are its other kernels'; where they end. */
static size_t end_of(json_t *list, size_t first)
{
	json_t *a = json_array_get(list, first), *b;
	size_t i = first;

	while ((b = json_array_get(list, i)) && is_same(a, b, "case") && is_same(a, b, "over") &&
	       is_same(a, b, "params"))
		i++;
	return i;
}

static json_t *of_kernel(const struct table *t, size_t first, size_t end, size_t k)
{
	for (size_t i = first; i < end; i++) {
		json_t *o = json_array_get(t->fits, i);

		if (!strcmp(json_string_value(json_object_get(o, "kernel")), t->kernel[k].label))
			return o;
	}
	return NULL;
}

static void print_name(FILE *f, const struct table *t, json_t *o)
{
	char *params = params_text(json_object_get(o, "params"), " ", "=");

	fprintf(f, "  %s%s%s, %s per page and one more of %s:",
		json_string_value(json_object_get(o, "case")), *params ? " " : "", params,
		unit_words(t), json_string_value(json_object_get(o, "over")));
	free(params);
}

/* How many lines it printed, under a heading if it is the first: none where no kernel has
 * a slope. */
static size_t print_fit(FILE *f, const struct table *t, size_t first, size_t end, int is_first)
{
	size_t shown[COMPARE_MAX_KERNELS], n = letters(t, shown), found = 0;

	for (size_t s = 0; s < n; s++)
		found += isfinite(number(of_kernel(t, first, end, shown[s]), "slope"));
	if (!found)
		return 0;
	if (is_first)
		fputs("\nSlopes, by least squares, and the share of variance they explain:\n", f);
	print_name(f, t, json_array_get(t->fits, first));
	for (size_t s = 0; s < n; s++)
		print_slope(f, s, of_kernel(t, first, end, shown[s]));
	fputc('\n', f);
	return 1;
}

void print_fits(FILE *f, const struct table *t)
{
	size_t lines = 0, end;

	for (size_t i = 0; i < json_array_size(t->fits); i = end) {
		end = end_of(t->fits, i);
		lines += print_fit(f, t, i, end, !lines);
	}
}
