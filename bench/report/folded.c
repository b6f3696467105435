// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "report/folded.h"

#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "lib/core/die.h"

#define GAP   2 /* between columns */
#define NAMES 8 /* characters that are left for names, at least, before a table is split */

/* "95 %" is one word. */
static size_t word_length(const char *text)
{
	size_t n = strcspn(text, " ");

	while (text[n] && text[n + 1] == '%')
		n += 1 + strcspn(text + n + 1, " ");
	return n;
}

/* A line between words, further lines two characters further in than the first. */
void wrap_indented(FILE *f, const char *text, size_t width)
{
	size_t indent = strspn(text, " "), column = indent;

	fprintf(f, "%*s", (int)indent, "");
	text += indent;
	while (*text) {
		size_t n = word_length(text), gap = strspn(text + n, " ");

		if (column > indent + 2 && column + n > width) {
			fprintf(f, "\n%*s", (int)indent + 2, "");
			column = indent + 2;
		}
		fprintf(f, "%.*s", (int)n, text);
		column += n;
		text += n + gap;
		if (*text && column + gap + word_length(text) <= width)
			fprintf(f, "%*s", (int)gap, "");
		column += gap;
	}
	fputc('\n', f);
}

struct folded *folded_make(size_t columns, size_t least_names)
{
	struct folded *f = xcalloc(1, sizeof(*f));

	f->columns = columns;
	f->column = xcalloc(columns, sizeof(*f->column));
	f->least_names = least_names;
	return f;
}

static struct folded_row *add(struct folded *f, char *name)
{
	f->row = xrealloc(f->row, f->rows + 1, sizeof(*f->row));
	f->row[f->rows] = (struct folded_row){ .name = name };
	return &f->row[f->rows++];
}

struct folded_row *folded_row(struct folded *f, char *name)
{
	struct folded_row *row = add(f, name);

	row->cell = xcalloc(f->columns, sizeof(char *));
	row->besides = xcalloc(f->columns, sizeof(char *));
	return row;
}

void folded_words(struct folded *f, char *words)
{
	add(f, words);
}

void folded_free(struct folded *f)
{
	for (size_t r = 0; r < f->rows; r++) {
		for (size_t c = 0; f->row[r].cell && c < f->columns; c++) {
			free(f->row[r].cell[c]);
			free(f->row[r].besides[c]);
		}
		free(f->row[r].name);
		free(f->row[r].cell);
		free(f->row[r].besides);
	}
	for (size_t c = 0; c < f->columns; c++)
		free(f->column[c].head);
	free(f->column);
	free(f->row);
	free(f->head);
	free(f);
}

