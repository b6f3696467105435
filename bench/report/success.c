// SPDX-License-Identifier: MIT
/* How much of what was tried succeeded, and what was not tried: a cost is that of a success,
 * and says nothing about those that failed. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "lib/core/die.h"

double success_rate(const struct cell *cell)
{
	return cell->attempted ? 100 * (double)cell->ok / (double)cell->attempted : NAN;
}

double success_lowest(const struct row *row, const size_t *kernel, size_t n)
{
	double lowest = NAN;

	for (size_t i = 0; i < n; i++)
		lowest = fmin(lowest, success_rate(&row->cell[kernel[i]]));
	return lowest;
}

/* By any amount where counts are exact, elsewhere by the least that matters. */
int success_fell(const struct table *t, const struct comparison *c)
{
	const struct cell *cell = t->row[c->row].cell;
	double least = t->exact ? 1 : 1 - t->threshold / 100;

	return success_rate(&cell[c->kernel]) < least * success_rate(&cell[c->base]);
}

/* Never all of it where one failed. */
static char *rate_text(double rate)
{
	return isnan(rate) ? xstrdup("-") : xasprintf(rate > 99.99 ? "%.9g" : "%.4g", rate);
}

static int differ(const struct row *row, const size_t *kernel, size_t n, double lowest)
{
	for (size_t i = 0; i < n; i++)
		if (success_rate(&row->cell[kernel[i]]) > lowest)
			return 1;
	return 0;
}

char *success_text(const struct row *row, const size_t *kernel, size_t n)
{
	double lowest = success_lowest(row, kernel, n);
	int each = differ(row, kernel, n, lowest);
	char *text = rate_text(each ? success_rate(&row->cell[kernel[0]]) : lowest);
	char *longer, *one;

	for (size_t i = 1; each && i < n; i++) {
		one = rate_text(success_rate(&row->cell[kernel[i]]));
		longer = xasprintf("%s/%s", text, one);
		free(text);
		free(one);
		text = longer;
	}
	longer = xasprintf("%s%s", text, isnan(lowest) ? "" : " %");
	free(text);
	return longer;
}

static const struct row *samples_of(const struct table *t, const struct row *row)
{
	for (size_t i = 0; row->metric && i < t->rows; i++)
		if (!t->row[i].metric && !strcmp(t->row[i].case_name, row->case_name) &&
		    json_equal(t->row[i].params, row->params))
			return &t->row[i];
	return row;
}

const char *skip_reason(const struct table *t, const struct row *row, size_t k)
{
	return samples_of(t, row)->cell[k].skipped;
}

int skipped_alike(const struct table *t, const struct row *row)
{
	const char *why = row->cell[0].skipped;

	for (size_t k = 0; k < t->kernels; k++)
		if (!why || !row->cell[k].skipped || strcmp(why, row->cell[k].skipped))
			return 0;
	return 1;
}
