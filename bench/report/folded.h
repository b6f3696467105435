/* SPDX-License-Identifier: MIT */
/*
 * A table for a terminal, whatever its width: on one line a row where there is room, and folded
 * where there is not.  A name that does not fit stands on a line of its own, what a cell has besides
 * its value goes below it, and columns that still do not fit follow in tables below.
 */
#ifndef REPORT_FOLDED_H
#define REPORT_FOLDED_H

#include <stddef.h>
#include <stdio.h>

/* Where what a cell has besides its value goes if there is no room beside it. */
enum folded_besides {
	FOLD_BELOW = 1, /* into the same column, a line below */
	FOLD_AWAY, /* nowhere: the row says it otherwise; where there is room it stands in front */
	FOLD_LINE, /* into a line of its own */
};

struct folded_column {
	char *head;
	enum folded_besides besides;
	size_t least; /* its width */
	int left;     /* its words begin at one place */
};

struct folded_row {
	char *name;
	char **cell, **besides; /* NULL: a line of words; each "": none */
};

struct folded {
	size_t columns, rows;
	struct folded_column *column;
	struct folded_row *row;
	char *head;	    /* of the names; the table's, as all strings in it */
	size_t least_names; /* the width of those */
};

struct folded *folded_make(size_t columns, size_t least_names);
/* All strings become the table's. */
struct folded_row *folded_row(struct folded *f, char *name);
void folded_words(struct folded *f, char *words);
void folded_print(FILE *out, const struct folded *f, size_t width);
void folded_free(struct folded *f);

#endif /* REPORT_FOLDED_H */
