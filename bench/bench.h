/* SPDX-License-Identifier: MIT */
/*
 * What a case is: data plus a few small functions.
 *
 * A case file in bench/cases/ defines one `const struct bench bench_<name>`;
 * everything else in it is static.  runner/run.c owns the loop: for every combination
 * of the case's parameters it calls setup, sample, check and teardown, once to
 * warm up on a few pages (not kept) and once for the result.
 */
#ifndef BENCH_H
#define BENCH_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "better.h"
#include "lib/machine/clock.h"
#include "lib/machine/dev.h"
#include "lib/mem/mem.h"
#include "lib/workers/device.h"

#define BENCH_MAX_PARAMS   4
#define BENCH_MAX_METRICS  20
#define BENCH_MAX_PICTURES 3
#define BENCH_MAX_SIZES	   2

/* One parameter and the values it takes; @labels name them where they are
 * words (values are then 0, 1, ...). */
struct bench_param {
	const char *name;
	const int64_t *values;
	const char *const *labels;
	size_t n;
};

#define BENCH_VALUES(n, ...)                                                 \
	{                                                                    \
		n, (const int64_t[]){ __VA_ARGS__ }, NULL,                   \
			sizeof((int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t) \
	}
#define BENCH_LABELS(n, ...)                                                          \
	{                                                                             \
		n, (const int64_t[]){ 0, 1, 2, 3, 4, 5, 6, 7 },                       \
			(const char *const[]){ __VA_ARGS__ },                         \
			sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *) \
	}

/* A result of an execution besides its samples, already per whatever its unit says;
 * a row of its own in the table.  Counts and rates that are no cost are NEITHER. */
struct bench_metric {
	const char *name, *unit;
	enum better better;
	double value;
};

/*
 * What the folio walk changes against the rmap walk of the same kernel, said before
 * it is measured.  The report says of each whether it held.
 */
enum expected { EXPECT_SAME = 1, EXPECT_LOWER, EXPECT_HIGHER };

struct bench_prediction {
	const char *when;   /* "order=behind sharers>=16": parameters; "": always */
	const char *metric; /* a bench_metric's name; NULL: the samples */
	enum expected folio;
	const char *because;
};

/* One execution of a case: what it works on and what came of it. */
struct run {
	const struct bench *bench;
	int64_t arg[BENCH_MAX_PARAMS]; /* in the order of bench->params */
	enum mode mode;
	struct dev *dev;
	int node;	     /* where its memory lies; -1: not known */
	size_t pages;	     /* to work on; fixed, equal on every kernel */
	int warm_up;	     /* this execution is not kept */
	unsigned int number; /* of this run in its boot, from 1; lockstep: of the interleaving */
	struct mem mem;	     /* for the case's setup to fill */
	void *private;	     /* the case's own */

	/* Results; room for one sample a page. */
	uint32_t *ticks;
	int *errors;	/* 0 or errno of each sample */
	uint32_t *gaps; /* from the end of call i to the start of call i + 1 */
	size_t n_gaps;	/* 0: not the module's samples, or sums of them */
	size_t samples;
	unsigned int pages_per_sample;	/* what one sample's ticks are for */
	unsigned int stamps_per_sample; /* pairs of stamps inside them */
	uint64_t attempted, succeeded;	/* pages */
	uint64_t request_ticks;		/* of the whole request; 0: no request */
	struct dev_events events;
	struct bench_metric metric[BENCH_MAX_METRICS];
	size_t metrics;
	const char *skip; /* set by setup: why this cannot run here */
	json_t *facts;	  /* more of the case's own, for its file; or NULL */
};

/* What must be there before the case starts; a guest provides it (guest-init.sh).  The case still
 * looks, and skips where it is missing. */
struct bench_needs {
	const char *module; /* of the kernel's own tree, by name */
	int swap;
	int fsdax; /* a file system that is mapped without a page cache, and a device that is */
};

/* Attribution: the samples are that part of a conversion which begins with the first call of
 * @from after @after was entered, and ends with @to; all three NULL: all of it. */
