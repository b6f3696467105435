// SPDX-License-Identifier: MIT
/*
 * A history as a page: what changed and on which date, with the command that finds the commit, then
 * each row with a picture.  The pictures are drawn here and stand in the page; nothing comes from elsewhere.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"
#include "report/history.h"
#include "report/series.h"

/* Of a picture, in its own units. */
#define STEP   12 /* a date */
#define HEIGHT 40
#define MARGIN 6

struct range {
	double low, high;
};

static struct range range_of(const struct history *h, const struct history_row *r)
{
	struct range range = { NAN, NAN };

	for (size_t d = 0; d < h->dates; d++) {
		range.low = fmin(range.low, history_value(h, r, d));
		range.high = fmax(range.high, history_value(h, r, d));
	}
	return range;
}

static double x_of(size_t date)
{
	return MARGIN + STEP * (double)date;
}

/* More is higher; what never changes lies in the middle. */
static double y_of(struct range range, double value)
{
	double part = range.high > range.low ? (value - range.low) / (range.high - range.low) : 0.5;

	return HEIGHT - MARGIN - part * (HEIGHT - 2 * MARGIN);
}

/* A step a date; where nothing was measured the line ends. */
static void put_line(FILE *f, const struct history *h, const struct history_row *r,
		     struct range range)
{
	int drawn = 0;

	fputs("<path d=\"", f);
	for (size_t d = 0; d < h->dates; d++) {
		double value = history_value(h, r, d);

		if (isnan(value)) {
			drawn = 0;
			continue;
		}
		if (drawn)
			fprintf(f, "V%.1f", y_of(range, value));
		else
			fprintf(f, "M%.0f %.1f", x_of(d), y_of(range, value));
		fprintf(f, "h%d", STEP);
		drawn = 1;
	}
	fputs("\"/>", f);
}

static void put_points(FILE *f, const struct history *h, const struct history_row *r,
		       struct range range)
{
	for (size_t d = 0; d < h->dates; d++) {
		enum mark mark = history_mark(h, r, d);
		char *change;

		if (mark < MARK_LESS)
			continue;
		change = history_change(h, r, d);
		fprintf(f, "<circle class=\"%s\" cx=\"%.0f\" cy=\"%.1f\" r=\"3\"><title>",
			r->better == BETTER_NEITHER || r->control ? "neither"
			: history_is_worse(h, r, d)		  ? "bad"
								  : "good",
			x_of(d), y_of(range, history_value(h, r, d)));
		html_put(f, "", history_day(h, d), ": ");
		html_put(f, "", change, "</title></circle>");
	}
}

static void put_picture(FILE *f, const struct history *h, const struct history_row *r)
{
	struct range range = range_of(h, r);
	int width = (int)x_of(h->dates) + MARGIN;
	size_t changes = history_changes(h, r);
	char *low = show(range.low), *high = show(range.high);

	fprintf(f,
		"<svg role=\"img\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" aria-label=\"",
		width, HEIGHT, width, HEIGHT);
	html_put(f, "", history_name(h, r), "");
	fprintf(f, ": %s to %s, %zu change%s\">", low, high, changes, changes == 1 ? "" : "s");
	put_line(f, h, r, range);
	put_points(f, h, r, range);
	fputs("</svg>", f);
	free(low);
	free(high);
}

static void put_row(FILE *f, const struct history *h, const struct history_row *r)
{
	struct range range = range_of(h, r);
	size_t last = history_before(h, r, h->dates);

	fprintf(f, "<tr%s>", r->control ? " class=\"control\"" : "");
	html_put(f, "<th scope=\"row\">", history_name(h, r), "</th><td>");
	put_picture(f, h, r);
	html_put(f, "</td><td class=\"n\">", show(range.low), "</td>");
	html_put(f, "<td class=\"n\">", show(range.high), "</td>");
	html_put(f, "<td class=\"n\">", show(last < h->dates ? history_value(h, r, last) : NAN),
		 "</td>");
	html_put(f, "<td>", xstrdup(r->unit), "</td>");
	fprintf(f, "<td class=\"n\">%zu</td></tr>\n", history_changes(h, r));
}