static size_t most(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* What stands in one cell, to free: all of it, or what is left where it is folded. */
static char *joined(const struct folded *f, const struct folded_row *row, size_t c)
{
	const char *cell = row->cell[c], *besides = row->besides[c];
	int first = f->column[c].besides == FOLD_AWAY;

	return xasprintf("%s%s%s", first ? besides : cell, *cell && *besides ? " " : "",
			 first ? cell : besides);
}

static size_t width_of(const struct folded *f, size_t c, int folded)
{
	size_t width = most(f->column[c].least, strlen(f->column[c].head));

	for (size_t r = 0; r < f->rows; r++) {
		const struct folded_row *row = &f->row[r];
		char *whole;

		if (!row->cell)
			continue;
		whole = folded ? xstrdup(row->cell[c]) : joined(f, row, c);
		width = most(width, strlen(whole));
		if (folded && f->column[c].besides == FOLD_BELOW)
			width = most(width, strlen(row->besides[c]));
		free(whole);
	}
	return width;
}

static size_t names_of(const struct folded *f)
{
	size_t width = f->least_names;

	for (size_t r = 0; r < f->rows; r++)
		if (f->row[r].cell)
			width = most(width, strlen(f->row[r].name));
	return width;
}

/* How one table of it is printed. */
struct printing {
	FILE *out;
	const struct folded *f;
	size_t *width, width_of_all, names, from, to;
	int folded;
};

static void put_name(const struct printing *p, const char *name)
{
	if (strlen(name) > p->names)
		fprintf(p->out, "%s\n%*s", name, (int)p->names, "");
	else
		fprintf(p->out, "%-*s", (int)p->names, name);
}

/* No blanks at a line's end: what is missing before a word is put with it. */
static void put_cells(const struct printing *p, const char *name, char **cell)
{
	size_t owed = 0;

	put_name(p, name);
	for (size_t c = p->from; c < p->to; c++) {
		size_t n = strlen(cell[c]), room = GAP + p->width[c];
		size_t before = p->f->column[c].left ? GAP : room - (n < room ? n : room);

		if (n) {
			fprintf(p->out, "%*s%s", (int)(owed + before), "", cell[c]);
			owed = p->f->column[c].left ? room - GAP - n : 0;
		} else {
			owed += room;
		}
	}
	fputc('\n', p->out);
}

/* Is there something that goes a line below? */
static int has_more(const struct printing *p, const struct folded_row *row)
{
	for (size_t c = p->from; c < p->to; c++)
		if (*row->besides[c] && p->f->column[c].besides == FOLD_BELOW)
			return 1;
	return 0;
}

static void put_folded(const struct printing *p, const struct folded_row *row)
{
	char **below = xcalloc(p->f->columns, sizeof(*below));

	put_cells(p, row->name, row->cell);
	for (size_t c = 0; c < p->f->columns; c++)
		below[c] = p->f->column[c].besides == FOLD_BELOW ? row->besides[c] : "";
	if (has_more(p, row))
		put_cells(p, "", below);
	for (size_t c = p->from; c < p->to; c++)
		if (p->f->column[c].besides == FOLD_LINE && *row->besides[c]) {
			char *line = xasprintf("      %s", row->besides[c]);

			wrap_indented(p->out, line, p->width_of_all);
			free(line);
		}
	free(below);
}

static void put_whole(const struct printing *p, const struct folded_row *row)
{
	char **cell = xcalloc(p->f->columns, sizeof(*cell));

	for (size_t c = 0; c < p->f->columns; c++)
		cell[c] = joined(p->f, row, c);
	put_cells(p, row->name, cell);
	for (size_t c = 0; c < p->f->columns; c++)
		free(cell[c]);
	free(cell);
}

static void put_head(const struct printing *p)
{
	char **head = xcalloc(p->f->columns, sizeof(*head));

	for (size_t c = 0; c < p->f->columns; c++)
		head[c] = p->f->column[c].head;
	put_cells(p, p->f->head, head);
	free(head);
}

static void put_table(const struct printing *p)
{
	put_head(p);
	for (size_t r = 0; r < p->f->rows; r++) {
		const struct folded_row *row = &p->f->row[r];

		if (!row->cell)
			wrap_indented(p->out, row->name, p->width_of_all);
		else if (p->folded)
			put_folded(p, row);
		else
			put_whole(p, row);
	}
}

static size_t sum(const size_t *width, size_t from, size_t to)
{
	size_t all = 0;

	for (size_t c = from; c < to; c++)
		all += GAP + width[c];
	return all;
}

/* As many columns as fit, one at least. */
static size_t last_of(const struct printing *p)
{
	size_t to = p->from + 1;

	while (to < p->f->columns && sum(p->width, p->from, to + 1) + NAMES <= p->width_of_all)
		to++;
	return to;
}

void folded_print(FILE *out, const struct folded *f, size_t width)
{
	struct printing p = { .out = out,
			      .f = f,
			      .width = xcalloc(f->columns, sizeof(size_t)),
			      .width_of_all = width };
	size_t names = names_of(f), head = strlen(f->head);

	for (p.folded = 0; p.folded <= 1; p.folded++) {
		for (size_t c = 0; c < f->columns; c++)
			p.width[c] = width_of(f, c, p.folded);
		if (p.folded || names + sum(p.width, 0, f->columns) <= width)
			break;
	}
	for (; p.from < f->columns; p.from = p.to) {
		size_t used;

		if (p.from)
			fputc('\n', out);
		p.to = last_of(&p);
		used = sum(p.width, p.from, p.to);
		p.names = used + names <= width ? names : used < width ? width - used : 0;
		if (used + head <= width)
			p.names = most(p.names, head);
		put_table(&p);
	}
	free(p.width);
}
