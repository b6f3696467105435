// SPDX-License-Identifier: MIT
/*
 * The tables of the report for a terminal: a group for each thing that a case measures, with its unit
 * in its head, and a row for each combination of parameters.  exact: one table, a column a kernel and
 * one a step.  parallel and timing: one a comparison, because an interval and a verdict that gives its
 * reason need the room.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "report/folded.h"
#include "lib/core/die.h"
#include "lib/core/fields.h"

/* Columns are as wide at least, so that most tables' stand below each other's. */
#define NAMES 24
#define VALUE 7
#define DELTA 8

/* Which rows a table has. */
int sheet_is_result(const struct row *row)
{
	return !row->control && row->better != BETTER_NEITHER;
}

/* Of what no kernel changes there is nothing to see, but where it was not measured everywhere. */
static int is_same(const struct table *t, size_t r)
{
	size_t each = t->rows ? t->comparisons / t->rows : 0;

	for (size_t i = r * each; i < (r + 1) * each; i++) {
		const struct comparison *c = &t->comparison[i];

		if (c->verdict != SAME && (c->verdict == SKIPPED || c->delta_pct != 0))
			return 0;
	}
	return 1;
}

static int is_shown(const struct sheet *s, size_t r, int results)
{
	if (sheet_is_result(&s->t->row[r]) != results)
		return 0;
	return results || s->look->all || !is_same(s->t, r);
}

size_t sheet_folded_away(const struct sheet *s)
{
	size_t n = 0;

	for (size_t r = 0; r < s->t->rows; r++)
		n += !sheet_is_result(&s->t->row[r]) && !is_shown(s, r, 0);
	return n;
}

static int same_group(const struct row *a, const struct row *b)
{
	return !strcmp(a->case_name, b->case_name) &&
	       (a->metric && b->metric ? !strcmp(a->metric, b->metric) : a->metric == b->metric);
}

static char letter(const struct sheet *s, size_t k)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->shown[i] == k)
			return (char)('A' + i);
	return '?';
}

/* What one table compares, and how its rows are filled. */
struct group {
	const struct sheet *s;
	const struct row *first;
	int results;
	struct folded *f;
	void (*columns)(struct group *g);
	void (*fill)(struct group *g, struct folded_row *row, size_t r);
	size_t k, base; /* of a table a comparison */
};

static void put_skips(const struct group *g, const struct row *row)
{
	const struct sheet *s = g->s;
	int alike = skipped_alike(s->t, row);

	for (size_t i = 0; i < s->n; i++) {
		const char *why = row->cell[s->shown[i]].skipped;

		if (!why || (alike && i))
			continue;
		folded_words(g->f,
			     alike ? xasprintf("      skipped: %s", why)
				   : xasprintf("      skipped on %c: %s", (char)('A' + i), why));
	}
}

/* What has no verdict because of what it did. */
static void put_reasons(const struct group *g, size_t r)
{
	const struct sheet *s = g->s;

	for (size_t i = 1; s->t->exact && i < s->n; i++) {
		const struct comparison *c = table_find(s->t, r, s->shown[i], 0);

		if (c->verdict == INCONCLUSIVE && success_fell(s->t, c))
			folded_words(g->f, xasprintf("      not judged on %c: %s", (char)('A' + i),
						     c->reason ? c->reason : ""));
	}
}

static char *group_head(const struct row *row)
{
	char *metric = metric_text(row), *head;

	head = xasprintf("%s%s%s", row->case_name, *metric ? " " : "", metric);
	free(metric);
	return head;
}

/* Its rows, in their order. */
static void put_group(struct group *g)
{
	const struct sheet *s = g->s;

	g->columns(g);
	g->f->head = group_head(g->first);
	for (size_t r = (size_t)(g->first - s->t->row); r < s->t->rows; r++) {
		const struct row *row = &s->t->row[r];
		char *params;

		if (!same_group(g->first, row) || !is_shown(s, r, g->results))
			continue;
		params = fields_params(row->params, " ", "=");
		g->fill(g, folded_row(g->f, xasprintf("  %s", params)), r);
		put_skips(g, row);
		put_reasons(g, r);
		free(params);
	}
	folded_print(s->f, g->f, s->look->columns);
	folded_free(g->f);
}

static int is_first(const struct sheet *s, size_t r, int results)
{
	if (!is_shown(s, r, results))
		return 0;
	for (size_t b = 0; b < r; b++)
		if (same_group(&s->t->row[b], &s->t->row[r]) && is_shown(s, b, results))
			return 0;
	return 1;
}

