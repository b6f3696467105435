// SPDX-License-Identifier: MIT
/*
 * Samples become one number a boot.  Samples of one process depend on each other
 * and so do processes of one boot; the boot is what can be repeated, so it gets
 * one value: the mean over its runs of what the metric makes of each run.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results.h"
#include "results/known.h"
#include "results/load.h"
#include "lib/core/bounds.h"
#include "lib/core/die.h"
#include "lib/core/json.h"
#include "lib/core/samples.h"

#define MOST_ROWS (1 << 14) /* each is looked for among all */

const double percentile_q[N_PERCENTILES] = { 0.5, 0.9, 0.99, 0.999 };
const char *const percentile_name[N_PERCENTILES] = { "p50", "p90", "p99", "p99.9" };

static int same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static struct row *table_row(struct table *t, const char *name, json_t *params, const char *metric)
{
	struct row *row;

	for (size_t i = 0; i < t->rows; i++)
		if (!strcmp(t->row[i].case_name, name) && same_text(t->row[i].metric, metric) &&
		    json_equal(t->row[i].params, params))
			return &t->row[i];
	if (t->rows == MOST_ROWS)
		die_usage("%s: with it the results have more than %d rows; choose cases by --case",
			  name, MOST_ROWS);
	t->row = xrealloc(t->row, t->rows + 1, sizeof(*t->row));
	row = &t->row[t->rows++];
	memset(row, 0, sizeof(*row));
	row->case_name = xstrdup(name);
	row->params = json_incref(params);
	row->metric = metric ? xstrdup(metric) : NULL;
	row->better = BETTER_LOWER;
	return row;
}

/* One combination of parameters in one boot, its runs' samples behind each other. */
struct gather {
	struct boot boot;
	uint32_t *ticks;
	double scale, pages; /* of a tick; that one sample made, failures taken off */
	json_t *params;
	const char *metric; /* or NULL: samples */
};

static double per_page(const struct gather *g, double ticks)
{
	return g->scale * ticks / g->pages;
}

/* Percentiles of all samples of a boot. */
static void set_percentiles(struct gather *g)
{
	size_t n = g->boot.samples;

	for (size_t i = 0; i < N_PERCENTILES; i++)
		g->boot.percentile[i] =
			metric_bounded(n, i)
				? per_page(g, stats_quantile(g->ticks, n, percentile_q[i]))
				: NAN;
}

/*
 * By how much another run's value would differ only for having other samples,
 * relative and squared: half the width of the quantile's interval is 1.96 of that.
 */
static double sampling_variance(const struct table *t, const uint32_t *sorted, size_t n)
{
	double q = metric_quantile(t->metric), value;
	size_t low, high;

	if (q == 0 || !stats_quantile_ranks(n, q, COMPARE_CONFIDENCE, &low, &high))
		return 0;
	value = stats_quantile(sorted, n, q);
	return value > 0 ? pow((sorted[high] - sorted[low]) / (2 * 1.96 * value), 2) : 0;
}

static void add_run(const struct table *t, struct gather *g, const uint32_t *ticks, size_t n)
{
	struct boot *b = &g->boot;
	uint32_t *own;

	if (!t->exact) {
		size_t warm_up = stats_warm_up(ticks, n);

		b->warm_up = warm_up > b->warm_up ? warm_up : b->warm_up;
	}
	g->ticks = xrealloc(g->ticks, b->samples + n, sizeof(*ticks));
	b->run = xrealloc(b->run, b->runs + 1, sizeof(*b->run));
	own = g->ticks + b->samples;
	memcpy(own, ticks, n * sizeof(*ticks));
	b->samples += n;
	b->run[b->runs++] = per_page(g, metric_of(t->metric, own, n));
	if (t->load->pilot)
		b->sampling += sampling_variance(t, own, n);
}

/* Of all others the samples have said what they have to say. */
static int keeps(const struct table *t, const struct row *row)
{
	return t->load->keep || (!row->metric && known_draws(row->case_name, "distribution"));
}

static void finish(struct table *t, size_t k, struct row *row, struct gather *g)
{
	struct cell *cell = &row->cell[k];
	struct boot *b = &g->boot;

	if (!b->runs)
		return;
	for (size_t i = 0; i < b->runs; i++)
		b->value += b->run[i];
	b->value /= (double)b->runs;
	b->sampling /= (double)b->runs;
	b->directory = t->kernel[k].directory;
	if (b->samples && (b->runs > 1 || metric_quantile(t->metric) == 0))
		stats_sort(g->ticks, b->samples);
	set_percentiles(g);
	if (b->samples && keeps(t, row)) {
		b->ticks = g->ticks;
		b->per_tick = per_page(g, 1);
		g->ticks = NULL;
	}
	cell->samples += b->samples;
	cell->boot = xrealloc(cell->boot, cell->boots + 1, sizeof(*cell->boot));
	cell->boot[cell->boots++] = *b;
}

