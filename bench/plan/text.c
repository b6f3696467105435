// SPDX-License-Identifier: MIT
/* The answer for people: a column of values and their intervals a kernel. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/known.h"
#include "lib/core/die.h"
#include "plan.h"

#define COLUMNS 139

static const char *const cost_words[N_COSTS] = {
	[ATOMIC] = "atomic of the device", [DEVICE_FAULT] = "device fault",
	[CPU_FAULT] = "CPU fault back",	   [TOUCH] = "CPU touch besides",
	[SHARER] = "more a sharer",	   [MIGRATE_IN] = "migrating in",
	[MIGRATE_BACK] = "migrating back", [ATOMIC_LOCAL] = "atomic in device memory",
};

static const char *const output_words[N_OUTPUTS] = {
	[RATE] = "device atomics",
	[CONVERSIONS] = "conversions",
	[TOUCHES] = "CPU touches a page",
	[CPU_LOST] = "CPU time lost to faults",
	[HANDLER] = "device fault handler busy",
	[PER_VISIT] = "atomics a page visit",
	[BREAK_EVEN] = "break-even, atomics a visit",
};

const char *limit_words(enum limit limit)
{
	static const char *const words[] = { [BY_DEMAND] = "demand",
					     [BY_ATOMICS] = "device atomic rate",
					     [BY_DEVICE_FAULTS] = "device fault service",
					     [BY_CPU] = "CPU fault-back" };

	return words[limit];
}

const char *advice_words(enum advice advice)
{
	static const char *const words[] = { [UNKNOWN] = "unknown",
					     [STAY] = "stay",
					     [MIGRATE] = "migrate",
					     [MIGRATE_ABOVE] = "migrate above",
					     [MIGRATE_BELOW] = "migrate below" };

	return words[advice];
}

/* Four digits say more than any interval here resolves. */
static char *number(double value)
{
	if (isnan(value) || isinf(value))
		return xstrdup("-");
	return fabs(value) >= 1000 ? xasprintf("%.0f", value) : xasprintf("%.4g", value);
}

static char *figure(struct figure f, double scale)
{
	char *best = number(f.best * scale), *low = number(f.low * scale);
	char *high = number(f.high * scale), *text;

	if ((!strcmp(low, best) && !strcmp(high, best)) || isnan(f.best))
		text = xstrdup(best);
	else
		text = xasprintf("%s [%s, %s]", best, low, high);
	free(best);
	free(low);
	free(high);
	return text;
}

static double output_scale(const struct plan_answer *a, enum output v)
{
	if (v == CPU_LOST || v == HANDLER)
		return 100;
	return v == PER_VISIT || v == BREAK_EVEN ? 1 : a->window;
}

/* Below which rate or above it, and where this workload is. */
static char *advice(const struct plan_kernel *k)
{
	const struct answer *best = &k->outcome.best;
	double visit = best->value[PER_VISIT], even = best->value[BREAK_EVEN];
	int above = isnan(visit) || visit > even; /* never taken back: one long visit */
	int migrates = above == (best->advice == MIGRATE_ABOVE);

	if (best->advice == UNKNOWN)
		return xstrdup("unknown");
	if (k->outcome.advice_differs)
		return xstrdup("open: the costs' ranges allow both");
	if (best->advice == STAY || best->advice == MIGRATE)
		return xstrdup(best->advice == STAY ? "stay, at any number"
						    : "migrate, at any number");
	return xasprintf("%s, %s the break-even", migrates ? "migrate" : "stay",
			 above ? "above" : "below");
}

static const char *window(const struct plan_answer *a)
{
	return !strcmp(a->unit, "ns")		  ? "second"
	       : !strcmp(a->unit, "instructions") ? "million instructions"
						  : "million ticks";
}

static const char *per_window(const struct plan_answer *a)
{
	return !strcmp(a->unit, "ns")		  ? "/s"
	       : !strcmp(a->unit, "instructions") ? "/Minstr"
						  : "/Mtick";
}

static const char *output_unit(const struct plan_answer *a, enum output v)
{
	if (v == CPU_LOST || v == HANDLER)
		return "%";
	return v == PER_VISIT || v == BREAK_EVEN ? "" : per_window(a);
}

/* Kernel @k's column, and the first one's those of names and units. */
static void put_row(struct grid *g, size_t row, const char *name, const char *unit, size_t k,
		    char *text)
{
	char **cell = g->cell + row * g->columns;

	if (!k) {
		cell[0] = xstrdup(name);
		cell[1] = xstrdup(unit);
	}
	cell[2 + k] = text;
}

static size_t put_costs(struct grid *g, const struct plan_answer *a, size_t row, size_t k)
{
	const struct costs *boot = a->kernel[k].boot;
	size_t boots = a->kernel[k].boots;

	for (size_t i = 0; i < N_COSTS; i++) {
		struct figure f = boot[0].cost[i];

		for (size_t b = 1; b < boots; b++) {
			f.low = fmin(f.low, boot[b].cost[i].low);
			f.high = fmax(f.high, boot[b].cost[i].high);
			f.best += boot[b].cost[i].best;
		}
		f.best /= (double)boots;
		put_row(g, row++, cost_words[i], a->unit, k, figure(f, 1));
	}
	return row;
}

