// SPDX-License-Identifier: MIT
/*
 * What one kernel's boots say of one row, all together: once, so that judge and every view have
 * the same, and a file can carry it where boots are gone.
 */
#include "compare/cells.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "lib/core/die.h"

static double mean_of(const struct cell *cell, int logarithmic)
{
	double sum = 0;

	for (size_t i = 0; i < cell->boots; i++)
		sum += logarithmic ? log(cell->boot[i].value) : cell->boot[i].value;
	return sum / (double)cell->boots;
}

/*
 * exact: the median of boots, which are equal unless something is wrong.
 * Elsewhere the geometric mean, so that the value over the baseline's is the ratio whose
 * interval is beside them.
 */
static double value_of(const struct table *t, const struct cell *cell)
{
	double *value, median, least = INFINITY;

	if (!cell->boots)
		return NAN;
	if (boots_agree(cell))
		return cell->boot[0].value;
	for (size_t i = 0; i < cell->boots; i++)
		least = fmin(least, cell->boot[i].value);
	if (!t->exact)
		return least > 0 ? exp(mean_of(cell, 1)) : mean_of(cell, 0);
	value = xcalloc(cell->boots, sizeof(*value));
	for (size_t i = 0; i < cell->boots; i++)
		value[i] = cell->boot[i].value;
	median = stats_median(value, cell->boots);
	free(value);
	return median;
}

/* From at least two runs in each of at least two boots. */
static void set_spread(struct cell *cell)
{
	size_t reps[] = { cell->boots ? cell->boot[0].runs : 0, cell->boots };
	double s2[2], t2[2], *y, mean = 0;

	cell->boot_sd_pct = cell->run_sd_pct = NAN;
	for (size_t i = 0; i < cell->boots; i++)
		if (cell->boot[i].runs != reps[0])
			return;
	if (reps[0] < 2 || reps[1] < 2)
		return;
	y = xcalloc(reps[0] * reps[1], sizeof(*y));
	for (size_t i = 0; i < cell->boots; i++) {
		memcpy(y + i * reps[0], cell->boot[i].run, reps[0] * sizeof(*y));
		mean += cell->boot[i].value / (double)cell->boots;
	}
	stats_components(y, reps, 2, s2, t2);
	cell->run_sd_pct = 100 * sqrt(fmax(t2[0], 0)) / mean;
	cell->boot_sd_pct = 100 * sqrt(fmax(t2[1], 0)) / mean;
	free(y);
}

/* The median over boots of what each boot says; NAN if one cannot say. */
static double percentile_of(const struct cell *cell, size_t i)
{
	double *v, median;

	if (!cell->boots)
		return NAN;
	v = xcalloc(cell->boots, sizeof(*v));
	for (size_t b = 0; b < cell->boots; b++) {
		v[b] = cell->boot[b].percentile[i];
		if (isnan(v[b])) {
			free(v);
			return NAN;
		}
	}
	median = stats_median(v, cell->boots);
	free(v);
	return median;
}

/* Among boots, and where runs are interleavings, among those of the first, which speaks for all. */
static void set_extremes(const struct table *t, struct cell *cell)
{
	size_t runs = interleaves(t) && cell->boots ? cell->boot[0].runs : 0;

	cell->low = cell->high = NAN;
	for (size_t b = 0; b < cell->boots; b++) {
		cell->low = fmin(cell->low, cell->boot[b].value);
		cell->high = fmax(cell->high, cell->boot[b].value);
	}
	for (size_t r = 0; r < runs; r++) {
		cell->low = fmin(cell->low, cell->boot[0].run[r]);
		cell->high = fmax(cell->high, cell->boot[0].run[r]);
	}
}

static struct stats_interval interval_of(const struct table *t, const struct cell *cell)
{
	if (strcmp(t->mode, "lockstep") || !cell->boots || cell->boot[0].runs < 2)
		return (struct stats_interval){ NAN, NAN, NAN };
	return stats_mean(cell->boot[0].run, cell->boot[0].runs, COMPARE_CONFIDENCE);
}

static void finish(const struct table *t, struct cell *cell)
{
	cell->value = value_of(t, cell);
	set_extremes(t, cell);
	cell->interval = interval_of(t, cell);
	for (size_t i = 0; i < N_PERCENTILES; i++)
		cell->percentile[i] = percentile_of(cell, i);
	set_spread(cell);
	for (size_t b = 0; b < cell->boots; b++)
		if (cell->boot[b].warm_up > cell->warm_up)
			cell->warm_up = cell->boot[b].warm_up;
	cell->curve = cell->boots && cell->boot[0].ticks ? curve_of(cell) : NULL;
}

void cells_finish(struct table *t)
{
	for (size_t i = 0; i < t->rows; i++)
		for (size_t k = 0; k < t->kernels; k++)
			finish(t, &t->row[i].cell[k]);
}
