// SPDX-License-Identifier: MIT
/*
 * The block to post under a patch, for somebody who has never heard of dexbench: plain ASCII, at most
 * 75 columns so that it survives quoting, and 40 lines unless all rows are asked for.  The verdict
 * first; what was compared, by what identifies it anywhere; the rows that say most, with the question
 * that each case asks; what was checked; and the commands that make it.  Only signs that occur are
 * explained.  Nothing in it depends on where the results lie, so that --verify finds the same block on
 * another machine.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "lib/core/die.h"
#include "lib/core/json.h"
#include "results/known.h"

#define LINES	   40
#define MOST_ROWS  24 /* tried first; fewer where these are too many lines */
#define LEAST_ROWS 2

static const char *fact(const struct table *t, size_t k, const char *object, const char *key)
{
	json_t *o = object ? json_object_get(t->kernel[k].run, object) : t->kernel[k].run;

	return json_string_value(json_object_get(o, key));
}

static json_t *host_kernel(const struct table *t, size_t k)
{
	return json_object_get(json_object_get(t->kernel[k].run, "host"), "kernel");
}

static char *boots_text(const struct letter *l)
{
	size_t least = SIZE_MAX, most = 0;

	for (size_t i = 0; i < l->n; i++) {
		size_t boots = l->t->kernel[l->shown[i]].boots;

		least = boots < least ? boots : least;
		most = boots > most ? boots : most;
	}
	return least == most ? xasprintf("%zu boot%s of each kernel", most, most == 1 ? "" : "s")
			     : xasprintf("%zu to %zu boots of a kernel", least, most);
}

static void put_design(const struct letter *l)
{
	const struct table *t = l->t;
	json_int_t runs = plan_int(t, 0, "runs"), seed = plan_int(t, 0, "seed");
	char *boots = boots_text(l);
	char *order = t->plans > 1 ? xasprintf(", in %zu campaigns", t->plans)
		      : json_object_get(t->plan[0].json, "seed") && !t->exact
			      ? xasprintf(", order random in blocks of one boot each (seed %lld)",
					  (long long)seed)
			      : xstrdup("");
	char *often = runs > 1 ? xasprintf(", %lld runs a boot", (long long)runs) : xstrdup("");
	char *size = t->pages ? xasprintf("; %lld pages an execution", (long long)t->pages)
			      : xstrdup("");

	letter_say(l, xasprintf("%s%s%s%s.", boots, often, order, size));
	free(size);
	free(boots);
	free(order);
	free(often);
}

static const char *interval_words(const struct table *t)
{
	if (!has_method(t, FIELLER))
		return "Student's t from boots paired by block";
	return has_method(t, PAIRED_T)
		       ? "Student's t from boots paired by block, by Fieller from all where none is shared"
		       : "Fieller from boots that share no block";
}

/* Is there such a verdict among the rows of the table? */
static int occurs(const struct letter *l, enum verdict verdict)
{
	for (size_t r = 0; r < l->t->rows; r++)
		for (size_t i = 1; l->is_shown[r] && i < l->n; i++)
			if (table_find(l->t, r, l->shown[i], 0)->verdict == verdict)
				return 1;
	return 0;
}

static void explain_exact(const struct letter *l)
{
	if (interleaves(l->t))
		letter_say(l,
			   xstrdup("Values are means over interleavings of the CPUs, each exact."));
	if (occurs(l, EQUIVALENT))
		letter_say(l, xstrdup("=: below the case's noise floor."));
	if (occurs(l, INCONCLUSIVE))
		letter_say(l, xstrdup("?: undecided."));
}

