// SPDX-License-Identifier: MIT
/*
 * dex-compare: the table of one or more result directories.
 *
 * Runs on any machine, without root, from JSON files alone; running it again
 * gives the same bytes.  Exit status: 0 no regression, 1 regression, 2 usage
 * or environment error, 3 inconclusive.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attribute/command.h"
#include "compare.h"
#include "lib/core/args.h"
#include "lib/core/die.h"
#include "lib/core/file.h"
#include "lib/core/json.h"
#include "lib/core/quote.h"
#include "report/history.h"
#include "report/series.h"
#include "results/hub.h"
#include "results/load.h"

#define LEAST_COLUMNS 40

#define OPTION(...)   ARG(struct options, __VA_ARGS__)

/* What --format takes, and whose it is; two are apart, as they take another option, too.  --help
 * has them in two lines. */
#define FORMATS_FIRST(X, between)                 \
	X(, "text", report_file)                  \
	X(between, "json", report_json_text)      \
	X(between, "tsv", report_tsv)             \
	X(between, "md", report_markdown)         \
	X(between, "benchstat", report_benchstat) \
	X(between, "gbench", report_gbench)
#define FORMATS_MORE(X, between)        \
	X(, "bmf", report_bmf)          \
	X(between, "lava", report_lava) \
	X(between, "lkp", report_lkp)   \
	X(between, "ktap", report_ktap) \
	X(between, "junit", report_junit)
#define FORMAT_WORD(between, word, writer) between word
#define FORMAT_WORDS(between, apart)        \
	FORMATS_FIRST(FORMAT_WORD, between) \
	apart FORMATS_MORE(FORMAT_WORD, between) between "kcidb" between "html"

static const struct argp_option table[] = {
	ARG_GROUP("What is compared"),
	OPTION(cases, "case", "REGEX", "only cases whose whole name matches (POSIX extended)"),
	OPTION(metric, "metric", "METRIC",
	       METRIC_WORDS("|") " of each run's samples (default: median)"),
	OPTION(threshold, "threshold", "PCT",
	       "the smallest effect that matters, in per cent (default: 1; not in exact mode)"),
	ARG_GROUP("What is printed"),
	OPTION(format, "format", "FORMAT",
	       FORMAT_WORDS("|", "| ") " (default: text); benchstat: Go's benchmark format; "
				       "gbench: Google Benchmark's JSON, for its compare.py "
				       "filters FILE KERNEL KERNEL; bmf: Bencher's own JSON; the "
				       "others are what labs read (docs/labs.md)"),
	OPTION(json, "json", NULL, "the same as --format=json"),
	OPTION(letter, "cover-letter", NULL,
	       "a block of plain text, 75 columns at most, to post with a patch"),
	OPTION(verify, "verify", "FILE",
	       "recompute that block and compare it with the one posted in FILE (-: standard "
	       "input), quoted or not; status 0: the same, 1: the first line that differs"),
	OPTION(all, "all", NULL,
	       "what is folded away, too: controls and counts that are the same on all kernels, "
	       "every condition by its key; of a cover letter all rows"),
	OPTION(pictures, "pictures", "DIRECTORY",
	       "with --format=html: *.svg to put into it (make report)"),
	OPTION(origin, "origin", "NAME",
	       "with --format=kcidb: what KCIDB calls the lab that submits (default: dexbench)"),
	ARG_GROUP("Of many dates"),
	OPTION(history, "history", NULL,
	       "DIR has a directory of exact results a date: one line a row with what changed "
	       "when, and the command that finds the commit (--format=text|tsv|html); status 1: "
	       "the last date is worse than the one before"),
	ARG_GROUP("What is left behind"),
	OPTION(write, "write", NULL,
	       "also leave compare.json and report.txt in the first directory"),
	OPTION(dat, "dat", "DIRECTORY",
	       "leave what pictures are drawn from there, one table of columns a picture "
	       "(make plots)"),
	ARG_GROUP("Planning a campaign"),
	OPTION(pilot, "pilot", NULL,
	       "what a campaign should be made of, as JSON; DIR holds a few boots of its "
	       "baseline, of several runs each; with --budget and --arms"),
	OPTION(budget, "budget", "MINUTES", "that the campaign may take (default: 30)"),
	OPTION(arms, "arms", "N", "kernels in the campaign, A/A arm included (default: 2)"),
	ARG_GROUP("Attribution"),
	OPTION(attribute, "attribute", NULL,
	       "which function costs the difference; DIR is of scripts/campaign/attribute.sh"),
	OPTION(params, "params", "WORDS",
	       "of that only these parameters: \"name=value name=value,value\""),
	OPTION(function, "function", "NAME", "of that only this function and what it calls"),
	ARG_END,
};

