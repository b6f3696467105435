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

#define MANY 2 /* rows of a case, before any of its metrics */

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

/* Has it a place in the table?  Controls have a line of their own, counts that are no cost none. */
int letter_has(const struct row *row)
{
	return sheet_is_result(row);
}

/* How much it changes, by any kernel; @losses: what is worse before all else. */
static double weight(const struct letter *l, size_t r, int losses)
{
	double most = -1;

	for (size_t i = 1; i < l->n; i++) {
		const struct comparison *c = table_find(l->t, r, l->shown[i], 0);
		double size = isfinite(c->delta_pct) ? fabs(c->delta_pct) : 0;

		if (losses && differs(c) && is_worse(l->t, c))
			size += 1e9;
		else if (!differs(c))
			size = 0;
		most = fmax(most, size);
	}
	return most;
}

/* Each case has its weightiest row before any has a second, so that none is drowned. */
static size_t heaviest(const struct letter *l, const double *of, const size_t *taken_of)
{
	size_t best = l->t->rows;

	for (size_t r = 0; r < l->t->rows; r++) {
		if (l->is_shown[r] || of[r] < 0)
			continue;
		if (best == l->t->rows || taken_of[r] < taken_of[best] ||
		    (taken_of[r] == taken_of[best] && of[r] > of[best]))
			best = r;
	}
	return best;
}

/* Losses and what changes most by turns. */
void letter_choose(struct letter *l, size_t most)
{
	double *of[] = { xcalloc(l->t->rows + 1, sizeof(double)),
			 xcalloc(l->t->rows + 1, sizeof(double)) };
	size_t *taken_of = xcalloc(l->t->rows + 1, sizeof(*taken_of));

	memset(l->is_shown, 0, l->t->rows);
	/* Samples before metrics, which say the same once more, and at more length. */
	for (size_t r = 0; r < l->t->rows; r++) {
		int has = letter_has(&l->t->row[r]);

		of[0][r] = has ? weight(l, r, 1) : -1;
		of[1][r] = has ? weight(l, r, 0) : -1;
		taken_of[r] = l->t->row[r].metric ? MANY : 0;
	}
	for (size_t n = 0; n < most; n++) {
		size_t r = heaviest(l, of[n % 2], taken_of);

		if (r == l->t->rows)
			break;
		l->is_shown[r] = 1;
		for (size_t i = 0; i < l->t->rows; i++)
			taken_of[i] += !strcmp(l->t->row[i].case_name, l->t->row[r].case_name);
	}
	free(of[0]);
	free(of[1]);
	free(taken_of);
}

/* Of the samples alone: metrics of theirs have the same rate. */
static int needs_success(const struct letter *l, size_t r)
{
	const struct row *row = &l->t->row[r];

	return l->is_shown[r] && !row->metric && success_lowest(row, l->shown, l->n) < 100;
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

void letter_table(const struct letter *l)
{
	const struct row *row = l->t->row;
	size_t r = 1, n = 1;
	struct grid g;

	for (size_t i = 0; i < l->t->rows; i++)
		n += (size_t)l->is_shown[i] + (size_t)needs_success(l, i);
	g = grid_make(n, 2 + (l->n - 1) * columns_each(l));
	heading(l, g.cell);
	for (size_t i = 0; i < l->t->rows; i++) {
		if (!l->is_shown[i])
			continue;
		fill_row(l, i, g.cell + r++ * g.columns);
		if (needs_success(l, i))
			fill_success(l, &row[i], g.cell + r++ * g.columns, g.columns);
	}
	put_grid(l, &g);
	grid_free(&g);
	fputc('\n', l->f);
}
