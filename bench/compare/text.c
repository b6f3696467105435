// SPDX-License-Identifier: MIT
/*
 * The table for people.  exact: one table, a column a kernel and one a step.
 * parallel and timing: one table a comparison, because an interval and a verdict
 * that gives its reason need the room.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "lib/die.h"
#include "lib/fields.h"
#include "lib/json.h"

#define VALUE_SHOWN 40	/* characters of a condition's value */
#define COLUMNS	    139 /* of sentences that list rows */

/* Where a table goes: as text or as Markdown. */
struct sheet {
	FILE *f;
	const struct table *t;
	size_t shown[COMPARE_MAX_KERNELS], n; /* kernels with a letter */
	int case_width, params_width;	      /* of the columns of names */
	int markdown;
};

static void take(FILE *f, const char *format, char *text)
{
	fprintf(f, format, text);
	free(text);
}

static char letter(const struct sheet *s, size_t k)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->shown[i] == k)
			return (char)('A' + i);
	return '?';
}

/* One cell of a row: padded to @width (to the left if negative) in text. */
static void cell(const struct sheet *s, int width, char *text)
{
	if (s->markdown)
		fprintf(s->f, "| %s ", text);
	else
		/* One space at least, however long the neighbour. */
		fprintf(s->f, width > 0 ? " %*s" : "%*s", width > 0 ? width - 1 : width, text);
	free(text);
}

static void end_row(const struct sheet *s)
{
	fputs(s->markdown ? "|\n" : "\n", s->f);
}

/* Markdown's line under the heading: two columns of names, then numbers. */
static void rule(const struct sheet *s, size_t columns)
{
	for (size_t i = 0; s->markdown && i < columns; i++)
		fputs(i < 2 ? "|---" : "|--:", s->f);
	if (s->markdown)
		fputs("|\n", s->f);
}

/* Line one: what differs between the kernels besides their names; then how. */
static void print_environment(const struct sheet *s)
{
	json_t *entry;
	size_t i;

	if (!json_array_size(s->t->environment_diff)) {
		fprintf(s->f, "Environment: no difference between the kernels\n");
		return;
	}
	take(s->f, "Environment differs in: %s\n", environment_keys(s->t));
	if (s->markdown)
		fputc('\n', s->f);
	json_array_foreach(s->t->environment_diff, i, entry) {
		fprintf(s->f, s->markdown ? "- `%s` " : "  %-24s",
			json_string_value(json_object_get(entry, "key")));
		take(s->f, "%s\n", environment_text(s->t, entry, VALUE_SHOWN));
	}
}

static const char *source_of(const struct kernel *kernel)
{
	json_t *host = json_object_get(json_object_get(kernel->run, "host"), "kernel");

	return json_string_value(json_object_get(host, "source"));
}

static void print_legend(const struct sheet *s)
{
	fputc('\n', s->f);
	for (size_t i = 0; i < s->n; i++) {
		const struct kernel *kernel = &s->t->kernel[s->shown[i]];
		const char *source = source_of(kernel);
		char *release = release_text(kernel);

		fprintf(s->f, "%s%c = %-12s %s, %zu boot%s%s%s%s\n", s->markdown ? "- " : "",
			(char)('A' + i), kernel->label, release, kernel->boots,
			kernel->boots == 1 ? "" : "s", i ? "" : ", baseline", source ? ", " : "",
			source ? source : "");
		free(release);
	}
}

static void print_terms(const struct sheet *s)
{
	const struct table *t = s->t;

	fprintf(s->f, "\nMode %s: %s per page, %s; lower is better.\n", t->mode, unit_words(t),
		metric_words(t->metric));
	if (t->exact) {
		fputs("Differences repeat exactly: the same boot gives the same count.  \"=\" is less than the case\n"
		      "resolves: interrupts and the memory that a boot happens to use move it as much.\n",
		      s->f);
		return;
	}
	if (strcmp(t->mode, "timing"))
		fputs("Ticks are an emulator's and no time: only their ratios mean something.\n",
		      s->f);
	fprintf(s->f,
		"Values: geometric means of boots. Differences: of boots of one block, with 95 %% intervals.\n"
		"Threshold %s %%: \"equivalent\" lies within it; \"faster\", \"slower\" exclude 0 after Holm.\n"
		"MDE: the effect that such a campaign finds four times in five.\n",
		t->threshold_text);
}