static void put_change(FILE *f, const struct history *h, const struct history_row *r, size_t d)
{
	fprintf(f, "<li%s>", history_is_worse(h, r, d) ? " class=\"bad\"" : "");
	html_put(f, "<strong>", history_name(h, r), "</strong>: ");
	html_put(f, "", history_change(h, r, d), history_is_worse(h, r, d) ? ", worse" : "");
	html_put(f, "<pre>", history_bisect(h, r, d), "</pre></li>\n");
}

static size_t changes_of(const struct history *h, size_t d)
{
	size_t n = 0;

	for (size_t r = 0; r < h->rows; r++)
		n += history_mark(h, &h->row[r], d) >= MARK_LESS;
	return n;
}

static void put_instrument(FILE *f, const struct history *h, size_t d)
{
	for (size_t k = 0; k < h->kernels; k++) {
		char *what = history_instrument(h, k, d);

		if (!what)
			continue;
		html_put(f, "<p>Beware: ", xasprintf("%s has %s", h->kernel[k].name, what),
			 "; what changes here may be that.</p>\n");
	}
}

static void put_commits(FILE *f, const struct history *h, size_t d)
{
	for (size_t k = 0; k < h->kernels; k++) {
		const struct history_made *made = &h->kernel[k].made[h->date[d].at];

		if (made->commit)
			html_put(f, "<p>",
				 xasprintf("%s: commit " SHORT, h->kernel[k].name, made->commit),
				 "</p>\n");
	}
}

/* The newest first. */
static void put_dates(FILE *f, const struct history *h)
{
	size_t any = 0;

	fputs("<h2>What changed</h2>\n", f);
	for (size_t d = h->dates; d-- > 1;) {
		if (!changes_of(h, d))
			continue;
		any++;
		html_put(f, "<h3>", history_day(h, d), "</h3>\n");
		put_commits(f, h, d);
		put_instrument(f, h, d);
		fputs("<ul>\n", f);
		for (size_t r = 0; r < h->rows; r++)
			if (history_mark(h, &h->row[r], d) >= MARK_LESS)
				put_change(f, h, &h->row[r], d);
		fputs("</ul>\n", f);
	}
	if (!any)
		fputs("<p>Nothing, by more than the cases resolve.</p>\n", f);
}

static void put_head(FILE *f, const struct history *h)
{
	size_t worse = 0, last = h->dates - 1;
	char *first = history_day(h, 0), *end = history_day(h, last);

	for (size_t r = 0; r < h->rows; r++)
		worse += (size_t)history_is_worse(h, &h->row[r], last);
	html_head(f, xasprintf("dexbench: %s to %s", first, end));
	free(first);
	free(end);
	if (worse)
		fprintf(f, "<p class=\"verdict\">%zu row%s worse on the last date.</p>\n", worse,
			worse == 1 ? " is" : "s are");
	else
		fputs("<p class=\"verdict\">No row is worse on the last date.</p>\n", f);
	fprintf(f,
		"<p>%zu dates, mode %s, %s. Counts repeat to the instruction, so what differs "
		"from the date before has changed; they say how long a path is and not how long it takes.</p>\n",
		h->dates, h->mode, metric_words(h->metric));
}

char *history_html(const struct history *h)
{
	size_t size;
	char *text;
	FILE *f = series_open(&text, &size);

	put_head(f, h);
	put_dates(f, h);
	fputs("<h2>Rows</h2>\n<div class=\"wide\"><table class=\"history\">\n<thead><tr><th scope=\"col\">kernel: row</th>"
	      "<th scope=\"col\">the dates</th><th scope=\"col\">lowest</th><th scope=\"col\">highest</th>"
	      "<th scope=\"col\">last</th><th scope=\"col\">unit</th><th scope=\"col\">changes</th></tr></thead>\n<tbody>\n",
	      f);
	for (size_t r = 0; r < h->rows; r++)
		put_row(f, h, &h->row[r]);
	fputs("</tbody></table></div>\n</main>\n</body>\n</html>\n", f);
	fclose(f);
	return text;
}
