// SPDX-License-Identifier: MIT
/*
 * "measured" of compare.json: for each combination of a case's parameters, and each metric of it,
 * what each kernel's boots gave.  "each" is those boots, null where values of single boots are
 * not known; "curve" is the samples of all, where a picture shows how they lie.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results.h"
#include "results/hub.h"
#include "lib/core/bounds.h"
#include "lib/core/die.h"
#include "lib/core/json.h"
#include "lib/core/names.h"

#define MOST_RUNS   1000
#define MOST_POINTS 65536 /* of a curve */

static json_t *pair(double low, double high)
{
	return isfinite(low) && isfinite(high) ? json_pack("[f, f]", low, high) : json_null();
}

static json_t *numbers(const double *value, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_real_or_null(value[i]));
	return list;
}

static json_t *boot_json(const struct boot *b)
{
	json_t *o = json_pack("{s:I, s:I, s:f, s:o}", "plan", (json_int_t)b->directory, "block",
			      (json_int_t)b->block, "value", b->value, "runs",
			      numbers(b->run, b->runs));

	if (!b->samples)
		return o;
	json_object_set_new(o, "samples", json_integer((json_int_t)b->samples));
	json_object_set_new(o, "warm_up", json_integer((json_int_t)b->warm_up));
	json_object_set_new(o, "percentiles", numbers(b->percentile, N_PERCENTILES));
	return o;
}

static json_t *each_json(const struct cell *cell)
{
	json_t *list;

	if (!cell->boot)
		return json_null();
	list = json_array();
	for (size_t b = 0; b < cell->boots; b++)
		json_array_append_new(list, boot_json(&cell->boot[b]));
	return list;
}

static json_t *curve_json(const struct curve *c)
{
	json_t *ticks, *up_to;

	if (!c)
		return json_null();
	ticks = json_array();
	up_to = json_array();
	for (size_t i = 0; i < c->points; i++) {
		json_array_append_new(ticks, json_integer(c->ticks[i]));
		json_array_append_new(up_to, json_integer((json_int_t)c->up_to[i]));
	}
	return json_pack("{s:f, s:o, s:o}", "per_tick", c->per_tick, "ticks", ticks, "up_to",
			 up_to);
}

static json_t *cell_json(const struct cell *c)
{
	json_t *o = json_pack("{s:I, s:I, s:I, s:I, s:o}", "boots", (json_int_t)c->boots, "samples",
			      (json_int_t)c->samples, "ok", (json_int_t)c->ok, "attempted",
			      (json_int_t)c->attempted, "skipped", json_string_or_null(c->skipped));

	if (!c->boots)
		return o;
	json_object_set_new(o, "value", json_real_or_null(c->value));
	json_object_set_new(o, "extremes", pair(c->low, c->high));
	json_object_set_new(o, "interval", pair(c->interval.low, c->interval.high));
	json_object_set_new(o, "spread_pct", pair(c->boot_sd_pct, c->run_sd_pct));
	json_object_set_new(o, "warm_up", json_integer((json_int_t)c->warm_up));
	json_object_set_new(o, "percentiles",
			    c->samples ? numbers(c->percentile, N_PERCENTILES) : json_null());
	json_object_set_new(o, "each", each_json(c));
	json_object_set_new(o, "curve", curve_json(c->curve));
	return o;
}

static json_t *row_cells(const struct table *t, const struct row *row)
{
	json_t *cells = json_array();

	for (size_t k = 0; k < t->kernels; k++)
		json_array_append_new(cells, cell_json(&row->cell[k]));
	return json_pack("{s:s, s:O, s:b, s:o, s:o, s:s, s:o}", "case", row->case_name, "params",
			 row->params, "control", row->control, "metric",
			 json_string_or_null(row->metric), "unit", json_string_or_null(row->unit),
			 "better", better_name(row->better), "cells", cells);
}

json_t *hub_measured(const struct table *t)
{
	json_t *list = json_array();

	for (size_t i = 0; i < t->rows; i++)
		json_array_append_new(list, row_cells(t, &t->row[i]));
	return list;
}

double hub_number(json_t *object, const char *key, const char *path)
{
	json_t *value = json_object_get(object, key);

	if (!value || !(json_is_null(value) || json_is_number(value)))
		die_usage("%s: \"%s\" is neither a number nor null", path, key);
	return json_is_null(value) ? NAN : json_number_value(value);
}