static const struct args command_line = {
	.program = "dex-compare",
	.operands = "DIR [DIR...] | FILE",
	.about =
		"Print the comparison of the kernels in results/<plan> directories; the first "
		"kernel of the first directory is the baseline.  Where compare.json is given alone, or there "
		"are no boots beside it, it is printed as it was judged.  Of ladder.json, bisect.json or "
		"converge.json, print the report (--format=text|md|tsv, --cover-letter).\v"
		"Exit status: 0 no regression, 1 regression, 2 usage or environment error, "
		"3 inconclusive.",
	.options = table,
};

/* Takes @root. */
static char *json_text(json_t *root)
{
	char *text = json_dumps(root, JSON_INDENT(1)), *line = xasprintf("%s\n", text);

	json_decref(root);
	free(text);
	return line;
}

static char *report_json_text(const struct table *t)
{
	return json_text(hub_json(t));
}

/* As it is left in report.txt. */
static char *report_file(const struct table *t)
{
	return report_text(t, &LOOK_FILE);
}

static const struct {
	const char *name;
	char *(*write)(const struct table *t);
} formats[] = {
#define FORMAT_ENTRY(between, word, writer) { word, writer },
	FORMATS_FIRST(FORMAT_ENTRY, ) FORMATS_MORE(FORMAT_ENTRY, )
};

/* A number above 0 and up to @most, or die saying what is wanted. */
static double parse_number(const char *option, const char *text, double most, const char *wanted)
{
	char *end;
	double value = strtod(text, &end);

	if (!*text || *end || !(value > 0) || !(value <= most))
		die_usage("%s=%s: give %s", option, text, wanted);
	return value;
}

static char *pilot_text(const struct table *t, const struct options *o)
{
	double budget =
		parse_number("--budget", o->budget ? o->budget : "30", 1e6, "minutes, more than 0");
	double arms = parse_number("--arms", o->arms ? o->arms : "2", COMPARE_MAX_KERNELS,
				   "a number of kernels");

	return json_text(pilot(t, budget, (size_t)arms));
}

static struct table make_table(const struct options *o)
{
	struct table t = { .threshold_text = o->threshold ? o->threshold : "1", .cases = o->cases };

	t.threshold = parse_number("--threshold", t.threshold_text, 99,
				   "per cent, more than 0 and less than 100");
	load_of(&t)->pilot = !!o->pilot;
	if (o->metric && !metric_find(o->metric, &t.metric))
		die_usage("--metric=%s: one of " METRIC_WORDS(", "), o->metric);
	return t;
}

