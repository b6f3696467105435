// SPDX-License-Identifier: MIT
/*
 * The verdict in five lines at most, with which every report for people begins: what got worse, what
 * got better, by how much, in how many rows, and whether it can be trusted.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "lib/core/die.h"

#define LABEL_SHOWN   24 /* a longer name of a kernel is its letter, as in the legend */
#define KERNELS_SHOWN 2	 /* each with a line; of more all together have one */

char *kernel_words(const struct table *t, size_t k)
{
	size_t shown[COMPARE_MAX_KERNELS], n = letters(t, shown);

	for (size_t i = 0; i < n && strlen(t->kernel[k].label) > LABEL_SHOWN; i++)
		if (shown[i] == k)
			return xasprintf("kernel %c", (char)('A' + i));
	return xstrdup(t->kernel[k].label);
}

/* The words for better and worse: fewer of what is counted, where fewer is better in all rows. */
static const char *gain_word(const struct table *t, int is_gain)
{
	if (!t->exact)
		return is_gain ? "faster" : "slower";
	for (size_t i = 0; i < t->rows; i++)
		if (t->row[i].better == BETTER_HIGHER)
			return is_gain ? "better" : "worse";
	return is_gain ? "fewer" : "more";
}

static double size_of(const struct comparison *c)
{
	return isfinite(c->delta_pct) ? fabs(c->delta_pct) : -1;
}

/* The largest gain, or loss, of any kernel; NULL: there is none. */
static const struct comparison *largest(const struct summary *s, int is_gain)
{
	const struct comparison *found = NULL;

	for (size_t i = 0; i < s->tallies; i++) {
		const struct comparison *c = is_gain ? s->tally[i].best : s->tally[i].worst;

		if (c && (!found || size_of(c) > size_of(found)))
			found = c;
	}
	return found;
}

static char *size_text(const struct comparison *c)
{
	double d = fabs(c->delta_pct);

	if (!isfinite(d))
		return xstrdup("from 0");
	return xasprintf("%+.*f %%", d < 0.01 ? 4 : d < 1 ? 2 : d < 1000 ? 1 : 0, c->delta_pct);
}

/* "a_case pages=512 +17.9 % on folio-7.x"; of one kernel it is clear on which. */
static char *example(const struct table *t, const struct comparison *c, const char *name)
{
	char *size = size_text(c), *on, *text;

	on = t->summary->tallies > 1 ? kernel_words(t, c->kernel) : xstrdup("");
	text = xasprintf("%s %s%s%s", name, size, *on ? " on " : "", on);
	free(on);
	free(size);
	return text;
}

/* Without parameters where there is no room for them: the table has them. */
static char *with_example(const struct table *t, size_t width, const char *before,
			  const struct comparison *c)
{
	const struct row *row = &t->row[c->row];
	char *whole = row_name(row);
	char *brief = xasprintf("%s%s%s", row->case_name, row->metric ? " " : "",
				row->metric ? row->metric : "");
	char *text = example(t, c, whole);
	char *line = xasprintf("%s: %s.", before, text);

	if (strlen(line) > width) {
		free(text);
		free(line);
		text = example(t, c, brief);
		line = xasprintf("%s: %s.", before, text);
	}
	free(whole);
	free(brief);
	free(text);
	return line;
}

static char *first_line(const struct table *t, size_t width)
{
	const struct comparison *worst = largest(t->summary, 0);

	if (!t->summary->tallies)
		return xstrdup("One kernel: nothing is compared.");
	switch (table_status(t)) {
	case EXIT_SAME:
		return xstrdup("No regression.");
	case EXIT_REGRESSION:
		return worst ? with_example(t, width, "A regression", worst)
			     : xstrdup("A regression.");
	default:
		return xstrdup("Inconclusive: no regression is found, and none can be excluded.");
	}
}

static char *gain_line(const struct table *t, size_t width)
{
	const struct comparison *best = largest(t->summary, 1);

	return best ? with_example(t, width, "The best", best) : xstrdup("Nothing got better.");
}

static char *add(char *text, size_t n, const char *what)
{
	char *longer = n ? xasprintf("%s, %zu %s", text, n, what) : xstrdup(text);

	free(text);
	return longer;
}

