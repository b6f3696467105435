/* SPDX-License-Identifier: MIT */
/*
 * dex-compare's own rooms, in the order in which data passes them:
 *
 *   load, check, boot, env   result directories into a table (dex-plan reads them so, too)
 *   finish, judge, effect, seeds   every comparison of the table, its statistics, its verdict
 *   distrust     what forbids to say "no regression"
 *   text, json, formats, letter, verify, html   write it down
 *   dat          the columns that pictures are drawn from
 *
 * Nothing here measures, and nothing but judge decides.
 */
#ifndef BENCH_COMPARE_H
#define BENCH_COMPARE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "compare/table.h"

/* Exit status; see METHODOLOGY.md, section 7. */
enum { EXIT_SAME = 0, EXIT_REGRESSION = 1, EXIT_USAGE = 2, EXIT_INCONCLUSIVE = 3 };

/* What was asked for: the text given, or NULL. */
struct options {
	const char *write, *json, *format, *letter, *verify, *threshold, *metric, *cases;
	const char *pilot, *budget, *arms, *attribute, *params, *function;
	const char *dat, *pictures;
};

/* load.c: remember a sentence, and free it; what it weighs judge says. */
void table_note(struct table *t, enum fact fact, char *text);

/* load.c: add a plan's directory; dies on what it cannot trust. */
void table_load(struct table *t, const char *directory);

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

/* turns.c: x.boot2 and y.boot2 become a pair, if boots were made in turns. */
void table_pair_turns(struct table *t);

/* finish.c: compare them and judge. */
void table_finish(struct table *t);

/* boot.c: the runs of one case in one boot become a struct boot a row. */
void boot_load(struct table *t, size_t k, const char *directory, size_t block, const char *name,
	       double scale, size_t runs);

/* metric.c */
double metric_of(enum metric metric, uint32_t *ticks, size_t n); /* sorts, but for the mean */
double metric_quantile(enum metric metric);			 /* 0: the mean */
int metric_find(const char *name, enum metric *metric);
/* Can @n samples say between which two of them percentile_q[@i] lies? */
int metric_bounded(size_t n, size_t i);
char *metric_unbounded(enum metric metric, size_t n); /* why @n have no value, or NULL; to free */
const char *metric_words(enum metric metric);	      /* "median of the samples" */
const char *metric_key(enum metric metric);	      /* of compare.json */
const char *metric_option(enum metric metric);

/* env.c */
json_t *env_at(json_t *run, const char *path); /* of run.json, "host.kernel.key"; null: not there */
void env_compare(struct table *t);
/* Dies unless that run.json is of the kernel that the plan and its other boots say. */
void env_identity(const struct table *t, size_t k, json_t *run, const char *path);
void env_boot(struct table *t, size_t k, json_t *run); /* a further boot's run.json */
void env_conditions(struct table *t, size_t k, json_t *file, const char *path);

/* effect.c: statistics of one comparison; fills all but the verdict. */
double cell_value(const struct table *t, const struct cell *cell); /* NAN: no boot */
int boots_agree(const struct cell *cell);
void effect_exact(const struct table *t, struct comparison *c);
void effect_statistics(const struct table *t, struct comparison *c);
void effect_power(const struct table *t, struct comparison *c, size_t family_size);

/* seeds.c: interleavings of lockstep mode. */
int interleaves(const struct table *t);				    /* has boots with several */
size_t seeds_of(const struct table *t, const struct comparison *c); /* 0: none to compare by */
void effect_seeds(const struct table *t, struct comparison *c);
enum verdict judge_seeds(const struct table *t, const struct comparison *c, double resolution,
			 double alpha);
/* Of a value over its interleavings; NAN where there is but one. */
struct stats_interval cell_interval(const struct table *t, const struct cell *cell);
char *interleaved_text(const struct table *t, const struct cell *cell); /* "232.91 +-1.2%" */
const char *lockstep_words(const struct table *t); /* what its counts are not; else "" */

/* judge.c */
void table_judge(struct table *t);

/* table.c */
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
int has_method(const struct table *t, enum method method); /* A/A arms aside */
int table_status(const struct table *t);

/* distrust.c: doubts about the table as a whole, by its verdicts. */
void table_distrust(struct table *t);

/* success.c: of what was tried, in per cent; NAN: nothing was. */
double success_rate(const struct cell *cell);
double success_lowest(const struct row *row, const size_t *kernel, size_t n);
int success_fell(const struct table *t, const struct comparison *c);
/* Of @n kernels: "100 %", or "100/50 %" where they differ. */
char *success_text(const struct row *row, const size_t *kernel, size_t n);
/* Why there are no boots of kernel @k, a metric's being that of its samples; NULL: not measured. */
const char *skip_reason(const struct table *t, const struct row *row, size_t k);
/* Do all kernels skip the row for one reason? */
int skipped_alike(const struct table *t, const struct row *row);

