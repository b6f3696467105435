// SPDX-License-Identifier: MIT
/*
 * The report for a terminal, but for its tables: the verdict, what is compared, what was checked; last
 * in what else the kernels' conditions differ.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "lib/core/die.h"

/* A paragraph, which is freed. */
static void say(const struct sheet *s, char *text)
{
	wrap_indented(s->f, text, s->look->columns);
	free(text);
}

static void put_verdict(const struct sheet *s)
{
	char *line[VERDICT_LINES];
	size_t n = verdict_lines(s->t, s->look->columns, line);

	for (size_t i = 0; i < n; i++)
		say(s, line[i]);
	fputc('\n', s->f);
}

static void put_legend(const struct sheet *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct kernel *kernel = &s->t->kernel[s->shown[i]];
		char *release = release_text(kernel);

		say(s, xasprintf("%c = %s: %s, %zu boot%s%s", (char)('A' + i), kernel->label,
				 release, kernel->boots, kernel->boots == 1 ? "" : "s",
				 i ? "" : "; the baseline"));
		free(release);
	}
	fputc('\n', s->f);
}

/* Is there such a verdict?  A sign that does not occur needs no explanation. */
static int occurs(const struct table *t, enum verdict verdict)
{
	for (size_t i = 0; i < t->comparisons; i++)
		if (t->comparison[i].verdict == verdict && !is_arm(t, t->comparison[i].kernel))
			return 1;
	return 0;
}

static void put_exact_terms(const struct sheet *s)
{
	const struct table *t = s->t;

	if (interleaves(t))
		say(s,
		    xstrdup("CPUs take turns of a few instructions. Each run is another interleaving, exact in itself; values are their means, +- and [low, high] what they leave open (95 %)."));
	else if (!strcmp(t->mode, "lockstep"))
		say(s,
		    xstrdup("CPUs take turns of a few instructions; this is one interleaving of many (RUNS=5 for five)."));
	else
		say(s,
		    xstrdup("Counts repeat exactly. They say how long a path is, not how long it takes."));
	if (occurs(t, EQUIVALENT))
		say(s,
		    xstrdup("\"=\": below the case's noise floor, which interrupts and a boot's memory make."));
	if (occurs(t, INCONCLUSIVE))
		say(s, xstrdup("\"?\": undecided."));
}

static void put_terms(const struct sheet *s)
{
	const struct table *t = s->t;

	say(s, xasprintf("Mode %s: %s per page, %s; lower is better%s.", t->mode, unit_words(t),
			 metric_words(t->metric),
			 has_metrics(t) ? " unless a heading says otherwise" : ""));
	if (t->exact) {
		put_exact_terms(s);
		fputc('\n', s->f);
		return;
	}
	if (strcmp(t->mode, "timing"))
		say(s,
		    xstrdup("Ticks are an emulator's and no time: only their ratios mean something."));
	say(s, xasprintf("Values: geometric means of boots. Differences: %s, with 95 %% intervals.",
			 differences_words(t)));
	say(s,
	    xasprintf(
		    "Threshold %s %%: \"equivalent\" lies within it; \"faster\" and \"slower\" exclude 0 after %s.",
		    t->threshold_text, primary_rows(t) ? "correction" : "Holm"));
	if (occurs(t, INCONCLUSIVE))
		say(s, xstrdup("MDE: the effect that such a campaign finds four times in five."));
	fputc('\n', s->f);
}

static void put_controls(const struct sheet *s)
{
	size_t folded = sheet_folded_away(s), all = 0;

	for (size_t r = 0; r < s->t->rows; r++)
		all += !sheet_is_result(&s->t->row[r]);
	if (!all)
		return;
	fputs("Controls and counts\n", s->f);
	if (folded < all)
		sheet_tables(s, 0);
	if (folded) {
		say(s, xasprintf("%s%zu %s the same on all kernels; --all lists %s.",
				 folded < all ? "The other " : "", folded,
				 folded == 1 ? "is" : "are", folded == 1 ? "it" : "them"));
		fputc('\n', s->f);
	}
}

/* NULL: no boot says it. */
char *efficiency_text(const struct table *t)
{
	size_t shown[COMPARE_MAX_KERNELS], n = letters(t, shown), known = 0, size;
	char *text = NULL;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		die("out of memory for the report");
	fputs("The kernel's share of the module's loop over pages:", f);
	for (size_t i = 0; i < n; i++) {
		double share = t->kernel[shown[i]].efficiency;

		known += !isnan(share);
		if (isnan(share))
			fprintf(f, " %c -", (char)('A' + i));
		else
			fprintf(f, " %c %.2f %%", (char)('A' + i), share);
	}
	fclose(f);
	if (known)
		return text;
	free(text);
	return NULL;
}

static void put_checks(const struct sheet *s)
{
	char *arm = arm_text(s->t), *cross = s->t->exact ? NULL : cross_check_text(s->t);
	char *holm = s->t->exact || s->n < 2 ? NULL : holm_text(s->t);
	char *efficiency = efficiency_text(s->t), *primary = primary_text(s->t);

	if (holm)
		say(s, xasprintf("%s.", holm));
	if (primary)
		say(s, primary);
	if (arm)
		say(s, arm);
	if (cross)
		say(s, cross);
	if (efficiency)
		say(s, efficiency);
	free(holm);
}

char *printed(void (*print)(FILE *f, const struct table *t), const struct table *t)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		die("out of memory for the report");
	print(f, t);
	fclose(f);
	return text;
}

/* Of what writes lines as long as they are. */
static void put_lines(const struct sheet *s, char *text)
{
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
		if (rest)
			wrap_indented(s->f, line, s->look->columns);
	free(text);
}

static void put_notes(const struct sheet *s)
{
	for (size_t i = 0; i < s->t->notes; i++)
		say(s, xasprintf("note: %s", s->t->note[i].text));
}

char *report_text(const struct table *t, const struct look *look)
{
	struct sheet s = { .t = t, .look = look };
	char *text = NULL;
	size_t size;

	s.n = letters(t, s.shown);
	s.f = open_memstream(&text, &size);
	if (!s.f)
		die("out of memory for the report");
	put_verdict(&s);
	put_legend(&s);
	put_terms(&s);
	sheet_tables(&s, 1);
	put_controls(&s);
	put_checks(&s);
	put_lines(&s, printed(print_fits, t));
	put_lines(&s, printed(print_predictions, t));
	put_notes(&s);
	print_differences(s.f, t, look);
	fclose(s.f);
	return text;
}
