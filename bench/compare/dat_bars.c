// SPDX-License-Identifier: MIT
/*
 * Pictures of bars: a line a row of the table, with its name, the value on each kernel and the
 * success rate on each.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "lib/die.h"

static const struct bar_picture {
	const char *name;
	struct dat_source source[2];
} bars[] = {
	{ "convert_thp", { { .case_name = "convert_thp" } } },
	{ "fault_back_state",
	  { { .case_name = "fault_back", .where = "touch=write" },
	    { .case_name = "fault_back_state" } } },
};

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
			if (dat_selects(&p->source[s], &t->row[i]) &&
			    !effect_skipped_alike(t, &t->row[i])) {
				put_bar(f, t, p, &t->row[i]);
				rows++;
			}
	dat_close(f);
	fprintf(facts, "%s_rows = %zu\n", p->name, rows);
	free(name);
}

/* A picture needs its own case; what stands beside it alone is none. */
static int is_drawn(const struct table *t, const struct bar_picture *p)
{
	int drawn = 0;

	for (size_t s = 0; s < 2; s++)
		drawn |= p->source[s].case_name && !strcmp(p->source[s].case_name, p->name) &&
			 dat_is_there(t, &p->source[s]);
	return drawn;
}

void dat_bars(const struct table *t, const char *directory, FILE *facts)
{
	for (size_t i = 0; i < sizeof(bars) / sizeof(bars[0]); i++)
		if (is_drawn(t, &bars[i]))
			put_bars(t, directory, &bars[i], facts);
}
