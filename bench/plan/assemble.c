// SPDX-License-Identifier: MIT
/* Measured costs, those given by hand in their place, and the workload. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/known.h"
#include "lib/core/die.h"
#include "lib/core/quote.h"
#include "plan.h"

json_t *notes_of(const struct table *t)
{
	json_t *notes = json_array();

	for (size_t i = 0; t && i < t->notes; i++)
		json_array_append_new(notes, json_string(t->note[i].text));
	return notes;
}

static void note(struct plan_answer *a, char *text)
{
	json_array_append_new(a->notes, json_string(text));
	free(text);
}

/* The series of that touch with as many sharers as the workload, or fewer. */
static const struct series *choose(const struct series *list, size_t n, const struct workload *w)
{
	const struct series *best = NULL;

	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i].touch, w->touch) && list[i].sharers <= w->sharers &&
		    list[i].boots && (!best || list[i].sharers > best->sharers))
			best = &list[i];
	return best;
}

/* The device fault's mean over boots, from all rates of a series; NAN if they do not say. */
static double device_fault(const struct series *s)
{
	char *skip = xcalloc(s->rates, 1);
	struct costs *boot = xcalloc(s->boots + 1, sizeof(*boot));
	double sum = fit(s, skip, boot) ? 0 : NAN;

	for (size_t b = 0; b < s->boots; b++)
		sum += boot[b].cost[DEVICE_FAULT].best;
	free(skip);
	free(boot);
	return sum / (double)s->boots;
}

/* What a sharer adds: between the ends of the touches' own. */
static double between_series(const struct series *list, size_t n, const struct series *like)
{
	const struct series *few = like, *many = like;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i].touch, like->touch))
			continue;
		few = list[i].sharers < few->sharers ? &list[i] : few;
		many = list[i].sharers > many->sharers ? &list[i] : many;
	}
	return (device_fault(many) - device_fault(few)) / (many->sharers - few->sharers);
}

/* Given by hand, or measured by itself, or with touches. */
static struct figure sharer_of(const struct request *r, const struct table *t, size_t k,
			       const struct series *list, size_t n,
			       const struct plan_kernel *kernel)
{
	double slope = measure_sharer(t, k);

	if (r->cost[SHARER])
		return request_figure(request_cost_option(SHARER), r->cost[SHARER]);
	if (isnan(slope))
		slope = between_series(list, n, kernel->series);
	return figure_of(isnan(slope) ? NAN : fmax(slope, 0)); /* below 0 is noise */
}

/* The fit's costs are those with the series' sharers; the model adds the workload's. */
static void set_sharer(struct plan_kernel *kernel, const struct workload *w, struct figure slope)
{
	double have = kernel->series->sharers;

	if (isnan(slope.best) && w->sharers > have)
		die_usage(
			"--sharers=%.0f: %s was measured with %.0f and without %s; give --sharer-slope",
			w->sharers, kernel->label, have, known_telling("sharers"));
	if (isnan(slope.best))
		slope = figure_of(0);
	for (size_t b = 0; b < kernel->boots; b++) {
		struct figure *fault = &kernel->boot[b].cost[DEVICE_FAULT];

		kernel->boot[b].cost[SHARER] = slope;
		fault->low -= slope.best * have;
		fault->best -= slope.best * have;
		fault->high -= slope.best * have;
	}
}

/* More engines than one, as fast as they were found to be. */
static void set_engines(struct plan_answer *a, const struct table *t, size_t k,
			struct plan_kernel *kernel)
{
	double engines = a->workload.engines;
	double slower = measure_atomic(t, k, engines) / measure_atomic(t, k, 1);

	if (engines == 1)
		return;
	if (isnan(slower)) {
		note(a,
		     xasprintf(
			     "%s: %.0f engines were not measured; each is taken to be as fast as one",
			     kernel->label, engines));
		return;
	}
	for (size_t b = 0; b < kernel->boots; b++) {
		struct figure *atomic = &kernel->boot[b].cost[ATOMIC];

		*atomic = (struct figure){ atomic->low * slower, atomic->best * slower,
					   atomic->high * slower };
	}
}