/* Of the terminal; 80 where there is none, unless COLUMNS says otherwise. */
static size_t columns(void)
{
	const char *said = getenv("COLUMNS");
	unsigned long n = said ? strtoul(said, NULL, 10) : 0;
	struct winsize size;

	if (!n && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		n = size.ws_col;
	return !n ? LOOK_FILE.columns : n < LEAST_COLUMNS ? LEAST_COLUMNS : n;
}

/* The formats that take an option of their own. */
static char *text(const struct table *t, const struct options *o)
{
	const struct look look = { .columns = columns(), .all = !!o->all };

	return report_text(t, &look);
}

static char *html(const struct table *t, const struct options *o)
{
	return report_html(t, o->pictures);
}

static char *kcidb(const struct table *t, const struct options *o)
{
	return report_kcidb(t, o->origin);
}

static char *(*own_format(const struct options *o))(const struct table *t, const struct options *o)
{
	int is_html = o->format && !strcmp(o->format, "html");
	int is_kcidb = o->format && !strcmp(o->format, "kcidb");

	int is_letter = o->letter || o->verify;
	int is_text =
		!o->json && !is_letter && !o->dat && (!o->format || !strcmp(o->format, "text"));

	if (o->all && !is_text && !is_letter)
		die_usage("--all: it goes with --format=text and with the cover letter");
	if (o->pictures && !is_html)
		die_usage("--pictures=%s: they go into --format=html alone", o->pictures);
	if (o->origin && !is_kcidb)
		die_usage("--origin=%s: it goes into --format=kcidb alone", o->origin);
	return is_html ? html : is_kcidb ? kcidb : is_text ? text : NULL;
}

static char *(*find_format(const struct options *o))(const struct table *t)
{
	const char *name = o->format ? o->format : o->json ? "json" : "text";

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (!strcmp(formats[i].name, name))
			return formats[i].write;
	die_usage("--format=%s: one of " FORMAT_WORDS(", ", ", "), name);
}

/* compare.json says that both are there: a writer that was cut short leaves none, or report.txt,
 * which is no obstacle to the next. */
static void write_files(const char *directory, const struct table *t)
{
	char *report = xasprintf("%s/report.txt", directory), *text = report_file(t);
	char *path = xasprintf("%s/compare.json", directory);

	file_must_be_new(path);
	file_write_again(report, text);
	json_write_new(hub_json(t), path);
	free(path);
	free(report);
	free(text);
}

static int put(char *text, int status)
{
	quote_terminal(stdout, text);
	free(text);
	return status;
}

/* The report on a series' or a convergence's file; -1: it is none of these. */
static int file_report(int argc, char **argv, const struct options *o)
{
	struct stat st;

	if (argc > 2 || stat(argv[1], &st) || !S_ISREG(st.st_mode))
		return -1;
	return series_report(argv[1], o);
}

/* What is left out without a word would be missed. */
static void one_answer(const struct options *o)
{
	static const char *const option[] = { "--format", "--json",  "--cover-letter",
					      "--verify", "--pilot", "--dat" };
	const char *const given[] = { o->format, o->json, o->letter, o->verify, o->pilot, o->dat };
	const char *first = NULL;

	for (size_t i = 0; i < sizeof(option) / sizeof(option[0]); i++) {
		if (given[i] && first)
			die_usage("%s and %s: each says what is printed; give one of them", first,
				  option[i]);
		first = given[i] ? option[i] : first;
	}
}

/* What is of one comparison is not of many. */
static int history(const struct options *o, int argc, char **argv)
{
	static const char *const option[] = { "--case",	    "--metric",	      "--threshold",
					      "--pilot",    "--write",	      "--json",
					      "--verify",   "--cover-letter", "--dat",
					      "--pictures", "--origin",	      "--attribute" };
	const char *const given[] = { o->cases, o->metric,   o->threshold, o->pilot,
				      o->write, o->json,     o->verify,	   o->letter,
				      o->dat,	o->pictures, o->origin,	   o->attribute };

	for (size_t i = 0; i < sizeof(option) / sizeof(option[0]); i++)
		if (given[i])
			die_usage("--history goes with --format alone; %s is of one comparison",
				  option[i]);
	if (argc > 2)
		die_usage("--history takes one directory, which has a directory of results a date");
	return history_report(argv[1], o);
}

/* What would be judged anew, for which a file has no samples, or what is of several. */
static void must_be_view(const struct options *o, const char *path, int others)
{
	static const char *const option[] = { "--case", "--metric", "--threshold", "--pilot",
					      "--write" };
	const char *const given[] = { o->cases, o->metric, o->threshold, o->pilot, o->write };

	for (size_t i = 0; i < sizeof(option) / sizeof(option[0]); i++)
		if (given[i])
			die_usage("%s: %s needs boots, and here is their compare.json alone", path,
				  option[i]);
	if (others)
		die_usage(
			"%s: a file is shown alone; to compare it with others, give directories with their boots",
			path);
}

/* From boots: the pilot's are for nothing else. */
static json_t *judged(const struct options *o, int argc, char **argv)
{
	struct table t = make_table(o);

	table_load_all(&t, argv + 1, (size_t)argc - 1);
	table_finish(&t);
	if (o->pilot)
		exit(put(pilot_text(&t, o), EXIT_SAME));
	return hub_json(&t);
}

/* By one door, whether it was judged now or before. */
static struct table compared(const struct options *o, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!hub_is(argv[i]))
			continue;
		must_be_view(o, argv[i], argc > 2);
		return hub_table(hub_open(argv[i]), argv[i]);
	}
	return hub_table(judged(o, argc, argv), argv[1]);
}

int main(int argc, char **argv)
{
	char *(*own)(const struct table *t, const struct options *o);
	char *(*format)(const struct table *t);
	struct options o = { 0 };
	struct table t;
	int reported;

	die_set_program(command_line.program);
	die_of_lost_output();
	args_parse(&command_line, &o, &argc, argv);
	if (argc < 2)
		die_usage("which results? usage: dex-compare DIR [DIR...]; --help says more");
	one_answer(&o);
	if (o.history)
		return history(&o, argc, argv);
	reported = file_report(argc, argv, &o);
	if (reported >= 0)
		return reported;
	if (o.attribute)
		return attribute(argv[1], o.params, o.function, !!o.write, !!o.json);
	own = own_format(&o);
	format = own ? NULL : find_format(&o);
	if (o.dat && argc == 2 && dat_foreign(argv[1], o.dat))
		return EXIT_SAME;
	t = compared(&o, argc, argv);
	if (o.dat) {
		dat_write(&t, o.dat);
		return EXIT_SAME;
	}
	if (o.write)
		write_files(argv[1], &t);
	if (own == text && colour_wanted()) {
		colour_put(stdout, text(&t, &o));
		return table_status(&t);
	}
	if (own)
		return put(own(&t, &o), table_status(&t));
	if (o.verify) {
		char *block = cover_letter(&t, !!o.all);
		int status = verify(block, o.verify);

		free(block);
		return status;
	}
	return put(o.letter ? cover_letter(&t, !!o.all) : format(&t), table_status(&t));
}
