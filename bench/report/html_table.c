// SPDX-License-Identifier: MIT
/*
 * The report's tables.  Each number of the large one stands there twice: as it is
 * read, and in an attribute as compare.json has it, with the names by which compare.json
 * knows the row, so that anybody can check one against the other.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "lib/core/markup.h"
#include "lib/core/die.h"
#include "lib/core/fields.h"

/* @text, which is freed, between @open and @close. */
void html_put(FILE *f, const char *open, char *text, const char *close)
{
	fputs(open, f);
	markup_text(f, text);
	fputs(close, f);
	free(text);
}

struct columns {
	const struct table *t;
	size_t shown[COMPARE_MAX_KERNELS], n;
	size_t pair[2 * COMPARE_MAX_KERNELS][2], pairs;
};

/* Values, the steps between neighbours, the whole, and A/A arms. */
static struct columns columns_of(const struct table *t)
{
	struct columns c = { .t = t };

	c.n = letters(t, c.shown);
	for (size_t s = 1; s < c.n; s++) {
		c.pair[c.pairs][0] = c.shown[s];
		c.pair[c.pairs++][1] = c.shown[s - 1];
	}
	for (size_t s = 2; s < c.n; s++) {
		c.pair[c.pairs][0] = c.shown[s];
		c.pair[c.pairs++][1] = c.shown[0];
	}
	for (size_t k = 0; k < t->kernels; k++) {
		if (!is_arm(t, k))
			continue;
		c.pair[c.pairs][0] = k;
		c.pair[c.pairs++][1] = t->kernel[k].same_as;
	}
	return c;
}

static void put_heading(FILE *f, const struct columns *c)
{
	const struct table *t = c->t;

	fputs("<thead><tr><th scope=\"col\">case</th><th scope=\"col\">parameters</th>"
	      "<th scope=\"col\">measure</th>",
	      f);
	for (size_t s = 0; s < c->n; s++)
		html_put(f, "<th scope=\"col\">", xstrdup(t->kernel[c->shown[s]].label), "</th>");
	for (size_t p = 0; p < c->pairs; p++) {
		size_t k = c->pair[p][0];

		html_put(f, "<th scope=\"col\">",
			 is_arm(t, k) ? xstrdup(t->kernel[k].label)
				      : xasprintf("%s less %s", t->kernel[k].label,
						  t->kernel[c->pair[p][1]].label),
			 "</th>");
	}
	fputs("<th scope=\"col\">success</th></tr></thead>\n", f);
}

/* @value as compare.json has it: nothing where it has null. */
static void put_exact(FILE *f, const char *name, double value)
{
	char *text = isfinite(value) ? exact_text(value) : xstrdup("");

	fprintf(f, " data-%s=\"%s\"", name, text);
	free(text);
}

static void put_value(FILE *f, const struct table *t, const struct row *row, size_t k)
{
	double value = cell_value(t, &row->cell[k]);

	html_put(f, "<td class=\"n\" data-kernel=\"", xstrdup(t->kernel[k].label), "\"");
	put_exact(f, "value", value);
	html_put(f, ">", value_text(t, value), "</td>");
}

static const char *colour(const struct row *row, const struct comparison *c)
{
	int lower = c->delta_pct < 0;

	if (row->control || row->better == BETTER_NEITHER || !differs(c))
		return "";
	return lower == (row->better == BETTER_LOWER) ? " good" : " bad";
}

static void put_difference(FILE *f, const struct table *t, size_t r, const size_t *pair)
{
	const struct comparison *c = table_find(t, r, pair[0], pair[1]);

	if (!c) { /* no such comparison was made */
		fputs("<td></td>", f);
		return;
	}
	fprintf(f, "<td class=\"n%s\"", colour(&t->row[r], c));
	html_put(f, " data-kernel=\"", xstrdup(t->kernel[pair[0]].label), "\"");
	html_put(f, " data-baseline=\"", xstrdup(t->kernel[pair[1]].label), "\"");
	put_exact(f, "delta-pct", c->delta_pct);
	if (is_arm(t, pair[0]))
		put_exact(f, "value", cell_value(t, &t->row[r].cell[pair[0]]));
	html_put(f, " data-verdict=\"", xstrdup(verdict_name(c->verdict)), "\"");
	html_put(f, ">", delta_text(t, c), "");
	if (!isnan(c->ci_pct.low))
		fprintf(f, "<br>[%+.2f, %+.2f]", c->ci_pct.low, c->ci_pct.high);
	if (!t->exact && c->verdict != SAME && c->verdict != SKIPPED)
		html_put(f, "<br>", verdict_text(t, c), "");
	fputs("</td>", f);
}