struct bench_span {
	const char *after, *from, *to;
};

/* A control in which there is nothing of the kernel, or nothing of what is compared: it must be
 * equal, up to the case's resolution.  Where it is not, the instrument is wrong, and no "no
 * regression" is said. */
enum bench_equal { EQUAL_ALWAYS = 1, EQUAL_ON_ONE_IMAGE };

/*
 * A picture of a case's rows: plots/NAME.gp says title and what an axis means, and its columns are
 * made of this (compare/dat_*.c).  Cases that name the same bars share them, in the order of list.h.
 * IN_LADDER: the samples are what a user pays for a page, and are among what each step changed.
 * OF_DEVICE: of results that tell of a device and of no kernel.
 */
enum bench_picture_kind { BARS = 1, LINES, DISTRIBUTION, IN_LADDER, OF_DEVICE };

struct bench_picture {
	enum bench_picture_kind kind;
	const char *name;   /* NULL: as the case */
	const char *metric; /* whose values; NULL: the samples' */
	const char *where;  /* of which rows, "name=value"; NULL: of all */
	/* Bars. */
	const char *as;	    /* these rows' name in another case's picture, no reason to draw it */
	const char *group;  /* a parameter: where it changes there is a gap, as between cases */
	const char *beside; /* a metric, to be read beside the value instead of the value */
	const char *tries;  /* a metric: how often each attempt tries again */
	int not_exact;	    /* exact mode has one row of each group */
	/* Lines. */
	const char *x;	    /* a parameter, or "@metric" */
	int more;	    /* is added to x */
	const char *series; /* a parameter, or NULL */
	const char *axis;   /* what x is, in words */
};

enum {
	IN_EXACT = 1 << MODE_EXACT,
	IN_LOCKSTEP = 1 << MODE_LOCKSTEP,
	IN_PARALLEL = 1 << MODE_PARALLEL,
	IN_TIMING = 1 << MODE_TIMING
};

struct bench {
	const char *name;
	const char *question;
	const char *sample_is; /* what one sample is, for --list and results */
	struct bench_param params[BENCH_MAX_PARAMS];
	int primary;  /* in the default selection; controls are anyway */
	int contends; /* several CPUs at once say more than one: in lockstep mode, too */
	/* One CPU alone makes the same numbers in exact and in lockstep mode: what has both has this
	 * case in both, and the numbers are held against each other. */
	int counted;
	/* Lockstep mode: is this combination in the default selection?  NULL: none is. */
	int (*brief)(const int64_t *arg);
	int modes;	 /* IN_EXACT | ...: where it can say anything; 0: everywhere */
	const char *fit; /* the parameter whose slope is of interest, or NULL */
	const struct bench_prediction *predictions; /* up to one whose folio is 0, or NULL */
	/* Exact mode: by how many per cent the memory that a boot happens to use, or an
	 * interrupt, can move the value; 0: by not one instruction. */
	struct bench_resolution {
		double samples, metrics;
	} resolution;
	/* What it runs on besides this machine, for its file: it needs no module, measures
	 * no kernel and is part of no campaign.  NULL: none of that. */
	json_t *(*device)(void);
	int control;	   /* a control: listed first, not a result of its own */
	int rate_unjudged; /* modes, IN_EXACT | ...: its device_rate is no ground for a verdict */
	enum bench_equal must_equal;
	/* Rows that decide a noisy campaign unless it names others, "name=value,..." each, separated
	 * by blanks: few of few cases, for each makes the others harder to tell.  NULL: none. */
	const char *decides;
	/* What the module's own part of a sample is told from: the samples in which "name=value" are
	 * a pair of stamps with nothing in it; what its loop needs between the calls of this case. */
	const char *stamps;
	int shows_loop;
	/* How much it works on where the command line does not say; in its file, for dex-plan. */
	struct bench_size {
		const char *name;
		unsigned int value;
	} sizes[BENCH_MAX_SIZES];
	/* What dex-plan has from it: "touches", "atomics", "sharers", "members", "hold", "device"
	 * or "visits" (plan.h says what each means); NULL: nothing. */
	const char *tells;
	struct bench_picture pictures[BENCH_MAX_PICTURES];
	struct bench_needs needs;
	struct bench_span span;
	void (*setup)(struct run *r);
	void (*sample)(struct run *r);
	void (*check)(struct run *r); /* dies unless the work was done */
	void (*teardown)(struct run *r);
};