static void explain_ratio(const struct letter *l)
{
	const struct table *t = l->t;

	letter_say(
		l,
		xasprintf(
			"Values are geometric means over boots%s; [low, high] is the 95 %% confidence interval of the ratio to A, less 1, in %%, by %s, not from samples.",
			plan_int(t, 0, "runs") > 1 ? ", a boot being the mean of its runs" : "",
			interval_words(t)));
	letter_say(l,
		   xasprintf("faster, slower: excludes 0, Holm over %zu %srow%s at 5 %%%s.%s%s%s%s",
			     family_size(t, PRIMARY), primary_rows(t) ? "primary " : "",
			     family_size(t, PRIMARY) == 1 ? "" : "s",
			     primary_rows(t)
				     ? ", which decide; all others by false discovery rate, 5 %"
				     : "",
			     occurs(l, EQUIVALENT) ? " = equivalent: within +-" : "",
			     occurs(l, EQUIVALENT) ? t->threshold_text : "",
			     occurs(l, EQUIVALENT) ? " %." : "",
			     occurs(l, INCONCLUSIVE) ? " ~ inconclusive." : ""));
}

static int has_higher(const struct letter *l)
{
	for (size_t r = 0; r < l->t->rows; r++)
		if (l->is_shown[r] && l->t->row[r].better == BETTER_HIGHER)
			return 1;
	return 0;
}

static void put_head(const struct letter *l)
{
	const struct table *t = l->t;
	const char *version = fact(t, 0, NULL, "dexbench");
	char *line[VERDICT_LINES];
	size_t n = verdict_lines(t, LETTER_COLUMNS, line);

	letter_say(l, xasprintf("dexbench %s, mode %s: %s per page", version ? version : "unknown",
				t->mode, unit_words(t)));
	fputc('\n', l->f);
	for (size_t i = 0; i < n; i++)
		letter_say(l, line[i]);
	fputc('\n', l->f);
}

/* What identifies it anywhere: the tree of its source by content, or the image. */
static char *identity(const struct table *t, size_t k)
{
	json_t *host = host_kernel(t, k);
	const char *source = json_string_value(json_object_get(host, "source"));
	const char *tree = json_string_value(json_object_get(host, "tree"));
	const char *build = fact(t, k, "kernel", "build_id");

	if (source && !strncmp(source, "git-", 4))
		return xasprintf(", commit %.12s", source + 4);
	if (tree)
		return xasprintf(", git tree %.12s", tree);
	return build ? xasprintf(", build %.12s", build) : xstrdup("");
}

static void put_kernels(const struct letter *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const char *walk = fact(l->t, l->shown[i], "module", "walk");
		const char *release = fact(l->t, l->shown[i], "kernel", "release");
		char *id = identity(l->t, l->shown[i]);
		char *name = portable_spec(l->t, l->shown[i]);

		letter_say(l, xasprintf("%c = %s%s: Linux %s, %s walk%s", (char)('A' + i), name,
					i ? "" : " (base)", release ? release : "?",
					walk ? walk : "?", id));
		free(name);
		free(id);
	}
}

/* In one phrase. */
static char *configuration(const struct table *t)
{
	json_t *host = host_kernel(t, 0), *config = json_object_get(host, "config");
	const char *named = json_string_value(config);

	if (!json_string_value(json_object_get(host, "tree")))
		return xstrdup("configured as they were built elsewhere");
	if (!named)
		return xstrdup(
			"allnoconfig and dexbench's fragment (no memory cgroups, no mitigations)");
	if (!strcmp(named, "distro"))
		return xstrdup("a distribution's configuration (memory cgroups, mitigations)");
	return xstrdup("allnoconfig, dexbench's fragment and one more");
}

/* "gcc 12.2.0" of "gcc (Debian 12.2.0-14+deb12u1) 12.2.0, GNU ld ...". */
static char *compiler(const struct table *t)
{
	const char *said = fact(t, 0, "kernel", "compiler");
	size_t name = said ? strcspn(said, " ") : 0, whole = said ? strcspn(said, ",") : 0;
	size_t from = whole;

	while (from > name && said[from - 1] != ' ')
		from--;
	return said && from > name
		       ? xasprintf(", %.*s %.*s", (int)name, said, (int)(whole - from), said + from)
		       : xstrdup("");
}