/* words.c: pieces of text that several formats share; to free. */
char *value_text(const struct table *t, double value);
char *exact_text(double value); /* reads back as the same double */
char *delta_text(const struct table *t, const struct comparison *c);
char *verdict_text(const struct table *t, const struct comparison *c);
const char *verdict_word(const struct table *t, const struct comparison *c);
char *row_name(const struct row *row);
char *metric_text(const struct row *row); /* with unit and direction; "" without a metric */
int has_metrics(const struct table *t);
const char *differences_words(const struct table *t); /* of which boots they are */
const char *row_unit(const struct table *t, const struct row *row);
char *release_text(const struct kernel *kernel);
char *environment_text(const struct table *t, json_t *entry, size_t width);
char *environment_keys(const struct table *t);
char *arm_text(const struct table *t); /* NULL without an A/A arm */
char *holm_text(const struct table *t);
char *cross_check_text(const struct table *t);
size_t letters(const struct table *t, size_t *shown); /* kernels but for A/A arms */
const char *unit_words(const struct table *t);

/* repro.c: the commands that make the table again, to free. */
json_int_t plan_int(const struct table *t, size_t plan, const char *name);
char *campaign_command(const struct table *t, size_t plan); /* NULL: none made it */
char *compare_command(const struct table *t, const char *option);

/* fit.c: the slope of each case's value over the parameter that it asks for, an array. */
json_t *fits(const struct table *t);
void print_fits(FILE *f, const struct table *t);

/* predict.c: what each case expected of the folio walk, and whether it held. */
json_t *predictions(const struct table *t);
void print_predictions(FILE *f, const struct table *t);

/* The writers: text to free. */
char *report_text(const struct table *t);
char *report_markdown(const struct table *t);
char *report_tsv(const struct table *t);
char *report_benchstat(const struct table *t);
char *report_gbench(const struct table *t);
json_t *row_json(const struct table *t, const struct comparison *c);
char *cover_letter(const struct table *t);

/* The report for people, between text.c and text_table.c: as text or as Markdown. */
struct sheet {
	FILE *f;
	const struct table *t;
	size_t shown[COMPARE_MAX_KERNELS], n;	     /* kernels with a letter */
	int case_width, params_width, success_width; /* of columns */
	int markdown;
};

/* text.c: words of the results as the sheet has them, to free. */
char *sheet_words(const struct sheet *s, const char *text);

/* text_table.c: all tables, and in Markdown the list of what is skipped. */
void sheet_measure(struct sheet *s);
void sheet_tables(const struct sheet *s);

/* The block to post, between letter.c and letter_table.c. */
#define LETTER_COLUMNS 75

struct letter {
	FILE *f;
	const struct table *t;
	size_t shown[COMPARE_MAX_KERNELS], n;
};

/* letter_table.c */
void letter_table(const struct letter *l);

/*
 * dat*.c: what pictures are drawn from, as tables of columns in @directory: one
 * file a picture, named like its script in plots/, none where there is nothing to
 * draw; and facts.gp, what all of them say.
 */
void dat_write(const struct table *t, const char *directory);
FILE *dat_open(const char *directory, const char *name, const char *what, const char *columns);
/* facts.gp, and the directory if it is not there. */
FILE *dat_facts(const char *directory, const char *mode, const char *unit);
void dat_close(FILE *f);
void dat_number(FILE *f, double value); /* NaN is unknown */
/* Rows of one case: those with @metric (NULL: the samples) that hold @where, "name=value". */
struct dat_source {
	const char *case_name, *metric, *where;
};

int dat_selects(const struct dat_source *s, const struct row *row);
int dat_is_there(const struct table *t, const struct dat_source *s); /* was it measured? */
/* The row of the same measurement that holds @metric, or NULL. */
const struct row *dat_beside(const struct table *t, const struct row *row, const char *metric);
/* A value with its lowest and its highest boot, or interleaving. */
struct stats_interval dat_extremes(const struct table *t, const struct cell *cell);
void dat_lines(const struct table *t, const char *directory, FILE *facts);
void dat_bars(const struct table *t, const char *directory, FILE *facts);
char *dat_params(json_t *params); /* as short as can be, to free */
void dat_ecdf(const struct table *t, const char *directory, FILE *facts);
void dat_ladder(const struct table *t, const char *directory, FILE *facts);
void dat_effects(const struct table *t, const char *directory, FILE *facts);
int dat_foreign(const char *from, const char *directory); /* false: no such results */

/* html.c: the whole report in one file, with the pictures *.svg in @pictures (or NULL). */
char *report_html(const struct table *t, const char *pictures);
void html_put(FILE *f, const char *open, char *text, const char *close); /* frees @text */
/* html_table.c: its parts that are tables and lists. */
void html_table(FILE *f, const struct table *t);
void html_fits(FILE *f, const struct table *t);
void html_predictions(FILE *f, const struct table *t);
void html_skips(FILE *f, const struct table *t);

/* layout.c: @text in ASCII, wrapped between words; lines that go on end in
 * @more: "", or " \\" for a command. */
void wrap(FILE *f, const char *text, size_t columns, const char *more);

/* The strings of a table, a row each; the first is the heading,
 * the first column are names. */
struct grid {
	size_t rows, columns;
	char **cell;
};

struct grid grid_make(size_t rows, size_t columns);
void grid_print(FILE *f, const struct grid *g, size_t each, size_t room);
void grid_free(struct grid *g); /* with its strings */

/* pilot.c: what a campaign of @arms kernels should be made of, by @t, a
 * few boots of its baseline, if it may take @budget minutes. */
json_t *pilot(const struct table *t, double budget, size_t arms);

/* verify.c: is @block in the file @path ("-": standard input)?  Says so,
 * and returns the exit status. */
int verify(const char *block, const char *path);

#endif /* BENCH_COMPARE_H */