const char *hub_text(json_t *object, const char *key, const char *path)
{
	json_t *value = json_object_get(object, key);

	if (!value || !(json_is_null(value) || json_is_string(value)))
		die_usage("%s: \"%s\" is neither a text nor null", path, key);
	return json_string_value(value);
}

/* Two numbers, or null. */
void hub_pair(json_t *object, const char *key, double *low, double *high, const char *path)
{
	json_t *two = json_object_get(object, key);

	*low = *high = NAN;
	if (json_is_null(two))
		return;
	if (json_array_size(two) != 2 || !json_is_number(json_array_get(two, 0)) ||
	    !json_is_number(json_array_get(two, 1)))
		die_usage("%s: \"%s\" is neither two numbers nor null", path, key);
	*low = json_number_value(json_array_get(two, 0));
	*high = json_number_value(json_array_get(two, 1));
}

static void read_percentiles(json_t *list, double *percentile, const char *path)
{
	for (size_t i = 0; i < N_PERCENTILES; i++)
		percentile[i] = NAN;
	if (!list || json_is_null(list))
		return;
	if (json_array_size(list) != N_PERCENTILES)
		die_usage("%s: \"percentiles\" are not %d numbers", path, N_PERCENTILES);
	for (size_t i = 0; i < N_PERCENTILES; i++)
		if (json_is_number(json_array_get(list, i)))
			percentile[i] = json_number_value(json_array_get(list, i));
}

static size_t count(json_t *object, const char *key, const char *path)
{
	return (size_t)bounds_int(object, key, 0, BOUNDS_NUMBER, path);
}

static void read_runs(struct boot *b, json_t *runs, const char *path)
{
	json_t *value;
	size_t i;

	b->runs = json_array_size(runs);
	if (!b->runs || b->runs > MOST_RUNS)
		die_usage("%s: a boot of %zu runs; from 1 to %d can be", path, b->runs, MOST_RUNS);
	b->run = xcalloc(b->runs, sizeof(*b->run));
	json_array_foreach(runs, i, value)
		b->run[i] = bounds_value(value, "runs", path);
}

static struct boot read_boot(const struct table *t, json_t *o, const char *path)
{
	struct boot b = { 0 };

	b.directory = (size_t)bounds_int(o, "plan", 0, (json_int_t)t->plans - 1, path);
	b.block = (size_t)bounds_int(o, "block", 0, BOUNDS_NUMBER, path);
	b.value = bounds_value(json_object_get(o, "value"), "value", path);
	read_runs(&b, json_need(o, "runs", JSON_ARRAY, path), path);
	read_percentiles(json_object_get(o, "percentiles"), b.percentile, path);
	if (json_object_get(o, "samples")) {
		b.samples = count(o, "samples", path);
		b.warm_up = count(o, "warm_up", path);
	}
	return b;
}

static void read_each(const struct table *t, struct cell *cell, json_t *each, const char *path)
{
	json_t *o;
	size_t i;

	if (json_is_null(each))
		return;
	if (json_array_size(each) != cell->boots)
		die_usage("%s: %zu boots, and values of %zu", path, cell->boots,
			  json_array_size(each));
	cell->boot = xcalloc(cell->boots, sizeof(*cell->boot));
	json_array_foreach(each, i, o)
		cell->boot[i] = read_boot(t, o, path);
}

static json_int_t next_of(json_t *list, size_t i, json_int_t before, json_int_t most,
			  const char *path)
{
	json_t *value = json_array_get(list, i);
	json_int_t n = json_integer_value(value);

	if (!json_is_integer(value) || n <= before || n > most)
		die_usage("%s: a curve that does not rise, or rises too far", path);
	return n;
}

static struct curve *read_curve(const struct cell *cell, json_t *o, const char *path)
{
	json_t *ticks, *up_to;
	struct curve *c;
	json_int_t at = -1, share = 0;