/* All that @like is of: controls in front. */
static size_t put_groups(const struct sheet *s, int results, struct group like)
{
	size_t n = 0;

	like.s = s;
	like.results = results;
	for (int control = 1; control >= 0; control--)
		for (size_t r = 0; r < s->t->rows; r++) {
			if (s->t->row[r].control != control || !is_first(s, r, results))
				continue;
			like.first = &s->t->row[r];
			put_group(&like);
			n++;
		}
	return n;
}

static char *success_of(const struct row *row, const size_t *kernel, size_t n)
{
	char *rates, *text;

	if (!(success_lowest(row, kernel, n) < 100))
		return xstrdup("");
	rates = success_text(row, kernel, n);
	text = xasprintf("success %s", rates);
	free(rates);
	return text;
}

size_t exact_pairs(const size_t *shown, size_t kernels, size_t (*pair)[2])
{
	size_t n = 0;

	for (size_t i = 1; i < kernels; i++) {
		pair[n][0] = shown[i];
		pair[n++][1] = kernels > 3 ? 0 : shown[i - 1];
	}
	if (kernels == 3) {
		pair[n][0] = shown[2];
		pair[n++][1] = 0;
	}
	return n;
}

static char *percent(double d)
{
	return xasprintf("%+.*f %%", fabs(d) < 0.01 && d != 0 ? 4 : fabs(d) < 99.995 ? 2 : 0, d);
}

static char *difference(double d)
{
	return xasprintf("%+.*f", d == floor(d) ? 0 : fabs(d) < 0.1 ? 4 : 2, d);
}

static const char *sign_of(const struct comparison *c)
{
	return c->verdict == INCONCLUSIVE ? " ?" : c->verdict == EQUIVALENT ? " =" : "";
}

/* A difference, and besides it the interval or the difference itself. */
static void exact_delta(const struct sheet *s, const struct comparison *c, char **cell,
			char **besides)
{
	const struct cell *cells = s->t->row[c->row].cell;
	double d = cell_value(s->t, &cells[c->kernel]) - cell_value(s->t, &cells[c->base]);
	char *text;

	*besides = xstrdup("");
	if (c->verdict == SAME || c->verdict == SKIPPED) {
		*cell = xstrdup(verdict_word(s->t, c));
		return;
	}
	text = isfinite(c->delta_pct) ? percent(c->delta_pct) : difference(d);
	*cell = xasprintf("%s%s", text, sign_of(c));
	free(text);
	if (!isfinite(c->delta_pct))
		return;
	free(*besides);
	*besides = c->ci_pct.high > c->ci_pct.low
			   ? xasprintf("[%+.1f, %+.1f]", c->ci_pct.low, c->ci_pct.high)
		   : interleaves(s->t) ? xstrdup("")
				       : difference(d);
}

static void exact_value(const struct sheet *s, const struct cell *cell, char **value,
			char **besides)
{
	char *whole = interleaved_text(s->t, cell), *half = strstr(whole, " +-");

	*besides = xstrdup(half ? half + 1 : "");
	*value = half ? xasprintf("%.*s", (int)(half - whole), whole) : xstrdup(whole);
	free(whole);
}

static void exact_fill(struct group *g, struct folded_row *row, size_t r)
{
	const struct sheet *s = g->s;
	size_t pair[COMPARE_MAX_KERNELS + 1][2], pairs = exact_pairs(s->shown, s->n, pair), c = 0;

	for (size_t i = 0; i < s->n; i++, c++)
		exact_value(s, &s->t->row[r].cell[s->shown[i]], &row->cell[c], &row->besides[c]);
	for (size_t i = 0; i < pairs; i++, c++)
		exact_delta(s, table_find(s->t, r, pair[i][0], pair[i][1]), &row->cell[c],
			    &row->besides[c]);
	row->cell[c] = xstrdup("");
	row->besides[c] = success_of(&s->t->row[r], s->shown, s->n);
}

static void column(struct folded *f, size_t c, char *head, size_t least,
		   enum folded_besides besides)
{
	f->column[c] = (struct folded_column){ .head = head, .least = least, .besides = besides };
}

