/* SPDX-License-Identifier: MIT */
/*
 * dex-plan: how much work a device can do on memory that a CPU shares.
 *
 *   results       boots, or a compare.json, into dex-compare's table
 *   measure       dex-compare's table into one kernel's costs and points
 *   gpu           a GPU's own results into its costs
 *   fit           those points into the costs of the model
 *   model         costs and a workload into an answer: no I/O, no state
 *   outcome       answers into intervals
 *   ways          staying, migrating and pinning side by side, for a workload in the planner's
 *                 units (units, ways_text)
 *   request, assemble   what was typed, and everything together
 *   validate      predicted against measured, each rate held out in turn
 *   visits        what migrating costs the kernel more than staying, and --validate of that
 *   lock          a lock that one reads and others write: a queueing model, no I/O, no state
 *   members       lockstep's rows of N members of a fork tree into that model's costs, and
 *                 the larger N predicted from the smaller (members_fit)
 *   contention    the series of those that were asked for
 *   text, json, curve, members_text   write it down
 *
 * Inside, costs are in units (guest instructions, ticks or ns) and rates are per
 * unit; what people read and write is per million of them, in ns per second ("window").
 * NAN is unknown, INFINITY saturating.  The equations: METHODOLOGY.md, "Capacity planning".
 */
#ifndef BENCH_PLAN_H
#define BENCH_PLAN_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

#include "report/report.h"

/* What things cost, in units. */
enum cost {
	ATOMIC,	      /* a: one of the device's, on a page that it may use */
	DEVICE_FAULT, /* c: from the miss to the entry, without sharers */
	CPU_FAULT,    /* f: a CPU touch that takes the page back */
	TOUCH,	      /* u: a CPU touch besides, and what pacing it costs */
	SHARER,	      /* of a device fault, for each process that shares the mapping */
	MIGRATE_IN,   /* device fault and copy to the device's memory, a page */
	MIGRATE_BACK, /* CPU fault and copy back */
	ATOMIC_LOCAL, /* one atomic in the device's memory */
	N_COSTS
};

struct figure {
	double low, best, high;
};

/* What was measured in one boot, or was given by hand. */
struct costs {
	struct figure cost[N_COSTS];
};

struct workload {
	double pages, engines, threads, sharers;
	double atomics; /* asked of the device: per page and unit; INFINITY: all it can */
	double touches; /* of the CPU, likewise */
	double burst;	/* atomics that the device does at a stretch; serial alone */
	int serial;	/* CPU and device are one stream of instructions */
	int random;	/* touches and the device's visits to a page come at random */
	int waits;	/* @DEVICE_FAULT is without waiting for a CPU that has the page */
	const char *touch;
};

/* What the device's time goes into; the largest share limits it. */
enum limit { BY_DEMAND = 1, BY_ATOMICS, BY_DEVICE_FAULTS, BY_CPU };

enum advice { UNKNOWN = 1, STAY, MIGRATE, MIGRATE_ABOVE, MIGRATE_BELOW };

enum output {
	RATE,	     /* atomics of the device per unit */
	CONVERSIONS, /* pages made exclusive, and taken back, per unit */
	TOUCHES,     /* of the CPU, per page and unit */
	CPU_LOST,    /* share of the threads' time spent in faults back */
	HANDLER,     /* share of one CPU that handles the device's faults */
	PER_VISIT,   /* atomics of the device on a page before it is taken back */
	BREAK_EVEN,  /* atomics per visit at which migrating costs the same */
	N_OUTPUTS
};

struct answer {
	double value[N_OUTPUTS];
	double share[BY_CPU + 1]; /* of the device's time; not of BY_DEMAND */
	enum limit limit;
	enum advice advice;
};

/* model.c */
struct answer model_answer(const double *cost, const struct workload *w);
enum advice model_break_even(const double *cost, double sharers, double *atomics);

/* By how much the fit errs where it did not look, as shares of the device's time. */
struct misfit {
	double worst; /* of all rates; NAN: not known */
	double idle;  /* of the one that the CPU disturbs least */
};

/*
 * outcome.c: the answers of @boots boots (or of figures given by hand).  A boot's range is
 * that of all combinations of its costs' ends; over boots Student's prediction
 * interval, 95 %, of one boot more; the rate's is widened by @misfit besides.  None
 * passes what the device does undisturbed, the handler and the CPU's threads do at most,
 * or what is asked for.
 * Bounds are NAN where there is nothing to tell them from.
 */
struct outcome {
	struct figure value[N_OUTPUTS];
	struct answer best; /* of the costs' means: shares, limit, advice */
	int advice_differs; /* between ends, or boots */
};

struct outcome outcome(const struct costs *boot, size_t boots, int exact, struct misfit misfit,
		       const struct workload *w);
struct figure figure_of(double value); /* without a range */

/*
 * What cases tell (struct bench: tells), whatever they are called:
 *   touches   the device's rate while the CPU touches its pages, by rate of touches
 *   atomics   that rate undisturbed, by engines
 *   sharers   what a conversion costs with each process more that shares the mapping
 *   members   throughput of those of a fork tree that convert beside others
 *   hold      for how long one conversion holds the lock of such a tree
 *   device    a GPU's own costs (gpu.c)
 *   visits    a page's way to the device and back, if it stays and if it migrates (visits.c)
 */

