// SPDX-License-Identifier: MIT
/* The table as text for people and as compare.json for programs. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "lib/die.h"
#include "lib/json.h"

#define VALUE_SHOWN 40 /* characters of a condition's value */

char *params_text(json_t *params)
{
	char *text = xstrdup(""), *longer;
	const char *name;
	json_t *value;

	json_object_foreach(params, name, value) {
		longer = json_is_string(value)
				 ? xasprintf("%s%s%s=%s", text, *text ? " " : "", name,
					     json_string_value(value))
				 : xasprintf("%s%s%s=%lld", text, *text ? " " : "", name,
					     (long long)json_integer_value(value));
		free(text);
		text = longer;
	}
	return text;
}

/* Whole where it is whole: a count of instructions is no decimal fraction. */
static char *number_text(double value)
{
	if (isnan(value))
		return xstrdup("-");
	return value == floor(value) ? xasprintf("%.0f", value) : xasprintf("%.2f", value);
}

/* Enough that a difference is never shown as none. */
static int decimals(double delta)
{
	if (delta == floor(delta))
		return 0;
	return fabs(delta) < 0.1 ? 4 : 2;
}

static char *delta_text(const struct table *t, const struct row *row, size_t k, size_t base)
{
	double a = cell_value(&row->cell[base]), b = cell_value(&row->cell[k]);
	enum verdict v = judge(t, row, k, base);

	if (v == SAME || v == SKIPPED)
		return xstrdup(verdict_name(v));
	if (!strcmp(t->mode, "exact"))
		return xasprintf("%+.*f %+7.2f %%%s", decimals(b - a), b - a, 100 * (b - a) / a,
				 v == INCONCLUSIVE ? " ?" : "");
	return xasprintf("%+6.2f %% ?", 100 * (b - a) / a);
}

/* Bytes, up to a word's end, with which all the strings in @values begin. */
static size_t common_start(json_t *values)
{
	const char *first = NULL, *label;
	size_t same = 0, n;
	json_t *value;

	json_object_foreach(values, label, value) {
		const char *s = json_string_value(value);

		if (!s)
			return 0;
		if (!first) {
			first = s;
			same = strlen(s);
		}
		for (n = 0; n < same && s[n] == first[n];)
			n++;
		same = n;
	}
	while (same && first[same - 1] != ' ')
		same--;
	return same;
}

static void print_values(FILE *f, json_t *values)
{
	size_t skip = common_start(values);
	const char *label, *sep = "";
	json_t *value;

	json_object_foreach(values, label, value) {
		char *text = json_is_string(value)
				     ? xasprintf("%s%s", skip ? "..." : "",
						 json_string_value(value) + skip)
				     : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

		fprintf(f, strlen(text) > VALUE_SHOWN ? "%s%.*s..." : "%s%.*s", sep, VALUE_SHOWN,
			text);
		sep = " | ";
		free(text);
	}
}

/* Line one: what differs between the kernels besides their names; then how. */
static void print_environment(FILE *f, const struct table *t)
{
	json_t *entry;
	size_t i;

	if (!json_array_size(t->environment_diff)) {
		fprintf(f, "Environment: no difference between the kernels\n");
		return;
	}
	fprintf(f, "Environment differs in:");
	json_array_foreach(t->environment_diff, i, entry) {
		fprintf(f, "%s %s", i ? "," : "", json_string_value(json_object_get(entry, "key")));
	}
	fputc('\n', f);
	json_array_foreach(t->environment_diff, i, entry) {
		fprintf(f, "  %-24s", json_string_value(json_object_get(entry, "key")));
		print_values(f, json_object_get(entry, "values"));
		fputc('\n', f);
	}
}

static const char *run_fact(const struct kernel *k, const char *object, const char *key)
{
	const char *s = json_string_value(json_object_get(json_object_get(k->run, object), key));

	return s ? s : "?";
}

static void print_legend(FILE *f, const struct table *t)
{
	fputc('\n', f);
	for (size_t k = 0; k < t->kernels; k++) {
		const struct kernel *kernel = &t->kernel[k];
		json_t *host = json_object_get(json_object_get(kernel->run, "host"), "kernel");
		const char *source = json_string_value(json_object_get(host, "source"));

		fprintf(f, "%c = %-12s Linux %s, %s walk, %s call, %zu boot%s%s%s%s\n",
			(char)('A' + k), kernel->label, run_fact(kernel, "kernel", "release"),
			run_fact(kernel, "module", "walk"), run_fact(kernel, "module", "body"),
			kernel->boots, kernel->boots == 1 ? "" : "s", k ? "" : ", baseline",
			source ? ", " : "", source ? source : "");
	}
}

static void print_heading(FILE *f, const struct table *t)
{
	int exact = !strcmp(t->mode, "exact");

	fprintf(f, "\nMode %s: %s per page, median of the samples; lower is better.\n%s\n\n",
		t->mode, exact ? "guest instructions" : t->unit,
		exact ? "Every difference is real: the same boot gives the same count."
		      : "Ratios of boot medians, marked ?: no verdict is given from them.");
	fprintf(f, "%-17s%-14s", "case", "");
	for (size_t k = 0; k < t->kernels; k++)
		fprintf(f, "%9c", (char)('A' + k));
	for (size_t k = 1; k < t->kernels; k++)
		fprintf(f, "%15c - %c", (char)('A' + k), (char)('A' + k - 1));
	if (t->kernels > 2)
		fprintf(f, "%15c - A", (char)('A' + t->kernels - 1));
	fprintf(f, "%9s\n", "success");
}

