/* SPDX-License-Identifier: MIT */
/*
 * The comparison: what loading and judging leave, what compare.json carries, and all that a view
 * may see.
 */
#ifndef RESULTS_TABLE_H
#define RESULTS_TABLE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "better.h"
#include "stats/stats.h"

#define COMPARE_MAX_KERNELS 26 /* A to Z */
#define COMPARE_CONFIDENCE  0.95
#define COMPARE_POWER	    0.80
#define COMPARE_MIN_BOOTS   4 /* below: no verdict from statistics */

/*
 * What a run's samples are reduced to: METRIC_, the word of --metric, the key of compare.json, what
 * it is in words, and the quantile (0: the mean).  A macro, so that whatever lists them is made of it.
 */
#define METRICS(X, between)                                                            \
	X(, MEDIAN, "median", "median_per_page", "median of the samples", 0.5)         \
	X(between, MEAN, "mean", "mean_per_page", "mean of the samples", 0)            \
	X(between, P90, "p90", "p90_per_page", "90th percentile of the samples", 0.9)  \
	X(between, P99, "p99", "p99_per_page", "99th percentile of the samples", 0.99) \
	X(between, P999, "p999", "p99.9_per_page", "99.9th percentile of the samples", 0.999)
#define METRIC_ID(between, id, ...)	    METRIC_##id,
#define METRIC_WORD(between, id, word, ...) between word
#define METRIC_WORDS(between)		    METRICS(METRIC_WORD, between)

enum metric { METRICS(METRIC_ID, ) };

#define N_PERCENTILES 4 /* p50 p90 p99 p99.9 */
extern const double percentile_q[N_PERCENTILES];
extern const char *const percentile_name[N_PERCENTILES];

/* One kernel of the comparison, the baseline first. */
struct kernel {
	char *label; /* the spec; "spec@directory" if two directories have it */
	char *spec;
	json_t *run;	/* run.json of its first boot */
	size_t same_as; /* kernel of which it is the A/A arm, or itself */
	size_t directory;
	size_t boots, failed; /* @failed: of them, at the first attempt */
	double scale;	      /* of its first boot: a tick in the table's unit */
	double first, busy;   /* seconds to the first case; in all cases and boots */
	double whole;	      /* of all boots, from what makes the guest to its end; 0: not known */
	double efficiency;    /* per cent; NAN if not known */
};

/* What one boot gave for one row. */
struct boot {
	size_t directory, block; /* boots that share both are a pair */
	double value;		 /* mean over its runs of each run's metric, per page */
	double *run;		 /* those, @runs of them */
	size_t runs;
	double percentile[N_PERCENTILES]; /* of all its samples, per page; NAN: not bounded */
	size_t samples;
	size_t warm_up;	 /* the longest of its runs; samples */
	double stamps;	 /* pairs of the module's, per page; 0: of a metric, or not known */
	double sampling; /* relative variance of a run's value by its samples; pilot only */
	uint32_t *ticks; /* all samples, ascending, where loading keeps them */
	double per_tick; /* what one of those is worth, per page */
};

/* How the samples of all boots lie: @up_to[i] of them took @ticks[i] or less. */
struct curve {
	uint32_t *ticks;
	uint64_t *up_to;
	size_t points;
	double per_tick; /* as in a boot */
};

/* What one kernel's boots gave for one row. */
struct cell {
	struct boot *boot; /* NULL where a file has no values of single boots */
	size_t boots;
	uint64_t samples, ok, attempted;
	char *skipped; /* why, or NULL */
	/* What all boots say together, NAN where they do not; cells.c. */
	double value, low, high; /* and its extremes, among boots or interleavings */
	struct stats_interval interval;
	double percentile[N_PERCENTILES], boot_sd_pct, run_sd_pct;
	size_t warm_up;	     /* of the slowest run; samples */
	struct curve *curve; /* or NULL: no picture wants it */
};

/* One combination of one case's parameters, and what was measured of it. */
struct row {
	char *case_name;
	json_t *params;
	char *metric, *unit; /* NULL: what is made of the samples, in the table's unit */
	enum better better;
	int control;
	struct cell cell[COMPARE_MAX_KERNELS];
};

/* FEWER and MORE in exact mode; LOWER and HIGHER of what is neither good nor bad. */
enum verdict {
	SAME = 1,
	FEWER,
	MORE,
	FASTER,
	SLOWER,
	LOWER,
	HIGHER,
	EQUIVALENT,
	INCONCLUSIVE,
	SKIPPED
};

