// SPDX-License-Identifier: MIT
/*
 * What services that watch benchmarks take: Google Benchmark's JSON, and Bencher's own.
 *
 * Google Benchmark has units of time and no other, and its readers refuse an entry without one.  So
 * what is no time is said to be none wherever the format has room for words: in each name's last
 * part, in the label, in the context, and in what kind of entry it is.  Who can take Bencher's own
 * should: there a number has the unit that it has.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "lib/core/die.h"
#include "lib/core/fields.h"

const char *tick_unit(const struct table *t)
{
	return t->unit ? t->unit : "ticks";
}

char *value_unit(const struct table *t, const struct row *row)
{
	return row->metric ? xstrdup(row->unit) : xasprintf("%s/page", tick_unit(t));
}

size_t boot_iterations(const struct boot *boot)
{
	return boot->samples ? boot->samples : 1;
}

void need_single_boots(const struct table *t, const char *format)
{
	for (size_t i = 0; i < t->rows; i++)
		for (size_t k = 0; k < t->kernels; k++)
			if (t->row[i].cell[k].boots && !t->row[i].cell[k].boot)
				die_usage(
					"--format=%s has a value a boot, and this file has values of all boots together; compare the boots",
					format);
}

static char *json_line(json_t *root)
{
	char *text = json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
	char *line = xasprintf("%s\n", text);

	json_decref(root);
	free(text);
	return line;
}

/* "folio-6.12/some_case/notifier:yes", of the row's samples and of all its metrics. */
static char *bench_name(const struct table *t, size_t k, const struct row *row)
{
	char *params = fields_params(row->params, "/", ":");
	char *name = xasprintf("%s/%s%s%s", t->kernel[k].label, row->case_name, *params ? "/" : "",
			       params);

	free(params);
	return name;
}

/* What is measured, as the last part of a name: a metric, or what the samples are made of. */
static const char *measured(const struct table *t, const struct row *row)
{
	if (row->metric)
		return row->metric;
	return strcmp(t->mode, "timing") ? tick_unit(t) : NULL;
}

/*
 * One boot is one repetition.  What is no time is called the aggregate that it is besides, because
 * compare.py would take anything else for seconds in its geometric mean.
 */
static json_t *gbench_entry(const struct table *t, size_t k, size_t r, size_t b)
{
	const struct row *row = &t->row[r];
	const struct boot *boot = &row->cell[k].boot[b];
	const char *what = measured(t, row);
	char *base = bench_name(t, k, row), *unit = value_unit(t, row);
	char *name = xasprintf("%s%s%s", base, what ? "/" : "", what ? what : "");
	json_t *o = json_pack("{s:s, s:i, s:s, s:s, s:I, s:I, s:i, s:I, s:f, s:f, s:s, s:s}",
			      "name", name, "family_index", (int)r, "run_name", name, "run_type",
			      what ? "aggregate" : "iteration", "repetitions",
			      (json_int_t)row->cell[k].boots, "repetition_index", (json_int_t)b,
			      "threads", 1, "iterations", (json_int_t)boot_iterations(boot),
			      "real_time", boot->value, "cpu_time", boot->value, "time_unit", "ns",
			      "label", unit);

	if (what)
		json_object_set_new(o, "aggregate_name", json_string(metric_option(t->metric)));
	free(base);
	free(unit);
	free(name);
	return o;
}

/* What the format cannot say in its own words. */
static const char *unit_note(const struct table *t)
{
	return strcmp(t->mode, "timing")
		       ? "no entry is a time: real_time is in the unit of its label; time_unit is "
			 "there because readers of this format ask for one"
		       : "real_time is in the unit of its label: ns, or a metric's own";
}

char *report_gbench(const struct table *t)
{
	json_t *list = json_array();
	json_t *version = json_object_get(t->kernel[0].run, "dexbench");

	need_single_boots(t, "gbench");
	for (size_t k = 0; k < t->kernels; k++)
		for (size_t r = 0; r < t->rows; r++)
			for (size_t b = 0; b < t->row[r].cell[k].boots; b++)
				json_array_append_new(list, gbench_entry(t, k, r, b));
	return json_line(json_pack("{s:{s:s, s:O?, s:s, s:s, s:s, s:[]}, s:o}", "context",
				   "executable", "dexbench", "dexbench", version, "dexbench_mode",
				   t->mode, "dexbench_metric", metric_option(t->metric),
				   "dexbench_unit", unit_note(t), "caches", "benchmarks", list));
}

/* An interval only where there is one: exact values have none. */
static json_t *bmf_value(const struct table *t, const struct cell *cell)
{
	struct stats_interval i = cell_interval(t, cell);
	json_t *o = json_pack("{s:f}", "value", cell_value(t, cell));

	if (isfinite(i.low) && isfinite(i.high)) {
		json_object_set_new(o, "lower_value", json_real(i.low));
		json_object_set_new(o, "upper_value", json_real(i.high));
	}
	return o;
}

static void bmf_row(json_t *root, const struct table *t, size_t k, const struct row *row)
{
	char *name = bench_name(t, k, row), *unit = value_unit(t, row);
	char *measure = row->metric ? xasprintf("%s%s%s%s", row->metric, *unit ? " (" : "", unit,
						*unit ? ")" : "")
				    : xstrdup(unit);
	json_t *of = json_object_get(root, name);

	if (!of) {
		of = json_object();
		json_object_set_new(root, name, of);
	}
	json_object_set_new(of, measure, bmf_value(t, &row->cell[k]));
	free(measure);
	free(unit);
	free(name);
}

char *report_bmf(const struct table *t)
{
	json_t *root = json_object();

	for (size_t k = 0; k < t->kernels; k++)
		for (size_t r = 0; r < t->rows; r++)
			if (isfinite(cell_value(t, &t->row[r].cell[k])))
				bmf_row(root, t, k, &t->row[r]);
	return json_line(root);
}
