/* SPDX-License-Identifier: MIT */
/*
 * Which function costs the difference: dex-compare's second question.
 *
 * Rooms, in the order in which data passes them:
 *
 *   symbols, windows   one boot's files: names of addresses; what the plugin saw
 *   side               one kernel, one combination of parameters: the windows of the samples
 *                      that have the case's value, checked against the case's own samples;
 *                      of several CPUs all samples' (lockstep)
 *   structures, counts what else happened in those
 *   fold               those as call paths, and as functions
 *   diff               both kernels beside each other
 *   slope              how a function grows with the parameter that the case fits
 *   text, tree, svg, report   write it down
 *
 * Numbers are guest instructions, and in lockstep mode ticks of PAUSEs and of sleep, per
 * operation, an operation being what the case divides by (a page that succeeded).  All of a
 * row's functions add up to the case's value, exactly: what does not is an error, and no
 * table is printed.
 */
#ifndef BENCH_ATTRIBUTE_H
#define BENCH_ATTRIBUTE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Names for what has no function. */
#define NAME_CLOCK     "(clock)"     /* the stamps' own instructions */
#define NAME_INTERRUPT "(interrupt)" /* root of the paths of interrupts */
#define NAME_IDLE      "(idle)"	     /* ticks of a halted CPU */
#define NAME_ASLEEP    "(asleep)"    /* those of one that sleeps, below where it went to sleep */
#define NAME_PAUSE     "(pause)"     /* the price of PAUSEs, below who spins */
#define NAME_PROBES    "(probes)"    /* what a case's own probes leave in its samples */
#define NAME_USER      "(user space)"
#define NAME_UNKNOWN   "(no symbol)"

/* symbols.c ----------------------------------------------------------------- */

struct symbols;

/* Lines of `ADDRESS TYPE NAME`, as in System.map; type e: nothing begins here. */
struct symbols *symbols_read(const char *path);
/* The function of @addr without the compiler's suffixes; valid as long as @s. */
const char *symbols_name(const struct symbols *s, uint64_t addr);
/* Likewise of a variable, which may lie at a low address; NULL if there is none. */
const char *symbols_object(const struct symbols *s, uint64_t addr);

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

/* What a window's profile of events is made of, several together; @n of these. */
struct event_list {
	uint32_t *event;
	size_t n;
};

enum { E_CELL, E_EVENT, E_PLACE, E_COUNT, E_FIELDS };

/* Only where events were counted. */
struct events {
	json_t *names, *regions;
	uint32_t *place_region;
	uint64_t *place_addr;
	size_t places;
	struct event_list *profile;
	size_t profiles;
	struct event_sums {
		uint32_t *count; /* event, region, inside of windows, outside; @n of these */
		uint64_t *at, *from;
		size_t n;
	} * sums; /* of each execution */
};

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
		uint32_t *cpu, *pauses, *happened; /* of the kernel's, where events were counted */
	} * execution;
	size_t executions;
	uint64_t *stamp; /* addresses of the readings of the clock in them */
	size_t stamps;
	json_t *touches; /* or null */
	struct events *events;
};

struct windows *windows_read(const char *path);

/* record.c: arrays of a file of the plugin's. */
struct record_file {
	struct samples *file;
	const char *path;
};

/* An array of numbers, @each to an element. */
uint32_t *record_numbers(const struct record_file *r, json_t *object, const char *key, size_t each,
			 size_t *n);
uint64_t *record_addresses(const struct record_file *r, json_t *object, const char *key, size_t *n);

/* events_read.c: from "events", where that is. */
void events_read(const struct record_file *r, struct windows *w);
int windows_is_clock(const struct windows *w, uint64_t addr);

/* side.c -------------------------------------------------------------------- */

/* One boot of one kernel. */
struct traced {
	const char *spec;
	char *directory;
	json_t *run; /* run.json */
	struct symbols *symbols;
	struct windows *windows;
	struct samples *file; /* the case's */
	char *path;	      /* of it */
	int is_lockstep;
	double pause;		 /* there: the price of one */
	struct symbols *objects; /* there: variables, or NULL */
};

/* One combination of parameters on it. */
struct side {
	const struct traced *boot;
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

	/* Lockstep alone: all samples are selected, the value is their mean. */
	double paused;		 /* part of the value, as idle is */
	double *cell_pause;	 /* ticks by cell, sums */
	double *cell_asleep;	 /* the same of idle, as far as it is known who slept */
	size_t execution, *kept; /* which of its windows they are; @samples of these */
};

struct traced *boot_read(const char *directory, const char *boot, const char *spec,
			 const char *case_name, json_t *lockstep);
/* The @i-th result of the case; 0 if it has no value, with the reason. */
int side_of(const struct traced *boot, size_t i, struct side *side, const char **why);

/* windows of samples that were taken on several CPUs (lockstep.c); 0 with the reason. */
int lockstep_side(struct side *side, const uint32_t *ticks, size_t group, const char **why);
/* windows.c: one of the samples' windows, to the sums of its side. */
void windows_add(struct side *side, const uint32_t *window);

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
/* The path of one of the boot's cells; to free. */
char *fold_cell(const struct traced *boot, size_t cell);
/* The last frame of a path. */
const char *fold_leaf(const char *path);

/* counts.c, structures.c: what happened in lockstep mode -------------------------- */

/* Of one kernel in one row, as in counts.v1; @f has all its paths. */
json_t *counts_of(const struct side *side, const struct fold *f);
/* counts_text.c */
void counts_text(FILE *out, json_t *a, json_t *b);

/* The event's number in @e, or UINT32_MAX. */
uint32_t event_number(const struct events *e, const char *name);
/* In whose memory a line lies that moved; the caller's to free(). */
struct structures;
struct structures *structures_of(const struct side *side);
char *structures_name(const struct structures *s, uint32_t place);
void structures_free(struct structures *s);
/* The windows of sample @i: what happened in it. */
const struct event_list *lockstep_events(const struct side *side, size_t sample);

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
	json_t *counts[SIDES];	   /* in lockstep mode, else NULL */
};

double change_of(const struct change *c); /* B - A, self, instructions */
void diff_row(struct row *row);

/* lines.c: source lines of instructions, where there is debug info. */
struct places;
struct places *places_read(const char *directory);
const char *places_find(const struct places *p, uint64_t addr); /* or NULL */
void places_free(struct places *p);
/* The hottest lines of the functions of @row that changed by @least or more. */
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
	struct traced *boot[SIDES];
	struct row *row;
	size_t rows;
	json_t *skipped;  /* [{params, why}] */
	json_t *lockstep; /* what its emulator was told; NULL: exact mode */
};

struct report *report_read(const char *directory, const char *params, const char *function);
json_t *report_to_json(const struct report *report);
json_t *report_counts(const struct report *report); /* counts.v1, or NULL */

/* text.c, tree.c, svg.c: one row each; the caller's to free(). */
char *attribute_text(const struct report *report);
char *tree_svg(const struct report *report, const struct row *row);
char *tree_folded(const struct fold *f);

#endif /* BENCH_ATTRIBUTE_H */
