// SPDX-License-Identifier: MIT
/* What of a history changed when, in numbers and in words that its reports share. */
#define _GNU_SOURCE
#include "report/history.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"
#include "lib/core/quote.h"
#include "report/series.h"

double history_value(const struct history *h, const struct history_row *r, size_t date)
{
	return r->value[h->date[date].at];
}

size_t history_before(const struct history *h, const struct history_row *r, size_t date)
{
	for (size_t d = date; d-- > 0;)
		if (!isnan(history_value(h, r, d)))
			return d;
	return date;
}

enum mark history_mark(const struct history *h, const struct history_row *r, size_t date)
{
	double value = history_value(h, r, date), before;

	if (isnan(value))
		return MARK_NONE;
	before = history_value(h, r, history_before(h, r, date));
	if (value == before)
		return MARK_SAME;
	if (fabs(value - before) <= fabs(before) * r->resolution / 100)
		return MARK_WITHIN;
	return value < before ? MARK_LESS : MARK_MORE;
}

size_t history_changes(const struct history *h, const struct history_row *r)
{
	size_t n = 0;

	for (size_t d = 0; d < h->dates; d++)
		n += history_mark(h, r, d) >= MARK_LESS;
	return n;
}

int history_is_worse(const struct history *h, const struct history_row *r, size_t date)
{
	enum mark worse = r->better == BETTER_HIGHER ? MARK_LESS : MARK_MORE;

	return !r->control && r->better != BETTER_NEITHER && history_mark(h, r, date) == worse;
}

/* A directory is often called like its date. */
char *history_day(const struct history *h, size_t date)
{
	const struct history_date *d = &h->date[date];
	char *day = xasprintf("%.10s", d->date), *text;

	text = !*day || strstr(d->name, day) ? xstrdup(d->name)
					     : xasprintf("%s (%s)", d->name, day);
	free(day);
	return text;
}

char *history_name(const struct history *h, const struct history_row *r)
{
	return xasprintf("%s: %s", h->kernel[r->kernel].name, r->name);
}

char *history_change(const struct history *h, const struct history_row *r, size_t date)
{
	double value = history_value(h, r, date);
	double before = history_value(h, r, history_before(h, r, date));
	char *from = show(before), *to = show(value), *by = show_signed(value - before), *text;
	char *percent = show_signed(before != 0 ? 100 * (value - before) / before : NAN);

	text = xasprintf("%s (%s%s), %s to %s %s", by, before != 0 ? percent : "from nothing",
			 before != 0 ? " %" : "", from, to, r->unit);
	free(from);
	free(to);
	free(by);
	free(percent);
	return text;
}

/* " NAME=value", quoted; frees @value. */
static void put_variable(FILE *f, const char *name, char *value)
{
	char *word = quote_shell(value, '"');

	fprintf(f, " %s=%s", name, word);
	free(word);
	free(value);
}

static char *bisect_command(const struct history *h, const struct history_row *r,
			    const struct history_made *good, const struct history_made *bad)
{
	size_t size;
	char *text;
	FILE *f = series_open(&text, &size);
	const char *metric = r->metric ? r->metric : metric_key(h->metric);

	fputs("make bisect", f);
	put_variable(f, "TREE", xstrdup(h->kernel[r->kernel].name + strlen("tree:")));
	fprintf(f, " GOOD=" SHORT " BAD=" SHORT " CASE=%s", good->commit, bad->commit,
		r->case_name);
	if (*r->params)
		put_variable(f, "PARAMS", xstrdup(r->params));
	if (strcmp(metric, metric_key(METRIC_MEDIAN)))
		fprintf(f, " METRIC=%s", metric);
	fclose(f);
	return text;
}

char *history_bisect(const struct history *h, const struct history_row *r, size_t date)
{
	const struct history_kernel *k = &h->kernel[r->kernel];
	const struct history_made *bad = &k->made[h->date[date].at];
	const struct history_made *good = &k->made[h->date[history_before(h, r, date)].at];

	if (strcmp(h->mode, "exact"))
		return xstrdup("make bisect is for exact mode: measure the case there");
	if (strncmp(k->name, "tree:", 5) || !good->commit || !bad->commit)
		return xstrdup("no commits to search between: results of tree:PATH@REV have them");
	if (!strcmp(good->commit, bad->commit))
		return xasprintf("both dates have commit " SHORT
				 ": it is not the tree that changed",
				 bad->commit);
	return bisect_command(h, r, good, bad);
}

/* Frees @text, and has what differs behind it. */
static char *differ(char *text, const char *what, const char *before, const char *now)
{
	char *longer;

	if (!before || !now || !strcmp(before, now))
		return text;
	longer = xasprintf("%s%s%s %s after %s", text, *text ? ", " : "", what, now, before);
	free(text);
	return longer;
}

/* The date before @date that has the kernel, or @date. */
static size_t made_before(const struct history *h, const struct history_made *made, size_t date)
{
	for (size_t d = date; d-- > 0;)
		if (made[h->date[d].at].there)
			return d;
	return date;
}

char *history_instrument(const struct history *h, size_t kernel, size_t date)
{
	const struct history_made *made = h->kernel[kernel].made, *now = &made[h->date[date].at];
	const struct history_made *before = &made[h->date[made_before(h, made, date)].at];
	char *text, pages[2][24];

	if (!now->there)
		return NULL;
	snprintf(pages[0], sizeof(pages[0]), "%lld", (long long)before->pages);
	snprintf(pages[1], sizeof(pages[1]), "%lld", (long long)now->pages);
	text = differ(xstrdup(""), "dexbench", before->dexbench, now->dexbench);
	text = differ(text, "emulator", before->qemu, now->qemu);
	text = differ(text, "compiler", before->compiler, now->compiler);
	text = differ(text, "configuration", before->config, now->config);
	text = differ(text, "pages", pages[0], pages[1]);
	if (*text)
		return text;
	free(text);
	return NULL;
}

static const struct {
	const char *format;
	char *(*write)(const struct history *h);
} formats[] = {
	{ "text", history_text },
	{ "tsv", history_tsv },
	{ "html", history_html },
};

static int status_of(const struct history *h)
{
	for (size_t r = 0; r < h->rows; r++)
		if (history_is_worse(h, &h->row[r], h->dates - 1))
			return EXIT_REGRESSION;
	return EXIT_SAME;
}

int history_report(const char *directory, const struct options *o)
{
	const char *format = o->format ? o->format : "text";
	struct history h;
	char *text;

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(formats[i].format, format))
			continue;
		h = history_read(directory);
		text = formats[i].write(&h);
		quote_terminal(stdout, text);
		free(text);
		return status_of(&h);
	}
	die_usage("--format=%s: of a history, one of text, tsv, html", format);
}
