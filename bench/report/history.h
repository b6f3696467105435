/* SPDX-License-Identifier: MIT */
/*
 * Exact results of many dates or commits: a directory of results a date, from whose compare.json
 * each row of each kernel has a value a date.  No statistics: what repeats to the instruction has
 * changed where it is not what it was the date before.
 *
 *   history        the files, and what changed when
 *   history_text, history_html   write it down
 */
#ifndef REPORT_HISTORY_H
#define REPORT_HISTORY_H

#include <stddef.h>

#include "report/report.h"

/* Against the date before that has a value; WITHIN: by less than the case resolves. */
enum mark { MARK_NONE, MARK_SAME, MARK_WITHIN, MARK_LESS, MARK_MORE };

struct history_date {
	char *name; /* of its directory */
	const char *date;
	size_t at; /* its place in each array of values */
};

/* What a kernel was that day; words that are not known are NULL. */
struct history_made {
	int there;
	const char *commit, *spec, *dexbench, *qemu, *compiler, *config;
	json_int_t pages;
};

struct history_kernel {
	char *name; /* the spec without its revision */
	struct history_made *made;
};

struct history_row {
	size_t kernel;
	char *case_name, *params, *metric, *unit,
		*name; /* @metric: NULL is what samples are reduced to */
	enum better better;
	int control;
	double resolution; /* per cent */
	double *value;	   /* NAN: none */
};

struct history {
	const char *directory;
	char *mode;
	enum metric metric;
	struct history_date *date; /* in the order of time */
	size_t dates;
	struct history_kernel *kernel;
	size_t kernels;
	struct history_row *row;
	size_t rows;
};

/* Dies of what cannot be. */
struct history history_read(const char *directory);

double history_value(const struct history *h, const struct history_row *r, size_t date);
size_t history_before(const struct history *h, const struct history_row *r,
		      size_t date); /* or @date */
enum mark history_mark(const struct history *h, const struct history_row *r, size_t date);
size_t history_changes(const struct history *h, const struct history_row *r);
int history_is_worse(const struct history *h, const struct history_row *r, size_t date);

/* Text to free. "run-05 (2026-11-08)", and less where the name says it; "kernel: case name=value metric"; "+5 (+0.26 %), 1949 to 1954". */
char *history_day(const struct history *h, size_t date);
char *history_name(const struct history *h, const struct history_row *r);
char *history_change(const struct history *h, const struct history_row *r, size_t date);
/* The command that finds the commit, or why there is none. */
char *history_bisect(const struct history *h, const struct history_row *r, size_t date);
/* What else was not as the date before, so that a change may be its doing; NULL: nothing. */
char *history_instrument(const struct history *h, size_t kernel, size_t date);

char *history_text(const struct history *h);
char *history_tsv(const struct history *h);
char *history_html(const struct history *h);

/* The report as @o wants it; returns the exit status: 1 if the last date is worse than the one before. */
int history_report(const char *directory, const struct options *o);

#endif /* REPORT_HISTORY_H */
