// SPDX-License-Identifier: MIT
/*
 * The tables of the report for people.  exact: one table, a column a kernel and one a step.
 * parallel and timing: one table a comparison, because an interval and a verdict
 * that gives its reason need the room.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "lib/core/die.h"
#include "lib/core/fields.h"
#include "lib/core/quote.h"

char *sheet_words(const struct sheet *s, const char *text)
{
	return s->markdown ? quote_markdown(text, 0) : xstrdup(text);
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
	char *words = s->markdown ? quote_markdown(text, 1) : xstrdup(text);

	if (s->markdown)
		fprintf(s->f, "| %s ", words);
	else
		/* One space at least, however long the neighbour. */
		fprintf(s->f, width > 0 ? " %*s" : "%*s", width > 0 ? width - 1 : width, words);
	free(words);
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

/* Parameters, and what was measured if not the samples. */
static char *second_name(const struct row *row)
{
	char *params = fields_params(row->params, " ", "="), *metric, *text;

	if (!row->metric)
		return params;
	metric = metric_text(row);
	text = xasprintf("%s%s%s", params, *params ? " " : "", metric);
	free(params);
	free(metric);
	return text;
}

static void print_names(const struct sheet *s, const struct row *row)
{
	cell(s, -s->case_width, xstrdup(row->case_name));
	cell(s, -s->params_width, second_name(row));
}

/* @width, or what @text, which is freed, needs. */
static int wide_enough(int width, char *text)
{
	int own = (int)strlen(text) + 2;

	free(text);
	return own > width ? own : width;
}

void sheet_measure(struct sheet *s)
{
	s->case_width = 17;
	s->params_width = 14;
	s->success_width = 9;
	for (size_t i = 0; i < s->t->rows; i++) {
		const struct row *row = &s->t->row[i];

		s->case_width = wide_enough(s->case_width, xstrdup(row->case_name));
		s->params_width = wide_enough(s->params_width, second_name(row));
		s->success_width = wide_enough(s->success_width, success_text(row, s->shown, s->n));
	}
}

static void put_skips(const struct sheet *s, const struct row *row)
{
	int alike = skipped_alike(s->t, row);

	for (size_t i = 0; i < s->n; i++) {
		const char *why = row->cell[s->shown[i]].skipped;
		char on[] = { (char)('A' + i), 0 }, *name, *line, *words;

		if (!why || (alike && i))
			continue;
		name = s->markdown ? row_name(row) : xstrdup("");
		line = xasprintf("%s%sskipped%s%s: %s", name, s->markdown ? ": " : "",
				 alike ? "" : " on ", alike ? "" : on, why);
		words = sheet_words(s, line);
		fprintf(s->f, "%s%s\n", s->markdown ? "- " : "  ", words);
		free(words);
		free(line);
		free(name);
	}
}

/* Under its row in text; a list behind the tables in Markdown, which has no such lines. */
static void print_skips(const struct sheet *s, const struct row *row)
{
	if (!s->markdown)
		put_skips(s, row);
}

static void list_skips(const struct sheet *s)
{
	fputc('\n', s->f);
	for (size_t i = 0; i < s->t->rows; i++)
		put_skips(s, &s->t->row[i]);
	fputc('\n', s->f);
}

/* Wider where a value and a difference have intervals. */
static int value_width(const struct sheet *s)
{
	return strcmp(s->t->mode, "lockstep") ? 9 : 19;
}

static int delta_width(const struct sheet *s)
{
	return strcmp(s->t->mode, "lockstep") ? 19 : 29;
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
		cell(s, value_width(s), xasprintf("%c", (char)('A' + i)));
	for (size_t i = 0; i < pairs; i++)
		cell(s, delta_width(s),
		     xasprintf("%c - %c", letter(s, pair[i][0]), letter(s, pair[i][1])));
	cell(s, s->success_width, xstrdup("success"));
	end_row(s);
	rule(s, 3 + s->n + pairs);
}

static void exact_row(const struct sheet *s, size_t r, size_t (*pair)[2], size_t pairs)
{
	const struct row *row = &s->t->row[r];

	print_names(s, row);
	for (size_t i = 0; i < s->n; i++)
		cell(s, value_width(s), interleaved_text(s->t, &row->cell[s->shown[i]]));
	for (size_t i = 0; i < pairs; i++)
		cell(s, delta_width(s),
		     delta_text(s->t, table_find(s->t, r, pair[i][0], pair[i][1])));
	cell(s, s->success_width, success_text(row, s->shown, s->n));
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
	char *line = xasprintf("%c - %c: %s against %s", letter(s, k), letter(s, base),
			       s->t->kernel[k].label, s->t->kernel[base].label);
	char *words = sheet_words(s, line);

	fprintf(s->f, "\n%s%s%s\n\n", s->markdown ? "**" : "", words, s->markdown ? "**" : "");
	free(words);
	free(line);
	cell(s, -s->case_width, xstrdup("case"));
	cell(s, -s->params_width, xstrdup(""));
	cell(s, 10, xasprintf("%c", letter(s, base)));
	cell(s, 10, xasprintf("%c", letter(s, k)));
	cell(s, 11, xstrdup("delta"));
	cell(s, 22, xstrdup("95 % interval"));
	if (arm)
		cell(s, 11, xstrdup("A/A"));
	if (s->markdown)
		cell(s, 0, xstrdup("success"));
	else
		fputs("  ", s->f);
	cell(s, 0, xstrdup("verdict"));
	end_row(s);
	rule(s, arm ? 9 : 8);
}

/* In text a line of its own where there is something to say. */
static void print_success(const struct sheet *s, const struct row *row, size_t base, size_t k)
{
	const size_t both[] = { base, k };
	char *text;

	if (s->markdown || !(success_lowest(row, both, 2) < 100))
		return;
	text = success_text(row, both, 2);
	fprintf(s->f, "  success of %c/%c: %s\n", letter(s, base), letter(s, k), text);
	free(text);
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
	if (s->markdown)
		cell(s, 0, success_text(row, (size_t[]){ base, k }, 2));
	else
		fputs("  ", s->f);
	cell(s, 0, verdict_text(s->t, c));
	end_row(s);
	print_success(s, row, base, k);
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
	char *holm;

	for (size_t i = 1; i < s->n; i++)
		ratio_table(s, s->shown[i], 0);
	for (size_t i = 2; i < s->n; i++)
		ratio_table(s, s->shown[i], s->shown[i - 1]);
	holm = holm_text(s->t);
	fprintf(s->f, "\n%s.\n", holm);
	free(holm);
}

void sheet_tables(const struct sheet *s)
{
	if (s->t->exact || s->n < 2)
		exact_table(s);
	else
		ratio_tables(s);
	if (s->markdown)
		list_skips(s);
}
