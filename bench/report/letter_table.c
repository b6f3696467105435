// SPDX-License-Identifier: MIT
/* The numbers of the block to post: a line a row, and one more where not all succeeded. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "lib/core/die.h"
#include "lib/core/fields.h"

/* "-4.10% [-4.51,-3.69]" and a word; @narrow: one decimal, and a sign for a word. */
static char *ratio_text(const struct comparison *c, int narrow)
{
	int d = narrow ? 1 : 2;
	char *interval = isnan(c->ci_pct.low)
				 ? xstrdup("[?]")
				 : xasprintf("[%+.*f,%+.*f]", d, c->ci_pct.low, d, c->ci_pct.high);
	char *delta = narrow && (c->verdict == INCONCLUSIVE || c->verdict == EQUIVALENT)
			      ? xstrdup(c->verdict == EQUIVALENT ? "=" : "~")
		      : isfinite(c->delta_pct)
			      ? xasprintf("%+.*f%s", d, c->delta_pct, narrow ? "" : "%")
			      : xstrdup(narrow ? verdict_name(c->verdict) : "-");
	char *text = xasprintf("%s %s", delta, interval);

	free(delta);
	free(interval);
	return text;
}

static const char *verdict_sign(const struct table *t, const struct comparison *c)
{
	return c->verdict == EQUIVALENT	    ? "="
	       : c->verdict == INCONCLUSIVE ? "~"
					    : verdict_word(t, c);
}

/* How many columns a kernel has: with one there is room for more. */
static size_t columns_each(const struct letter *l)
{
	return l->n == 2 ? 3 : l->t->exact ? 2 : 1;
}

static char *signed_text(double value)
{
	return value == floor(value) ? xasprintf("%+.0f", value) : xasprintf("%+.2f", value);
}

static void exact_cells(const struct letter *l, const struct comparison *c, char **cell)
{
	const struct cell *cells = l->t->row[c->row].cell;
	double a = cell_value(l->t, &cells[c->base]), b = cell_value(l->t, &cells[c->kernel]);
	int equivalent = c->verdict == EQUIVALENT, shown = differs(c) || equivalent;

	*cell++ = value_text(l->t, b);
	if (l->n == 2)
		*cell++ = shown ? signed_text(b - a) : xstrdup("");
	if (!shown)
		*cell = xstrdup(verdict_word(l->t, c));
	else
		*cell = isfinite(c->delta_pct)
				? xasprintf("%+.*f%%%s", fabs(c->delta_pct) < 0.01 ? 4 : 2,
					    c->delta_pct, equivalent ? " =" : "")
				: xstrdup("-");
}

static void ratio_cells(const struct letter *l, const struct comparison *c, char **cell)
{
	if (l->n > 2) {
		*cell = c->verdict == SKIPPED ? xstrdup(verdict_word(l->t, c)) : ratio_text(c, 1);
		return;
	}
	*cell++ = value_text(l->t, cell_value(l->t, &l->t->row[c->row].cell[c->kernel]));
	*cell++ = c->verdict == SKIPPED ? xstrdup("") : ratio_text(c, 0);
	*cell = xstrdup(verdict_sign(l->t, c));
}

static void heading(const struct letter *l, char **cell)
{
	*cell++ = xstrdup("");
	*cell++ = xstrdup("A");
	for (size_t i = 1; i < l->n; i++) {
		char name = (char)('A' + i);

		if (l->t->exact || l->n == 2)
			*cell++ = xasprintf("%c", name);
		if (l->t->exact && l->n == 2)
			*cell++ = xasprintf("%c - A", name);
		*cell++ = xasprintf("%c/A - 1%s", name, l->t->exact ? "" : ", %");
		if (!l->t->exact && l->n == 2)
			*cell++ = xstrdup("");
	}
}

/* Parameters, and a metric with its unit; on several lines where they do not fit. */
static char *name_text(const struct row *row)
{
	char *params = fields_params(row->params, " ", "="), *metric = metric_text(row);
	char *whole = xasprintf("%s%s%s%s%s", row->case_name, *params ? " " : "", params,
				*metric ? " " : "", metric);
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		die("out of memory for the cover letter");
	wrap(f, whole, LETTER_COLUMNS, "");
	fclose(f);
	text[size - 1] = '\0'; /* its last line's end */
	free(params);
	free(metric);
	free(whole);
	return text;
}

static void fill_row(const struct letter *l, size_t row, char **cell)
{
	const struct table *t = l->t;

	cell[0] = name_text(&t->row[row]);
	cell[1] = value_text(t, cell_value(t, &t->row[row].cell[0]));
	for (size_t i = 1; i < l->n; i++) {
		const struct comparison *c = table_find(t, row, l->shown[i], 0);
		char **at = cell + 2 + (i - 1) * columns_each(l);

		if (t->exact)
			exact_cells(l, c, at);
		else
			ratio_cells(l, c, at);
	}
}

static int is_shown(const struct row *row)
{
	return row->better != BETTER_NEITHER;
}

/* Of the samples alone: metrics of theirs have the same rate. */
static int needs_success(const struct letter *l, const struct row *row)
{
	return is_shown(row) && !row->metric && success_lowest(row, l->shown, l->n) < 100;
}

static void fill_success(const struct letter *l, const struct row *row, char **cell, size_t columns)
{
	char *rates = success_text(row, l->shown, l->n);

	cell[0] = xasprintf("  success %s", rates);
	for (size_t i = 1; i < columns; i++)
		cell[i] = xstrdup("");
	free(rates);
}

/* Lines that end where their text ends, and none of blanks alone. */
static void put_trimmed(FILE *f, char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n"), used = n;

		while (used && text[used - 1] == ' ')
			used--;
		if (used || !n)
			fprintf(f, "%.*s\n", (int)used, text);
		text += n + (text[n] == '\n');
	}
}

static void put_grid(const struct letter *l, const struct grid *g)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		die("out of memory for the cover letter");
	grid_print(f, g, columns_each(l), LETTER_COLUMNS);
	fclose(f);
	put_trimmed(l->f, text);
	free(text);
}

/* Results first, what must not differ last, counts that are no cost not at all. */
void letter_table(const struct letter *l)
{
	const struct row *row = l->t->row;
	size_t r = 1, n = 1;
	struct grid g;

	for (size_t i = 0; i < l->t->rows; i++)
		n += (size_t)is_shown(&row[i]) + (size_t)needs_success(l, &row[i]);
	g = grid_make(n, 2 + (l->n - 1) * columns_each(l));
	heading(l, g.cell);
	for (int control = 0; control <= 1; control++)
		for (size_t i = 0; i < l->t->rows; i++) {
			if (row[i].control != control || !is_shown(&row[i]))
				continue;
			fill_row(l, i, g.cell + r++ * g.columns);
			if (needs_success(l, &row[i]))
				fill_success(l, &row[i], g.cell + r++ * g.columns, g.columns);
		}
	put_grid(l, &g);
	grid_free(&g);
	fputc('\n', l->f);
}