static const char *machine_words(const struct table *t)
{
	if (!strcmp(t->mode, "exact"))
		return "Counted under QEMU on one CPU: how long the path is, not how long it takes.";
	if (!strcmp(t->mode, "lockstep"))
		return "Counted under QEMU's emulation on CPUs that take turns of a few instructions: how long paths are, not how long they take.";
	if (!strcmp(t->mode, "parallel"))
		return "Ticks of an emulator's clock are no time: only ratios mean something.";
	return "Measured in ns.";
}

static void put_setting(const struct letter *l)
{
	char *config = configuration(l->t), *cc = compiler(l->t);

	letter_say(l, xasprintf("Built by %s%s. %s", config, cc, machine_words(l->t)));
	if (!l->t->exact || l->t->plans > 1)
		put_design(l);
	fputc('\n', l->f);
	free(config);
	free(cc);
}

/* What the cases of the table ask, one line each. */
static void put_glosses(const struct letter *l)
{
	const char *before = "";

	for (size_t r = 0; r < l->t->rows; r++) {
		const char *name = l->t->row[r].case_name;
		const char *question = known_word(name, "question");

		if (!l->is_shown[r] || !strcmp(name, before))
			continue;
		if (question)
			letter_say(l, xasprintf("%s: %s", name, question));
		before = name;
	}
}

static void put_more(const struct letter *l)
{
	size_t more = 0;

	for (size_t r = 0; r < l->t->rows; r++)
		more += letter_has(&l->t->row[r]) && !l->is_shown[r];
	if (more)
		letter_say(l, xasprintf("(%zu rows more change less, or not at all.)", more));
}

static void put_command(const struct letter *l, char *line)
{
	wrap(l->f, line, LETTER_COLUMNS, " \\");
	free(line);
}

/* With the options that this table was made with. */
static void put_commands(const struct letter *l)
{
	const struct table *t = l->t;

	fputs("To reproduce:\n", l->f);
	for (size_t p = 0; p < t->plans; p++) {
		char *line = campaign_command(t, p);

		if (line)
			put_command(l, line);
	}
	put_command(l, compare_command(t, "--cover-letter"));
}

/* Whoever reads the letter must learn what was measured, and how. */
static void need_conditions(const struct letter *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct kernel *k = &l->t->kernel[l->shown[i]];

		if (!json_object_get(json_object_get(k->run, "kernel"), "release"))
			die_usage(
				"no cover letter: the conditions of %s are not known; put plan.json and the boots' run.json beside compare.json",
				k->label);
	}
}

/* With @rows of those that have a place in the table. */
static char *write(struct letter *l, size_t rows)
{
	char *text = NULL;
	size_t size;

	l->f = open_memstream(&text, &size);
	if (!l->f)
		die("out of memory for the cover letter");
	letter_choose(l, rows);
	put_head(l);
	put_kernels(l);
	put_setting(l);
	letter_table(l);
	put_more(l);
	put_glosses(l);
	if (has_higher(l))
		letter_say(l, xstrdup("Lower is better, but where a row says otherwise."));
	if (l->t->exact)
		explain_exact(l);
	else
		explain_ratio(l);
	fputc('\n', l->f);
	letter_checks(l);
	put_commands(l);
	fclose(l->f);
	return text;
}

static size_t lines_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

char *cover_letter(const struct table *t, int all)
{
	struct letter l = { .t = t };
	char *text = NULL;
	size_t rows = all ? t->rows : MOST_ROWS;

	l.n = letters(t, l.shown);
	if (l.n < 2)
		die_usage("a cover letter compares two kernels or more; here is one");
	need_conditions(&l);
	l.is_shown = xcalloc(t->rows + 1, 1);
	do {
		free(text);
		text = write(&l, rows);
	} while (!all && lines_of(text) > LINES && rows-- > LEAST_ROWS);
	free(l.is_shown);
	return text;
}
