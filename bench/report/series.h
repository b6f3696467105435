/* SPDX-License-Identifier: MIT */
/*
 * Reports on series of commits, and of lockstep mode's parameters: what is in ladder.json, in
 * bisect.json and in converge.json, as text, as a block for a cover letter, as Markdown and as
 * tab-separated values.
 *
 *   series_read     the file, checked: whoever made it, it is data
 *   series_ladder, series_letter, series_bisect   write it down, and calculate nothing
 */
#ifndef REPORT_SERIES_H
#define REPORT_SERIES_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

#include "report/report.h"

#define LADDER_SCHEMA	"dexbench.ladder.v1"
#define BISECT_SCHEMA	"dexbench.bisect.v1"
#define CONVERGE_SCHEMA "dexbench.converge.v1"

/* One row of one commit; NAN is unknown. */
struct series_cell {
	int there; /* the commit has that row */
	double value, change;
	const char *skipped; /* why, or NULL */
};

/* What a row is called in all commits. */
struct series_row {
	const char *case_name, *metric, *unit;
	char *params, *name;
	int moves; /* a commit changes it */
};

struct series_commit {
	const char *id, *subject, *reason; /* @reason: why nothing was measured, or NULL */
	int same_kernel;
};

struct ladder {
	const char *tree, *base, *tip, *dexbench, *compiler;
	json_t *cases;
	json_int_t pages, memory, builds, boots;
	size_t moved;
	struct series_commit *commit;
	size_t commits;
	struct series_row *row;
	size_t rows;
	struct series_cell *cell; /* of each row, those of all commits */
};

/* A revision that was measured, or was to be. */
struct tried {
	const char *id, *subject, *answer, *reason; /* the last two: of a step; @reason or NULL */
	double value;				    /* NAN: none */
	int built, booted;
};

struct bisect {
	const char *case_name, *params, *metric, *unit;
	struct tried good, bad;
	double bad_from, bad_to; /* one of them; the other is NAN */
	struct tried *step;
	size_t steps;
	json_int_t builds, boots;
	int found; /* then the four below say what, or else @candidates */
	struct tried first;
	const char *author;
	double before, change;
	json_t *candidates;
};

/* series_read.c: die of what cannot be; @root stays the owner of all words. */
struct ladder ladder_read(json_t *root, const char *path);
struct bisect bisect_read(json_t *root, const char *path);

/* series_ladder.c, series_letter.c, series_bisect.c, series_formats.c: text to free. */
char *ladder_text(const struct ladder *l);
char *ladder_markdown(const struct ladder *l);
char *ladder_tsv(const struct ladder *l);
char *ladder_letter(const struct ladder *l, int all); /* @all: however long */
char *bisect_text(const struct bisect *b);
char *bisect_markdown(const struct bisect *b);
char *bisect_tsv(const struct bisect *b);

/* converge.c: likewise; die of what cannot be. */
char *converge_report(json_t *root, const char *path, int markdown);

/* series_formats.c: a cell without the blanks around it; a line below the heading, in which columns
 * are numbers from @from up to @to. */
void markdown_cell(FILE *f, const char *text);
void markdown_rule(FILE *f, size_t columns, size_t from, size_t to);

/* series_ladder.c: what more than one of them says. */
struct grid ladder_grid(const struct ladder *l); /* a line a commit, without its subject */
char *column_letter(size_t n);			 /* of the @n-th row that moves: A to Z, then A26 */
const struct series_cell *ladder_cell(const struct ladder *l, size_t row, size_t commit);
char *ladder_facts(const struct ladder *l);
char *constant_text(const struct ladder *l, size_t row); /* of a row that nothing moves */
void print_notes(const struct ladder *l, void (*print)(FILE *f, const char *line), FILE *f);
/* series_bisect.c: likewise, to free. */
char *bisect_title(const struct bisect *b);
char *bisect_change(const struct bisect *b); /* "2074 before, 2079 with it: +5 (+0.24 %)" */
char *bisect_effort(const struct bisect *b);

/* series.c: pieces of text, to free. */
FILE *series_open(char **text, size_t *size);
char *show_rounded(double value, int decimals); /* without zeros behind; "-" is unknown */
char *show(double value);			/* to two decimals */
char *show_signed(double value);		/* "+5", "-3"; "=" is none, "" unknown */
char *show_exact(double value);
char *show_count(size_t n, const char *what);
char *padded(char *text, int width); /* takes @text */
#define SHORT "%.12s"		     /* a commit's name */

/*
 * The report on @path, which is a file, as @o wants it; returns the exit status, or -1 if its
 * schema is none of these.
 */
int series_report(const char *path, const struct options *o);

#endif /* REPORT_SERIES_H */
