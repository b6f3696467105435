// SPDX-License-Identifier: MIT
/*
 * Rows of the table as columns for gnuplot.  Two shapes:
 *
 *   lines   a block a kernel and series (gnuplot's `index`), the kernel slowest; its
 *           first line is its title; then x, value, and the lowest and the highest boot
 *   bars    a line a row: its name, the value on each kernel, the success rate on each
 *
 * A/A arms are in the report and in no picture.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "compare.h"
#include "lib/die.h"

/* Rows of one case: those with @metric (NULL: the samples) that hold @where, "name=value". */
struct source {
	const char *case_name, *metric, *where;
};

static const struct line_picture {
	const char *name;
	struct source source;
	const char *x;	    /* a parameter, or "@metric" */
	int more;	    /* is added to x */
	const char *series; /* a parameter, or NULL */
	const char *columns;
} lines[] = {
	{ .name = "convert_range",
	  .source = { .case_name = "convert_range" },
	  .x = "pages",
	  .columns = "pages a range" },
	{ .name = "convert_shared",
	  .source = { .case_name = "convert_shared", .where = "notifier=no" },
	  .x = "sharers",
	  .more = 1,
	  .series = "order",
	  .columns = "processes of the fork tree, the converting one included" },
	{ .name = "hold_anon_vma",
	  .source = { .case_name = "hold_anon_vma" },
	  .x = "sharers",
	  .columns = "sharers" },
	{ .name = "ping_pong",
	  .source = { "ping_pong", "device_rate", "touch=write" },
	  .x = "@touch_rate",
	  .series = "sharers",
	  .columns = "touches achieved per page and million units" },
	{ .name = "device_span",
	  .source = { .case_name = "device_span" },
	  .x = "granule",
	  .series = "cpu",
	  .columns = "pages that a device fault takes" },
	{ .name = "contend_anon_vma",
	  .source = { "contend_anon_vma", "throughput", "loop=closed" },
	  .x = "others",
	  .series = "against",
	  .columns = "other members of the fork tree at work" },
};

static const struct bar_picture {
	const char *name;
	struct source source[2];
} bars[] = {
	{ "convert_thp", { { .case_name = "convert_thp" } } },
	{ "fault_back_state",
	  { { .case_name = "fault_back", .where = "touch=write" },
	    { .case_name = "fault_back_state" } } },
};

FILE *dat_open(const char *directory, const char *name, const char *what, const char *columns)
{
	char *path = xasprintf("%s/%s", directory, name);
	FILE *f = fopen(path, "w");

	if (!f)
		die_usage("cannot create %s: %s", path, strerror(errno));
	free(path);
	fprintf(f, "# %s\n# columns: %s\n", what, columns);
	return f;
}

void dat_close(FILE *f)
{
	if (ferror(f) || fclose(f))
		die_usage("cannot write a table for pictures: %s", strerror(errno));
}

void dat_quote(FILE *f, const char *text)
{
	fputc('"', f);
	for (; *text; text++)
		fputc(*text == '"' || *text == '\\' || (unsigned char)*text < ' ' ? '\'' : *text,
		      f);
	fputc('"', f);
}

void dat_number(FILE *f, double value)
{
	if (isfinite(value)) {
		char *text = exact_text(value);

		fprintf(f, " %s", text);
		free(text);
	} else {
		fputs(" NaN", f);
	}
}

static int has(json_t *params, const char *name, const char *is)
{
	json_t *o = json_pack("{s:O?}", name, json_object_get(params, name));
	char *text = params_text(o, "", "="), *want = xasprintf("%s=%s", name, is);
	int yes = !strcmp(text, want);

	json_decref(o);
	free(text);
	free(want);
	return yes;
}

static int selects(const struct source *s, const struct row *row)
{
	char *name, *is;
	int yes = s->case_name && !strcmp(row->case_name, s->case_name) &&
		  (s->metric && row->metric ? !strcmp(s->metric, row->metric)
					    : s->metric == row->metric);

	if (!yes || !s->where)
		return yes;
	name = xstrdup(s->where);
	is = strchr(name, '=');
	*is++ = '\0';
	yes = has(row->params, name, is);
	free(name);
	return yes;
}

/* Does a value say by itself what it is of?  "held" does; "yes", "none" and numbers do not. */
static int speaks(json_t *value)
{
	const char *s = json_string_value(value);

	return s && strcmp(s, "yes") && strcmp(s, "no") && strcmp(s, "none") &&
	       !strchr("0123456789", *s);
}

