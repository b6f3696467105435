// SPDX-License-Identifier: MIT
/*
 * Source lines of the functions that changed, from <boot>/lines.txt: `ADDRESS FILE:LINE`
 * (addr2line; where a function was inlined, the line of the inlined code).  No file: no lines.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/attribute.h"
#include "lib/core/die.h"
#include "lib/core/input.h"
#include "lib/core/quote.h"

#define PER_FUNCTION 5

struct place {
	uint64_t addr;
	char *text;
};

struct places {
	struct place *place;
	size_t n;
};

static int by_addr(const void *a, const void *b)
{
	uint64_t x = ((const struct place *)a)->addr, y = ((const struct place *)b)->addr;

	return (x > y) - (x < y);
}

static char *read_lines(const char *directory)
{
	char *path = xasprintf("%s/lines.txt", directory);
	size_t bytes;
	char *text = input_exists(path) ? input_read(path, &bytes) : NULL;

	free(path);
	return text;
}

struct places *places_read(const char *directory)
{
	char *all = read_lines(directory), *at = all, *line, text[1000];
	struct places *p = xcalloc(1, sizeof(*p));
	uint64_t addr;

	while ((line = strsep(&at, "\n"))) {
		if (sscanf(line, "%" SCNx64 " %999s", &addr, text) != 2)
			continue;
		if (!(p->n & (p->n - 1))) {
			p->place = xrealloc(p->place, p->n ? 2 * p->n : 1, sizeof(*p->place));
		}
		p->place[p->n++] = (struct place){ addr, quote_line(text) };
	}
	free(all);
	if (p->n)
		qsort(p->place, p->n, sizeof(*p->place), by_addr);
	return p;
}

const char *places_find(const struct places *p, uint64_t addr)
{
	const struct place *at = NULL;

	if (p->n)
		at = bsearch(&(struct place){ .addr = addr }, p->place, p->n, sizeof(*p->place),
			     by_addr);
	return at ? at->text : NULL;
}

void places_free(struct places *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->place[i].text);
	free(p->place);
	free(p);
}

/* Of one line in one function. */
static void add(struct lines *lines, const char *function, const char *place, double insns)
{
	for (size_t i = 0; i < lines->n; i++)
		if (!strcmp(lines->line[i].function, function) &&
		    !strcmp(lines->line[i].place, place)) {
			lines->line[i].insns += insns;
			return;
		}
	lines->line = xrealloc(lines->line, lines->n + 1, sizeof(*lines->line));
	lines->line[lines->n++] = (struct line){ function, xstrdup(place), insns };
}

static int by_function_and_heat(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int order = strcmp(x->function, y->function);

	if (order)
		return order;
	if (x->insns != y->insns)
		return x->insns < y->insns ? 1 : -1;
	return strcmp(x->place, y->place);
}

static void keep_hottest(struct lines *lines)
{
	size_t kept = 0, run = 0;

	if (lines->n)
		qsort(lines->line, lines->n, sizeof(*lines->line), by_function_and_heat);
	for (size_t i = 0; i < lines->n; i++) {
		run = i && !strcmp(lines->line[i - 1].function, lines->line[i].function) ? run + 1
											 : 0;
		if (run < PER_FUNCTION)
			lines->line[kept++] = lines->line[i];
	}
	lines->n = kept;
}

static int changed(const struct row *row, const char *name, double least)
{
	for (size_t i = 0; i < row->changes && fabs(change_of(&row->change[i])) >= least; i++)
		if (!strcmp(row->change[i].name, name))
			return 1;
	return 0;
}

static void lines_of_side(struct row *row, int s, double least)
{
	const struct side *side = &row->side[s];
	const struct windows *w = side->boot->windows;
	struct places *places = places_read(side->boot->directory);

	for (size_t i = 0; i < w->cells; i++) {
		uint64_t addr = w->insn[w->cell[2 * i + 1]];
		const char *name, *at;

		if (!side->cell[i].insns)
			continue;
		name = symbols_name(side->boot->symbols, addr);
		at = places_find(places, addr);
		if (at && changed(row, name, least))
			add(&row->lines[s], name, at, side->cell[i].insns / side->divisor);
	}
	keep_hottest(&row->lines[s]);
	places_free(places);
}

void lines_of(struct row *row, double least)
{
	for (int s = 0; s < SIDES; s++)
		lines_of_side(row, s, least);
}