static void put_row(FILE *f, const struct columns *c, size_t r)
{
	const struct table *t = c->t;
	const struct row *row = &t->row[r];
	const char *metric = row->metric ? row->metric : metric_key(t->metric);
	char *success = success_text(row, c->shown, c->n);

	fprintf(f, "<tr%s", sheet_is_result(row) ? "" : " class=\"control\"");
	html_put(f, " data-case=\"", xstrdup(row->case_name), "\"");
	html_put(f, " data-params=\"", json_dumps(row->params, JSON_COMPACT), "\"");
	html_put(f, " data-metric=\"", xstrdup(metric), "\">");
	html_put(f, "<th scope=\"row\">", xstrdup(row->case_name), "</th>");
	html_put(f, "<td>", fields_params(row->params, " ", "="), "</td>");
	html_put(f, "<td>", row->metric ? metric_text(row) : xstrdup(row_unit(t, row)), "</td>");
	for (size_t s = 0; s < c->n; s++)
		put_value(f, t, row, c->shown[s]);
	for (size_t p = 0; p < c->pairs; p++)
		put_difference(f, t, r, c->pair[p]);
	html_put(f, "<td class=\"n\">", success, "</td></tr>\n");
}

/* Results first: what must not differ, and what is neither good nor bad, stands behind them. */
void html_table(FILE *f, const struct table *t)
{
	struct columns c = columns_of(t);

	fputs("<h2>Table</h2>\n<div class=\"wide\"><table id=\"rows\">\n<caption>", f);
	markup_text(f, unit_words(t));
	fputs(" per page where nothing else is said, ", f);
	markup_text(f, metric_words(t->metric));
	fputs(has_metrics(t) ? "; lower is better, with metrics where they do not say otherwise"
			     : "; lower is better",
	      f);
	fputs("; controls and counts last</caption>\n", f);
	put_heading(f, &c);
	fputs("<tbody>\n", f);
	for (int results = 1; results >= 0; results--)
		for (size_t i = 0; i < t->rows; i++)
			if (sheet_is_result(&t->row[i]) == results)
				put_row(f, &c, i);
	fputs("</tbody></table></div>\n", f);
	if (!t->exact)
		html_put(f, "<p>", holm_text(t), ".</p>\n");
}

void html_fits(FILE *f, const struct table *t)
{
	char *text = NULL;
	size_t size;
	FILE *lines = open_memstream(&text, &size);

	if (!lines)
		die("out of memory for the report");
	print_fits(lines, t);
	fclose(lines);
	if (*text)
		html_put(f, "<h2>Slopes</h2>\n<pre>", xstrdup(text + 1), "</pre>\n");
	free(text);
}

static const char *member(json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : "";
}

void html_predictions(FILE *f, const struct table *t)
{
	json_t *list = t->predictions, *p;
	size_t i;

	if (json_array_size(list))
		fputs("<h2>Predictions</h2>\n<div class=\"wide\"><table id=\"predictions\">\n"
		      "<caption>What the folio walk changes, said before it was measured</caption>\n"
		      "<thead><tr><th scope=\"col\">row</th><th scope=\"col\">expected</th>"
		      "<th scope=\"col\">outcome</th><th scope=\"col\">because</th></tr></thead>\n"
		      "<tbody>\n",
		      f);
	json_array_foreach(list, i, p) {
		char *params = fields_params(json_object_get(p, "params"), " ", "=");

		html_put(f, "<tr><th scope=\"row\">",
			 xasprintf("%s %s %s", member(p, "case"), params, member(p, "metric")),
			 "</th>");
		html_put(f, "<td>", xstrdup(member(p, "folio")), "</td>");
		html_put(f, "<td>", xstrdup(member(p, "outcome")), "</td>");
		html_put(f, "<td class=\"long\">", xstrdup(member(p, "because")), "</td></tr>\n");
		free(params);
	}
	if (json_array_size(list))
		fputs("</tbody></table></div>\n", f);
}

static size_t put_skip(FILE *f, const struct table *t, const struct row *row)
{
	size_t n = 0;

	if (skipped_alike(t, row)) {
		html_put(f, "<li>", row_name(row), ": ");
		html_put(f, "", xstrdup(row->cell[0].skipped), "</li>\n");
		return 1;
	}
	for (size_t k = 0; k < t->kernels; k++) {
		if (!row->cell[k].skipped)
			continue;
		html_put(f, "<li>", row_name(row), " on ");
		html_put(f, "", xstrdup(t->kernel[k].label), ": ");
		html_put(f, "", xstrdup(row->cell[k].skipped), "</li>\n");
		n++;
	}
	return n;
}

void html_skips(FILE *f, const struct table *t)
{
	size_t n = 0;

	fputs("<h2>Skipped, failed, odd</h2>\n<ul>\n", f);
	for (size_t i = 0; i < t->rows; i++)
		n += put_skip(f, t, &t->row[i]);
	for (size_t i = 0; i < t->notes; i++, n++)
		html_put(f, "<li>", xstrdup(t->note[i].text), "</li>\n");
	fputs(n ? "</ul>\n" : "<li>Nothing.</li>\n</ul>\n", f);
}
