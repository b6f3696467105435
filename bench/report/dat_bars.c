// SPDX-License-Identifier: MIT
/*
 * Pictures of bars, and of cells: a line a row of the table, with its name, its place, and on
 * each kernel the value, the lowest and the highest boot, and what is to be read beside it: the
 * number, another metric, or why there is none.  A bar that is not there would say nothing.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/picture.h"
#include "lib/core/die.h"
#include "lib/core/quote.h"

#define GAP 0.4 /* rows, between two groups */

/* One that is written: how far down its rows reach, and its values. */
struct drawing {
	const struct table *table;
	const struct picture *picture;
	const struct row *before; /* the row above, or NULL */
	size_t shown[COMPARE_MAX_KERNELS], kernels;
	double at, low, high; /* place of @before, values above 0 */
	size_t letters;	      /* of the longest name */
	FILE *file;
};

/* Are there rows of more than one case? */
static int has_several(const struct picture *p)
{
	return p->own > 1;
}

/* What is left of a name when the picture's title has been read. */
static char *bar_name(const struct drawing *d, const struct row *row, size_t source)
{
	const char *where = d->picture->from[source].where;
	json_t *params = json_copy(row->params);
	char *text, *name;

	if (d->picture->as[source]) {
		json_decref(params);
		return xstrdup(d->picture->as[source]);
	}
	if (where)
		json_object_deln(params, where, strcspn(where, "="));
	text = dat_params(params);
	json_decref(params);
	if (!has_several(d->picture))
		return text;
	name = xasprintf("%s%s%s", row->case_name, *text ? " " : "", text);
	free(text);
	return name;
}

static char *why_none(const struct drawing *d, const struct row *row, const struct cell *cell,
		      size_t k)
{
	const char *metric = picture_word(d->picture, "tries");
	const struct row *tries = metric ? dat_beside(d->table, row, metric) : NULL;

	if (cell->attempted && !cell->ok)
		return xasprintf("no success in %.0f %s",
				 tries ? cell_value(d->table, &tries->cell[k])
				       : (double)cell->attempted,
				 tries ? metric : "attempts");
	return xstrdup(cell->skipped ? "skipped" : "not measured");
}

/* What is read beside the value of kernel @k; to free. */
static char *bar_text(const struct drawing *d, const struct row *row, size_t k)
{
	const struct cell *cell = &row->cell[k];
	const char *beside = picture_word(d->picture, "beside");
	const struct row *said = beside ? dat_beside(d->table, row, beside) : row;
	double value = cell_value(d->table, cell);
	char *number, *text;

	if (isnan(value) || !said)
		return why_none(d, row, cell, k);
	number = value_text(d->table, cell_value(d->table, &said->cell[k]));
	if (said != row)
		text = xasprintf("%s%s%s", number, *said->unit == '/' ? "" : " ", said->unit);
	else if (cell->ok < cell->attempted)
		text = xasprintf("%s, %.3g %% succeed", number,
				 100 * (double)cell->ok / (double)cell->attempted);
	else
		return number;
	free(number);
	return text;
}

/* Below the row before, and apart from it where a group begins. */
static void place(struct drawing *d, const struct row *row)
{
	const char *group = picture_word(d->picture, "group");

	if (!d->before)
		d->at = 0;
	else if (strcmp(d->before->case_name, row->case_name) ||
		 (group && !json_equal(json_object_get(d->before->params, group),
				       json_object_get(row->params, group))))
		d->at += 1 + GAP;
	else
		d->at += 1;
	d->before = row;
}

static void put_columns(struct drawing *d, const struct row *row)
{
	struct stats_interval e[COMPARE_MAX_KERNELS];

	for (size_t s = 0; s < d->kernels; s++) {
		e[s] = dat_extremes(d->table, &row->cell[d->shown[s]]);
		dat_number(d->file, e[s].estimate);
		if (e[s].low > 0)
			d->low = fmin(d->low, e[s].low);
		d->high = fmax(d->high, e[s].high);
	}
	for (size_t s = 0; s < d->kernels; s++)
		dat_number(d->file, e[s].low);
	for (size_t s = 0; s < d->kernels; s++)
		dat_number(d->file, e[s].high);
}

static void put_bar(struct drawing *d, const struct row *row, size_t source)
{
	char *name = bar_name(d, row, source);

	place(d, row);
	d->letters = strlen(name) > d->letters ? strlen(name) : d->letters;
	quote_gnuplot(d->file, name);
	dat_number(d->file, d->at);
	put_columns(d, row);
	for (size_t s = 0; s < d->kernels; s++) {
		char *text = bar_text(d, row, d->shown[s]);

		fputc(' ', d->file);
		quote_gnuplot(d->file, text);
		free(text);
	}
	fputc('\n', d->file);
	free(name);
}

/* Skipped everywhere for one reason, and not because every attempt failed. */
static int says_nothing(const struct table *t, const struct row *row)
{
	return skipped_alike(t, row) && !row->cell[0].attempted;
}

static void put_bars(const struct table *t, const char *directory, const struct picture *p,
		     FILE *facts)
{
	struct drawing d = { .table = t, .picture = p, .low = INFINITY };
	char *name = xasprintf("%s.dat", p->name);

	d.kernels = letters(t, d.shown);
	d.file = dat_open(directory, name, unit_words(t),
			  "name, place from above; of each kernel value, then lowest boot, "
			  "then highest, then what is read beside it");
	for (size_t s = 0; s < p->sources; s++)
		for (size_t i = 0; i < t->rows; i++)
			if (dat_selects(&p->from[s], &t->row[i]) && !says_nothing(t, &t->row[i]))
				put_bar(&d, &t->row[i], s);
	dat_close(d.file);
	fprintf(facts, "%s_rows = %.10g\n%s_letters = %zu\n", p->name, d.at + 1, p->name,
		d.letters);
	fprintf(facts, "%s_low = %.10g\n%s_high = %.10g\n", p->name, fmin(d.low, d.high), p->name,
		d.high);
	free(name);
}

/* What is borrowed from another case is no reason to draw. */
static int is_drawn(const struct table *t, const struct picture *p)
{
	int drawn = 0;

	for (size_t s = 0; s < p->sources; s++)
		drawn |= !p->as[s] && dat_is_there(t, &p->from[s]);
	return drawn &&
	       !(json_is_true(json_object_get(p->says, "not_exact")) && !strcmp(t->mode, "exact"));
}

void dat_bars(const struct table *t, const char *directory, FILE *facts)
{
	size_t n;
	struct picture *bars = pictures("bars", &n);

	for (size_t i = 0; i < n; i++)
		if (is_drawn(t, &bars[i]))
			put_bars(t, directory, &bars[i], facts);
	free(bars);
}
