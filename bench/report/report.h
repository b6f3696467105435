/* SPDX-License-Identifier: MIT */
/*
 * Views of a comparison, each of which sees what compare.json carries and nothing else:
 *
 *   verdict              the lines with which they begin
 *   text, sheet, folded, colour, differences, markdown, letter, html   reports for people
 *   formats, services    for other people's tools
 *   lab, lab_*           for labs: what passed, what failed, what was measured
 *   history, history_*   of many dates: what changed when
 *   verify       is a posted block what the results say?
 *   dat          the columns that pictures are drawn from
 *   words, success, interleavings, fits, predictions, repro, layout   what several of them share
 *
 * Nothing here decides.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdio.h>

#include "results/results.h"

/* What was asked for: the text given, or NULL. */
struct options {
	const char *write, *json, *format, *letter, *verify, *threshold, *metric, *cases;
	const char *pilot, *budget, *arms, *attribute, *params, *function;
	const char *dat, *pictures, *origin, *history, *all;
};

/* How wide a report is, and whether with what is folded away. */
struct look {
	size_t columns;
	int all;
};

#define LOOK_FILE ((struct look){ .columns = 80 })

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
char *release_text(const struct kernel *kernel);
char *environment_text(const struct table *t, json_t *entry, size_t width);
char *environment_keys(const struct table *t);
char *arm_text(const struct table *t); /* NULL without an A/A arm */
char *holm_text(const struct table *t);
char *primary_text(const struct table *t); /* NULL: the plan names none */
char *cross_check_text(const struct table *t);
const char *unit_words(const struct table *t);

/* repro.c: the commands that make the table again, to free. */
char *campaign_command(const struct table *t, size_t plan); /* NULL: none made it */
char *portable_spec(const struct table *t, size_t k); /* without where it lies on this machine */
char *compare_command(const struct table *t, const char *option);

/* interleavings.c */
char *interleaved_text(const struct table *t, const struct cell *cell); /* "232.91 +-1.2%" */
const char *lockstep_words(const struct table *t); /* what its counts are not; else "" */

/* fits.c, predictions.c: as they were judged. */
void print_fits(FILE *f, const struct table *t);
void print_predictions(FILE *f, const struct table *t);

/* The writers: text to free. */
char *report_text(const struct table *t, const struct look *look);
char *report_markdown(const struct table *t);
char *report_tsv(const struct table *t);
char *report_benchstat(const struct table *t);
char *report_gbench(const struct table *t);
char *report_bmf(const struct table *t);
char *report_lava(const struct table *t);
char *report_ktap(const struct table *t);
char *report_lkp(const struct table *t);
char *report_junit(const struct table *t);
char *report_kcidb(const struct table *t, const char *origin);
char *cover_letter(const struct table *t, int all); /* @all: however long */

/* services.c: one value a boot, of how many samples, one at least; dies unless there are such. */
size_t boot_iterations(const struct boot *boot);
void need_single_boots(const struct table *t, const char *format);
/* "instructions", "ns" or "ticks"; and with what it is per, of a row, to free. */
const char *tick_unit(const struct table *t);
char *value_unit(const struct table *t, const struct row *row);

/* verdict.c: the lines with which every report begins, of @width if they can be, each to free; a kernel by its name, or by its
 * letter in the legend where that is long. */
#define VERDICT_LINES 5
size_t verdict_lines(const struct table *t, size_t width, char **line);
char *kernel_words(const struct table *t, size_t k);

/* The report for a terminal, between text.c and sheet.c. */
struct sheet {
	FILE *f;
	const struct table *t;
	const struct look *look;
	size_t shown[COMPARE_MAX_KERNELS], n; /* kernels with a letter */
};

int sheet_is_result(const struct row *row); /* or a control, or a count */
size_t sheet_folded_away(const struct sheet *s);
void sheet_tables(const struct sheet *s, int results);
size_t arm_of(const struct table *t, size_t base);
/* Steps and the whole up to three kernels; with more, each against the baseline. */
size_t exact_pairs(const size_t *shown, size_t kernels, size_t (*pair)[2]);

char *printed(void (*print)(FILE *f, const struct table *t), const struct table *t); /* to free */
char *efficiency_text(const struct table *t); /* text.c; NULL: not known; to free */

/* differences.c: in what the kernels' conditions differ; in words, or by the keys of run.json. */
char *differences_list(const struct table *t); /* NULL: in nothing; to free */
void print_differences(FILE *f, const struct table *t, const struct look *look);

/* colour.c: is the output a terminal that wants it; the report with it. */
int colour_wanted(void);
void colour_put(FILE *f, const char *text);

/* The same in Markdown, between markdown.c and markdown_table.c. */
struct markdown {
	FILE *f;
	const struct table *t;
	size_t shown[COMPARE_MAX_KERNELS], n;
};

void markdown_tables(const struct markdown *s);

/* folded.c: within @width, further lines two characters further in than the first. */
void wrap_indented(FILE *f, const char *text, size_t width);

/* The block to post, between letter.c, letter_checks.c and letter_table.c. */
#define LETTER_COLUMNS 75

struct letter {
	FILE *f;
	const struct table *t;
	size_t shown[COMPARE_MAX_KERNELS], n;
	char *is_shown; /* by row: is it in the table? */
};

/* letter_checks.c: a paragraph, which is freed; and those of what was checked. */
void letter_say(const struct letter *l, char *text);
void letter_checks(const struct letter *l);

/* letter_table.c: the rows that say most, @most of them; and the table. */
int letter_has(const struct row *row);
void letter_choose(struct letter *l, size_t most);
void letter_table(const struct letter *l);

/*
 * dat_all.c and dat*.c: what pictures are drawn from, as tables of columns in @directory: one
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
void html_head(FILE *f, char *title); /* up to the heading, which is the title; frees it */
/* html_table.c: its parts that are tables and lists. */
void html_put(FILE *f, const char *open, char *text, const char *close); /* frees @text */
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

/* verify.c: is @block in the file @path ("-": standard input)?  Says so,
 * and returns the exit status. */
int verify(const char *block, const char *path);

#endif /* REPORT_REPORT_H */
