// SPDX-License-Identifier: MIT
/*
 * The same numbers for other people's tools: tab-separated values, and Go's
 * benchmark format (golang.org/design/14313-benchmark-format, with the unit lines
 * of golang.org/x/perf/benchfmt).
 *
 * That gets one value a boot, never one a sample: its tests take values
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
#include "lib/core/quote.h"

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

/* "some_case" is SomeCase. */
static void put_camel(FILE *f, const char *name)
{
	int up = 1;

	for (; *name; name++) {
		if (*name != '_')
			fputc(up ? toupper((unsigned char)*name) : *name, f);
		up = *name == '_';
	}
}

/* As benchfmt's Name.Parts() takes it: what ends in - and digits has its GOMAXPROCS there. */
static int ends_as_procs(const char *name)
{
	size_t n = strlen(name), digits = 0;

	while (digits < n && isdigit((unsigned char)name[n - 1 - digits]))
		digits++;
	return digits && digits < n && name[n - 1 - digits] == '-';
}

/*
 * BenchmarkSomeCase/notifier=yes; to free.  Where a value's own end would be taken for a number of
 * processors, one is there besides, so that the value stays whole.
 */
static char *go_name(const struct row *row)
{
	char *params = fields_params(row->params, "\n", "="), *rest = params, *part, *name, *whole;
	size_t size;
	FILE *f = open_text(&name, &size);

	put_camel(f, row->case_name);
	while (*params && (part = strsep(&rest, "\n"))) {
		fputc('/', f);
		quote_go(f, part);
	}
	free(params);
	fclose(f);
	if (!ends_as_procs(name))
		return name;
	whole = xasprintf("%s-1", name);
	free(name);
	return whole;
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

static void go_kernel(FILE *f, const struct table *t, size_t k)
{
	fprintf(f, "\nkernel: %s\n", t->kernel[k].label);
	for (size_t i = 0; i < t->rows; i++) {
		const struct cell *cell = &t->row[i].cell[k];
		char *name = go_name(&t->row[i]);

		for (size_t b = 0; b < cell->boots; b++) {
			char *value = exact_text(cell->boot[b].value);

			fprintf(f, "Benchmark%s %zu %s ", name, boot_iterations(&cell->boot[b]),
				value);
			if (t->row[i].metric)
				fprintf(f, "%s\n", t->row[i].metric);
			else
				fprintf(f, "%s/page\n", tick_unit(t));
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

	need_single_boots(t, "benchstat");
	f = open_text(&text, &size);
	fprintf(f, "dexbench: %s\nmode: %s\nmetric: %s\n", json_string_value(version), t->mode,
		metric_option(t->metric));
	fprintf(f, "Unit %s/page better=lower assume=%s\n", tick_unit(t),
		t->exact ? "exact" : "nothing");
	for (size_t i = 0; i < t->rows; i++)
		go_unit(f, t, i);
	for (size_t k = 0; k < t->kernels; k++)
		go_kernel(f, t, k);
	fclose(f);
	return text;
}