/* Parameters, and what was measured if not the samples. */
static char *second_name(const struct row *row)
{
	char *params = params_text(row->params, " ", "="), *text;

	if (!row->metric)
		return params;
	text = xasprintf("%s%s%s%s%s", params, *params ? " " : "", row->metric,
			 *row->unit ? ", " : "", row->unit);
	free(params);
	return text;
}

static void print_names(const struct sheet *s, const struct row *row)
{
	cell(s, -s->case_width, xstrdup(row->case_name));
	cell(s, -s->params_width, second_name(row));
}

static void measure_names(struct sheet *s)
{
	for (size_t i = 0; i < s->t->rows; i++) {
		int name = (int)strlen(s->t->row[i].case_name) + 2, rest;
		char *second = second_name(&s->t->row[i]);

		rest = (int)strlen(second) + 2;
		s->case_width = name > s->case_width ? name : s->case_width;
		s->params_width = rest > s->params_width ? rest : s->params_width;
		free(second);
	}
}

static void print_skips(const struct sheet *s, const struct row *row)
{
	if (s->markdown)
		return;
	if (effect_skipped_alike(s->t, row)) {
		fprintf(s->f, "  skipped: %s\n", row->cell[0].skipped);
		return;
	}
	for (size_t i = 0; i < s->n; i++)
		if (row->cell[s->shown[i]].skipped)
			fprintf(s->f, "  skipped on %c: %s\n", (char)('A' + i),
				row->cell[s->shown[i]].skipped);
}

/* The success rate of those that tried. */
static char *success_text(const struct sheet *s, const struct row *row)
{
	double rate = effect_success(s->t, row);

	return isnan(rate) ? xstrdup("-") : xasprintf("%.4g %%", rate);
}

/* Steps and the whole up to three kernels; with more, each against the baseline. */
static size_t exact_columns(const struct sheet *s, size_t (*pair)[2])
{
	size_t n = 0;

	for (size_t i = 1; i < s->n; i++) {
		pair[n][0] = s->shown[i];
		pair[n++][1] = s->n > 3 ? 0 : s->shown[i - 1];
	}
	if (s->n == 3) {
		pair[n][0] = s->shown[2];
		pair[n++][1] = 0;
	}
	return n;
}

static void exact_heading(const struct sheet *s, size_t (*pair)[2], size_t pairs)
{
	fputc('\n', s->f);
	cell(s, -s->case_width, xstrdup("case"));
	cell(s, -s->params_width, xstrdup(""));
	for (size_t i = 0; i < s->n; i++)
		cell(s, 9, xasprintf("%c", (char)('A' + i)));
	for (size_t i = 0; i < pairs; i++)
		cell(s, 19, xasprintf("%c - %c", letter(s, pair[i][0]), letter(s, pair[i][1])));
	cell(s, 9, xstrdup("success"));
	end_row(s);
	rule(s, 3 + s->n + pairs);
}

static void exact_row(const struct sheet *s, size_t r, size_t (*pair)[2], size_t pairs)
{
	const struct row *row = &s->t->row[r];

	print_names(s, row);
	for (size_t i = 0; i < s->n; i++)
		cell(s, 9, value_text(s->t, cell_value(s->t, &row->cell[s->shown[i]])));
	for (size_t i = 0; i < pairs; i++)
		cell(s, 19, delta_text(s->t, table_find(s->t, r, pair[i][0], pair[i][1])));
	cell(s, 9, success_text(s, row));
	end_row(s);
	print_skips(s, row);
}

static void exact_table(const struct sheet *s)
{
	size_t pair[COMPARE_MAX_KERNELS + 1][2], pairs = exact_columns(s, pair);

	exact_heading(s, pair, pairs);
	for (int control = 1; control >= 0; control--)
		for (size_t i = 0; i < s->t->rows; i++)
			if (s->t->row[i].control == control)
				exact_row(s, i, pair, pairs);
}

static char *interval_text(struct stats_interval i)
{
	return isnan(i.low) ? xstrdup("-") : xasprintf("[%+.2f, %+.2f] %%", i.low, i.high);
}

/* The A/A arm of the baseline, or the number of kernels. */
static size_t arm_of(const struct table *t, size_t base)
{
	for (size_t k = 0; k < t->kernels; k++)
		if (is_arm(t, k) && t->kernel[k].same_as == base)
			return k;
	return t->kernels;
}

