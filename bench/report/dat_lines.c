// SPDX-License-Identifier: MIT
/*
 * Pictures of lines: a block a kernel and series (gnuplot's `index`), the kernel slowest.
 * The first line of a block is its title; then x, value, the lowest and the highest boot.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/picture.h"
#include "lib/core/die.h"
#include "lib/core/quote.h"

static double x_of(const struct table *t, const struct picture *p, const struct row *row, size_t k)
{
	const char *name = picture_word(p, "x");
	const struct row *x;

	if (*name != '@')
		return (double)(json_integer_value(json_object_get(row->params, name)) +
				json_integer_value(json_object_get(p->says, "more")));
	x = dat_beside(t, row, name + 1);
	return x ? cell_value(t, &x->cell[k]) : 0;
}

static void put_point(FILE *f, struct stats_interval i, double x)
{
	dat_number(f, x);
	dat_number(f, i.estimate);
	dat_number(f, i.low);
	dat_number(f, i.high);
	fputc('\n', f);
}

static const char *series_of(const struct picture *p, const struct row *row)
{
	static char number[24];
	const char *series = picture_word(p, "series");
	json_t *value = series ? json_object_get(row->params, series) : NULL;

	if (!json_is_integer(value))
		return value ? json_string_value(value) : "";
	snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
	return number;
}

/* The rows of a block: those with the same series as @first. */
static void put_block(FILE *f, const struct table *t, const struct picture *p, size_t first,
		      size_t k)
{
	char *series = xstrdup(series_of(p, &t->row[first]));
	char *title =
		xasprintf("%s%s%s%s%s", t->kernel[k].label, *series ? ", " : "",
			  *series ? picture_word(p, "series") : "", *series ? " " : "", series);

	quote_gnuplot(f, title);
	fputc('\n', f);
	for (size_t i = first; i < t->rows; i++)
		if (dat_selects(p->from, &t->row[i]) && !strcmp(series_of(p, &t->row[i]), series) &&
		    t->row[i].cell[k].boots)
			put_point(f, dat_extremes(t, &t->row[i].cell[k]),
				  x_of(t, p, &t->row[i], k));
	fputs("\n\n", f);
	free(series);
	free(title);
}

/* Is row @i the first of its series? */
static int begins(const struct table *t, const struct picture *p, size_t i)
{
	char *series;
	int first = dat_selects(p->from, &t->row[i]);

	if (!first)
		return 0;
	series = xstrdup(series_of(p, &t->row[i]));
	for (size_t j = 0; j < i && first; j++)
		first = !dat_selects(p->from, &t->row[j]) ||
			strcmp(series_of(p, &t->row[j]), series);
	free(series);
	return first;
}

/* Where several panels have to have one axis. */
static void put_range(const struct table *t, const struct picture *p, FILE *facts)
{
	double low = INFINITY, high = -INFINITY;

	for (size_t i = 0; i < t->rows; i++) {
		for (size_t k = 0; dat_selects(p->from, &t->row[i]) && k < t->kernels; k++) {
			struct stats_interval e = dat_extremes(t, &t->row[i].cell[k]);

			low = fmin(low, e.low);
			high = fmax(high, e.high);
		}
	}
	fprintf(facts, "%s_low = %.10g\n%s_high = %.10g\n", p->name, low, p->name, high);
}

/* How many series there are, and what they are called. */
static void put_series(const struct table *t, const struct picture *p, size_t n, FILE *facts)
{
	size_t at = 0;

	fprintf(facts, "%s_series = %zu\n", p->name, n);
	put_range(t, p, facts);
	if (!picture_word(p, "series"))
		return;
	fprintf(facts, "array %s_name[%zu]\n", p->name, n);
	for (size_t i = 0; i < t->rows; i++) {
		if (!begins(t, p, i))
			continue;
		fprintf(facts, "%s_name[%zu] = ", p->name, ++at);
		quote_gnuplot(facts, series_of(p, &t->row[i]));
		fputc('\n', facts);
	}
}

static void put_lines(const struct table *t, const char *directory, const struct picture *p,
		      FILE *facts)
{
	size_t shown[COMPARE_MAX_KERNELS], n = letters(t, shown);
	char *name = xasprintf("%s.dat", p->name), *what, *columns;
	size_t series = 0;
	FILE *f;

	for (size_t i = 0; i < t->rows; i++)
		series += (size_t)begins(t, p, i);
	put_series(t, p, series, facts);
	what = xasprintf("%s, %s, %s", p->from->case_name,
			 p->from->metric ? p->from->metric : unit_words(t),
			 p->from->where ? p->from->where : "all");
	columns = xasprintf("%s, value, lowest boot, highest boot", picture_word(p, "axis"));
	f = dat_open(directory, name, what, columns);
	for (size_t s = 0; s < n; s++)
		for (size_t i = 0; i < t->rows; i++)
			if (begins(t, p, i))
				put_block(f, t, p, i, shown[s]);
	dat_close(f);
	free(name);
	free(what);
	free(columns);
}

void dat_lines(const struct table *t, const char *directory, FILE *facts)
{
	size_t n;
	struct picture *lines = pictures("lines", &n);

	for (size_t i = 0; i < n; i++)
		if (dat_is_there(t, lines[i].from))
			put_lines(t, directory, &lines[i], facts);
	free(lines);
}