/* One rate of touches in one boot; all per unit, or units. */
struct point {
	double asked;		     /* touches per page; 0: none, INFINITY: saturated */
	double rate;		     /* atomics of the device */
	double touches, conversions; /* of all pages */
	struct figure device_fault, cpu_fault;
};

/* Those that differ in their rate alone, of one kernel: @boots times @rates, rates fastest. */
struct series {
	char *touch;
	double sharers;
	int serial, regular; /* as they were measured: see struct workload; not @random */
	double *asked;	     /* ascending */
	struct point *point;
	size_t rates, boots;
	double pages,
		burst; /* the case's sizes: of its file, or of this build if it is from before */
};

/* measure.c: all series of kernel @k, in the table's order. */
struct series *measure(const struct table *t, size_t k, size_t *n);
double measure_sharer(const struct table *t, size_t k);			/* NAN: not known */
double measure_atomic(const struct table *t, size_t k, double engines); /* likewise */
double measure_window(const char *unit);
double measure_number(json_t *params, const char *name); /* NAN: neither number nor word for one */
int measure_is(const struct row *row, const char *name, const char *metric);	/* NULL: samples */
int measure_tells(const struct row *row, const char *what, const char *metric); /* likewise */
int measure_serial(const struct table *t); /* the CPU was the device, too */

/*
 * fit.c: costs of each boot from the rates whose @skip is 0; 0 if they do not
 * determine them.  fit_misfit(): of rates that are predicted from the others.  Beside the
 * CPU the saturated one is left out: what a touch costs besides faults no other rate says.
 * fit_repeated(): a device fault that a touch met, and that was done again; NAN: not known.
 * fit_frail(): faults that are would take all of the device's time at that rate of touches.
 */
int fit(const struct series *s, const char *skip, struct costs *boot);
struct misfit fit_misfit(const struct series *s, const char *skip);
struct workload fit_workload(const struct series *s, double asked);
double fit_repeated(const struct series *s);
int fit_frail(const struct series *s, double asked);
double fit_mean(const struct series *s, size_t rate); /* measured; geometric over boots */

/*
 * gpu.c: did `make gpu` write @directory, and what the costs of its device are; NAN
 * for those that it does not have, and in @why, to free, the reasons.
 */
int gpu_is(const char *directory);
struct costs gpu_costs(const char *directory, const char *label, json_t *notes, char **why);

/* What was asked for: the text given, or NULL. */
struct request {
	const char *contention, *exact, *members;
	const char *kernel, *format, *validate, *unit, *device, *arrivals;
	const char *size, *working_set, *per_ns, *explain; /* units.c */
	const char *pages, *atomics, *touches, *threads, *engines, *sharers, *touch, *burst;
	const char *cost[N_COSTS];
	const char **gpu; /* directories of GPUs' own results */
	size_t gpus;
};

/* request.c, units.c: of what was typed; die saying what is wanted. */
struct workload request_workload(const struct request *r, double window, int serial);
struct workload request_units(const struct request *r, const char *unit, double *per_ns);
double request_count(const char *option, const char *text, double least, double usual);
const char *request_touch(const struct request *r); /* "write" */
int request_random(const struct request *r);	    /* --arrivals, if given */
struct figure request_figure(const char *option, const char *text);
const char *request_cost_option(enum cost cost); /* "--atomic-cost" */

/* One kernel's part of the answer, or a GPU's, or the hand's. */
struct plan_kernel {
	const char *label;
	const struct series *series; /* NULL: of a GPU, or by hand */
	struct costs *boot;
	size_t boots;
	struct misfit misfit;
	struct outcome outcome;
};

struct plan_answer {
	const char *mode, *unit; /* mode: "hand" without results */
	double window;
	double per_ns; /* units of a cost in a ns; 0: nobody asked in the planner's units */
	int exact;     /* the costs have ranges, and boots no spread */
	int gpu;
	struct workload workload;
	struct plan_kernel *kernel;
	size_t kernels;
	json_t *notes;
};

/* assemble.c: everything but the outcomes.  @t: NULL without results. */
/* results.c: add those in @path, a directory or a compare.json, to @t. */
void results_of(struct table *t, const char *path);

json_t *notes_of(const struct table *t); /* what its results lack or what is odd */
struct plan_answer assemble(const struct request *r, const struct table *t);
int is_chosen(const struct request *r, const struct table *t, size_t k); /* no A/A arm */

/* ways.c: the ways to share memory, each with what it reaches; all per unit. */
#define PLAN_PAGE   4096.0
#define PLAN_ENOUGH 0.9 /* of what was asked for */

enum way_limit { LIMIT_NONE, LIMIT_ATOMICS, LIMIT_FAULTS, LIMIT_HANDLER, LIMIT_CPU };

struct way {
	int known;
	const char *missing; /* the option of a cost that nobody knows, or NULL */
	double reached;	     /* of what was asked for, the lesser of atomics and touches */
	double atomics, touches, conversions, copied; /* the last in bytes */
	double lost, handler;			      /* cores */
	enum way_limit limit;
};