static void ratio_heading(const struct sheet *s, size_t k, size_t base, int arm)
{
	fprintf(s->f, "\n%s%c - %c: %s against %s%s\n\n", s->markdown ? "**" : "", letter(s, k),
		letter(s, base), s->t->kernel[k].label, s->t->kernel[base].label,
		s->markdown ? "**" : "");
	cell(s, -s->case_width, xstrdup("case"));
	cell(s, -s->params_width, xstrdup(""));
	cell(s, 10, xasprintf("%c", letter(s, base)));
	cell(s, 10, xasprintf("%c", letter(s, k)));
	cell(s, 11, xstrdup("delta"));
	cell(s, 22, xstrdup("95 % interval"));
	if (arm)
		cell(s, 11, xstrdup("A/A"));
	if (!s->markdown)
		fputs("  ", s->f);
	cell(s, 0, xstrdup("verdict"));
	end_row(s);
	rule(s, arm ? 8 : 7);
}

static void ratio_row(const struct sheet *s, size_t r, size_t k, size_t base, size_t arm)
{
	const struct comparison *c = table_find(s->t, r, k, base);
	const struct row *row = &s->t->row[r];

	print_names(s, row);
	cell(s, 10, value_text(s->t, cell_value(s->t, &row->cell[base])));
	cell(s, 10, value_text(s->t, cell_value(s->t, &row->cell[k])));
	cell(s, 11, delta_text(s->t, c));
	cell(s, 22, interval_text(c->ci_pct));
	if (arm < s->t->kernels)
		cell(s, 11, delta_text(s->t, table_find(s->t, r, arm, base)));
	if (!s->markdown)
		fputs("  ", s->f);
	cell(s, 0, verdict_text(c));
	end_row(s);
	if (effect_success(s->t, row) < 100 && !s->markdown)
		fprintf(s->f, "  success %.4g %%\n", effect_success(s->t, row));
	print_skips(s, row);
}

static void ratio_table(const struct sheet *s, size_t k, size_t base)
{
	size_t arm = arm_of(s->t, base);

	ratio_heading(s, k, base, arm < s->t->kernels);
	for (int control = 1; control >= 0; control--)
		for (size_t i = 0; i < s->t->rows; i++)
			if (s->t->row[i].control == control)
				ratio_row(s, i, k, base, arm);
}

static void ratio_tables(const struct sheet *s)
{
	for (size_t i = 1; i < s->n; i++)
		ratio_table(s, s->shown[i], 0);
	for (size_t i = 2; i < s->n; i++)
		ratio_table(s, s->shown[i], s->shown[i - 1]);
	fputc('\n', s->f);
	take(s->f, "%s.\n", holm_text(s->t));
}

static void print_efficiency(const struct sheet *s)
{
	int known = 0;

	for (size_t k = 0; k < s->t->kernels; k++)
		known |= !isnan(s->t->kernel[k].efficiency);
	if (!known)
		return;
	fprintf(s->f, "\nInside the conversion call, of the module's loop over pages:");
	for (size_t i = 0; i < s->n; i++) {
		double share = s->t->kernel[s->shown[i]].efficiency;

		if (isnan(share))
			fprintf(s->f, " %c -", (char)('A' + i));
		else
			fprintf(s->f, " %c %.2f %%", (char)('A' + i), share);
	}
	fputc('\n', s->f);
}

static void print_checks(const struct sheet *s)
{
	char *arm = arm_text(s->t), *cross = s->t->exact ? NULL : cross_check_text(s->t);

	if (arm && s->t->exact)
		fputc('\n', s->f);
	if (arm)
		wrap(s->f, arm, COLUMNS, "");
	if (cross)
		wrap(s->f, cross, COLUMNS, "");
	free(arm);
	free(cross);
}

static char *report(const struct table *t, int markdown)
{
	struct sheet s = { .t = t, .markdown = markdown };
	json_t *text_note;
	char *text = NULL;
	size_t size, i;

	s.n = letters(t, s.shown);
	s.f = open_memstream(&text, &size);
	if (!s.f)
		die("out of memory for the report");
	s.case_width = 17;
	s.params_width = 14;
	measure_names(&s);
	print_environment(&s);
	print_legend(&s);
	print_terms(&s);
	if (t->exact || s.n < 2)
		exact_table(&s);
	else
		ratio_tables(&s);
	print_checks(&s);
	print_efficiency(&s);
	print_fits(s.f, t);
	print_predictions(s.f, t);
	json_array_foreach(t->notes, i, text_note)
		fprintf(s.f, "%snote: %s\n", markdown ? "\n" : "", json_string_value(text_note));
	fclose(s.f);
	return text;
}

char *report_text(const struct table *t)
{
	return report(t, 0);
}

char *report_markdown(const struct table *t)
{
	return report(t, 1);
}
