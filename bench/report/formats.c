// SPDX-License-Identifier: MIT
/*
 * The same numbers for other people's tools: tab-separated values, Go's
 * benchmark format (golang.org/design/14313-benchmark-format, with the unit lines
 * of golang.org/x/perf/benchfmt), Google Benchmark's JSON.
 *
 * Those two get one value a boot, never one a sample: their tests take values
 * for independent, and samples of one boot are not.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "lib/core/die.h"
#include "lib/core/fields.h"
#include "lib/core/json.h"

static FILE *open_text(char **text, size_t *size)
{
	FILE *f = open_memstream(text, size);

	if (!f)
		die("out of memory for the report");
	return f;
}

/* Tabs and line ends would be read as others of their kind. */
static void put_field(FILE *f, const char *text)
{
	for (; *text; text++)
		fputc(iscntrl((unsigned char)*text) ? ' ' : *text, f);
}

/* Nested members get a column each: "percentiles.p50", "ci_pct.low". */
static void tsv_columns(FILE *f, json_t *row, int names);

static void tsv_array(FILE *f, const char *name, json_t *value, int names)
{
	static const char *const end[] = { "low", "high" };

	for (size_t i = 0; i < 2; i++) {
		json_t *v = json_array_get(value, i);

		if (names)
			fprintf(f, "%s.%s\t", name, end[i]);
		else if (json_is_number(v)) {
			char *text = exact_text(json_number_value(v));

			fprintf(f, "%s\t", text);
			free(text);
		} else
			fputc('\t', f);
	}
}

static void tsv_value(FILE *f, json_t *value)
{
	char *text = json_is_string(value) ? xstrdup(json_string_value(value))
		     : json_is_integer(value)
			     ? xasprintf("%lld", (long long)json_integer_value(value))
		     : json_is_real(value)    ? exact_text(json_real_value(value))
		     : json_is_boolean(value) ? xstrdup(json_is_true(value) ? "true" : "false")
					      : xstrdup("");

	put_field(f, text);
	fputc('\t', f);
	free(text);
}

static void tsv_spread(FILE *f, json_t *value, int names)
{
	static const char *const parts[] = { "boot_sd_pct", "run_sd_pct" };

	for (size_t i = 0; i < 2; i++) {
		if (names)
			fprintf(f, "spread.%s\t", parts[i]);
		else
			tsv_value(f, json_object_get(value, parts[i]));
	}
}

static void tsv_percentiles(FILE *f, json_t *value, int names)
{
	for (size_t i = 0; i < N_PERCENTILES; i++) {
		if (names)
			fprintf(f, "%s\t", percentile_name[i]);
		else
			tsv_value(f, json_object_get(value, percentile_name[i]));
	}
}

static void tsv_params(FILE *f, json_t *value, int names)
{
	char *text = fields_params(value, " ", "=");

	if (names)
		fputs("params\t", f);
	else {
		put_field(f, text);
		fputc('\t', f);
	}
	free(text);
}

static void tsv_columns(FILE *f, json_t *row, int names)
{
	const char *name;
	json_t *value;

	json_object_foreach(row, name, value) {
		if (!strcmp(name, "params"))
			tsv_params(f, value, names);
		else if (!strcmp(name, "ci_pct") || !strcmp(name, "bootstrap_pct"))
			tsv_array(f, name, value, names);
		else if (!strcmp(name, "spread"))
			tsv_spread(f, value, names);
		else if (!strcmp(name, "percentiles"))
			tsv_percentiles(f, value, names);
		else if (names)
			fprintf(f, "%s\t", name);
		else
			tsv_value(f, value);
	}
}

/* Each line is built with a tab behind every field, and loses the last one. */
static void tsv_line(FILE *f, json_t *row, int names)
{
	char *line;
	size_t size;
	FILE *l = open_text(&line, &size);

	tsv_columns(l, row, names);
	fclose(l);
	fprintf(f, "%.*s\n", (int)strlen(line) - 1, line);
	free(line);
}

char *report_tsv(const struct table *t)
{
	char *text;
	size_t size;
	FILE *f = open_text(&text, &size);

	for (size_t i = 0; i < t->comparisons; i++) {
		json_t *row = row_json(t, &t->comparison[i]);

		if (!i)
			tsv_line(f, row, 1);
		tsv_line(f, row, 0);
		json_decref(row);
	}
	fclose(f);
	return text;
}

/* What stands for a unit where "/" already means "per". */
static const char *unit(const struct table *t)
{
	return t->unit ? t->unit : "ticks";
}

/* "some_case" is BenchmarkSomeCase, its parameters "/notifier=yes". */
static char *go_name(const struct row *row)
{
	char *params = fields_params(row->params, "/", "="), *name, *to;
	int up = 1;

	name = xasprintf("%s%s%s", row->case_name, *params ? "/" : "", params);
	free(params);
	params = strchr(name, '/');
	to = name;
	for (const char *from = name; *from; from++) {
		if (params && from >= params)
			*to++ = (char)(isspace((unsigned char)*from) ? '_' : *from);
		else if (*from == '_')
			up = 1;
		else {
			*to++ = (char)(up ? toupper((unsigned char)*from) : *from);
			up = 0;
		}
	}
	*to = '\0';
	return name;
}