static void put_answer(struct grid *g, const struct plan_answer *a, size_t row, size_t k)
{
	const struct plan_kernel *kernel = &a->kernel[k];
	const double *share = kernel->outcome.best.share;

	for (enum output v = 0; v < N_OUTPUTS; v++)
		put_row(g, row++, output_words[v], output_unit(a, v), k,
			figure(kernel->outcome.value[v], output_scale(a, v)));
	put_row(g, row++, "stay or migrate", "", k, advice(kernel));
	put_row(g, row++, "limited by", "", k, xstrdup(limit_words(kernel->outcome.best.limit)));
	put_row(g, row++, "device time: atomics", "%", k, number(100 * share[BY_ATOMICS]));
	put_row(g, row++, "device time: its faults", "%", k, number(100 * share[BY_DEVICE_FAULTS]));
	if (a->workload.serial)
		put_row(g, row, "device time: the CPU", "%", k, number(100 * share[BY_CPU]));
}

static char *rate(double value, double scale)
{
	return isinf(value) ? xstrdup("saturating") : number(value * scale);
}

static void put_workload(FILE *f, const struct plan_answer *a)
{
	const struct workload *w = &a->workload;
	char *atomics = rate(w->atomics, a->window), *touches = rate(w->touches, a->window);

	fprintf(f,
		"Workload: %.0f pages; per page and %s %s device atomics, %s CPU touches (%s); engines %.0f, CPU threads %.0f, sharers %.0f\n",
		w->pages, window(a), atomics, touches, w->touch, w->engines, w->threads,
		w->sharers);
	fprintf(f, "Device: %s; touches and visits %s\n",
		w->serial ? "one stream of instructions with the CPU" : "beside the CPU",
		w->random ? "at random" : "regular");
	free(atomics);
	free(touches);
}

static void put_brackets(FILE *f, const struct plan_answer *a)
{
	const char *of =
		!strcmp(a->mode, "hand") ? "all combinations of the given ends"
		: a->gpu
			? "all combinations of: transitions from the 10th to the 90th percentile of pages, atomics from the fastest launch to the slowest"
		: a->exact
			? "faults from their median to their 90th percentile; rates besides by what the fit misses"
			: "95 %, where one more boot is expected (Student's t over boots); rates besides by what the fit misses";

	fprintf(f, "[low, high]: %s\n", of);
}

void plan_text(FILE *f, const struct plan_answer *a)
{
	size_t rows = 1 + N_COSTS + N_OUTPUTS + 4 + (a->workload.serial ? 1 : 0), i, row;
	struct grid g = grid_make(rows, 2 + a->kernels);
	json_t *note;

	put_workload(f, a);
	fprintf(f, "Mode %s: costs in %s, rates per %s\n", a->mode, a->unit, window(a));
	put_brackets(f, a);
	fputc('\n', f);
	for (size_t k = 0; k < a->kernels; k++) {
		put_row(&g, 0, "", "", k, xstrdup(a->kernel[k].label));
		row = put_costs(&g, a, 1, k);
		put_answer(&g, a, row, k);
	}
	grid_print(f, &g, 1, COLUMNS);
	grid_free(&g);
	json_array_foreach(a->notes, i, note)
		fprintf(f, "note: %s\n", json_string_value(note));
}

/* As atomics/Ktick; of ns per us. */
static double per_thousand(const struct plan_answer *a)
{
	return strcmp(a->unit, "ns") ? a->window / 1e3 : a->window / 1e6;
}

static void put_check(char **cell, const struct plan_answer *a, const struct check *c)
{
	double scale = per_thousand(a);

	cell[0] = xasprintf("%s %s sharers=%.0f", c->kernel, c->series->touch, c->series->sharers);
	cell[1] = isinf(c->asked) ? xstrdup("saturated") : number(c->asked * a->window);
	cell[2] = number(c->measured * scale);
	cell[3] = figure(c->predicted, scale);
	cell[4] = xasprintf("%+.1f", c->error_pct);
	cell[5] = xstrdup(c->holds ? "yes" : c->frail ? "frail" : c->inside ? "too wide" : "NO");
}

void checks_text(FILE *f, const struct plan_answer *a, const struct check *list, size_t n)
{
	const char *const head[] = {
		known_telling("touches"), "touches", "measured", "predicted", "error %", "holds"
	};
	struct grid g = grid_make(n + 1, 6);
	size_t held = 0, outside = 0, frail = 0;

	fprintf(f,
		"Mode %s: device atomics per %s; each rate of touches per page and %s predicted from the others\n\n",
		a->mode, strcmp(a->unit, "ns") ? "thousand" : "us", window(a));
	for (size_t c = 0; c < 6; c++)
		g.cell[c] = xstrdup(head[c]);
	for (size_t i = 0; i < n; i++) {
		put_check(g.cell + (i + 1) * g.columns, a, &list[i]);
		held += (size_t)list[i].holds;
		frail += (size_t)list[i].frail;
		outside += (size_t)!list[i].inside;
	}
	grid_print(f, &g, 4, COLUMNS);
	grid_free(&g);
	if (a->exact)
		fprintf(f, "\n%zu of %zu hold: off by 10 %% at most%s\n", held, n - frail,
			frail ? "; frail: repeated faults could take all of the device's time, and nothing is predicted"
			      : "");
	else
		fprintf(f,
			"\n%zu of %zu hold, %zu too wide to tell, %zu outside: measured inside an interval whose high is at most twice its low; saturated is part of every fit\n",
			held, n, n - held - outside, outside);
}