/* Only like is compared with like: the first file of all sets the terms. */
static void check_terms(struct table *t, json_t *file, const char *name, size_t run,
			const char *path)
{
	const char *mode = json_need_string(file, "mode", path);
	const char *own = json_need_string(file, "case", path);
	json_int_t pages = json_need_int(file, "pages", path);

	if (strcmp(own, name))
		die_usage("%s: results of case %s; give the file its own name back", path, own);
	if (strcmp(mode, t->mode))
		die_usage(
			"%s: mode %s, elsewhere %s; results of different modes are never compared",
			path, mode, t->mode);
	check_file(t, file, run, path);
	if (!t->pages)
		t->pages = pages;
	if (pages != t->pages)
		die_usage("%s: %lld pages of work, elsewhere %lld; only equal work can be compared",
			  path, (long long)pages, (long long)t->pages);
	if (!t->unit)
		t->unit = xstrdup(strcmp(mode, "timing") ? json_need_string(file, "unit", path)
							 : "ns");
	if (!json_is_true(json_object_get(file, "complete")))
		table_note(t, FACT_INCOMPLETE,
			   xasprintf("%s is incomplete: the run ended early", path));
}

/* All rows of one case in one boot. */
struct rows {
	struct gather *list;
	size_t n;
	const char *name, *path;
	size_t run; /* how many of its runs are read, this one with them */
};

static struct gather *find_gather(struct rows *rows, json_t *params, const char *metric)
{
	struct gather *g;

	for (size_t i = 0; i < rows->n; i++)
		if (same_text(rows->list[i].metric, metric) &&
		    json_equal(rows->list[i].params, params))
			return &rows->list[i];
	rows->list = xrealloc(rows->list, rows->n + 1, sizeof(*rows->list));
	g = &rows->list[rows->n++];
	memset(g, 0, sizeof(*g));
	g->params = json_incref(params);
	g->metric = metric ? xstrdup(metric) : NULL;
	return g;
}

static void must_be_run(const struct boot *b, size_t run, const char *path)
{
	if (b->runs >= run)
		die_usage(
			"%s: two results for the same parameters; repetitions inside a run are not compared",
			path);
}

/* Values of two units, or of two directions, are no values of one row. */
static void must_be_alike(const struct row *row, const char *unit, enum better better,
			  const char *path)
{
	if (row->unit && (strcmp(row->unit, unit) || row->better != better))
		die_usage("%s: metric %s in \"%s\", elsewhere in \"%s\", or better the other way",
			  path, row->metric, unit, row->unit);
}

/* A result besides the samples: a row of its own, one value a run. */
static void load_metric(struct table *t, size_t k, struct rows *rows, json_t *result, json_t *m,
			double scale)
{
	json_t *params = json_object_get(result, "params");
	double value = json_number_value(json_object_get(m, "value"));
	const char *name;
	char *unit;
	struct row *row;
	struct boot *b;
	enum better better;

	check_metric(m, rows->path);
	name = json_need_string(m, "name", rows->path);
	unit = metric_unit(t, json_need_string(m, "unit", rows->path), scale, &value);
	better = check_better(json_need_string(m, "better", rows->path), rows->path);
	if (!strcmp(name, ASSERTION)) /* its samples are no cost */
		table_row(t, rows->name, params, NULL)->better = BETTER_NEITHER;
	row = table_row(t, rows->name, params, name);
	must_be_alike(row, unit, better, rows->path);
	b = &find_gather(rows, params, name)->boot;
	must_be_run(b, rows->run, rows->path);
	free(row->unit);
	row->unit = unit;
	row->better = better;
	row->cell[k].ok += (uint64_t)json_need_int(result, "ok", rows->path);
	row->cell[k].attempted += (uint64_t)json_need_int(result, "attempted", rows->path);
	b->run = xrealloc(b->run, b->runs + 1, sizeof(*b->run));
	b->run[b->runs++] = value;
}

/* Counters, scaled and per page, are metrics that are neither good nor bad; one
 * that could not be had has its reason in the case's file. */
