// SPDX-License-Identifier: MIT
/*
 * The block to post under a patch: plain ASCII, at most 75 columns so that it
 * survives quoting, and complete: what was measured, in which unit, which way is
 * better, how often, what the brackets mean, what differed besides the change, and
 * the commands that make it.  Nothing in it depends on where the results lie, so that
 * --verify finds the same block on another machine.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "lib/die.h"
#include "lib/json.h"

#define COLUMNS	   75
#define KEYS_SHOWN 400 /* characters of names of conditions */

struct letter {
	FILE *f;
	const struct table *t;
	size_t shown[COMPARE_MAX_KERNELS], n;
};

/* A paragraph, which is freed. */
static void say(const struct letter *l, char *text)
{
	wrap(l->f, text, COLUMNS, "");
	free(text);
}

static const char *fact(const struct table *t, const char *object, const char *key)
{
	json_t *o = object ? json_object_get(t->kernel[0].run, object) : t->kernel[0].run;
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "unknown";
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
	char *order = json_object_get(t->plan[0].json, "seed")
			      ? xasprintf(", order random in blocks of one boot each (seed %lld)",
					  (long long)seed)
			      : xstrdup("");
	char *often = runs > 1 ? xasprintf(", %lld runs a boot", (long long)runs) : xstrdup("");

	say(l, xasprintf("%s%s%s; %lld pages an execution.", boots, often, order,
			 (long long)t->pages));
	free(boots);
	free(order);
	free(often);
}

static void put_meaning(const struct letter *l)
{
	const struct table *t = l->t;

	if (t->exact) {
		say(l,
		    xstrdup("Counted under emulation on one CPU, which says how long the path is and not how long it takes. There is no +-: boots of a kernel give the same count. = is less than the case resolves: interrupts and the memory of a boot move it as much."));
		return;
	}
	if (strcmp(t->mode, "timing"))
		say(l,
		    xstrdup("Ticks of an emulator's clock are no time: only ratios mean something."));
	say(l,
	    xasprintf(
		    "Values are geometric means over boots%s; [low, high] is the 95 %% confidence interval of the ratio to A, less 1, in %%, by Student's t from boots%s, not from samples.",
		    plan_int(t, 0, "runs") > 1 ? ", a boot being the mean of its runs" : "",
		    t->plans == 1 ? " paired by block" : ""));
	say(l,
	    xasprintf(
		    "faster, slower: excludes 0, Holm over %zu row%s at 5 %%. = equivalent: within +-%s %%. ~ inconclusive.",
		    family_size(t, PRIMARY), family_size(t, PRIMARY) == 1 ? "" : "s",
		    t->threshold_text));
}

static void put_head(const struct letter *l)
{
	const struct table *t = l->t;

	say(l, xasprintf("dexbench %s, mode %s: %s per page", fact(t, NULL, "dexbench"), t->mode,
			 unit_words(t)));
	say(l, xasprintf("Each row: %s; lower is better.", metric_words(t->metric)));
	put_design(l);
	put_meaning(l);
	fputc('\n', l->f);
}

static void put_kernels(const struct letter *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct kernel *kernel = &l->t->kernel[l->shown[i]];
		json_t *host = json_object_get(json_object_get(kernel->run, "host"), "kernel");
		const char *source = json_string_value(json_object_get(host, "source"));
		char *release = release_text(kernel);

		say(l, xasprintf("%c = %s%s: %s%s%s", (char)('A' + i), kernel->label,
				 i ? "" : " (baseline)", release, source ? ", " : "",
				 source ? source : ""));
		free(release);
	}
	fputc('\n', l->f);
}

/* "-4.10% [-4.51,-3.69]" and a word; @narrow: one decimal, and a sign for a word. */
static char *ratio_text(const struct comparison *c, int narrow)
{
	int d = narrow ? 1 : 2;
	char *interval = isnan(c->ci_pct.low)
				 ? xstrdup("[?]")
				 : xasprintf("[%+.*f,%+.*f]", d, c->ci_pct.low, d, c->ci_pct.high);
	char *delta = narrow && (c->verdict == INCONCLUSIVE || c->verdict == EQUIVALENT)
			      ? xstrdup(c->verdict == EQUIVALENT ? "=" : "~")
			      : xasprintf("%+.*f%s", d, c->delta_pct, narrow ? "" : "%");
	char *text = xasprintf("%s %s", delta, interval);

	free(delta);
	free(interval);
	return text;
}

static const char *verdict_sign(const struct comparison *c)
{
	return c->verdict == EQUIVALENT	    ? "="
	       : c->verdict == INCONCLUSIVE ? "~"
					    : verdict_name(c->verdict);
}

/* How many columns a kernel has: with one there is room for more. */
static size_t columns_each(const struct letter *l)
{
	return l->n == 2 ? 3 : l->t->exact ? 2 : 1;
}

static char *signed_text(double value)
{
	return value == floor(value) ? xasprintf("%+.0f", value) : xasprintf("%+.2f", value);
}

