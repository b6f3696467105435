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
#include "lib/core/die.h"
#include "lib/core/fields.h"
#include "lib/core/json.h"

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