/* "pages=16", "nouveau cure=yes fresh"; to free. */
char *dat_params(json_t *params)
{
	char *text = xstrdup(""), *longer;
	const char *name;
	json_t *value;

	json_object_foreach(params, name, value) {
		json_t *one = json_pack("{s:O}", name, value);
		char *said = speaks(value) ? xstrdup(json_string_value(value))
					   : params_text(one, "", "=");

		longer = xasprintf("%s%s%s", text, *text ? " " : "", said);
		free(text);
		free(said);
		json_decref(one);
		text = longer;
	}
	return text;
}

/* Of a row that differs from @row in its metric alone; 0 where none was measured. */
static double other_metric(const struct table *t, const struct row *row, const char *metric,
			   size_t k)
{
	for (size_t i = 0; i < t->rows; i++)
		if (!strcmp(t->row[i].case_name, row->case_name) && t->row[i].metric &&
		    !strcmp(t->row[i].metric, metric) && json_equal(t->row[i].params, row->params))
			return cell_value(t, &t->row[i].cell[k]);
	return 0;
}

static double x_of(const struct table *t, const struct line_picture *p, const struct row *row,
		   size_t k)
{
	return *p->x == '@'
		       ? other_metric(t, row, p->x + 1, k)
		       : (double)json_integer_value(json_object_get(row->params, p->x)) + p->more;
}

static void put_point(FILE *f, const struct table *t, const struct row *row, size_t k, double x)
{
	const struct cell *cell = &row->cell[k];
	double low = INFINITY, high = -INFINITY;

	for (size_t b = 0; b < cell->boots; b++) {
		low = fmin(low, cell->boot[b].value);
		high = fmax(high, cell->boot[b].value);
	}
	dat_number(f, x);
	dat_number(f, cell_value(t, cell));
	dat_number(f, low);
	dat_number(f, high);
	fputc('\n', f);
}

static const char *series_of(const struct line_picture *p, const struct row *row)
{
	static char number[24];
	json_t *value = p->series ? json_object_get(row->params, p->series) : NULL;

	if (!json_is_integer(value))
		return value ? json_string_value(value) : "";
	snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
	return number;
}

/* The rows of a block: those with the same series as @first. */
static void put_block(FILE *f, const struct table *t, const struct line_picture *p, size_t first,
		      size_t k)
{
	char *series = xstrdup(series_of(p, &t->row[first]));
	char *title = xasprintf("%s%s%s%s%s", t->kernel[k].label, *series ? ", " : "",
				*series ? p->series : "", *series ? " " : "", series);

	dat_quote(f, title);
	fputc('\n', f);
	for (size_t i = first; i < t->rows; i++)
		if (selects(&p->source, &t->row[i]) && !strcmp(series_of(p, &t->row[i]), series) &&
		    t->row[i].cell[k].boots)
			put_point(f, t, &t->row[i], k, x_of(t, p, &t->row[i], k));
	fputs("\n\n", f);
	free(series);
	free(title);
}

/* Is row @i the first of its series? */
static int begins(const struct table *t, const struct line_picture *p, size_t i)
{
	char *series;
	int first = selects(&p->source, &t->row[i]);

	if (!first)
		return 0;
	series = xstrdup(series_of(p, &t->row[i]));
	for (size_t j = 0; j < i && first; j++)
		first = !selects(&p->source, &t->row[j]) ||
			strcmp(series_of(p, &t->row[j]), series);
	free(series);
	return first;
}

/* Was anything measured that @s names? */
static int is_there(const struct table *t, const struct source *s)
{
	size_t points = 0;

	for (size_t i = 0; i < t->rows; i++)
		for (size_t k = 0; k < t->kernels; k++)
			points += selects(s, &t->row[i]) && t->row[i].cell[k].boots;
	return points > 0;
}

/* How many series there are, and what they are called. */
static void put_series(const struct table *t, const struct line_picture *p, size_t n, FILE *facts)
{
	size_t at = 0;

	fprintf(facts, "%s_series = %zu\n", p->name, n);
	if (!p->series)
		return;
	fprintf(facts, "array %s_name[%zu]\n", p->name, n);
	for (size_t i = 0; i < t->rows; i++) {
		if (!begins(t, p, i))
			continue;
		fprintf(facts, "%s_name[%zu] = ", p->name, ++at);
		dat_quote(facts, series_of(p, &t->row[i]));
		fputc('\n', facts);
	}
}

