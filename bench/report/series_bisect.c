// SPDX-License-Identifier: MIT
/* A bisection as text: the ends, each step with its answer, the commit that was found. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"
#include "report/series.h"

/* "0123456789ab       2079": as all lines of commits begin. */
static void print_tried(FILE *f, const struct tried *t)
{
	char *value = show(t->value);

	fprintf(f, SHORT "  %9s", t->id, value);
	free(value);
}

static void print_end(FILE *f, const struct tried *t, const char *word)
{
	print_tried(f, t);
	fprintf(f, "  %-4s  %s\n", word, t->subject);
}

static void print_bound(FILE *f, const struct bisect *b)
{
	int more = !isnan(b->bad_from);
	char *value = show(more ? b->bad_from : b->bad_to);

	fprintf(f, "bad is %s or %s\n\n", value, more ? "more" : "less");
	free(value);
}

static void print_steps(FILE *f, const struct bisect *b)
{
	for (size_t i = 0; i < b->steps; i++) {
		const struct tried *t = &b->step[i];

		fprintf(f, "step %-3zu ", i + 1);
		print_tried(f, t);
		fprintf(f, "  %-4s  %s\n", t->answer, t->reason ? t->reason : t->subject);
	}
}

char *bisect_change(const struct bisect *b)
{
	char *before = show(b->before), *with = show(b->first.value);
	char *change = show_signed(b->change), *percent, *text;

	percent = show_signed(b->before != 0 ? 100 * b->change / b->before : NAN);
	text = xasprintf("%s before, %s with it: %s (%s%s)", before, with, change,
			 b->before != 0 ? percent : "from nothing", b->before != 0 ? " %" : "");
	free(before);
	free(with);
	free(change);
	free(percent);
	return text;
}

static void print_first(FILE *f, const struct bisect *b)
{
	char *change = bisect_change(b);

	fprintf(f, "first bad commit: %s\n  %s\n  %s\n  %s\n", b->first.id, b->first.subject,
		b->author, change);
	free(change);
}

static void print_candidates(FILE *f, const struct bisect *b)
{
	json_t *id;
	size_t i;

	fputs("not to be told apart, as what lies between cannot be measured:\n", f);
	json_array_foreach(b->candidates, i, id)
		fprintf(f, "  %s\n", json_string_value(id));
}

char *bisect_title(const struct bisect *b)
{
	return xasprintf("Bisection of %s%s%s, %s, in %s, exact mode", b->case_name,
			 *b->params ? " " : "", b->params, b->metric, b->unit);
}

char *bisect_effort(const struct bisect *b)
{
	return xasprintf("%zu steps: builds %lld, boots %lld; of the ends: builds %d, boots %d",
			 b->steps, (long long)b->builds, (long long)b->boots,
			 b->good.built + b->bad.built, b->good.booted + b->bad.booted);
}

char *bisect_text(const struct bisect *b)
{
	char *title = bisect_title(b), *effort = bisect_effort(b), *text;
	size_t size;
	FILE *f = series_open(&text, &size);

	fprintf(f, "%s\n", title);
	print_end(f, &b->good, "good");
	print_end(f, &b->bad, "bad");
	print_bound(f, b);
	print_steps(f, b);
	fputc('\n', f);
	if (b->found)
		print_first(f, b);
	else
		print_candidates(f, b);
	fprintf(f, "%s\n", effort);
	fclose(f);
	free(title);
	free(effort);
	return text;
}