/* Exact mode's touch is two requests to the module, by which the CPU plays the device; a
 * device of its own needs none, and to keep them would bound what a saturating CPU takes. */
static void without_requests(struct plan_kernel *kernel)
{
	for (size_t b = 0; b < kernel->boots; b++)
		kernel->boot[b].cost[TOUCH] = figure_of(0);
}

static void by_hand(const struct request *r, struct plan_kernel *kernel)
{
	for (enum cost i = 0; i < N_COSTS; i++) {
		if (!r->cost[i] || (i == SHARER && kernel->series))
			continue;
		for (size_t b = 0; b < kernel->boots; b++)
			kernel->boot[b].cost[i] =
				request_figure(request_cost_option(i), r->cost[i]);
	}
}

/* What a sharer costs a migration was not measured beside staying. */
static int with_migrating(const struct request *r, const struct table *t, size_t k,
			  const struct workload *w, struct plan_kernel *kernel)
{
	int some = 0;

	for (size_t b = 0; t && !w->sharers && b < kernel->boots; b++)
		some |= visits_costs(t, k, r->cost, &kernel->boot[b]);
	return some;
}

static void must_be_known(const struct plan_kernel *kernel, const char *source)
{
	static const enum cost needed[] = { ATOMIC, DEVICE_FAULT, CPU_FAULT };

	for (size_t i = 0; i < 3; i++)
		if (isnan(kernel->boot[0].cost[needed[i]].best))
			die_usage("%s: no %s: give it by hand, or %s", kernel->label,
				  request_cost_option(needed[i]), source);
	if (!(kernel->boot[0].cost[ATOMIC].low > 0))
		die_usage("%s: an atomic has to cost something", request_cost_option(ATOMIC));
}

static void without_fit(struct plan_kernel *kernel, double atomic)
{
	kernel->boots = 1;
	kernel->boot = xcalloc(1, sizeof(*kernel->boot));
	for (size_t i = 0; i < N_COSTS; i++)
		kernel->boot[0].cost[i] = figure_of(i == TOUCH || i == SHARER ? 0 : NAN);
	kernel->boot[0].cost[ATOMIC] = figure_of(atomic);
}

static void with_fit(struct plan_kernel *kernel)
{
	char *skip = xcalloc(kernel->series->rates, 1);

	kernel->boots = kernel->series->boots;
	kernel->boot = xcalloc(kernel->boots, sizeof(*kernel->boot));
	if (!fit(kernel->series, skip, kernel->boot))
		die_usage(
			"%s: the rates of %s do not determine the costs; at least none, one more and saturated are needed",
			kernel->label, known_telling("touches"));
	kernel->misfit = fit_misfit(kernel->series, skip);
	free(skip);
}

static void add_kernel(struct plan_answer *a, const struct request *r, const struct table *t,
		       size_t k)
{
	struct plan_kernel *kernel;
	struct series *list;
	char *wanted;
	size_t n = 0;

	a->kernel = xrealloc(a->kernel, a->kernels + 1, sizeof(*a->kernel));
	kernel = &a->kernel[a->kernels++];
	*kernel = (struct plan_kernel){ .label = t ? t->kernel[k].label : "by hand" };
	list = t ? measure(t, k, &n) : NULL;
	kernel->series = t ? choose(list, n, &a->workload) : NULL;
	if (kernel->series) {
		with_fit(kernel);
		set_sharer(kernel, &a->workload, sharer_of(r, t, k, list, n, kernel));
		set_engines(a, t, k, kernel);
		if (kernel->series->serial && !a->workload.serial)
			without_requests(kernel);
	} else {
		without_fit(kernel,
			    t ? fmax(measure_atomic(t, k, 0), measure_atomic(t, k, 1)) : NAN);
	}
	by_hand(r, kernel);
	if (with_migrating(r, t, k, &a->workload, kernel) && a->kernels == 1)
		note(a, visits_note());
	wanted = t ? xasprintf("results that hold %s with such touches", known_telling("touches"))
		   : xstrdup("a directory of results");
	must_be_known(kernel, wanted);
	free(wanted);
}

