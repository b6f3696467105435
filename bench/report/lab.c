// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "report/lab.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"
#include "lib/core/fields.h"
#include "lib/core/quote.h"

/* "case.name-value.metric"; a value has no dots of its own there. */
static char *path_of(const struct row *row)
{
	char *params = fields_params(row->params, "\n", "-"), *rest = params, *part;
	char *name = xstrdup(row->case_name), *longer, *quoted;

	while (*params && (part = strsep(&rest, "\n"))) {
		quoted = quote_part(part);
		longer = xasprintf("%s.%s", name, quoted);
		free(name);
		free(quoted);
		name = longer;
	}
	longer = xasprintf("%s%s%s", name, row->metric ? "." : "", row->metric ? row->metric : "");
	free(params);
	free(name);
	return longer;
}

static enum outcome outcome_of(const struct table *t, const struct comparison *c)
{
	if (!t->row[c->row].cell[c->kernel].boots || c->verdict == SKIPPED)
		return OUT_SKIP;
	if (!is_result(c))
		return OUT_PASS;
	if (is_worse(t, c))
		return OUT_FAIL;
	return c->verdict == INCONCLUSIVE ? OUT_UNKNOWN : OUT_PASS;
}

static char *why_skipped(const struct table *t, const struct comparison *c)
{
	const struct row *row = &t->row[c->row];
	const char *own = skip_reason(t, row, c->kernel), *other = skip_reason(t, row, c->base);

	if (!row->cell[c->kernel].boots)
		return quote_line(own ? own : "not measured");
	return other ? xasprintf("%s has nothing to compare it with: %s", t->kernel[c->base].label,
				 other)
		     : xasprintf("not measured on %s", t->kernel[c->base].label);
}

/* The difference and, where that is none, the verdict. */
static char *why_compared(const struct table *t, const struct comparison *c)
{
	char *delta, *verdict, *text;

	if (c->kernel == c->base)
		return xstrdup("the baseline");
	delta = delta_text(t, c);
	verdict = verdict_text(t, c);
	text = xasprintf("%s%s%s against %s", strcmp(delta, verdict) ? delta : "",
			 strcmp(delta, verdict) ? ", " : "", verdict, t->kernel[c->base].label);
	free(delta);
	free(verdict);
	return text;
}

static struct point point_of(const struct lab *l, const struct comparison *c)
{
	const struct table *t = l->t;
	const struct row *row = &t->row[c->row];
	struct point p = { .outcome = outcome_of(t, c), .row = row, .kernel = c->kernel };

	p.name = path_of(row);
	p.why = p.outcome == OUT_SKIP ? why_skipped(t, c) : why_compared(t, c);
	p.value = cell_value(t, &row->cell[c->kernel]);
	p.unit = value_unit(t, row);
	return p;
}

/* What forbids "no regression" though no row does: it is of no row, and nobody may miss it. */
static struct point point_of_notes(const struct lab *l)
{
	const struct table *t = l->t;
	struct point p = { .outcome = OUT_PASS, .kernel = l->kernel[0], .value = NAN };
	char *why = xstrdup(""), *longer;

	for (size_t i = 0; i < t->notes; i++) {
		if (!t->note[i].doubt)
			continue;
		longer = xasprintf("%s%s%s", why, *why ? "; " : "", t->note[i].text);
		free(why);
		why = longer;
		p.outcome = OUT_UNKNOWN;
	}
	p.name = xstrdup("comparison");
	p.why = why;
	p.unit = xstrdup("");
	return p;
}

/* Names become alike by what a format does not allow in them. */
static void must_be_new(json_t *known, const char *name, const char *is, const char *format)
{
	const char *other = json_string_value(json_object_get(known, name));

	if (other)
		die_usage(
			"--format=%s: \"%s\" and \"%s\" would both be called %s there; compare them apart",
			format, other, is, name);
	json_object_set_new(known, name, json_string(is));
}

static void name_kernels(struct lab *l, const char *format)
{
	json_t *known = json_object();

	l->kernels = letters(l->t, l->kernel);
	for (size_t s = 0; s < l->kernels; s++) {
		const char *label = l->t->kernel[l->kernel[s]].label;

		l->of[l->kernel[s]] = quote_part(label);
		must_be_new(known, l->of[l->kernel[s]], label, format);
	}
	json_decref(known);
}

static void name_rows(const struct lab *l, const char *format)
{
	json_t *known = json_object();

	for (size_t r = 0; r < l->t->rows; r++) {
		char *is = row_name(&l->t->row[r]);

		must_be_new(known, l->point[r].name, is, format);
		free(is);
	}
	json_decref(known);
}

struct lab lab_make(const struct table *t, const char *format)
{
	struct lab l = { .t = t };

	name_kernels(&l, format);
	l.point = xcalloc(l.kernels * t->rows + 1, sizeof(*l.point));
	for (size_t s = 0; s < l.kernels; s++)
		for (size_t r = 0; r < t->rows; r++)
			l.point[l.points++] =
				point_of(&l, table_find(t, r, l.kernel[s], l.kernel[0]));
	name_rows(&l, format);
	l.point[l.points++] = point_of_notes(&l);
	return l;
}

size_t lab_count(const struct lab *l, enum outcome outcome)
{
	size_t n = 0;

	for (size_t i = 0; i < l->points; i++)
		n += l->point[i].outcome == outcome;
	return n;
}

void lab_free(struct lab *l)
{
	for (size_t i = 0; i < l->points; i++) {
		free(l->point[i].name);
		free(l->point[i].why);
		free(l->point[i].unit);
	}
	for (size_t s = 0; s < l->kernels; s++)
		free(l->of[l->kernel[s]]);
	free(l->point);
}