static void exact_cells(const struct letter *l, const struct comparison *c, char **cell)
{
	const struct cell *cells = l->t->row[c->row].cell;
	double a = cell_value(l->t, &cells[c->base]), b = cell_value(l->t, &cells[c->kernel]);

	*cell++ = value_text(l->t, b);
	int shown = differs(c) || c->verdict == EQUIVALENT;

	if (l->n == 2)
		*cell++ = shown ? signed_text(b - a) : xstrdup("");
	*cell = shown ? xasprintf("%+.*f%%%s", fabs(c->delta_pct) < 0.01 ? 4 : 2, c->delta_pct,
				  c->verdict == EQUIVALENT ? " =" : "")
		      : xstrdup(verdict_name(c->verdict));
}

static void ratio_cells(const struct letter *l, const struct comparison *c, char **cell)
{
	if (l->n > 2) {
		*cell = c->verdict == SKIPPED ? xstrdup("skipped") : ratio_text(c, 1);
		return;
	}
	*cell++ = value_text(l->t, cell_value(l->t, &l->t->row[c->row].cell[c->kernel]));
	*cell++ = c->verdict == SKIPPED ? xstrdup("") : ratio_text(c, 0);
	*cell = xstrdup(verdict_sign(c));
}

static void heading(const struct letter *l, char **cell)
{
	*cell++ = xstrdup("");
	*cell++ = xstrdup("A");
	for (size_t i = 1; i < l->n; i++) {
		char name = (char)('A' + i);

		if (l->t->exact || l->n == 2)
			*cell++ = xasprintf("%c", name);
		if (l->t->exact && l->n == 2)
			*cell++ = xasprintf("%c - A", name);
		*cell++ = xasprintf("%c/A - 1%s", name, l->t->exact ? "" : ", %");
		if (!l->t->exact && l->n == 2)
			*cell++ = xstrdup("");
	}
}

static void fill_row(const struct letter *l, size_t row, char **cell)
{
	const struct table *t = l->t;

	cell[0] = row_name(&t->row[row]);
	cell[1] = value_text(t, cell_value(t, &t->row[row].cell[0]));
	for (size_t i = 1; i < l->n; i++) {
		const struct comparison *c = table_find(t, row, l->shown[i], 0);
		char **at = cell + 2 + (i - 1) * columns_each(l);

		if (t->exact)
			exact_cells(l, c, at);
		else
			ratio_cells(l, c, at);
	}
}

/* Results first, what must not differ last, counts that are no cost not at all. */
static void put_table(const struct letter *l)
{
	const struct row *row = l->t->row;
	size_t each = columns_each(l), r = 1, n = 1;
	struct grid g;

	for (size_t i = 0; i < l->t->rows; i++)
		n += row[i].better != NEITHER;
	g = grid_make(n, 2 + (l->n - 1) * each);
	heading(l, g.cell);
	for (int control = 0; control <= 1; control++)
		for (size_t i = 0; i < l->t->rows; i++)
			if (row[i].control == control && row[i].better != NEITHER)
				fill_row(l, i, g.cell + r++ * g.columns);
	grid_print(l->f, &g, each, COLUMNS);
	grid_free(&g);
	fputc('\n', l->f);
}

/* What the campaign could have found, over its results. */
static void put_mde(const struct letter *l)
{
	double least = INFINITY, most = 0;

	for (size_t i = 0; i < l->t->comparisons; i++) {
		const struct comparison *c = &l->t->comparison[i];

		if (c->family != PRIMARY || isnan(c->mde_pct))
			continue;
		least = fmin(least, c->mde_pct);
		most = fmax(most, c->mde_pct);
	}
	if (least <= most)
		say(l, xasprintf("Minimum detectable effect (found 4 times in 5): %.1f to %.1f %%",
				 least, most));
}

static char *cut_keys(char *keys)
{
	char *end, *cut;

	if (strlen(keys) <= KEYS_SHOWN)
		return keys;
	for (end = keys + KEYS_SHOWN; end > keys && *end != ','; end--)
		;
	cut = xasprintf("%.*s, ...", (int)(end - keys), keys);
	free(keys);
	return cut;
}

static void put_checks(const struct letter *l)
{
	char *arm = arm_text(l->t), *keys = cut_keys(environment_keys(l->t));
	const char *qemu = fact(l->t, "host", "qemu");
	json_t *text;
	size_t i;

	put_mde(l);
	say(l, arm ? arm : xstrdup("A/A: not measured"));
	say(l, xasprintf("Kernels differ in: %s", *keys ? keys : "nothing else"));
	say(l, xasprintf("Machine: %s%s%s", fact(l->t, "cpu", "model"),
			 strcmp(qemu, "unknown") ? ", " : "", strcmp(qemu, "unknown") ? qemu : ""));
	json_array_foreach(l->t->notes, i, text)
		say(l, xasprintf("note: %s", json_string_value(text)));
	free(keys);
}

static void put_command(const struct letter *l, char *line)
{
	wrap(l->f, line, COLUMNS, " \\");
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

char *cover_letter(const struct table *t)
{
	struct letter l = { .t = t };
	char *text = NULL;
	size_t size;

	l.n = letters(t, l.shown);
	if (l.n < 2)
		die_usage("a cover letter compares two kernels or more; here is one");
	l.f = open_memstream(&text, &size);
	if (!l.f)
		die("out of memory for the cover letter");
	put_head(&l);
	put_kernels(&l);
	put_table(&l);
	put_checks(&l);
	put_commands(&l);
	fclose(l.f);
	return text;
}