/* What a GPU's measurement did not vary. */
static void add_limits(struct plan_answer *a, const struct request *r)
{
	const struct workload *w = &a->workload;

	if (w->serial)
		die_usage("--device=serial: the results are of a GPU, which runs beside the CPU");
	if (w->sharers > 0 && !r->cost[SHARER])
		die_usage(
			"--sharers=%.0f: %s was measured in one process alone; give --sharer-slope",
			w->sharers, r->gpu[0]);
	if (w->engines > 1)
		note(a,
		     xasprintf("an engine is a whole GPU here, and %.0f of them are as fast each",
			       w->engines));
	if (strcmp(w->touch, "write"))
		note(a, xstrdup("the CPU wrote; its reads are taken to cost the same"));
}

static void add_gpu(struct plan_answer *a, const struct request *r, const char *directory)
{
	char *path = realpath(directory, NULL), *why, *source;
	char *label = quote_line(path ? strrchr(path, '/') + 1 : directory);
	struct plan_kernel *kernel;

	free(path);
	if (r->kernel && strcmp(r->kernel, label))
		return;
	a->kernel = xrealloc(a->kernel, a->kernels + 1, sizeof(*a->kernel));
	kernel = &a->kernel[a->kernels++];
	*kernel = (struct plan_kernel){ .label = label, .boots = 1 };
	kernel->boot = xcalloc(1, sizeof(*kernel->boot));
	kernel->boot[0] = gpu_costs(directory, label, a->notes, &why);
	by_hand(r, kernel);
	source = xasprintf("results of a GPU that timed memory which stays with the CPU (%s)", why);
	must_be_known(kernel, source);
	free(source);
	free(why);
}

int is_chosen(const struct request *r, const struct table *t, size_t k)
{
	return t->kernel[k].same_as == k && (!r->kernel || !strcmp(r->kernel, t->kernel[k].label));
}

static const char *unit_of(const struct request *r, const struct table *t)
{
	static const char *const units[] = { "ns", "ticks", "instructions" };

	const char *of_results = t ? t->unit : r->gpus ? units[0] : NULL;

	if (r->unit && of_results && strcmp(r->unit, of_results))
		die_usage("--unit=%s: the results are in %s", r->unit, of_results);
	if (of_results)
		return of_results;
	for (size_t i = 0; i < 3; i++)
		if (!strcmp(r->unit ? r->unit : "ns", units[i]))
			return units[i];
	die_usage("--unit=%s: one of ns, ticks, instructions", r->unit);
}

struct plan_answer assemble(const struct request *r, const struct table *t)
{
	struct plan_answer a = { .mode = t	   ? t->mode
					 : r->gpus ? "timing"
						   : "hand",
				 .unit = unit_of(r, t),
				 .exact = t ? t->exact : 1,
				 .gpu = r->gpus > 0,
				 .notes = notes_of(t) };

	a.window = measure_window(a.unit);
	a.workload = r->size ? request_units(r, a.unit, &a.per_ns)
			     : request_workload(r, a.window, t && measure_serial(t));
	if (t && !measure_serial(t) && a.workload.serial)
		die_usage(
			"--device=serial: the results are of mode %s, where the device ran beside the CPU",
			t->mode);
	a.workload.waits = !t || measure_serial(t) || r->cost[DEVICE_FAULT];
	if (r->gpus)
		add_limits(&a, r);
	for (size_t i = 0; i < r->gpus; i++)
		add_gpu(&a, r, r->gpu[i]);
	if (!t && !r->gpus)
		add_kernel(&a, r, NULL, 0);
	for (size_t k = 0; t && k < t->kernels; k++)
		if (is_chosen(r, t, k))
			add_kernel(&a, r, t, k);
	if (!a.kernels)
		die_usage("--kernel=%s: not in the results", r->kernel ? r->kernel : "");
	if (t && measure_serial(t) && !a.workload.serial && !r->cost[TOUCH])
		note(&a,
		     xstrdup("--device=beside: a CPU touch is taken to cost nothing besides its fault; what exact mode measures is mostly two requests to the module, which a real device does not need; --touch-cost gives another"));
	if (isinf(a.workload.touches) && !(a.kernel[0].boot[0].cost[TOUCH].best > 0))
		note(&a,
		     xstrdup("a CPU touch has no cost of its own here, so their number has no bound"));
	return a;
}
