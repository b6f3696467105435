// SPDX-License-Identifier: MIT
/*
 * The tables of the report in Markdown: results first, then controls and counts.  exact: one table, a
 * column a kernel and one a step.  parallel and timing: one a comparison, because an interval and a
 * verdict that gives its reason need the room.
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

static char letter(const struct markdown *s, size_t k)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->shown[i] == k)
			return (char)('A' + i);
	return '?';
}

static void cell(const struct markdown *s, char *text)
{
	char *words = quote_markdown(text, 1);

	fprintf(s->f, "| %s ", words);
	free(words);
	free(text);
}

static void end_row(const struct markdown *s)
{
	fputs("|\n", s->f);
}

/* The line under the heading: two columns of names, then numbers. */
static void rule(const struct markdown *s, size_t columns)
{
	for (size_t i = 0; i < columns; i++)
		fputs(i < 2 ? "|---" : "|--:", s->f);
	end_row(s);
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

static void put_names(const struct markdown *s, const struct row *row)
{
	cell(s, xstrdup(row->case_name));
	cell(s, second_name(row));
}

static void put_skips(const struct markdown *s, const struct row *row)
{
	int alike = skipped_alike(s->t, row);

	for (size_t i = 0; i < s->n; i++) {
		const char *why = row->cell[s->shown[i]].skipped;
		char on[] = { (char)('A' + i), 0 }, *name, *line, *words;

		if (!why || (alike && i))
			continue;
		name = row_name(row);
		line = xasprintf("%s: skipped%s%s: %s", name, alike ? "" : " on ", alike ? "" : on,
				 why);
		words = quote_markdown(line, 0);
		fprintf(s->f, "- %s\n", words);
		free(words);
		free(line);
		free(name);
	}
}

/* A table has no such lines. */
static void list_skips(const struct markdown *s)
{
	fputc('\n', s->f);
	for (size_t i = 0; i < s->t->rows; i++)
		put_skips(s, &s->t->row[i]);
	fputc('\n', s->f);
}

static void exact_heading(const struct markdown *s, size_t (*pair)[2], size_t pairs)
{
	fputc('\n', s->f);
	cell(s, xstrdup("case"));
	cell(s, xstrdup(""));
	for (size_t i = 0; i < s->n; i++)
		cell(s, xasprintf("%c", (char)('A' + i)));
	for (size_t i = 0; i < pairs; i++)
		cell(s, xasprintf("%c - %c", letter(s, pair[i][0]), letter(s, pair[i][1])));
	cell(s, xstrdup("success"));
	end_row(s);
	rule(s, 3 + s->n + pairs);
}

static void exact_row(const struct markdown *s, size_t r, size_t (*pair)[2], size_t pairs)
{
	const struct row *row = &s->t->row[r];

	put_names(s, row);
	for (size_t i = 0; i < s->n; i++)
		cell(s, interleaved_text(s->t, &row->cell[s->shown[i]]));
	for (size_t i = 0; i < pairs; i++)
		cell(s, delta_text(s->t, table_find(s->t, r, pair[i][0], pair[i][1])));
	cell(s, success_text(row, s->shown, s->n));
	end_row(s);
}

static void exact_table(const struct markdown *s, int results)
{
	size_t pair[COMPARE_MAX_KERNELS + 1][2], pairs = exact_pairs(s->shown, s->n, pair);

	exact_heading(s, pair, pairs);
	for (size_t i = 0; i < s->t->rows; i++)
		if (sheet_is_result(&s->t->row[i]) == results)
			exact_row(s, i, pair, pairs);
}

static char *interval_text(struct stats_interval i)
{
	return isnan(i.low) ? xstrdup("-") : xasprintf("[%+.2f, %+.2f] %%", i.low, i.high);
}

static void ratio_heading(const struct markdown *s, size_t k, size_t base, int arm)
{
	char *line = xasprintf("%c - %c: %s against %s", letter(s, k), letter(s, base),
			       s->t->kernel[k].label, s->t->kernel[base].label);
	char *words = quote_markdown(line, 0);

	fprintf(s->f, "\n**%s**\n\n", words);
	free(words);
	free(line);
	cell(s, xstrdup("case"));
	cell(s, xstrdup(""));
	cell(s, xasprintf("%c", letter(s, base)));
	cell(s, xasprintf("%c", letter(s, k)));
	cell(s, xstrdup("delta"));
	cell(s, xstrdup("95 % interval"));
	if (arm)
		cell(s, xstrdup("A/A"));
	cell(s, xstrdup("success"));
	cell(s, xstrdup("verdict"));
	end_row(s);
	rule(s, arm ? 9 : 8);
}

static void ratio_row(const struct markdown *s, size_t r, size_t k, size_t base, size_t arm)
{
	const struct comparison *c = table_find(s->t, r, k, base);
	const struct row *row = &s->t->row[r];

	put_names(s, row);
	cell(s, value_text(s->t, cell_value(s->t, &row->cell[base])));
	cell(s, value_text(s->t, cell_value(s->t, &row->cell[k])));
	cell(s, delta_text(s->t, c));
	cell(s, interval_text(c->ci_pct));
	if (arm < s->t->kernels)
		cell(s, delta_text(s->t, table_find(s->t, r, arm, base)));
	cell(s, success_text(row, (size_t[]){ base, k }, 2));
	cell(s, verdict_text(s->t, c));
	end_row(s);
}

static void ratio_table(const struct markdown *s, size_t k, size_t base, int results)
{
	size_t arm = arm_of(s->t, base);

	ratio_heading(s, k, base, arm < s->t->kernels);
	for (size_t i = 0; i < s->t->rows; i++)
		if (sheet_is_result(&s->t->row[i]) == results)
			ratio_row(s, i, k, base, arm);
}

static void ratio_tables(const struct markdown *s, int results)
{
	for (size_t i = 1; i < s->n; i++)
		ratio_table(s, s->shown[i], 0, results);
	for (size_t i = 2; i < s->n; i++)
		ratio_table(s, s->shown[i], s->shown[i - 1], results);
}

static int has_rows(const struct table *t, int results)
{
	for (size_t i = 0; i < t->rows; i++)
		if (sheet_is_result(&t->row[i]) == results)
			return 1;
	return 0;
}

void markdown_tables(const struct markdown *s)
{
	char *holm;

	for (int results = 1; results >= 0; results--) {
		if (!has_rows(s->t, results))
			continue;
		fputs(results ? "" : "\nControls and counts:\n", s->f);
		if (s->t->exact || s->n < 2)
			exact_table(s, results);
		else
			ratio_tables(s, results);
	}
	if (!s->t->exact && s->n > 1) {
		holm = holm_text(s->t);
		fprintf(s->f, "\n%s.\n", holm);
		free(holm);
	}
	list_skips(s);
}
