// SPDX-License-Identifier: MIT
/*
 * Intervals of the answers.
 *
 * Each boot gives costs, and so an answer, of its own; the boot is the unit here as
 * everywhere, so that what the costs of one boot have in common (its memory layout,
 * its luck) is in the spread.  A plan is about the next boot and not about the mean
 * of those that were seen: Student's interval is that of a prediction, wider than the
 * mean's by sqrt(n + 1).  Answers are ratios of one another, so logarithms are taken
 * where all are positive.  Near saturation they overshoot what any device can do; what
 * bounds every boot bounds them.
 *
 * Exact mode has no spread between boots; there and by hand the interval is that of
 * the costs' ranges: every combination of their ends goes through the model.
 */
#include <math.h>
#include <stdlib.h>

#include "lib/core/die.h"
#include "plan.h"

struct figure figure_of(double value)
{
	return (struct figure){ value, value, value };
}

static void widen(struct figure *f, double value)
{
	f->low = fmin(f->low, value);
	f->high = fmax(f->high, value);
}

/* One boot's answer: of the best figures, and the range of all combinations of ends. */
static struct outcome of_boot(const struct costs *boot, const struct workload *w)
{
	struct outcome o = { 0 };
	double cost[N_COSTS];
	unsigned int ends = 0, high;

	for (size_t i = 0; i < N_COSTS; i++) {
		cost[i] = boot->cost[i].best;
		ends |= (unsigned int)(boot->cost[i].low < boot->cost[i].high) << i;
	}
	o.best = model_answer(cost, w);
	for (size_t v = 0; v < N_OUTPUTS; v++)
		o.value[v] = figure_of(o.best.value[v]);
	high = ends;
	do {
		struct answer a;

		high = (high - 1) & ends;
		for (size_t i = 0; i < N_COSTS; i++)
			cost[i] = !(ends >> i & 1) ? boot->cost[i].best
				  : high >> i & 1  ? boot->cost[i].high
						   : boot->cost[i].low;
		a = model_answer(cost, w);
		o.advice_differs |= a.advice != o.best.advice;
		for (size_t v = 0; v < N_OUTPUTS; v++)
			widen(&o.value[v], a.value[v]);
	} while (high != ends);
	return o;
}

static int all_positive(const double *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!(x[i] > 0) || isinf(x[i]))
			return 0;
	return 1;
}

/* The interval in which one more of @n values is expected; @x is overwritten. */
static struct stats_interval one_more(double *x, size_t n)
{
	int logs = all_positive(x, n);
	struct stats_interval i;

	for (size_t k = 0; logs && k < n; k++)
		x[k] = log(x[k]);
	i = stats_mean(x, n, COMPARE_CONFIDENCE);
	i.high = i.estimate + (i.high - i.estimate) * sqrt((double)n + 1);
	i.low = 2 * i.estimate - i.high;
	if (logs)
		i = (struct stats_interval){ exp(i.estimate), exp(i.low), exp(i.high) };
	return i;
}

static struct figure over_boots(const struct outcome *boot, size_t boots, size_t v, double *x)
{
	struct figure f;

	for (size_t b = 0; b < boots; b++)
		x[b] = boot[b].value[v].low;
	f.low = one_more(x, boots).low;
	for (size_t b = 0; b < boots; b++)
		x[b] = boot[b].value[v].best;
	f.best = one_more(x, boots).estimate;
	for (size_t b = 0; b < boots; b++)
		x[b] = boot[b].value[v].high;
	f.high = one_more(x, boots).high;
	return f;
}

static struct figure of_all(const struct outcome *boot, size_t boots, size_t v)
{
	struct figure f = boot[0].value[v];

	for (size_t b = 1; b < boots; b++) {
		widen(&f, boot[b].value[v].low);
		widen(&f, boot[b].value[v].high);
	}
	return f;
}

/* A share: Student's interval does not know that it ends. */
static void within_one(struct figure *f)
{
	if (f->low < 0)
		f->low = 0;
	if (f->high > 1)
		f->high = 1;
}

static double atomic_of(const struct costs *boot, size_t boots)
{
	double sum = 0;

	for (size_t b = 0; b < boots; b++)
		sum += boot[b].cost[ATOMIC].best;
	return sum / (double)boots;
}

static void add_misfit(struct figure *rate, double share)
{
	rate->low -= share;
	rate->high += share;
	if (rate->low < 0)
		rate->low = 0;
}

/* With all of the device's time for atomics, or of the handler's and the threads' for faults. */
static double most_of(const struct costs *boot, const struct workload *w, enum output v)
{
	double device = boot->cost[DEVICE_FAULT].low + boot->cost[SHARER].low * w->sharers;
	double cpu = boot->cost[CPU_FAULT].low;

	if (v == RATE)
		return w->engines / boot->cost[ATOMIC].low;
	return w->serial ? 1 / (device + cpu) : fmin(1 / device, w->threads / cpu);
}

/* The same of one boot more; NAN: not known. */
static double most(const struct costs *boot, size_t boots, int exact, const struct workload *w,
		   enum output v, double *x)
{
	double highest = 0;

	for (size_t b = 0; b < boots; b++) {
		x[b] = most_of(&boot[b], w, v);
		highest = fmax(highest, x[b]);
	}
	return exact || isinf(highest) ? highest : one_more(x, boots).high;
}

static void at_most(struct figure *f, double most)
{
	if (f->low > most)
		f->low = most;
	if (f->best > most)
		f->best = most;
	if (f->high > most)
		f->high = most;
}

static void bound(struct outcome *o, const struct costs *boot, size_t boots, int exact,
		  double misfit, const struct workload *w, double *x)
{
	at_most(&o->value[RATE], most(boot, boots, exact, w, RATE, x) + misfit);
	at_most(&o->value[RATE], w->pages * w->atomics);
	at_most(&o->value[CONVERSIONS], most(boot, boots, exact, w, CONVERSIONS, x));
	at_most(&o->value[CONVERSIONS], w->pages * w->touches);
	at_most(&o->value[TOUCHES], w->touches);
	within_one(&o->value[CPU_LOST]);
	within_one(&o->value[HANDLER]);
}

/* The costs' means over boots, for what is no number. */
static struct answer of_means(const struct costs *boot, size_t boots, const struct workload *w)
{
	double cost[N_COSTS] = { 0 };

	for (size_t i = 0; i < N_COSTS; i++)
		for (size_t b = 0; b < boots; b++)
			cost[i] += boot[b].cost[i].best / (double)boots;
	return model_answer(cost, w);
}

struct outcome outcome(const struct costs *boot, size_t boots, int exact, struct misfit misfit,
		       const struct workload *w)
{
	struct outcome o, *each = xcalloc(boots, sizeof(*each));
	double *x = xcalloc(boots, sizeof(*x)), all;

	for (size_t b = 0; b < boots; b++)
		each[b] = of_boot(&boot[b], w);
	o = each[0];
	for (size_t b = 1; b < boots; b++)
		o.advice_differs |=
			each[b].advice_differs || each[b].best.advice != each[0].best.advice;
	for (size_t v = 0; v < N_OUTPUTS; v++)
		o.value[v] = exact ? of_all(each, boots, v) : over_boots(each, boots, v, x);
	o.best = of_means(boot, boots, w);
	all = w->engines / atomic_of(boot, boots);
	add_misfit(&o.value[RATE], misfit.worst * all);
	bound(&o, boot, boots, exact, misfit.idle * all, w, x);
	if (o.advice_differs)
		o.value[BREAK_EVEN].low = o.value[BREAK_EVEN].high = NAN;
	free(each);
	free(x);
	return o;
}
