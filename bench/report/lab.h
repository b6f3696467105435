/* SPDX-License-Identifier: MIT */
/*
 * What labs read has tests that pass or fail, where a comparison has values and verdicts; lab.c says
 * once for all of those formats which is which:
 *
 *   pass      the case did its work here; it got no worse, or nothing says that it should not
 *             (the baseline itself, controls, counts that are neither good nor bad)
 *   fail      it got worse than the baseline: what makes dex-compare's status 1
 *   unknown   it cannot be told: what makes the status 3
 *   skip      it was not measured, for the reason that is said
 *
 * So a file has a failure where the status is 1, and else an unknown where it is 3.
 */
#ifndef REPORT_LAB_H
#define REPORT_LAB_H

#include "report/report.h"

enum outcome { OUT_PASS, OUT_FAIL, OUT_UNKNOWN, OUT_SKIP, N_OUTCOMES };

struct point {
	enum outcome outcome;
	const struct row *row; /* NULL: the comparison as a whole */
	size_t kernel;
	char *name;   /* "some_case.notifier-yes": letters, digits, _ and - between dots */
	char *why;    /* "-129   -6.21 % against rmap-6.12", or the reason; "" is none */
	double value; /* NAN: none */
	char *unit;   /* "instructions/page" */
};

/* Of the kernels in their order, A/A arms aside: each with all rows, then what notes say of all. */
struct lab {
	const struct table *t;
	size_t kernel[COMPARE_MAX_KERNELS], kernels;
	char *of[COMPARE_MAX_KERNELS]; /* by kernel: its label as a part of a name */
	struct point *point;
	size_t points;
};

/* Dies if @format would have one name for two rows. */
struct lab lab_make(const struct table *t, const char *format);
void lab_free(struct lab *l);
size_t lab_count(const struct lab *l, enum outcome outcome);

#endif /* REPORT_LAB_H */