static void print_delta(FILE *f, const struct table *t, const struct row *row, size_t k,
			size_t base)
{
	char *text = delta_text(t, row, k, base);

	fprintf(f, "%19s", text);
	free(text);
}

/* The lowest success rate of the kernels, in per cent; NAN if none ran. */
static double success(const struct table *t, const struct row *row)
{
	double lowest = NAN;

	for (size_t k = 0; k < t->kernels; k++) {
		const struct cell *c = &row->cell[k];

		if (c->attempted)
			lowest = fmin(lowest, 100 * (double)c->ok / (double)c->attempted);
	}
	return lowest;
}

static void print_row(FILE *f, const struct table *t, const struct row *row)
{
	char *params = params_text(row->params);

	fprintf(f, "%-17s%-14s", row->case_name, params);
	free(params);
	for (size_t k = 0; k < t->kernels; k++) {
		char *value = number_text(cell_value(&row->cell[k]));

		fprintf(f, "%9s", value);
		free(value);
	}
	for (size_t k = 1; k < t->kernels; k++)
		print_delta(f, t, row, k, k - 1);
	if (t->kernels > 2)
		print_delta(f, t, row, t->kernels - 1, 0);
	fprintf(f, "%7.4g %%\n", success(t, row));
	for (size_t k = 0; k < t->kernels; k++)
		if (row->cell[k].skipped)
			fprintf(f, "  skipped on %c: %s\n", (char)('A' + k), row->cell[k].skipped);
}

static void print_efficiency(FILE *f, const struct table *t)
{
	fprintf(f, "\nInside the conversion call, of the module's loop over pages:");
	for (size_t k = 0; k < t->kernels; k++) {
		if (isnan(t->kernel[k].efficiency))
			fprintf(f, " %c -", (char)('A' + k));
		else
			fprintf(f, " %c %.2f %%", (char)('A' + k), t->kernel[k].efficiency);
	}
	fputc('\n', f);
}

char *report_text(const struct table *t)
{
	json_t *text_note;
	char *text = NULL;
	size_t size, i;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		die("out of memory for the report");
	print_environment(f, t);
	print_legend(f, t);
	print_heading(f, t);
	for (int control = 1; control >= 0; control--)
		for (i = 0; i < t->rows; i++)
			if (t->row[i].control == control)
				print_row(f, t, &t->row[i]);
	print_efficiency(f, t);
	json_array_foreach(t->notes, i, text_note)
		fprintf(f, "note: %s\n", json_string_value(text_note));
	fclose(f);
	return text;
}

static json_t *real_or_null(double value)
{
	return isnan(value) ? json_null() : json_real(value);
}

static json_t *row_json(const struct table *t, const struct row *row, size_t k, size_t base)
{
	const struct cell *b = &row->cell[k];
	double value = cell_value(b), baseline = cell_value(&row->cell[base]);
	json_t *o = json_object();

	json_object_set_new(o, "case", json_string(row->case_name));
	json_object_set(o, "params", row->params);
	json_object_set_new(o, "control", json_boolean(row->control));
	json_object_set_new(o, "mode", json_string(t->mode));
	json_object_set_new(o, "metric", json_string("median_per_page"));
	json_object_set_new(o, "unit", json_string(t->unit ? t->unit : "none"));
	json_object_set_new(o, "kernel", json_string(t->kernel[k].label));
	json_object_set_new(o, "baseline", json_string(t->kernel[base].label));
	json_object_set_new(o, "value", real_or_null(value));
	json_object_set_new(o, "baseline_value", real_or_null(baseline));
	json_object_set_new(o, "delta_pct", real_or_null(100 * (value - baseline) / baseline));
	json_object_set_new(o, "ci_pct", json_null());
	json_object_set_new(o, "verdict", json_string(verdict_name(judge(t, row, k, base))));
	json_object_set_new(o, "boots", json_integer((json_int_t)b->boots));
	json_object_set_new(o, "samples", json_integer((json_int_t)b->samples));
	json_object_set_new(o, "ok", json_integer((json_int_t)b->ok));
	json_object_set_new(o, "attempted", json_integer((json_int_t)b->attempted));
	json_object_set_new(o, "skipped", json_string_or_null(b->skipped));
	return o;
}

json_t *report_json(const struct table *t)
{
	json_t *kernels = json_array(), *rows = json_array(), *shares = json_object();

	for (size_t k = 0; k < t->kernels; k++) {
		json_array_append_new(kernels, json_string(t->kernel[k].label));
		json_object_set_new(shares, t->kernel[k].label,
				    real_or_null(t->kernel[k].efficiency));
	}
	/* Each kernel against the baseline, then against the one before it. */
	for (size_t i = 0; i < t->rows; i++) {
		for (size_t k = 0; k < t->kernels; k++)
			json_array_append_new(rows, row_json(t, &t->row[i], k, 0));
		for (size_t k = 2; k < t->kernels; k++)
			json_array_append_new(rows, row_json(t, &t->row[i], k, k - 1));
	}
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:O, s:O}", "schema", "dexbench.compare.v1",
			 "mode", t->mode, "kernels", kernels, "rows", rows, "efficiency_pct",
			 shares, "environment_diff", t->environment_diff, "notes", t->notes);
}