/*
 * Comparisons whose P values are adjusted together.  Where the plan named primary rows these are PRIMARY and
 * adjusted by Holm's procedure, other results are OTHERS, and all but PRIMARY are adjusted by Benjamini's and
 * Hochberg's; else all results are PRIMARY, and every family is adjusted by Holm's.
 */
enum family { PRIMARY, OTHERS, STEPS, CONTROLS, CONTROL_STEPS, COUNTS, ARM, N_FAMILIES };

/* SIGN_FLIP where a value is 0, so that there is no ratio. */
enum method { NO_METHOD, EXACT, INTERLEAVINGS, PAIRED_T, FIELLER, SIGN_FLIP };

/* One kernel against another in one row; NAN is unknown. */
struct comparison {
	size_t row, kernel, base;
	enum family family;
	enum method method;
	enum verdict verdict;
	double delta_pct;
	struct stats_interval ci_pct, bootstrap_pct;
	double p, p_holm, p_fdr; /* the latter two: that of its family's procedure, else NAN */
	double p_sign_flip, p_mann_whitney;
	double sd; /* of the ln ratio of one pair */
	size_t pairs;
	int nothing; /* events of which there are next to none on either side */
	int one_way; /* SIGN_FLIP: -1 or 1 if all pairs differ in that direction, by enough */
	double mde_pct, boots_needed;
	struct stats_interval ratio;
	char *reason; /* why there is no verdict, or NULL */
};

/* What rows say together of a kernel, against its baseline. */
struct tally {
	size_t kernel, base;
	size_t rows[SKIPPED + 1]; /* its results, by verdict */
	size_t better, worse;
	const struct comparison *best, *worst; /* the largest of them, or NULL */
	size_t asserted, hold; /* assertions on both; those that hold on the kernel */
	size_t broken, mended; /* those that hold on the baseline alone, or the kernel alone */
	const struct comparison *first_broken; /* or NULL */
};

struct summary {
	struct tally tally[COMPARE_MAX_KERNELS]; /* A/A arms aside, in the kernels' order */
	size_t tallies;
	size_t arm_rows, arm_differ; /* of A/A arms: compared; not the same */
	int has_arm;
	size_t doubts; /* notes that forbid "no regression" */
};

/* Of a prediction: what became of it. */
enum held { HAS_HELD, HAS_FAILED, IS_OPEN, N_HELD };

/* One plan directory, for what has to be said about it. */
struct plan {
	const char *directory;
	json_t *json;
};

/* What is missing or odd; results.c has the words. */
enum fact {
	FACT_MISSING,	 /* a boot that was planned */
	FACT_REPEATED,	 /* a boot that failed at first */
	FACT_INCOMPLETE, /* a case that ended early */
	FACT_CASES,	 /* campaigns of different cases */
	FACT_CONDITIONS, /* boots of a kernel that differ */
	FACT_INSTRUMENT, /* boots, or kernels, that another instrument measured */
	FACT_FAILURES,	 /* a kernel of which more boots failed */
	FACT_DISTURBED,	 /* a run, by its host */
	FACT_STOLEN,	 /* CPU time, by its host, so much that times say little */
	FACT_HOST,	 /* what may matter on the host, as host-check found it */
	FACT_UNFIT,	 /* a host whose times mean little, says host-check */
	FACT_MODEL,	 /* too little for a model's fit */
	FACT_VERDICTS,	 /* what the rows say together */
	N_FACTS
};

struct note {
	enum fact fact;
	char *text;
	int doubt; /* it forbids "no regression", says judge */
};

struct load;

/* All of it. */
struct table {
	const char *threshold_text;
	double threshold; /* per cent */
	enum metric metric;
	const char *cases; /* regular expression, or NULL */
	char *mode, *unit;
	int exact;
	json_int_t pages; /* that each execution worked on; 0: not known */
	struct plan *plan;
	size_t plans;
	struct kernel kernel[COMPARE_MAX_KERNELS];
	size_t kernels;
	struct row *row;
	size_t rows;
	struct comparison *comparison;
	size_t comparisons;
	json_t *cases_said; /* by case: its file's "fit", "predictions", "resolution_pct", "sizes" */
	json_t *environment_diff; /* array of {key, values} */
	json_t *fits, *predictions;
	struct note *note;
	size_t notes;
	struct summary *summary; /* NULL until it went through compare.json */
	struct load *load; /* what only loading knows; NULL in a table that was read from a file */
};

#endif /* RESULTS_TABLE_H */
