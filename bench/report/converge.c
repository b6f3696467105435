// SPDX-License-Identifier: MIT
/* converge.json: a row a measurement and kernel, a column a set of lockstep mode's parameters. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bounds.h"
#include "lib/die.h"
#include "lib/json.h"
#include "lib/names.h"
#include "report/series.h"

#define MOST_SETS 64

static void need_number(json_t *object, const char *key, const char *path)
{
	json_t *value = json_object_get(object, key);

	if (!json_is_number(value))
		die_usage("%s: \"%s\" is missing or of the wrong type", path, key);
	bounds_value(value, key, path);
}

/* Of @row, as many and the same as of the first one. */
static json_t *read_sets(json_t *row, json_t *first, const char *path)
{
	json_t *sets = json_need(row, "sets", JSON_OBJECT, path), *set;
	size_t n = json_object_size(sets);
	const char *name;

	if (n < 2 || n > MOST_SETS)
		die_usage("%s: a row has %zu sets; from 2 to %d can be", path, n, MOST_SETS);
	json_object_foreach(sets, name, set) {
		if (name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789=,")])
			die_usage("%s: \"%s\" is no set of parameters", path, name);
		if (first && (!json_object_get(first, name) || json_object_size(first) != n))
			die_usage("%s: the sets of one row are not those of another", path);
		need_number(set, "value", path);
		need_number(set, "ci_pct", path);
	}
	return sets;
}

static void need_label(json_t *object, const char *key, const char *path)
{
	if (!name_is_label(json_need_string(object, key, path)))
		die_usage("%s: \"%s\" is no name", path, key);
}

static void check_rows(json_t *rows, const char *path)
{
	json_t *row, *first = NULL;
	size_t i;

	if (!json_array_size(rows) || json_array_size(rows) > BOUNDS_RESULTS)
		die_usage("%s: \"rows\" has %zu; from 1 to %d can be", path, json_array_size(rows),
			  BOUNDS_RESULTS);
	json_array_foreach(rows, i, row) {
		json_t *params;

		if (!json_is_object(row))
			die_usage("%s: a row is no object", path);
		params = json_need(row, "params", JSON_OBJECT, path);
		bounds_int(params, "others", 0, BOUNDS_NUMBER, path);
		need_label(params, "against", path);
		need_label(row, "kernel", path);
		need_number(row, "moves_pct", path);
		first = read_sets(row, first, path);
	}
}

static double number(json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

static char *percent(double value)
{
	char *text = show_rounded(value, 1), *with = xasprintf("%s%%", text);

	free(text);
	return with;
}

static char *set_text(json_t *set)
{
	char *value = show_rounded(number(set, "value"), 1), *ci = percent(number(set, "ci_pct"));
	char *text = xasprintf("%s +-%s", value, ci);

	free(value);
	free(ci);
	return text;
}

static void fill_heading(json_t *sets, char **cell)
{
	const char *name;
	json_t *set;

	*cell++ = xstrdup("beside");
	*cell++ = xstrdup("kernel");
	json_object_foreach(sets, name, set)
		*cell++ = xstrdup(name);
	*cell = xstrdup("moves");
}

static void fill_row(json_t *row, json_t *first, char **cell)
{
	json_t *params = json_object_get(row, "params"), *sets = json_object_get(row, "sets"), *set;
	const char *name;

	*cell++ = xasprintf("%lld in %s",
			    (long long)json_integer_value(json_object_get(params, "others")),
			    json_string_value(json_object_get(params, "against")));
	*cell++ = xstrdup(json_string_value(json_object_get(row, "kernel")));
	json_object_foreach(first, name, set)
		*cell++ = set_text(json_object_get(sets, name));
	*cell = percent(number(row, "moves_pct"));
}

static struct grid make_grid(json_t *rows)
{
	json_t *first = json_object_get(json_array_get(rows, 0), "sets"), *row;
	struct grid g = grid_make(1 + json_array_size(rows), 3 + json_object_size(first));
	size_t i;

	fill_heading(first, g.cell);
	json_array_foreach(rows, i, row)
		fill_row(row, first, g.cell + (i + 1) * g.columns);
	return g;
}

/* Words: to the left, each column but the last as wide as its widest. */
static void align(struct grid *g)
{
	for (size_t c = 0; c + 1 < g->columns; c++) {
		size_t most = 0;

		for (size_t r = 0; r < g->rows; r++) {
			size_t n = strlen(g->cell[r * g->columns + c]);

			most = n > most ? n : most;
		}
		for (size_t r = 0; r < g->rows; r++) {
			char **cell = &g->cell[r * g->columns + c];

			*cell = padded(*cell, -(int)most);
		}
	}
}

static void print_row(FILE *f, const struct grid *g, size_t row)
{
	for (size_t c = 0; c < g->columns; c++)
		fprintf(f, "%s%s", c ? "  " : "", g->cell[row * g->columns + c]);
	fputc('\n', f);
}

static void print_row_markdown(FILE *f, const struct grid *g, size_t row)
{
	for (size_t c = 0; c < g->columns; c++)
		markdown_cell(f, g->cell[row * g->columns + c]);
	fputs("|\n", f);
	if (!row)
		markdown_rule(f, g->columns, 2, g->columns);
}

char *converge_report(json_t *root, const char *path, int markdown)
{
	json_t *rows = json_need(root, "rows", JSON_ARRAY, path);
	size_t size;
	char *text;
	FILE *f;
	struct grid g;

	check_rows(rows, path);
	g = make_grid(rows);
	align(&g);
	f = series_open(&text, &size);
	for (size_t r = 0; r < g.rows; r++)
		(markdown ? print_row_markdown : print_row)(f, &g, r);
	fclose(f);
	grid_free(&g);
	return text;
}