enum which_way { IN_PLACE, MIGRATING, PINNED, N_SHARING_WAYS };

struct ways {
	struct way way[N_SHARING_WAYS];
	double cost[N_COSTS];
	/* With which staying is enough: a share of the touches (NAN: none), pages a fault, devices (0: none). */
	double fewer_touches;
	unsigned int granule, devices;
};

enum choice { CHOOSE_UNKNOWN, CHOOSE_IN_PLACE, CHOOSE_MIGRATING, CHOOSE_NEITHER };

struct ways ways_of(const struct plan_kernel *k, const struct workload *w);
enum choice ways_choice(const struct ways *ways);
void ways_text(FILE *f, const struct plan_answer *a, int is_explained);
json_t *ways_json(const struct plan_answer *a, const struct plan_kernel *k);

/* validate.c: one prediction of a rate that the fit did not see. */
struct check {
	const char *kernel;
	const struct series *series;
	double asked, measured;
	struct figure predicted;
	double error_pct;
	int inside; /* its interval; exact: within the tolerance */
	int wide;   /* the interval is, too wide to tell anything by being inside */
	int frail;  /* at that rate the model has nothing to say */
	int holds;  /* inside, and not wide */
};

struct check *validate(const struct table *t, const char *label, const struct series *s,
		       struct check *list, size_t *n);

/* visits.c */
struct visit {
	const char *kernel, *way; /* "stay" or "migrate" */
	double pages;		  /* at once */
	double measured, predicted, error_pct;
	int holds;
};

/* Migrating's costs of kernel @k into @boot, where they are not @by_hand; 0: there are none. */
int visits_costs(const struct table *t, size_t k, const char *const *by_hand, struct costs *boot);
char *visits_note(void); /* which part of them is whose */
struct visit *visits_validate(const struct table *t, size_t k, struct visit *list, size_t *n);
size_t visits_failed(const struct visit *list, size_t n);
void visits_text(FILE *f, const struct plan_answer *a, const struct visit *list, size_t n);
json_t *visits_json(const struct visit *list, size_t n);

/* lock.c: who takes the lock how, in units; @members of the writers. */
struct lock_load {
	double away, hold;  /* of the reader, from lock to lock; @hold 0: it never takes it */
	double wake;	    /* it has the lock, and is not awake yet */
	double think, held; /* of a writer, from lock to lock */
	double handover;    /* from a release to the next hold, if another writer waits */
	size_t members;
};

struct lock_answer {
	double cycle;  /* of the reader, with its waiting */
	double sleeps; /* in one */
	double turn;   /* of a writer: from one hold to its next */
};

struct lock_answer lock_solve(const struct lock_load *l);

#define MOST_MEMBERS 256 /* the model's chain has five states for each */

/* members.c: @others beside who converts, each on a CPU of its own unless @crowded. */
struct members_row {
	double others;
	double cycle, sleeps, operation; /* measured: of a conversion, in one, of the others' */
	double cycle_said, sleeps_said, operation_said; /* by the model */
	double whole; /* @cycle with lost waits, which are left out of it */
	size_t lost, samples;
	int measured, fitted, crowded, holds;
};

/* One case's rows against one kind of others, of one kernel. */
struct members {
	const char *kernel, *case_name, *against;
	int siblings; /* the others convert, too */
	double hold;  /* of the root lock by a conversion, from exact mode; 0: it is not taken */
	struct lock_load fit;
	double takes;		 /* of the lock, in one operation of a member */
	struct members_row *row; /* by @others */
	size_t rows;
};

/* Of kernel @k; @exact has the holds.  @asked: a number to predict besides, or NAN.  Why a series
 * is not there is noted in the table. */
struct members *members(struct table *t, size_t k, const struct table *exact, double asked,
			struct members *list, size_t *n);
double members_throughput(const struct members *m, const struct members_row *row, double cycle);

int members_judged(const struct members_row *row); /* it was measured, and is a prediction */

/* members_fit.c: from the fewest others to all; 0 if there are too few numbers of them. */
int members_fit(struct members *m);

/* contention.c: all series that were asked for, or die saying what is wanted. */
struct table contention_table(void); /* to load results into */
struct members *contention_of(const struct request *r, struct table *t, size_t *n);

/* members_text.c */
void members_text(FILE *f, const struct plan_answer *a, const struct members *list, size_t n);
json_t *members_json(const struct plan_answer *a, const struct members *list, size_t n);

extern const char *const cost_key[N_COSTS], *const output_key[N_OUTPUTS];
const char *limit_words(enum limit limit);
const char *advice_words(enum advice advice);

/* text.c, json.c, curve.c */
void plan_text(FILE *f, const struct plan_answer *a);
void plan_curve(FILE *f, const struct plan_answer *a);
json_t *plan_json(const struct plan_answer *a);
void checks_text(FILE *f, const struct plan_answer *a, const struct check *list, size_t n);
json_t *checks_json(const struct plan_answer *a, const struct check *list, size_t n);

#endif /* BENCH_PLAN_H */
