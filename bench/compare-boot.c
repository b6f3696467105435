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

#include "compare.h"
#include "lib/die.h"
#include "lib/json.h"
#include "lib/samples.h"

const double percentile_q[N_PERCENTILES] = { 0.5, 0.9, 0.99, 0.999 };
const char *const percentile_name[N_PERCENTILES] = { "p50", "p90", "p99", "p99.9" };

static const struct {
	const char *option, *key, *words;
	double q; /* 0: the mean */
} metrics[] = {
	[METRIC_MEDIAN] = { "median", "median_per_page", "median of the samples", 0.5 },
	[METRIC_MEAN] = { "mean", "mean_per_page", "mean of the samples", 0 },
	[METRIC_P90] = { "p90", "p90_per_page", "90th percentile of the samples", 0.9 },
	[METRIC_P99] = { "p99", "p99_per_page", "99th percentile of the samples", 0.99 },
	[METRIC_P999] = { "p999", "p99.9_per_page", "99.9th percentile of the samples", 0.999 },
};

int metric_find(const char *name, enum metric *metric)
{
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++) {
		if (!strcmp(metrics[i].option, name)) {
			*metric = (enum metric)i;
			return 1;
		}
	}
	return 0;
}

const char *metric_words(enum metric metric)
{
	return metrics[metric].words;
}

const char *metric_key(enum metric metric)
{
	return metrics[metric].key;
}

const char *metric_option(enum metric metric)
{
	return metrics[metric].option;
}

struct row *table_row(struct table *t, const char *name, json_t *params, int control)
{
	struct row *row;

	for (size_t i = 0; i < t->rows; i++)
		if (!strcmp(t->row[i].case_name, name) && json_equal(t->row[i].params, params))
			return &t->row[i];
	t->row = realloc(t->row, (t->rows + 1) * sizeof(*t->row));
	if (!t->row)
		die("out of memory for %zu rows", t->rows + 1);
	row = &t->row[t->rows++];
	memset(row, 0, sizeof(*row));
	row->case_name = xstrdup(name);
	row->params = json_incref(params);
	row->control = control;
	return row;
}

static double mean(const uint32_t *ticks, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += ticks[i];
	return sum / (double)n;
}

/* One combination of parameters in one boot, its runs' samples behind each other. */
struct gather {
	struct boot boot;
	uint32_t *ticks;
	double scale, pages; /* of a tick; of a sample */
	json_t *params;
};

static double per_page(const struct gather *g, double ticks)
{
	return g->scale * ticks / g->pages;
}

/* Can @n samples say between which two of them the @i-th percentile lies?  Most
 * rows have equally many, and the answer costs more than the percentile. */
static int is_bounded(size_t n, size_t i)
{
	static struct {
		size_t n;
		int bounded;
	} last[N_PERCENTILES];
	size_t low, high;

	if (last[i].n != n) {
		last[i].n = n;
		last[i].bounded =
			stats_quantile_ranks(n, percentile_q[i], COMPARE_CONFIDENCE, &low, &high);
	}
	return last[i].bounded;
}

/* Percentiles of all samples of a boot. */
static void set_percentiles(struct gather *g)
{
	size_t n = g->boot.samples;

	for (size_t i = 0; i < N_PERCENTILES; i++)
		g->boot.percentile[i] =
			is_bounded(n, i) ? per_page(g, stats_quantile(g->ticks, n, percentile_q[i]))
					 : NAN;
}

/* @ticks, which are sorted here, are one run's. */
static double run_value(const struct table *t, uint32_t *ticks, size_t n)
{
	double q = metrics[t->metric].q;

	if (q == 0)
		return mean(ticks, n);
	stats_sort(ticks, n);
	return stats_quantile(ticks, n, q);
}

/*
 * By how much another run's value would differ only for having other samples,
 * relative and squared: half the width of the quantile's interval is 1.96 of that.
 */
static double sampling_variance(const struct table *t, const uint32_t *sorted, size_t n)
{
	double q = metrics[t->metric].q, value;
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
	g->ticks = realloc(g->ticks, (b->samples + n) * sizeof(*ticks));
	b->run = realloc(b->run, (b->runs + 1) * sizeof(*b->run));
	if (!g->ticks || !b->run)
		die("out of memory for %zu samples", b->samples + n);
	own = g->ticks + b->samples;
	memcpy(own, ticks, n * sizeof(*ticks));
	b->samples += n;
	b->run[b->runs++] = per_page(g, run_value(t, own, n));
	if (t->pilot)
		b->sampling += sampling_variance(t, own, n);
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
	if (b->runs > 1 || metrics[t->metric].q == 0)
		stats_sort(g->ticks, b->samples);
	set_percentiles(g);
	cell->samples += b->samples;
	cell->boot = realloc(cell->boot, (cell->boots + 1) * sizeof(*cell->boot));
	if (!cell->boot)
		die("out of memory for %zu boots", cell->boots + 1);
	cell->boot[cell->boots++] = *b;
}