/* "11 rows fewer, 3 more, 11 as before": the same, or within what counts as that. */
static char *counts(const struct table *t, const struct tally *k)
{
	char *text =
		k->better + k->worse == 0
			? xasprintf("no row %s or %s", gain_word(t, 1), gain_word(t, 0))
		: k->better
			? xasprintf("%zu row%s %s, %zu %s", k->better, k->better == 1 ? "" : "s",
				    gain_word(t, 1), k->worse, gain_word(t, 0))
			: xasprintf("%zu row%s %s, none %s", k->worse, k->worse == 1 ? "" : "s",
				    gain_word(t, 0), gain_word(t, 1));

	text = add(text, k->rows[SAME] + k->rows[EQUIVALENT], "as before");
	text = add(text, k->rows[INCONCLUSIVE], "undecided");
	return add(text, k->rows[SKIPPED], "skipped");
}

static char *kernel_line(const struct table *t, size_t width, const struct tally *k)
{
	char *name = kernel_words(t, k->kernel), *base = kernel_words(t, k->base);
	char *rows = counts(t, k), *line = xasprintf("%s against %s: %s.", name, base, rows);

	if (strlen(line) > width) {
		free(line);
		line = xasprintf("%s: %s.", name, rows);
	}
	free(name);
	free(base);
	free(rows);
	return line;
}

/* Of more kernels than there are lines. */
static char *all_kernels_line(const struct table *t)
{
	struct tally all = { 0 };
	char *base = kernel_words(t, 0), *rows, *line;

	for (size_t i = 0; i < t->summary->tallies; i++) {
		const struct tally *k = &t->summary->tally[i];

		all.better += k->better;
		all.worse += k->worse;
		for (int v = SAME; v <= SKIPPED; v++)
			all.rows[v] += k->rows[v];
	}
	rows = counts(t, &all);
	line = xasprintf("%zu kernels against %s: %s.", t->summary->tallies, base, rows);
	free(base);
	free(rows);
	return line;
}

static char *arm_words(const struct table *t)
{
	const struct summary *s = t->summary;

	if (!s->has_arm)
		return xstrdup("A/A was not measured");
	if (!s->arm_differ)
		return t->exact ? xasprintf("A/A is the same in all %zu rows", s->arm_rows)
				: xasprintf("A/A differs in none of %zu rows", s->arm_rows);
	return xasprintf("A/A differs in %zu of %zu rows", s->arm_differ, s->arm_rows);
}

/* What was checked of what the kernels do, besides what it costs. */
static char *outcome_words(const struct table *t)
{
	size_t asserted = 0, broken = 0;

	for (size_t i = 0; i < t->summary->tallies; i++) {
		const struct tally *k = &t->summary->tally[i];

		asserted = k->asserted > asserted ? k->asserted : asserted;
		broken += k->broken;
	}
	if (!asserted)
		return xstrdup("outcomes were not checked");
	if (!broken)
		return xasprintf("of %zu assertion%s none broke", asserted,
				 asserted == 1 ? "" : "s");
	return xasprintf("of %zu assertion%s %zu hold%s no more", asserted,
			 asserted == 1 ? "" : "s", broken, broken == 1 ? "s" : "");
}

static const char *first_doubt(const struct table *t)
{
	for (size_t i = 0; i < t->notes; i++)
		if (t->note[i].doubt)
			return t->note[i].text;
	return "";
}

static char *trust_line(const struct table *t)
{
	size_t n = t->summary->doubts;
	char *arm = arm_words(t), *outcomes = outcome_words(t), *line;

	if (n)
		line = xasprintf("%s, but it is not to be trusted yet; note%s: %s.", arm,
				 n == 1 ? "" : "s", first_doubt(t));
	else
		line = xasprintf("%s: %s; %s.",
				 t->summary->has_arm ? "It can be trusted"
						     : "Nothing speaks against it",
				 arm, outcomes);
	free(arm);
	free(outcomes);
	return line;
}

/* A line that has a fuller copy further down. */
static char *cut(char *line, size_t width)
{
	size_t room = width - 3;
	char *text;

	if (strlen(line) <= width)
		return line;
	while (room && ((unsigned char)line[room] & 0xc0) == 0x80)
		room--;
	text = xasprintf("%.*s...", (int)room, line);
	free(line);
	return text;
}

size_t verdict_lines(const struct table *t, size_t width, char **line)
{
	size_t n = 0;

	line[n++] = first_line(t, width);
	if (!t->summary->tallies)
		return n;
	line[n++] = gain_line(t, width);
	if (t->summary->tallies > KERNELS_SHOWN)
		line[n++] = all_kernels_line(t);
	else
		for (size_t i = 0; i < t->summary->tallies; i++)
			line[n++] = kernel_line(t, width, &t->summary->tally[i]);
	line[n++] = t->summary->doubts ? cut(trust_line(t), width) : trust_line(t);
	return n;
}
