// SPDX-License-Identifier: MIT
/* A history as text, one line a row, and as tab-separated values, one line a value. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"
#include "lib/core/quote.h"
#include "report/history.h"
#include "report/series.h"

/* Counts of bytes: in names they are columns well enough, as in all tables. */
static int widest_name(const struct history *h)
{
	size_t widest = 0;

	for (size_t r = 0; r < h->rows; r++) {
		char *name = history_name(h, &h->row[r]);

		widest = strlen(name) > widest ? strlen(name) : widest;
		free(name);
	}
	return (int)widest;
}

static void print_marks(FILE *f, const struct history *h, const struct history_row *r)
{
	static const char mark[] = { [MARK_NONE] = ' ',
				     [MARK_SAME] = '.',
				     [MARK_WITHIN] = '=',
				     [MARK_LESS] = '-',
				     [MARK_MORE] = '+' };

	for (size_t d = 0; d < h->dates; d++)
		fputc(mark[history_mark(h, r, d)], f);
}

static void print_last_change(FILE *f, const struct history *h, const struct history_row *r)
{
	for (size_t d = h->dates; d-- > 0;) {
		char *change, *day;

		if (history_mark(h, r, d) < MARK_LESS)
			continue;
		change = history_change(h, r, d);
		day = history_day(h, d);
		fprintf(f, "  %s: %s", day, change);
		free(change);
		free(day);
		return;
	}
}

static void print_row(FILE *f, const struct history *h, const struct history_row *r, int width)
{
	size_t last = history_before(h, r, h->dates); /* that, if none */
	char *name = history_name(h, r);
	char *value = show(last < h->dates ? history_value(h, r, last) : NAN);

	fprintf(f, "%-*s  ", width, name);
	print_marks(f, h, r);
	fprintf(f, "  %10s", value);
	print_last_change(f, h, r);
	fputc('\n', f);
	free(name);
	free(value);
}

static void print_changes(FILE *f, const struct history *h, size_t d)
{
	for (size_t r = 0; r < h->rows; r++) {
		const struct history_row *row = &h->row[r];
		char *name, *change, *command, *day;

		if (history_mark(h, row, d) < MARK_LESS)
			continue;
		name = history_name(h, row);
		change = history_change(h, row, d);
		command = history_bisect(h, row, d);
		day = history_day(h, d);
		fprintf(f, "%s  %s: %s%s\n    %s\n", day, name, change,
			history_is_worse(h, row, d) ? ", worse" : "", command);
		free(day);
		free(name);
		free(change);
		free(command);
	}
}

static void print_instruments(FILE *f, const struct history *h)
{
	for (size_t d = 1; d < h->dates; d++)
		for (size_t k = 0; k < h->kernels; k++) {
			char *what = history_instrument(h, k, d), *day = history_day(h, d);

			if (what)
				fprintf(f, "note: %s  %s: %s; what changes there may be that\n",
					day, h->kernel[k].name, what);
			free(what);
			free(day);
		}
}

static size_t rows_that_change(const struct history *h)
{
	size_t n = 0;

	for (size_t r = 0; r < h->rows; r++)
		n += history_changes(h, &h->row[r]) > 0;
	return n;
}

char *history_text(const struct history *h)
{
	size_t size;
	char *text;
	char *first = history_day(h, 0), *last = history_day(h, h->dates - 1);
	FILE *f = series_open(&text, &size);
	int width = widest_name(h);

	fprintf(f, "%zu dates, %s to %s; mode %s, %s\n", h->dates, first, last, h->mode,
		metric_words(h->metric));
	fprintf(f,
		"%zu of %zu rows change.  A column is a date: . as before, + more, - less, = by "
		"less than the case resolves, blank not measured; then the last value.\n\n",
		rows_that_change(h), h->rows);
	for (size_t d = 1; d < h->dates; d++)
		print_changes(f, h, d);
	print_instruments(f, h);
	fputs(rows_that_change(h) ? "\n" : "", f);
	for (size_t r = 0; r < h->rows; r++)
		print_row(f, h, &h->row[r], width);
	fclose(f);
	free(first);
	free(last);
	return text;
}

/* A tab would end a field. */
static void put_field(FILE *f, const char *text)
{
	char *line = quote_line(text ? text : "");

	fprintf(f, "%s\t", line);
	free(line);
}

static void tsv_value(FILE *f, const struct history *h, const struct history_row *r, size_t d)
{
	static const char *const word[] = { "", "same", "within resolution", "less", "more" };
	const struct history_kernel *k = &h->kernel[r->kernel];
	char *value = show_exact(history_value(h, r, d));

	put_field(f, h->date[d].name);
	put_field(f, h->date[d].date);
	put_field(f, k->name);
	put_field(f, k->made[h->date[d].at].commit);
	put_field(f, r->case_name);
	put_field(f, r->params);
	put_field(f, r->metric ? r->metric : metric_key(h->metric));
	put_field(f, r->unit);
	fprintf(f, "%s\t%s\n", value, word[history_mark(h, r, d)]);
	free(value);
}

char *history_tsv(const struct history *h)
{
	size_t size;
	char *text;
	FILE *f = series_open(&text, &size);

	fputs("name\tdate\tkernel\tcommit\tcase\tparams\tmetric\tunit\tvalue\tchange\n", f);
	for (size_t r = 0; r < h->rows; r++)
		for (size_t d = 0; d < h->dates; d++)
			if (!isnan(history_value(h, &h->row[r], d)))
				tsv_value(f, h, &h->row[r], d);
	fclose(f);
	return text;
}