static void exact_columns(struct group *g)
{
	const struct sheet *s = g->s;
	size_t pair[COMPARE_MAX_KERNELS + 1][2], pairs = exact_pairs(s->shown, s->n, pair), c = 0;
	enum folded_besides besides = interleaves(s->t) ? FOLD_BELOW : FOLD_AWAY;

	g->f = folded_make(s->n + pairs + 1, NAMES);
	for (size_t i = 0; i < s->n; i++)
		column(g->f, c++, xasprintf("%c", (char)('A' + i)), VALUE, FOLD_BELOW);
	for (size_t i = 0; i < pairs; i++)
		column(g->f, c++,
		       xasprintf("%c - %c", letter(s, pair[i][0]), letter(s, pair[i][1])), DELTA,
		       besides);
	column(g->f, c, xstrdup(""), 0, FOLD_LINE);
}

static void exact_tables(const struct sheet *s, int results)
{
	const struct group like = { .columns = exact_columns, .fill = exact_fill };

	if (!put_groups(s, results, like) && results)
		fputs("No results but controls and counts.\n", s->f);
	fputc('\n', s->f);
}

/* The A/A arm of the baseline, or the number of kernels. */
size_t arm_of(const struct table *t, size_t base)
{
	for (size_t k = 0; k < t->kernels; k++)
		if (is_arm(t, k) && t->kernel[k].same_as == base)
			return k;
	return t->kernels;
}

static void ratio_fill(struct group *g, struct folded_row *row, size_t r)
{
	const struct table *t = g->s->t;
	const struct comparison *c = table_find(t, r, g->k, g->base);
	const struct row *of = &t->row[r];
	size_t arm = arm_of(t, g->base), n = 0;
	char *verdict = verdict_text(t, c), *why = strstr(verdict, " (");

	row->cell[n++] = value_text(t, cell_value(t, &of->cell[g->base]));
	row->cell[n++] = value_text(t, cell_value(t, &of->cell[g->k]));
	row->besides[n] = isnan(c->ci_pct.low)
				  ? xstrdup("-")
				  : xasprintf("[%+.2f, %+.2f]", c->ci_pct.low, c->ci_pct.high);
	row->cell[n++] = delta_text(t, c);
	if (arm < t->kernels)
		row->cell[n++] = delta_text(t, table_find(t, r, arm, g->base));
	row->besides[n] = success_of(of, (size_t[]){ g->base, g->k }, 2);
	row->cell[n++] = xstrdup("");
	row->besides[n] = xstrdup(why ? why + 1 : "");
	row->cell[n] = why ? xasprintf("%.*s", (int)(why - verdict), verdict) : xstrdup(verdict);
	for (size_t i = 0; i < g->f->columns; i++)
		row->besides[i] = row->besides[i] ? row->besides[i] : xstrdup("");
	free(verdict);
}

static void ratio_columns(struct group *g)
{
	int arm = arm_of(g->s->t, g->base) < g->s->t->kernels;
	size_t n = 0;

	g->f = folded_make(arm ? 6 : 5, NAMES);
	column(g->f, n++, xasprintf("%c", letter(g->s, g->base)), VALUE, FOLD_BELOW);
	column(g->f, n++, xasprintf("%c", letter(g->s, g->k)), VALUE, FOLD_BELOW);
	column(g->f, n++, xasprintf("%c - %c", letter(g->s, g->k), letter(g->s, g->base)), DELTA,
	       FOLD_BELOW);
	if (arm)
		column(g->f, n++, xstrdup("A/A"), DELTA, FOLD_BELOW);
	column(g->f, n++, xstrdup(""), 0, FOLD_LINE);
	column(g->f, n, xstrdup("verdict"), 0, FOLD_LINE);
	g->f->column[n].left = 1;
}

static void ratio_tables(const struct sheet *s, size_t k, size_t base, int results)
{
	const struct group like = {
		.columns = ratio_columns, .fill = ratio_fill, .k = k, .base = base
	};

	fprintf(s->f, "%c - %c: %s against %s\n", letter(s, k), letter(s, base),
		s->t->kernel[k].label, s->t->kernel[base].label);
	put_groups(s, results, like);
	fputc('\n', s->f);
}

void sheet_tables(const struct sheet *s, int results)
{
	if (s->t->exact || s->n < 2) {
		exact_tables(s, results);
		return;
	}
	for (size_t i = 1; i < s->n; i++)
		ratio_tables(s, s->shown[i], 0, results);
	for (size_t i = 2; i < s->n; i++)
		ratio_tables(s, s->shown[i], s->shown[i - 1], results);
}