	if (json_is_null(o))
		return NULL;
	c = xcalloc(1, sizeof(*c));
	ticks = json_need(o, "ticks", JSON_ARRAY, path);
	up_to = json_need(o, "up_to", JSON_ARRAY, path);
	c->per_tick = bounds_value(json_object_get(o, "per_tick"), "per_tick", path);
	c->points = json_array_size(ticks);
	if (!c->points || c->points > MOST_POINTS || json_array_size(up_to) != c->points)
		die_usage("%s: a curve of %zu and %zu points", path, c->points,
			  json_array_size(up_to));
	c->ticks = xcalloc(c->points, sizeof(*c->ticks));
	c->up_to = xcalloc(c->points, sizeof(*c->up_to));
	for (size_t i = 0; i < c->points; i++) {
		at = next_of(ticks, i, at, UINT32_MAX, path);
		share = next_of(up_to, i, share, (json_int_t)cell->samples, path);
		c->ticks[i] = (uint32_t)at;
		c->up_to[i] = (uint64_t)share;
	}
	return c;
}

static void read_values(const struct table *t, struct cell *c, json_t *o, const char *path)
{
	c->value = bounds_value(json_object_get(o, "value"), "value", path);
	hub_pair(o, "extremes", &c->low, &c->high, path);
	hub_pair(o, "interval", &c->interval.low, &c->interval.high, path);
	/* The value, but for its last bit, which must not make an interval of none. */
	c->interval.estimate = c->interval.low == c->interval.high ? c->interval.low : c->value;
	hub_pair(o, "spread_pct", &c->boot_sd_pct, &c->run_sd_pct, path);
	read_percentiles(json_object_get(o, "percentiles"), c->percentile, path);
	c->warm_up = count(o, "warm_up", path);
	read_each(t, c, json_object_get(o, "each"), path);
	c->curve = read_curve(c, json_object_get(o, "curve"), path);
}

static void read_cell(const struct table *t, struct cell *c, json_t *o, const char *path)
{
	const char *skipped = hub_text(o, "skipped", path);

	c->boots = (size_t)bounds_int(o, "boots", 0, HUB_MOST_BOOTS, path);
	c->samples = count(o, "samples", path);
	c->ok = count(o, "ok", path);
	c->attempted = count(o, "attempted", path);
	if (c->ok > c->attempted)
		die_usage("%s: more pages succeeded than were attempted", path);
	if (skipped) {
		check_skipped(skipped, path);
		c->skipped = xstrdup(skipped);
	}
	c->value = c->low = c->high = c->boot_sd_pct = c->run_sd_pct = NAN;
	c->interval = (struct stats_interval){ NAN, NAN, NAN };
	read_percentiles(NULL, c->percentile, path);
	if (c->boots)
		read_values(t, c, o, path);
}

static void read_names(struct row *row, json_t *o, const char *path)
{
	const char *name = json_need_string(o, "case", path);
	const char *metric = hub_text(o, "metric", path), *unit = hub_text(o, "unit", path);

	if (!name_is_word(name) || (metric && !name_is_word(metric)))
		die_usage("%s: \"%s\" is no name of a case, or of a metric", path,
			  name_is_word(name) ? metric : name);
	if (!metric != !unit || (unit && *unit && !name_is_label(unit)))
		die_usage("%s: %s: a metric has a unit, samples have the table's", path, name);
	row->case_name = xstrdup(name);
	row->params = json_incref(json_need(o, "params", JSON_OBJECT, path));
	bounds_params(row->params, path);
	row->metric = metric ? xstrdup(metric) : NULL;
	row->unit = unit ? xstrdup(unit) : NULL;
	row->control = json_is_true(json_object_get(o, "control"));
	row->better = check_better(json_need_string(o, "better", path), path);
}

void hub_read_measured(struct table *t, json_t *measured, const char *path)
{
	json_t *o, *cells;
	size_t i, k;

	t->rows = json_array_size(measured);
	if (t->rows > HUB_MOST_ROWS)
		die_usage("%s: %zu rows; %d at most", path, t->rows, HUB_MOST_ROWS);
	t->row = xcalloc(t->rows + 1, sizeof(*t->row));
	json_array_foreach(measured, i, o) {
		read_names(&t->row[i], o, path);
		cells = json_need(o, "cells", JSON_ARRAY, path);
		if (json_array_size(cells) != t->kernels)
			die_usage("%s: values of %zu kernels in a row, of %zu in all", path,
				  json_array_size(cells), t->kernels);
		for (k = 0; k < t->kernels; k++)
			read_cell(t, &t->row[i].cell[k], json_array_get(cells, k), path);
	}
}