/* A metric's name is its unit there, said once. */
static void go_unit(FILE *f, const struct table *t, size_t row)
{
	static const char *const better[] = { [BETTER_NEITHER] = "",
					      [BETTER_LOWER] = " better=lower",
					      [BETTER_HIGHER] = " better=higher" };
	const char *metric = t->row[row].metric;

	for (size_t i = 0; i < row && metric; i++)
		if (t->row[i].metric && !strcmp(t->row[i].metric, metric))
			return;
	if (metric)
		fprintf(f, "Unit %s%s assume=%s\n", metric, better[t->row[row].better],
			t->exact ? "exact" : "nothing");
}

/* Both formats want one at least. */
static size_t iterations(const struct boot *boot)
{
	return boot->samples ? boot->samples : 1;
}

/* One value a boot is what both formats are made of. */
static void need_boots(const struct table *t, const char *format)
{
	for (size_t i = 0; i < t->rows; i++)
		for (size_t k = 0; k < t->kernels; k++)
			if (t->row[i].cell[k].boots && !t->row[i].cell[k].boot)
				die_usage(
					"--format=%s has a value a boot, and this file has values of all boots together; compare the boots",
					format);
}

static void go_kernel(FILE *f, const struct table *t, size_t k)
{
	fprintf(f, "\nkernel: %s\n", t->kernel[k].label);
	for (size_t i = 0; i < t->rows; i++) {
		const struct cell *cell = &t->row[i].cell[k];
		char *name = go_name(&t->row[i]);

		for (size_t b = 0; b < cell->boots; b++) {
			char *value = exact_text(cell->boot[b].value);

			fprintf(f, "Benchmark%s %zu %s ", name, iterations(&cell->boot[b]), value);
			if (t->row[i].metric)
				fprintf(f, "%s\n", t->row[i].metric);
			else
				fprintf(f, "%s/page\n", unit(t));
			free(value);
		}
		free(name);
	}
}

char *report_benchstat(const struct table *t)
{
	json_t *version = json_object_get(t->kernel[0].run, "dexbench");
	char *text;
	size_t size;
	FILE *f;

	need_boots(t, "benchstat");
	f = open_text(&text, &size);
	fprintf(f, "dexbench: %s\nmode: %s\nmetric: %s\n", json_string_value(version), t->mode,
		metric_option(t->metric));
	fprintf(f, "Unit %s/page better=lower assume=%s\n", unit(t),
		t->exact ? "exact" : "nothing");
	for (size_t i = 0; i < t->rows; i++)
		go_unit(f, t, i);
	for (size_t k = 0; k < t->kernels; k++)
		go_kernel(f, t, k);
	fclose(f);
	return text;
}

/*
 * One boot is one repetition.  Google Benchmark knows units of time alone: what is
 * none keeps its own name, and is called the aggregate that it is, because
 * compare.py would turn anything else into seconds for its geometric mean.
 */
static json_t *gbench_entry(const struct table *t, size_t k, size_t r, size_t b)
{
	const struct row *row = &t->row[r];
	const struct boot *boot = &row->cell[k].boot[b];
	char *params = fields_params(row->params, "/", ":");
	char *name =
		xasprintf("%s/%s%s%s%s%s", t->kernel[k].label, row->case_name, *params ? "/" : "",
			  params, row->metric ? "/" : "", row->metric ? row->metric : "");
	int is_time = !strcmp(t->mode, "timing") && !row->metric;
	json_t *o = json_pack("{s:s, s:i, s:s, s:s, s:I, s:I, s:i, s:I, s:f, s:f, s:s}", "name",
			      name, "family_index", (int)r, "run_name", name, "run_type",
			      is_time ? "iteration" : "aggregate", "repetitions",
			      (json_int_t)row->cell[k].boots, "repetition_index", (json_int_t)b,
			      "threads", 1, "iterations", (json_int_t)iterations(boot), "real_time",
			      boot->value, "cpu_time", boot->value, "time_unit",
			      is_time	    ? "ns"
			      : row->metric ? row->unit
					    : unit(t));

	if (!is_time)
		json_object_set_new(o, "aggregate_name", json_string(metric_option(t->metric)));
	free(params);
	free(name);
	return o;
}

char *report_gbench(const struct table *t)
{
	json_t *list = json_array(), *root;
	json_t *version = json_object_get(t->kernel[0].run, "dexbench");
	char *text, *line;

	need_boots(t, "gbench");
	for (size_t k = 0; k < t->kernels; k++)
		for (size_t r = 0; r < t->rows; r++)
			for (size_t b = 0; b < t->row[r].cell[k].boots; b++)
				json_array_append_new(list, gbench_entry(t, k, r, b));
	root = json_pack("{s:{s:s, s:O?, s:s, s:s}, s:o}", "context", "executable", "dexbench",
			 "dexbench", version, "dexbench_mode", t->mode, "dexbench_metric",
			 metric_option(t->metric), "benchmarks", list);
	text = json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
	line = xasprintf("%s\n", text);
	json_decref(root);
	free(text);
	return line;
}
