// SPDX-License-Identifier: MIT
/* Numbers, names and sentences that more than one of the formats shows. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "lib/core/die.h"
#include "lib/core/fields.h"
#include "lib/core/json.h"

#define SYMBOLS_SHOWN 5
#define MDE_SHOWN     100 /* per cent; above, a number would only look exact */

/* @text with @more behind it; both are freed or become the result. */
static char *join(char *text, char *more)
{
	char *longer = xasprintf("%s%s", text, more);

	free(text);
	free(more);
	return longer;
}

char *row_name(const struct row *row)
{
	char *params = fields_params(row->params, " ", "=");
	char *name = xasprintf("%s%s%s%s%s", row->case_name, *params ? " " : "", params,
			       row->metric ? " " : "", row->metric ? row->metric : "");

	free(params);
	return name;
}

char *metric_text(const struct row *row)
{
	if (!row->metric)
		return xstrdup("");
	return xasprintf("%s%s%s%s", row->metric, *row->unit ? ", " : "", row->unit,
			 row->better == BETTER_HIGHER ? ", higher is better" : "");
}

int has_metrics(const struct table *t)
{
	for (size_t i = 0; i < t->rows; i++)
		if (t->row[i].metric)
			return 1;
	return 0;
}

const char *differences_words(const struct table *t)
{
	if (!has_method(t, FIELLER))
		return "of boots of one block";
	return has_method(t, PAIRED_T) ? "of boots of one block, or of all where none is shared"
				       : "of all boots, which share no block";
}

/* Whole where it is whole: a count of instructions is no decimal fraction. */
static char *number_text(double value)
{
	if (isnan(value))
		return xstrdup("-");
	return value == floor(value) ? xasprintf("%.0f", value) : xasprintf("%.2f", value);
}

/* A count in full; an estimate with the digits that an interval of a fraction of a
 * per cent leaves any meaning. */
char *value_text(const struct table *t, double value)
{
	return t->exact || isnan(value) || value < 10000 ? number_text(value)
							 : xasprintf("%.0f", value);
}

