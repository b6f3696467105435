// SPDX-License-Identifier: MIT
/*
 * What of a sample is the module's own.  The module stamps each call of the kernel's function, so a
 * range that one kernel converts in one call holds a pair of stamps there, and one for each page where
 * the call takes one page.  What a pair costs is measured in each boot, by the case that says so
 * ("stamps"); a kernel that has more pairs a page than another in the same row is charged for as many
 * as that one.  METHODOLOGY.md, section 4.
 *
 * Here, too, what the module's loop needs between two calls is kept.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results.h"
#include "results/known.h"
#include "results/load.h"
#include "lib/core/die.h"
#include "lib/core/fields.h"
#include "lib/core/input.h"
#include "lib/core/json.h"
#include "lib/core/samples.h"

static double median_ticks(struct samples *file, json_t *array, const char *path)
{
	size_t n;
	uint32_t *ticks;

	if (!json_is_array(array))
		return NAN;
	ticks = samples_of(file, array, &n, path);
	return n ? stats_median_low(ticks, n) : NAN;
}

void loop_load(struct load *load, size_t k, struct samples *file, const char *path)
{
	json_t *result = json_array_get(json_object_get(file->root, "results"), 0);
	json_t *gaps = json_object_get(result, "gaps");

	if (load->kernel[k].loop_call || !json_is_array(gaps))
		return;
	load->kernel[k].loop_call =
		fmax(median_ticks(file, json_object_get(result, "ticks"), path), 0);
	load->kernel[k].loop_gap = fmax(median_ticks(file, gaps, path), 0);
}

/* The samples of those parameters, "name=value". */
static double of_file(struct samples *file, const char *where, const char *path)
{
	json_t *result;
	size_t i;

	json_array_foreach(json_object_get(file->root, "results"), i, result) {
		char *params = fields_params(json_object_get(result, "params"), " ", "=");
		int is = !strcmp(params, where);

		free(params);
		if (is)
			return median_ticks(file, json_object_get(result, "ticks"), path);
	}
	return NAN;
}

static int is_there(const char *path)
{
	char *packed = xasprintf("%s.gz", path);
	int there = input_exists(path) || input_exists(packed);

	free(packed);
	return there;
}

void stamps_load(struct table *t, size_t k, const char *boot)
{
	double *stamp = &t->load->kernel[k].stamp;
	struct samples *file;
	json_t *one;
	size_t i;

	json_array_foreach(known_cases(), i, one) {
		const char *name = json_string_value(json_object_get(one, "case"));
		const char *where = known_word(name, "stamps");
		char *path;

		if (!where || *stamp > 0)
			continue;
		path = xasprintf("%s/%s.json", boot, name);
		if (is_there(path)) {
			file = samples_read(path, "dexbench.case.v1");
			*stamp = fmax(of_file(file, where, path), 0);
			samples_free(file);
		}
		free(path);
	}
}

/* The fewest pairs a page that any kernel has in the row; NAN: no boot has any. */
static double fewest(const struct table *t, const struct row *row)
{
	double least = NAN;

	for (size_t k = 0; k < t->kernels; k++)
		for (size_t b = 0; b < row->cell[k].boots; b++)
			least = fmin(least, row->cell[k].boot[b].stamps);
	return least;
}

static void take_off(struct boot *b, double own)
{
	b->value -= own;
	for (size_t r = 0; r < b->runs; r++)
		b->run[r] -= own;
	for (size_t i = 0; i < N_PERCENTILES; i++)
		b->percentile[i] -= own;
}

/* Of what it costs where that was not measured nothing is taken off, and a note says so. */
static void level(struct table *t, struct row *row, size_t k, double least)
{
	double cost = t->load->kernel[k].stamp * t->kernel[k].scale;
	int unknown = 0;

	for (size_t b = 0; b < row->cell[k].boots; b++) {
		struct boot *boot = &row->cell[k].boot[b];
		double more = boot->stamps - least;

		if (more > 0 && cost > 0 && more * cost < boot->value)
			take_off(boot, more * cost);
		else
			unknown |= more > 0;
	}
	if (unknown)
		table_note(
			t, FACT_CONDITIONS,
			xasprintf(
				"%s: %s holds more of the module's own stamps than another kernel, and what one costs was not measured",
				row->case_name, t->kernel[k].label));
}

void stamps_level(struct table *t)
{
	for (size_t i = 0; i < t->rows; i++) {
		double least = t->row[i].metric ? NAN : fewest(t, &t->row[i]);

		for (size_t k = 0; !isnan(least) && k < t->kernels; k++)
			level(t, &t->row[i], k, least);
	}
}