static void put_lines(const struct table *t, const char *directory, const struct line_picture *p,
		      FILE *facts)
{
	size_t shown[COMPARE_MAX_KERNELS], n = letters(t, shown);
	char *name = xasprintf("%s.dat", p->name), *what, *columns;
	size_t series = 0;
	FILE *f;

	for (size_t i = 0; i < t->rows; i++)
		series += (size_t)begins(t, p, i);
	put_series(t, p, series, facts);
	what = xasprintf("%s, %s, %s", p->source.case_name,
			 p->source.metric ? p->source.metric : unit_words(t),
			 p->source.where ? p->source.where : "all");
	columns = xasprintf("%s, value, lowest boot, highest boot", p->columns);
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

/* What is left of a name when the picture's title has been read. */
static char *bar_name(const struct bar_picture *p, const struct row *row)
{
	return strcmp(p->name, row->case_name) ? xstrdup("undisturbed") : dat_params(row->params);
}

static void put_bar(FILE *f, const struct table *t, const struct bar_picture *p,
		    const struct row *row)
{
	size_t shown[COMPARE_MAX_KERNELS], n = letters(t, shown);
	char *name = bar_name(p, row);

	dat_quote(f, name);
	for (size_t s = 0; s < n; s++)
		dat_number(f, cell_value(t, &row->cell[shown[s]]));
	for (size_t s = 0; s < n; s++) {
		const struct cell *c = &row->cell[shown[s]];

		dat_number(f, c->attempted ? 100 * (double)c->ok / (double)c->attempted : NAN);
	}
	fputc('\n', f);
	free(name);
}

static void put_bars(const struct table *t, const char *directory, const struct bar_picture *p,
		     FILE *facts)
{
	size_t rows = 0;

	char *name = xasprintf("%s.dat", p->name);
	FILE *f = dat_open(directory, name, unit_words(t),
			   "name, value on each kernel, success on each kernel in per cent");

	for (size_t s = 0; s < 2; s++)
		for (size_t i = 0; i < t->rows; i++)
			if (selects(&p->source[s], &t->row[i]) &&
			    !effect_skipped_alike(t, &t->row[i])) {
				put_bar(f, t, p, &t->row[i]);
				rows++;
			}
	dat_close(f);
	fprintf(facts, "%s_rows = %zu\n", p->name, rows);
	free(name);
}

/* What every picture says: the mode, the unit, the kernels. */
static FILE *put_facts(const struct table *t, const char *directory)
{
	size_t shown[COMPARE_MAX_KERNELS], n = letters(t, shown);
	FILE *f = dat_open(directory, "facts.gp", "what all pictures say", "none: gnuplot's");

	fprintf(f, "MODE = \"%s\"\nUNIT = \"%s\"\nKERNELS = %zu\narray KERNEL[%zu]\n", t->mode,
		unit_words(t), n, n);
	for (size_t s = 0; s < n; s++) {
		const struct kernel *kernel = &t->kernel[shown[s]];
		char *release = release_text(kernel);
		char *words = xasprintf("%s: %s, %zu boot%s", kernel->label, release, kernel->boots,
					kernel->boots == 1 ? "" : "s");

		fprintf(f, "KERNEL[%zu] = ", s + 1);
		dat_quote(f, words);
		fputc('\n', f);
		free(release);
		free(words);
	}
	return f;
}

void dat_write(const struct table *t, const char *directory)
{
	FILE *facts;

	if (mkdir(directory, 0777) && errno != EEXIST)
		die_usage("cannot create %s: %s", directory, strerror(errno));
	facts = put_facts(t, directory);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (is_there(t, &lines[i].source))
			put_lines(t, directory, &lines[i], facts);
	for (size_t i = 0; i < sizeof(bars) / sizeof(bars[0]); i++)
		for (size_t s = 0; s < 2; s++)
			if (bars[i].source[s].case_name &&
			    !strcmp(bars[i].source[s].case_name, bars[i].name) &&
			    is_there(t, &bars[i].source[s]))
				put_bars(t, directory, &bars[i], facts);
	dat_ecdf(t, directory, facts);
	if (t->exact)
		dat_ladder(t, directory, facts);
	else
		dat_effects(t, directory, facts);
	dat_close(facts);
}