static void load_counters(struct table *t, size_t k, struct rows *rows, json_t *result)
{
	const char *name;
	json_t *counter;

	json_object_foreach(json_object_get(result, "counters"), name, counter) {
		json_t *per_page = json_object_get(counter, "per_page"), *m;

		if (!json_is_number(per_page))
			continue;
		m = json_pack("{s:s, s:s, s:s, s:O}", "name", name, "unit", COUNTER_UNIT, "better",
			      "neither", "value", per_page);
		load_metric(t, k, rows, result, m, 1);
		json_decref(m);
	}
}

static void skip(struct cell *cell, const char *why)
{
	free(cell->skipped);
	cell->skipped = xstrdup(why);
}

/* The cost is that of a success: where some failed, each sample made so much less. */
static void load_samples(struct table *t, size_t k, struct rows *rows, struct samples *file,
			 json_t *result, double scale)
{
	json_t *params = json_object_get(result, "params");
	struct cell *cell = &table_row(t, rows->name, params, NULL)->cell[k];
	size_t samples;
	uint32_t *ticks = samples_of(file, json_need(result, "ticks", JSON_ARRAY, rows->path),
				     &samples, rows->path);
	struct gather *g = find_gather(rows, params, NULL);
	json_int_t ok, attempted;
	char *why;

	bounds_samples(result, ticks, samples, rows->path);
	ok = json_need_int(result, "ok", rows->path);
	attempted = json_need_int(result, "attempted", rows->path);
	must_be_run(&g->boot, rows->run, rows->path);
	cell->ok += (uint64_t)ok;
	cell->attempted += (uint64_t)attempted;
	if (!ok) {
		skip(cell, "nothing succeeded, so there is no cost of a success");
		return;
	}
	why = metric_unbounded(t->metric, samples);
	if (why) {
		skip(cell, why);
		free(why);
		return;
	}
	g->scale = scale;
	g->pages = (double)json_need_int(result, "pages_per_sample", rows->path) * (double)ok /
		   (double)attempted;
	g->boot.stamps = json_number_value(json_object_get(result, "stamps_per_sample")) / g->pages;
	add_run(t, g, ticks, samples);
}

static void load_result(struct table *t, size_t k, struct rows *rows, struct samples *file,
			json_t *result, double scale)
{
	json_t *params = json_need(result, "params", JSON_OBJECT, rows->path), *m;
	const char *skipped = json_string_value(json_object_get(result, "skipped"));
	struct row *row;
	size_t i;

	bounds_params(params, rows->path);
	row = table_row(t, rows->name, params, NULL);
	row->control = json_is_true(json_object_get(file->root, "control"));
	if (skipped) {
		check_skipped(skipped, rows->path);
		skip(&row->cell[k], skipped);
		return;
	}
	load_samples(t, k, rows, file, result, scale);
	json_array_foreach(json_object_get(result, "metrics"), i, m)
		load_metric(t, k, rows, result, m, scale);
	load_counters(t, k, rows, result);
}

/* What a case says of itself is said once. */
static void keep_words(struct table *t, const char *name, json_t *file, const char *path)
{
	json_t *words = json_object();

	json_object_set(words, "sizes", check_sizes(t, name, file, path));
	json_object_set(words, "fit", json_object_get(file, "fit"));
	json_object_set(words, "predictions", json_object_get(file, "predictions"));
	json_object_set(words, "resolution_pct", json_object_get(file, "resolution_pct"));
	json_object_set_new(t->cases_said, name, words);
}

static void load_run(struct table *t, size_t k, struct rows *rows, size_t run, double scale)
{
	struct samples *file;
	json_t *result;
	size_t i;

	file = samples_read(rows->path, "dexbench.case.v1");
	check_terms(t, file->root, rows->name, run, rows->path);
	keep_words(t, rows->name, file->root, rows->path);
	json_array_foreach(json_need(file->root, "results", JSON_ARRAY, rows->path), i, result)
		load_result(t, k, rows, file, result, scale);
	env_conditions(t, k, file->root, rows->path);
	if (known_is(rows->name, "shows_loop"))
		loop_load(t->load, k, file, rows->path);
	samples_free(file);
}

void boot_load(struct table *t, size_t k, const char *directory, size_t block, const char *name,
	       double scale, size_t runs)
{
	struct rows rows = { .name = name };

	for (size_t run = 1; run <= runs; run++) {
		char *path = run_path(t, directory, name, run);

		rows.path = path;
		rows.run += !!path;
		if (path)
			load_run(t, k, &rows, run, scale);
		free(path);
	}
	for (size_t i = 0; i < rows.n; i++) {
		struct gather *g = &rows.list[i];

		g->boot.block = block;
		finish(t, k, table_row(t, name, g->params, g->metric), g);
		json_decref(g->params);
		free((char *)g->metric);
		free(g->ticks);
	}
	free(rows.list);
}
