/* SPDX-License-Identifier: MIT */
/*
 * Which function costs the difference: dex-compare's second question.
 *
 * Rooms, in the order in which data passes them:
 *
 *   symbols, windows   one boot's files: names of addresses; what the plugin saw
 *   side               one kernel, one combination of parameters: the windows of the samples
 *                      that have the case's value, checked against the case's own samples
 *   fold               those as call paths, and as functions
 *   diff               both kernels beside each other
 *   slope              how a function grows with the parameter that the case fits
 *   text, tree, svg, report   write it down
 *
 * Numbers are guest instructions per operation, an operation being what the case divides by (a
 * page that succeeded).  All of a row's functions add up to the case's value, exactly: what
 * does not is an error, and no table is printed.
 */
#ifndef BENCH_ATTRIBUTE_H
#define BENCH_ATTRIBUTE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Names for what has no function. */
#define NAME_CLOCK     "(clock)"     /* the stamps' own LFENCE, LFENCE and RDTSC */
#define NAME_INTERRUPT "(interrupt)" /* root of the paths of interrupts */
#define NAME_IDLE      "(idle)"	     /* ticks of a halted CPU */
#define NAME_PROBES    "(probes)"    /* what a case's own probes leave in its samples */
#define NAME_USER      "(user space)"
#define NAME_UNKNOWN   "(no symbol)"

/* symbols.c ----------------------------------------------------------------- */

struct symbols;

/* Lines of `ADDRESS TYPE NAME`, as in System.map; type e: nothing begins here. */
struct symbols *symbols_read(const char *path);
/* The function of @addr without the compiler's suffixes; valid as long as @s. */
const char *symbols_name(const struct symbols *s, uint64_t addr);

/* windows.c ----------------------------------------------------------------- */

enum { ENTRY_CALL = 1, ENTRY_FAULT, ENTRY_TRAP, ENTRY_INTERRUPT };

struct counts {
	double insns, loads, stores;
};

struct profile {
	uint32_t *cell; /* cell, instructions, loads, stores; @cells of these */
	size_t cells;
};

/* Of one execution and space: total, profile, interrupts, halts, inner; @n of these. */
struct window_list {
	uint32_t *window;
	size_t n;
};

#define NO_PROFILE UINT32_MAX /* of a window in which nothing was of interest */

enum { W_TOTAL, W_PROFILE, W_INTERRUPTS, W_HALTS, W_INNER, W_FIELDS };

struct windows {
	uint64_t *insn; /* address */
	size_t insns;
	uint32_t *node; /* parent, entry */
	uint64_t *site, *target;
	size_t nodes;
	uint32_t *cell; /* node, instruction */
	size_t cells;
	struct profile *profile;
	size_t profiles;
	struct {
		struct window_list kernel, user, span;
	} * execution;
	size_t executions;
	uint64_t *stamp; /* addresses of their RDTSC */
	size_t stamps;
	json_t *touches; /* or null */
};

struct windows *windows_read(const char *path);
int windows_is_clock(const struct windows *w, uint64_t addr);

/* side.c -------------------------------------------------------------------- */

/* One boot of one kernel. */
struct boot {
	const char *spec;
	char *directory;
	json_t *run; /* run.json */
	struct symbols *symbols;
	struct windows *windows;
	struct samples *file; /* the case's */
	char *path;	      /* of it */
};

/* One combination of parameters on it. */
struct side {
	const struct boot *boot;
	json_t *result;
	size_t samples, selected;
	double divisor;		    /* of sums over the selected samples: an operation */
	double value;		    /* the case's own */
	double clock, idle, probes; /* part of it */
	double probe_ticks;  /* one probe of the case; 0: samples are what lies between stamps */
	double interrupted;  /* windows in which an interrupt came, of those selected */
	size_t unchecked;    /* samples in which the CPU halted: their rest is idle */
	struct counts *cell; /* by the boot's cells; sums */
	double *profile;     /* by the boot's profiles: how many selected windows are it */
};

struct boot *boot_read(const char *directory, const char *boot, const char *spec,
		       const char *case_name);
/* The @i-th result of the case; 0 if it has no value, with the reason. */
int side_of(const struct boot *boot, size_t i, struct side *side, const char **why);

/* fold.c -------------------------------------------------------------------- */

/* A call path, frames separated by ';', and what its last frame did itself. */
struct path {
	char *text;
	struct counts self;
};

struct function {
	const char *name;
	struct counts self, inclusive;
};

struct fold {
	struct path *path; /* in the order of their texts */
	size_t paths;
	struct function *function; /* in the order of their names */
	size_t functions;
	struct counts total;
};

/* @only: paths through this function alone, from it on; or NULL. */
struct fold *fold(const struct side *side, const char *only);
void fold_free(struct fold *f);
/* The last frame of a path. */
const char *fold_leaf(const char *path);

/* diff.c -------------------------------------------------------------------- */

enum { A, B, SIDES };

struct change {
	const char *name;
	struct counts self[SIDES], inclusive[SIDES];
};

/* The most instructions of one function that a source line has. */
struct line {
	const char *function;
	char *place; /* file:line */
	double insns;
};

struct lines {
	struct line *line;
	size_t n;
};

/* One combination of parameters on both kernels. */
struct row {
	json_t *params;
	struct side side[SIDES];
	struct fold *fold[SIDES];
	struct change *change; /* by absolute change of self */
	size_t changes;
	struct lines lines[SIDES]; /* of functions that changed */
	json_t *model[SIDES];	   /* or NULL */
};

double change_of(const struct change *c); /* B - A, self, instructions */
void diff_row(struct row *row);

/* lines.c: the hottest lines of the functions of @row that changed by @least or more. */
void lines_of(struct row *row, double least);

/* model.c: lines and pages touched by each function; NULL if they were not recorded. */
json_t *model_of(const struct side *side);

/* slope.c: [{params, parameter, from, to, functions}], or an empty array. */
struct report;
json_t *slopes(const struct report *report);

/* report.c ------------------------------------------------------------------ */

struct report {
	char *directory;
	json_t *question; /* attribute.json */
	const char *case_name, *spec[SIDES], *function;
	struct boot *boot[SIDES];
	struct row *row;
	size_t rows;
	json_t *skipped; /* [{params, why}] */
};

struct report *report_read(const char *directory, const char *params, const char *function);
json_t *report_to_json(const struct report *report);

/* text.c, tree.c, svg.c: one row each; the caller's to free(). */
char *attribute_text(const struct report *report);
char *tree_svg(const struct report *report, const struct row *row);
char *tree_folded(const struct fold *f);

#endif /* BENCH_ATTRIBUTE_H */
