// SPDX-License-Identifier: MIT
/* The answer for programs: results/schema/plan-answer.v1.json. */
#include <math.h>
#include <string.h>

#include "lib/core/json.h"
#include "plan.h"

const char *const cost_key[N_COSTS] = {
	[ATOMIC] = "atomic",
	[DEVICE_FAULT] = "device_fault",
	[CPU_FAULT] = "cpu_fault",
	[TOUCH] = "touch",
	[SHARER] = "sharer",
	[MIGRATE_IN] = "migrate_in",
	[MIGRATE_BACK] = "migrate_back",
	[ATOMIC_LOCAL] = "atomic_local",
};

const char *const output_key[N_OUTPUTS] = {
	[RATE] = "device_atomics",   [CONVERSIONS] = "conversions",
	[TOUCHES] = "touches",	     [CPU_LOST] = "cpu_lost",
	[HANDLER] = "handler",	     [PER_VISIT] = "atomics_per_visit",
	[BREAK_EVEN] = "break_even",
};

static json_t *figure(struct figure f, double scale)
{
	return json_pack("{s:o, s:o, s:o}", "value", json_real_or_null(f.best * scale), "low",
			 json_real_or_null(f.low * scale), "high",
			 json_real_or_null(f.high * scale));
}

/* Infinite is null, too: a rate without a bound. */
static json_t *workload(const struct plan_answer *a)
{
	const struct workload *w = &a->workload;

	return json_pack("{s:f, s:o, s:o, s:f, s:f, s:f, s:s, s:s, s:s, s:f}", "pages", w->pages,
			 "atomics", json_real_or_null(w->atomics * a->window), "touches",
			 json_real_or_null(w->touches * a->window), "engines", w->engines,
			 "threads", w->threads, "sharers", w->sharers, "touch", w->touch, "device",
			 w->serial ? "serial" : "beside", "arrivals",
			 w->random ? "random" : "regular", "burst", w->burst);
}

static json_t *costs(const struct costs *c)
{
	json_t *o = json_object();

	for (size_t i = 0; i < N_COSTS; i++)
		json_object_set_new(o, cost_key[i], figure(c->cost[i], 1));
	return o;
}

static json_t *outputs(const struct plan_answer *a, const struct outcome *outcome)
{
	json_t *o = json_object();

	for (size_t v = 0; v < N_OUTPUTS; v++)
		json_object_set_new(o, output_key[v],
				    figure(outcome->value[v], v <= TOUCHES ? a->window : 1));
	return o;
}

static json_t *kernel(const struct plan_answer *a, const struct plan_kernel *k)
{
	const struct answer *best = &k->outcome.best;
	json_t *boots = json_array();

	for (size_t b = 0; b < k->boots; b++)
		json_array_append_new(boots, costs(&k->boot[b]));
	return json_pack("{s:s, s:o, s:o, s:o, s:s, s:{s:f, s:f, s:f}, s:s, s:b}", "kernel",
			 k->label, "costs", boots, "misfit", json_real_or_null(k->misfit.worst),
			 "answer", outputs(a, &k->outcome), "limit", limit_words(best->limit),
			 "device_time", "atomics", best->share[BY_ATOMICS], "device_faults",
			 best->share[BY_DEVICE_FAULTS], "cpu", best->share[BY_CPU], "advice",
			 advice_words(best->advice), "advice_differs", k->outcome.advice_differs);
}

static json_t *root(const struct plan_answer *a)
{
	return json_pack("{s:s, s:s, s:s, s:f, s:O}", "schema", "dexbench.plan-answer.v1", "mode",
			 a->mode, "unit", a->unit, "window", a->window, "notes", a->notes);
}

static json_t *way_json(const struct way *way, double second)
{
	if (!way->known)
		return json_null();
	return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "reached", way->reached,
			 "atomics_per_s", way->atomics * second, "touches_per_s",
			 way->touches * second, "conversions_per_s", way->conversions * second,
			 "copied_bytes_per_s", way->copied * second, "cores_lost", way->lost,
			 "handler_cores", way->handler);
}

/* In the planner's units, whatever those of the costs are. */
json_t *ways_json(const struct plan_answer *a, const struct plan_kernel *k)
{
	static const char *const choices[] = { [CHOOSE_UNKNOWN] = "unknown",
					       [CHOOSE_IN_PLACE] = "in place",
					       [CHOOSE_MIGRATING] = "migrate",
					       [CHOOSE_NEITHER] = "neither" };
	struct ways ways = ways_of(k, &a->workload);
	double second = 1e9 * a->per_ns;

	return json_pack("{s:s, s:o, s:o, s:o}", "choice", choices[ways_choice(&ways)],
			 "stay_exclusive", way_json(&ways.way[IN_PLACE], second), "migrate",
			 way_json(&ways.way[MIGRATING], second), "pin",
			 way_json(&ways.way[PINNED], second));
}

json_t *plan_json(const struct plan_answer *a)
{
	json_t *o = root(a), *kernels = json_array();

	for (size_t k = 0; k < a->kernels; k++)
		json_array_append_new(kernels, kernel(a, &a->kernel[k]));
	for (size_t k = 0; a->per_ns > 0 && k < a->kernels; k++)
		json_object_set_new(json_array_get(kernels, k), "ways",
				    ways_json(a, &a->kernel[k]));
	json_object_set_new(o, "workload", workload(a));
	json_object_set_new(o, "kernels", kernels);
	return o;
}

json_t *checks_json(const struct plan_answer *a, const struct check *list, size_t n)
{
	json_t *o = root(a), *checks = json_array();

	for (size_t i = 0; i < n; i++) {
		const struct check *c = &list[i];

		json_array_append_new(
			checks,
			json_pack("{s:s, s:s, s:f, s:o, s:f, s:o, s:f, s:b, s:b, s:b}", "kernel",
				  c->kernel, "touch", c->series->touch, "sharers",
				  c->series->sharers, "touches",
				  json_real_or_null(c->asked * a->window), "measured",
				  c->measured * a->window, "predicted",
				  figure(c->predicted, a->window), "error_pct", c->error_pct,
				  "wide", c->wide, "frail", c->frail, "holds", c->holds));
	}
	json_object_set_new(o, "validation", checks);
	return o;
}
