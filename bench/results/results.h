/* SPDX-License-Identifier: MIT */
/*
 * Results as they lie on the disk, and the table that is made of them:
 *
 *   load, parts, lone, check, boot, env   result directories into a table: facts, which judge weighs
 *   hub_top, hub_rows, hub_cells   the judged table into compare.json
 *   hub_read, hub_cells, hub_file, hub_v1   compare.json into a table again
 *   summary                  what the rows say together
 *   stamps                   what of a value is the module's own
 *   table, metric, primary, fitness, known     what is asked of a table, and what cases of this build say
 */
#ifndef RESULTS_RESULTS_H
#define RESULTS_RESULTS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "results/table.h"

/* Exit status; see METHODOLOGY.md, section 7. */
enum { EXIT_SAME = 0, EXIT_REGRESSION = 1, EXIT_USAGE = 2, EXIT_INCONCLUSIVE = 3 };

#define COUNTER_UNIT "per page" /* of what was counted in an execution of its own */

/* results.c: remember a sentence, and free it; what it weighs judge says. */
void table_note(struct table *t, enum fact fact, char *text);

/* parts.c: add a plan's directory, or all of them; dies on what it cannot trust.  Of those of one bundle
 * it makes one campaign. */
void table_load(struct table *t, const char *directory);
void table_load_all(struct table *t, char *const *directory, size_t n);

/* check.c: of what a file says, die if it cannot be. */
void check_mode(const char *mode, const char *path);
void check_plan(json_t *plan, const char *path);
void check_cases(json_t *cases, const char *path);
void check_numbers(json_t *plan, const char *path);
void check_prediction(json_t *prediction, const char *path);
void check_words(json_t *file, const char *path);
void check_size_words(json_t *sizes, const char *path);
void check_file(const struct table *t, json_t *file, size_t run, const char *path);
json_t *check_sizes(const struct table *t, const char *name, json_t *file, const char *path);
void check_skipped(const char *why, const char *path);
enum better check_better(const char *word, const char *path);
void check_metric(json_t *metric, const char *path);
/* Die: there are no results in @directory; what it is instead, as a user may have meant it. */
void check_nothing(const char *directory);

/* boot.c: the runs of one case in one boot become a struct boot a row. */
void boot_load(struct table *t, size_t k, const char *directory, size_t block, const char *name,
	       double scale, size_t runs);

/* primary.c: rows that a plan named before its first boot; NULL: none, and all are. */
void check_primary(json_t *list, const char *path);
json_t *primary_rows(const struct table *t);
int primary_names(const char *pattern, const struct row *row);
int is_primary(const struct table *t, const struct row *row);

/* fitness.c: what host-check said beforehand. */
void check_fitness(json_t *list, const char *path);
void fitness_notes(struct table *t);

/* stamps.c: what the module's own stamps cost in that boot of kernel @k, before what they are in; then
 * what one kernel has more of them than another, out of all values. */
void stamps_load(struct table *t, size_t k, const char *boot);
void stamps_level(struct table *t);

/* metric.c */
double metric_of(enum metric metric, uint32_t *ticks, size_t n); /* sorts, but for the mean */
double metric_quantile(enum metric metric);			 /* 0: the mean */
int metric_find(const char *name, enum metric *metric);
/* Can @n samples say between which two of them percentile_q[@i] lies? */
int metric_bounded(size_t n, size_t i);
char *metric_unbounded(enum metric metric, size_t n); /* why @n have no value, or NULL; to free */
/* What @unit is in this mode, to free, and *@value in that: where a tick is time, it is worth @scale ns. */
char *metric_unit(const struct table *t, const char *unit, double scale, double *value);
const char *metric_words(enum metric metric); /* "median of the samples" */
const char *metric_key(enum metric metric);   /* of compare.json */
const char *metric_option(enum metric metric);

/* env.c */
json_t *env_at(json_t *run, const char *path); /* of run.json, "host.kernel.key"; null: not there */
json_t *env_entry(json_t *plan, const char *spec); /* of that kernel, in a plan, or NULL */
void env_compare(struct table *t);
/* Dies unless that run.json is of the kernel that the plan and its other boots say. */
void env_identity(const struct table *t, size_t k, json_t *run, const char *path);
void env_boot(struct table *t, size_t k, json_t *run); /* a further boot's run.json */
void env_conditions(struct table *t, size_t k, json_t *file, const char *path);

/* results.c */
const struct comparison *table_find(const struct table *t, size_t row, size_t k, size_t base);
const char *better_name(enum better better);
const char *verdict_name(enum verdict verdict);
const char *family_name(enum family family);
const char *fact_name(enum fact fact);
const char *held_name(enum held held);
enum held held_of(const char *name); /* N_HELD: none of them */
const char *method_name(enum method method);
/* Exact mode: differences up to this, in per cent, are EQUIVALENT, says the row's case; 0. */
double resolution_pct(const struct table *t, const struct row *row);
size_t family_size(const struct table *t, enum family family); /* with a P value */
/* Has a P value, and boots enough for a verdict. */
int is_tested(const struct comparison *c, enum family family);
int same_fact(const struct table *t, const struct comparison *c, const char *path);
int differs(const struct comparison *c);
int same_image(const struct table *t, const struct comparison *c);
int is_arm(const struct table *t, size_t k); /* the baseline under another name */
int is_result(const struct comparison *c);   /* what a verdict on a kernel is made of */
int is_worse(const struct table *t, const struct comparison *c);
int decides(
	const struct comparison *c); /* a result of the family that the exit status is made of */
double
adjusted_p(const struct comparison *c); /* by Holm's procedure or Benjamini's and Hochberg's */
int param_is(json_t *params, const char *name, const char *value);
int has_method(const struct table *t, enum method method); /* A/A arms aside */
int table_status(const struct table *t);
double cell_value(const struct table *t, const struct cell *cell); /* NAN: no boot */
/* Of a value over its interleavings; NAN where there is but one. */
struct stats_interval cell_interval(const struct table *t, const struct cell *cell);
int interleaves(const struct table *t);		      /* has boots with several */
size_t letters(const struct table *t, size_t *shown); /* kernels but for A/A arms */
const char *row_unit(const struct table *t, const struct row *row);
json_int_t plan_int(const struct table *t, size_t plan, const char *name);

/* An assertion's row says by this metric whether it holds (run_assert()). */
#define ASSERTION "pass"
int is_assertion(const struct row *row);
int assertion_broke(const struct table *t,
		    const struct comparison *c); /* it held on the base alone */

/* summary.c: of a table that was judged; and as compare.json has it. */
struct summary *summary_of(const struct table *t);
json_t *summary_json(const struct table *t, const struct summary *s);

/* hub_rows.c: a line of compare.json. */
json_t *row_json(const struct table *t, const struct comparison *c);

#endif /* RESULTS_RESULTS_H */