char *exact_text(double value)
{
	char *text = NULL;

	for (int digits = 15; digits <= 17; digits++) {
		free(text);
		text = xasprintf("%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	return text;
}

/* Enough that a difference is never shown as none. */
static int decimals(double delta)
{
	if (delta == floor(delta))
		return 0;
	return fabs(delta) < 0.1 ? 4 : 2;
}

static char *exact_delta(const struct table *t, const struct comparison *c)
{
	const struct cell *cell = t->row[c->row].cell;
	double d = cell_value(t, &cell[c->kernel]) - cell_value(t, &cell[c->base]);

	const char *doubt = c->verdict == INCONCLUSIVE ? " ?"
			    : c->verdict == EQUIVALENT ? " ="
						       : "";

	if (!isfinite(c->delta_pct))
		return xasprintf("%+.*f%s", decimals(d), d, doubt);
	if (c->ci_pct.high > c->ci_pct.low)
		return xasprintf("%+.2f %% [%+.1f, %+.1f]%s", c->delta_pct, c->ci_pct.low,
				 c->ci_pct.high, doubt);
	return xasprintf("%+.*f %+7.2f %%%s", decimals(d), d, c->delta_pct, doubt);
}

/* Or skipped, for a reason. */
static int is_measured(const struct table *t, const struct row *row, size_t k)
{
	return row->cell[k].boots || skip_reason(t, row, k);
}

const char *verdict_word(const struct table *t, const struct comparison *c)
{
	const struct row *row = &t->row[c->row];

	if (c->verdict == SKIPPED &&
	    !(is_measured(t, row, c->kernel) && is_measured(t, row, c->base)))
		return "not measured";
	return verdict_name(c->verdict);
}

char *delta_text(const struct table *t, const struct comparison *c)
{
	if (c->verdict == SAME || c->verdict == SKIPPED)
		return xstrdup(verdict_word(t, c));
	if (t->exact)
		return exact_delta(t, c);
	return isfinite(c->delta_pct) ? xasprintf("%+.2f %%", c->delta_pct) : xstrdup("-");
}

/* The word, and where there is no answer, why. */
char *verdict_text(const struct table *t, const struct comparison *c)
{
	if (c->verdict != INCONCLUSIVE)
		return xstrdup(verdict_word(t, c));
	if (c->reason)
		return xasprintf("inconclusive (%s)", c->reason);
	if (isnan(c->mde_pct))
		return xstrdup("inconclusive");
	if (isnan(c->boots_needed) || c->mde_pct > MDE_SHOWN)
		return xasprintf("inconclusive (MDE %s%.3g %%, too noisy to tell)",
				 c->mde_pct > MDE_SHOWN ? "over " : "",
				 fmin(c->mde_pct, MDE_SHOWN));
	if (c->boots_needed == 0)
		return xasprintf("inconclusive (MDE %.2g %%, near the threshold)", c->mde_pct);
	return xasprintf("inconclusive (MDE %.2g %%, about %.0f more boot%s)", c->mde_pct,
			 c->boots_needed, c->boots_needed == 1 ? "" : "s");
}

const char *unit_words(const struct table *t)
{
	if (t->exact)
		return "guest instructions";
	return t->unit ? t->unit : "ticks";
}

static const char *run_fact(const struct kernel *k, const char *object, const char *key)
{
	const char *s = json_string_value(json_object_get(json_object_get(k->run, object), key));

	return s ? s : "?";
}

char *release_text(const struct kernel *k)
{
	return xasprintf("Linux %s, %s walk, %s call", run_fact(k, "kernel", "release"),
			 run_fact(k, "module", "walk"), run_fact(k, "module", "body"));
}

/* Bytes, up to a word's end, with which all the strings in @values begin. */
static size_t common_start(json_t *values)
{
	const char *first = NULL, *label;
	size_t same = 0, n;
	json_t *value;

	json_object_foreach(values, label, value) {
		const char *s = json_string_value(value);

		if (!s)
			return 0;
		if (!first) {
			first = s;
			same = strlen(s);
		}
		for (n = 0; n < same && s[n] == first[n];)
			n++;
		same = n;
	}
	while (same && first[same - 1] != ' ')
		same--;
	return same;
}

static char *one_value(json_t *value, size_t skip, size_t width)
{
	char *text = json_is_string(value)
			     ? xasprintf("%s%s", skip ? "..." : "", json_string_value(value) + skip)
			     : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	char *cut = strlen(text) > width ? xasprintf("%.*s...", (int)width, text) : xstrdup(text);

	free(text);
	return cut;
}

/* "213 symbols differ: A, B, ..." */
static char *list_text(json_t *values)
{
	json_t *symbols = json_object_iter_value(json_object_iter(values)), *value;
	size_t n = json_object_size(symbols), shown = 0;
	char *text = xasprintf("%zu symbol%s: ", n, n == 1 ? " differs" : "s differ");
	const char *symbol;

	json_object_foreach(symbols, symbol, value)
		if (shown++ < SYMBOLS_SHOWN)
			text = join(text, xasprintf("%s%s", shown > 1 ? ", " : "", symbol));
	return n > SYMBOLS_SHOWN ? join(text, xstrdup(", ...")) : text;
}

/* By kernel, in order; an A/A arm only where it is not as its twin is. */
char *environment_text(const struct table *t, json_t *entry, size_t width)
{
	json_t *values = json_object_get(entry, "values");
	size_t skip = common_start(values);
	char *text = xstrdup("");

	if (json_is_object(json_object_get(values, t->kernel[0].label))) {
		free(text);
		return list_text(values);
	}
	for (size_t k = 0; k < t->kernels; k++) {
		const struct kernel *kernel = &t->kernel[k];
		json_t *value = json_object_get(values, kernel->label);

		if (is_arm(t, k) &&
		    json_equal(value, json_object_get(values, t->kernel[kernel->same_as].label)))
			continue;
		text = join(text,
			    xasprintf("%s%s", *text ? " | " : "", is_arm(t, k) ? "A/A: " : ""));
		text = join(text, one_value(value, skip, width));
	}
	return text;
}

char *environment_keys(const struct table *t)
{
	char *text = xstrdup("");
	json_t *entry;
	size_t i;

	json_array_foreach(t->environment_diff, i, entry)
		text = join(text, xasprintf("%s%s", i ? ", " : "",
					    json_string_value(json_object_get(entry, "key"))));
	return text;
}

/* "A/A: all 13 rows the same to the instruction", or which are not. */
char *arm_text(const struct table *t)
{
	size_t rows = 0, skipped = 0, bad = 0;
	char *list = xstrdup(""), *text;

	for (size_t i = 0; i < t->comparisons; i++) {
		const struct comparison *c = &t->comparison[i];

		if (c->family != ARM)
			continue;
		rows += c->verdict != SKIPPED;
		skipped += c->verdict == SKIPPED;
		if (differs(c) || (t->exact && c->verdict == INCONCLUSIVE)) {
			char *delta = delta_text(t, c);

			list = join(list, xstrdup(bad++ ? ", " : ": "));
			list = join(list, row_name(&t->row[c->row]));
			list = join(list, xasprintf(" %s", delta));
			free(delta);
		}
	}
	if (!rows && !skipped)
		text = NULL;
	else if (!rows)
		text = xstrdup("A/A: no row to compare");
	else if (t->exact && !bad)
		text = xasprintf("A/A: all %zu rows the same to the instruction", rows);
	else
		text = xasprintf("A/A: %zu of %zu rows differ%s", bad, rows, list);
	free(list);
	return text;
}

char *holm_text(const struct table *t)
{
	size_t n = family_size(t, PRIMARY);

	return n ? xasprintf("Holm over %zu %srow%s that decide%s, against A%s; threshold %s %%", n,
			     primary_rows(t) ? "primary " : "", n == 1 ? "" : "s",
			     n == 1 ? "s" : "",
			     primary_rows(t) ? "; all others by false discovery rate, 5 %" : "",
			     t->threshold_text)
	       : family_size(t, OTHERS) ? xstrdup("No row that decides has boots enough")
					: xstrdup("No verdict but of controls: too few boots");
}

/* The patterns as the plan has them, or NULL: it names none. */
char *primary_text(const struct table *t)
{
	json_t *list = primary_rows(t), *pattern;
	char *text = list ? xstrdup("Primary rows, named in the plan:") : NULL;
	size_t i;

	json_array_foreach(list, i, pattern)
		text = join(text, xasprintf("%s %s", i ? "," : "", json_string_value(pattern)));
	return text;
}

/* Would the cross-check have said something else about "no difference"?  Only one
 * that can say anything with so few boots is asked. */
static int disagrees(const struct comparison *c, double *p)
{
	double alpha = 1 - COMPARE_CONFIDENCE;
	double least = c->method == PAIRED_T ? ldexp(2, -(int)c->pairs) : 0;

	*p = c->method == PAIRED_T ? c->p_sign_flip : c->p_mann_whitney;
	return !isnan(*p) && least <= alpha && (*p <= alpha) != (c->p <= alpha);
}

static int bootstrap_disagrees(const struct comparison *c)
{
	const struct stats_interval *b = &c->bootstrap_pct, *ci = &c->ci_pct;

	return !isnan(b->low) && (b->low > 0 || b->high < 0) != (ci->low > 0 || ci->high < 0);
}

char *cross_check_text(const struct table *t)
{
	size_t asked = 0, against = 0;
	char *list = xstrdup(""), *text;

	for (size_t i = 0; i < t->comparisons; i++) {
		const struct comparison *c = &t->comparison[i];
		int other, resampled = bootstrap_disagrees(c);
		double p;

		if (isnan(c->p) || c->reason || c->method == SIGN_FLIP)
			continue;
		asked++;
		other = disagrees(c, &p);
		if (!other && !resampled)
			continue;
		against++;
		list = join(list, xasprintf("; %s: ", t->kernel[c->kernel].label));
		list = join(list, row_name(&t->row[c->row]));
		list = join(list,
			    other ? xasprintf(", %s P %.2g, t P %.2g",
					      c->method == PAIRED_T ? "sign-flip" : "Mann-Whitney",
					      p, c->p)
				  : xasprintf(", bootstrap [%+.2f, %+.2f] %%", c->bootstrap_pct.low,
					      c->bootstrap_pct.high));
	}
	text = asked ? xasprintf(
			       "Cross-checks disagree with the t interval in %zu of %zu comparisons%s",
			       against, asked, list)
		     : NULL;
	free(list);
	return text;
}