/* runner/run.c: for cases. */

/* Keep what the module measured: each sample the sum of @group calls. */
void run_keep(struct run *r, struct dev_result result, size_t calls, unsigned int batch,
	      unsigned int group);
/* Append one sample that the case timed itself. */
void run_add(struct run *r, uint32_t ticks, int error);
/* Append a result besides the samples; @name and @unit are literals. */
void run_metric(struct run *r, const char *name, const char *unit, enum better better,
		double value);
/* Keep what @check saw and whether it is what was @wanted, instead of a measurement:
 * the sample is 1, so that no check is a regression of another. */
struct bench_assertion {
	double (*check)(struct run *r);
	double wanted;
	const char *unit; /* of what it saw */
};

void run_assert(struct run *r, const struct bench_assertion *assertion);
/* Die unless all pages succeeded, @exclusive of them exclusive in pagemap. */
void run_check_pages(const struct run *r, size_t exclusive);

/* The set-up that most cases share: base pages, watched as a driver would. */
void run_watched_pages(struct run *r);
void run_pages(struct run *r);
void run_some_pages(struct run *r, size_t pages); /* as many as the case needs */
void run_free(struct run *r);			  /* undoes either */

/* runner/run_device.c: for cases on the software device. */

struct toucher;

/* The set-up: base pages, and in r->private a device on them, its skip in r->skip. */
void run_device(struct run *r, size_t pages, struct device_shape shape);
void run_device_free(struct run *r);

/* Append median, p90, p99 and maximum of @n ticks, by these names, of what is timed besides
 * the samples; of none, nothing.  Reorders them. */
void run_spread(struct run *r, const char *const name[4], uint32_t *ticks, size_t n);
/* Keep device faults as samples, their spread (to_device_p50 and so on) and retries. */
void run_device_faults(struct run *r, const struct device_work *work);
/* Its atomics over its ticks (device_rate), the more the better unless the case says otherwise. */
void run_device_rate(struct run *r, const struct device_work *work);
/* What came of touches of @pages pages (touch_rate, revoking, to_cpu_p50 and so on). */
void run_touches(struct run *r, const struct toucher *toucher, size_t pages);
/* Die unless @pages pages are exclusive and valid, and no update was lost (lost) if CPUs did
 * @added increments. */
void run_check_device(struct run *r, size_t pages, uint64_t added);

/* runner/run_team.c: for cases whose members work at once (lib/workers/team.h). */

struct team;
struct worker;

/* What a team came to: those that end by themselves, and the endless ones. */
struct run_sum {
	uint64_t begin, end; /* of the first, of the last */
	uint64_t samples, done, sleeps;
	uint64_t ops, op_ticks; /* of the endless ones */
};

/* Can @cores work at once here?  If not, r->skip says why. */
int run_has_cores(struct run *r, size_t cores);
struct run_sum run_team_sum(struct team *team);
/* The same, and keep the samples, as many as there is room for. */
struct run_sum run_team(struct run *r, struct team *team);
void run_throughput(struct run *r, const struct run_sum *sum); /* of those that end */
void run_sleeps(struct run *r, const struct run_sum *sum);
void run_disturbers(struct run *r, const struct run_sum *sum); /* disturber_op, if there are any */

/* Make the first @n members threads that convert an equal part of r->mem each, on a core each,
 * by one request or one a page (lib/workers/worker.h); to free. */
struct worker *run_converters(const struct run *r, struct team *team, size_t n, int requests);
/* Die unless @wanted pages are exclusive in pagemap: @found of members' own, or those of r->mem. */
void run_check_exclusive(const struct run *r, size_t found, size_t wanted);
void run_check_converted(const struct run *r, size_t wanted);

#endif /* BENCH_H */