/* Only like is compared with like: the first file of all sets the terms. */
static void check_terms(struct table *t, json_t *file, const char *path)
{
	const char *mode = json_need_string(file, "mode", path);
	json_int_t pages = json_need_int(file, "pages", path);

	if (!t->pages)
		t->pages = pages;
	if (strcmp(mode, t->mode))
		die_usage(
			"%s: mode %s, elsewhere %s; results of different modes are never compared",
			path, mode, t->mode);
	if (pages != t->pages)
		die_usage("%s: %lld pages of work, elsewhere %lld; only equal work can be compared",
			  path, (long long)pages, (long long)t->pages);
	if (!t->unit)
		t->unit = xstrdup(strcmp(mode, "timing") ? json_need_string(file, "unit", path)
							 : "ns");
	if (!json_is_true(json_object_get(file, "complete")))
		table_doubt(t, xasprintf("%s is incomplete: the run ended early", path));
}

static struct gather *find_gather(struct gather **list, size_t *n, json_t *params)
{
	for (size_t i = 0; i < *n; i++)
		if (json_equal((*list)[i].params, params))
			return &(*list)[i];
	*list = realloc(*list, (*n + 1) * sizeof(**list));
	if (!*list)
		die("out of memory for %zu results", *n + 1);
	memset(&(*list)[*n], 0, sizeof(**list));
	(*list)[*n].params = json_incref(params);
	return &(*list)[(*n)++];
}

/* Returns the row's samples to @list, its counts to the table. */
static void load_result(struct table *t, size_t k, struct samples *file, json_t *result,
			struct gather **list, size_t *n, size_t run, double scale, const char *path)
{
	json_t *params = json_need(result, "params", JSON_OBJECT, path);
	struct row *row = table_row(t, json_need_string(file->root, "case", path), params,
				    json_is_true(json_object_get(file->root, "control")));
	const char *skipped = json_string_value(json_object_get(result, "skipped"));
	struct cell *cell = &row->cell[k];
	struct gather *g = find_gather(list, n, params);
	json_int_t pages;
	uint32_t *ticks;
	size_t samples;

	if (skipped) {
		free(cell->skipped);
		cell->skipped = xstrdup(skipped);
		return;
	}
	ticks = samples_of(file, json_need(result, "ticks", JSON_ARRAY, path), &samples, path);
	pages = json_need_int(result, "pages_per_sample", path);
	if (pages < 1)
		die_usage("%s: samples of %lld pages", path, (long long)pages);
	if (!samples)
		die_usage("%s: a result without samples", path);
	if (g->boot.runs >= run)
		die_usage(
			"%s: two results for the same parameters; repetitions inside a run are not compared",
			path);
	g->scale = scale;
	g->pages = (double)pages;
	add_run(t, g, ticks, samples);
	cell->ok += (uint64_t)json_need_int(result, "ok", path);
	cell->attempted += (uint64_t)json_need_int(result, "attempted", path);
}

static double median_ticks(struct samples *file, json_t *array, const char *path)
{
	size_t n;
	uint32_t *ticks = samples_of(file, array, &n, path);

	return n ? stats_median_low(ticks, n) : 0;
}

/* Keep what the module's loop spends in a call and between two, from the first
 * result: medians, so that an interrupt belongs to neither. */
static void keep_loop(struct kernel *kernel, struct samples *file, const char *path)
{
	json_t *result = json_array_get(json_object_get(file->root, "results"), 0);
	json_t *gaps = json_object_get(result, "gaps");

	if (kernel->loop_call || !json_is_array(gaps))
		return;
	kernel->loop_call = median_ticks(file, json_object_get(result, "ticks"), path);
	kernel->loop_gap = median_ticks(file, gaps, path);
}

static void load_run(struct table *t, size_t k, const char *path, const char *name,
		     struct gather **list, size_t *n, size_t run, double scale)
{
	struct samples *file = samples_read(path, "dexbench.case.v1");
	json_t *result;
	size_t i;

	check_terms(t, file->root, path);
	json_array_foreach(json_need(file->root, "results", JSON_ARRAY, path), i, result)
		load_result(t, k, file, result, list, n, run, scale, path);
	env_conditions(t, k, file->root, path);
	if (!strcmp(name, "convert_latency"))
		keep_loop(&t->kernel[k], file, path);
	samples_free(file);
}

void boot_load(struct table *t, size_t k, const char *directory, size_t block, const char *name,
	       double scale, size_t runs)
{
	struct gather *list = NULL;
	size_t n = 0;

	for (size_t run = 1; run <= runs; run++) {
		char *path = run == 1 ? xasprintf("%s/%s.json", directory, name)
				      : xasprintf("%s/%s.run%zu.json", directory, name, run);

		load_run(t, k, path, name, &list, &n, run, scale);
		free(path);
	}
	for (size_t i = 0; i < n; i++) {
		list[i].boot.block = block;
		finish(t, k, table_row(t, name, list[i].params, 0), &list[i]);
		json_decref(list[i].params);
		free(list[i].ticks);
	}
	free(list);
}
