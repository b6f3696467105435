/* SPDX-License-Identifier: MIT */
/*
 * dex-compare's own rooms: load.c reads result directories into a table,
 * compare.c judges, report.c writes it down.  Nothing here measures.
 */
#ifndef BENCH_COMPARE_H
#define BENCH_COMPARE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define COMPARE_MAX_KERNELS 26 /* A to Z */
#define COMPARE_MAX_BOOTS   256

/* Exit status; see METHODOLOGY.md, section 7. */
enum { EXIT_SAME = 0, EXIT_REGRESSION = 1, EXIT_USAGE = 2, EXIT_INCONCLUSIVE = 3 };

/* One kernel of the comparison, the baseline first. */
struct kernel {
	char *label; /* the spec; "spec@directory" if two directories have it */
	json_t *run; /* run.json of its first boot */
	size_t boots;
	double scale;		    /* of its first boot: a tick in the table's unit */
	double loop_call, loop_gap; /* ticks of the module's loop in convert_latency; 0: none */
	double efficiency;	    /* per cent; NAN if not known */
};

/* What one kernel's boots gave for one row. */
struct cell {
	double boot[COMPARE_MAX_BOOTS]; /* each boot's median, per page */
	size_t boots;
	uint64_t samples, ok, attempted;
	char *skipped; /* why, or NULL */
};

/* One combination of one case's parameters. */
struct row {
	char *case_name;
	json_t *params;
	int control;
	struct cell cell[COMPARE_MAX_KERNELS];
};

/* All of it. */
struct table {
	char *mode, *unit;
	json_int_t pages; /* that each execution worked on */
	struct kernel kernel[COMPARE_MAX_KERNELS];
	size_t kernels;
	struct row *row;
	size_t rows;
	json_t *environment_diff; /* array of {key, values} */
	json_t *notes;		  /* array of strings: what is missing or odd */
};

enum verdict { SAME = 1, FEWER, MORE, INCONCLUSIVE, SKIPPED };

/* compare-load.c: add a plan's directory; dies on what it cannot trust. */
void table_load(struct table *t, const char *directory);
void table_finish(struct table *t);

/* compare-judge.c */
double cell_value(const struct cell *cell); /* median of its boots; NAN: none */
enum verdict judge(const struct table *t, const struct row *row, size_t kernel, size_t baseline);
const char *verdict_name(enum verdict verdict);
int table_status(const struct table *t);

/* compare-report.c */
char *report_text(const struct table *t); /* to free */
json_t *report_json(const struct table *t);
char *params_text(json_t *params); /* "a=1 b=x"; to free */

#endif /* BENCH_COMPARE_H */
