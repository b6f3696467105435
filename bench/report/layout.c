// SPDX-License-Identifier: MIT
/* Plain text within a number of columns: paragraphs, commands, tables. */
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "lib/core/die.h"

#define GAP    2 /* between columns */
#define INDENT 4 /* of a line that goes on */

static void put_ascii(FILE *f, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fputc(text[i] >= ' ' && text[i] <= '~' ? text[i] : '?', f);
}

/* Of a word that is longer than @room: behind the last "|" that fits, if any. */
static size_t cut(const char *word, size_t room)
{
	for (size_t n = room; n; n--)
		if (word[n - 1] == '|')
			return n;
	return room;
}

/* Of quotes, the one that is open behind @n characters of @word, or 0; @mark was before. */
static char mark_behind(const char *word, size_t n, char mark)
{
	for (size_t i = 0; i < n; i++) {
		if (mark && word[i] == mark)
			mark = 0;
		else if (!mark && (word[i] == '\'' || word[i] == '"'))
			mark = word[i];
	}
	return mark;
}

/*
 * One more word in a line that has @column characters already; returns how many
 * it has then.  A line that goes on ends in @more ("" or " \\").  A word that is
 * longer than a line is cut; in a command by a backslash, which the shell takes
 * out again together with the line's end, but for inside of ', which ends before
 * it and begins again.
 */
static size_t put_word(FILE *f, const char *word, size_t length, size_t column, size_t room,
		       const char *more)
{
	size_t part;

	if (column && column + 1 + length > room) {
		fprintf(f, "%s\n%*s", more, INDENT, "");
		column = INDENT;
	} else if (column) {
		fputc(' ', f);
		column++;
	}
	for (char mark = 0; column + length > room; length -= part, word += part) {
		int quoted = 0;

		part = cut(word, room - column);
		if (*more && mark_behind(word, part, mark) == '\'') {
			part = room - column - 1;
			quoted = mark_behind(word, part, mark) == '\'';
		}
		mark = *more ? mark_behind(word, part, mark) : 0;
		put_ascii(f, word, part);
		fprintf(f, "%s%s\n%s", quoted ? "'" : "", *more ? "\\" : "", quoted ? "'" : "");
		column = (size_t)quoted;
	}
	put_ascii(f, word, length);
	return column + length;
}

/* Up to a blank, which in a command is none inside of '. */
static size_t word_length(const char *text, int is_command)
{
	size_t n = strcspn(text, " ");

	while (is_command && text[n] && mark_behind(text, n, 0) == '\'')
		n += 1 + strcspn(text + n + 1, " ");
	return n;
}

void wrap(FILE *f, const char *text, size_t columns, const char *more)
{
	size_t column = 0;

	while (*text) {
		size_t length = word_length(text, !!*more);

		column = put_word(f, text, length, column, columns - strlen(more), more);
		text += length;
		text += strspn(text, " ");
	}
	fputc('\n', f);
}

struct grid grid_make(size_t rows, size_t columns)
{
	return (struct grid){ rows, columns, xcalloc(rows * columns, sizeof(char *)) };
}

void grid_free(struct grid *g)
{
	for (size_t i = 0; i < g->rows * g->columns; i++)
		free(g->cell[i]);
	free(g->cell);
}

static size_t width(const struct grid *g, size_t column)
{
	size_t widest = 0;

	for (size_t r = 0; r < g->rows; r++) {
		size_t w = strlen(g->cell[r * g->columns + column]);

		widest = w > widest ? w : widest;
	}
	return widest;
}

/* Of the columns from @from up to @to, with their gaps. */
static size_t widths(const struct grid *g, size_t from, size_t to)
{
	size_t sum = 0;

	for (size_t c = from; c < to; c++)
		sum += GAP + width(g, c);
	return sum;
}

static void print_row(FILE *f, const struct grid *g, size_t r, size_t from, size_t to,
		      size_t name_width)
{
	char **cell = g->cell + r * g->columns;

	if (strlen(cell[0]) > name_width)
		fprintf(f, "%s\n%*s", cell[0], (int)name_width, "");
	else
		fprintf(f, "%-*s", (int)name_width, cell[0]);
	fprintf(f, "%*s", GAP + (int)width(g, 1), cell[1]);
	for (size_t c = from; c < to; c++)
		if (*cell[c] || c + 1 < to)
			fprintf(f, "%*s", GAP + (int)width(g, c), cell[c]);
	fputc('\n', f);
}

/* Names and the first column, then as many groups of @each columns as fit in
 * @room; the others in tables below.  A name without room has a line of its own. */
void grid_print(FILE *f, const struct grid *g, size_t each, size_t room)
{
	size_t names = width(g, 0), from = 2, to, used;

	while (from < g->columns) {
		for (to = from + each; to < g->columns; to += each)
			if (names + widths(g, 1, 2) + widths(g, from, to + each) > room)
				break;
		used = widths(g, 1, 2) + widths(g, from, to);
		for (size_t r = 0; r < g->rows; r++)
			print_row(f, g, r, from, to,
				  used + names <= room ? names
				  : used < room	       ? room - used
						       : 0);
		if (to < g->columns)
			fputc('\n', f);
		from = to;
	}
}
