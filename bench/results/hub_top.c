// SPDX-License-Identifier: MIT
/*
 * compare.json: the comparison as it was judged, with all that any view needs.  Unknown is null; a
 * real number is written so that it reads back as the same.
 *
 * "rows" (hub_rows.c) is a line a comparison, for programs; "measured" (hub_cells.c) what the boots
 * gave for one combination of a case's parameters, kernel by kernel; here is the rest.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results.h"
#include "results/hub.h"
#include "lib/core/json.h"

/* Of a plan what says how it was made; what ran when is in "measured". */
static json_t *plan_json(const struct plan *plan)
{
	static const char *const kept[] = { "date", "cases",	  "pages",   "runs",
					    "cpus", "memory_mib", "boots",   "seed",
					    "rows", "lockstep",	  "primary", "host_check" };
	json_t *o = json_object();

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (json_object_get(plan->json, kept[i]))
			json_object_set(o, kept[i], json_object_get(plan->json, kept[i]));
	return o;
}

/* run.json without what only loading compares: hundreds of symbols, and what the kernel said. */
static json_t *conditions(json_t *run)
{
	json_t *copy = json_copy(run), *config = json_object_get(run, "config");

	json_object_del(copy, "dmesg");
	if (json_is_object(config)) {
		config = json_copy(config);
		json_object_del(config, "symbols");
		json_object_set_new(copy, "config", config);
	}
	return copy;
}

static json_t *kernel_json(const struct table *t, size_t k)
{
	const struct kernel *kernel = &t->kernel[k];
	const char *twin = is_arm(t, k) ? t->kernel[kernel->same_as].label : NULL;

	return json_pack("{s:s, s:s, s:o, s:I, s:I, s:I, s:f, s:o, s:o, s:o}", "label",
			 kernel->label, "spec", kernel->spec, "same_as", json_string_or_null(twin),
			 "plan", (json_int_t)kernel->directory, "boots", (json_int_t)kernel->boots,
			 "failed", (json_int_t)kernel->failed, "scale", kernel->scale, "first_s",
			 json_real_or_null(kernel->first), "busy_s",
			 json_real_or_null(kernel->busy), "conditions", conditions(kernel->run));
}

static json_t *notes(const struct table *t)
{
	json_t *list = json_array();

	for (size_t i = 0; i < t->notes; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "text", t->note[i].text,
						      "fact", fact_name(t->note[i].fact), "weight",
						      t->note[i].doubt ? "doubt" : "note"));
	return list;
}

static json_t *rows(const struct table *t)
{
	json_t *list = json_array();

	for (size_t i = 0; i < t->comparisons; i++)
		json_array_append_new(list, row_json(t, &t->comparison[i]));
	return list;
}

/* The text that was given, since a view repeats it, and a number for programs. */
static void set_options(json_t *root, const struct table *t)
{
	json_object_set_new(root, "mode", json_string(t->mode));
	json_object_set_new(root, "threshold_pct", json_real(t->threshold));
	json_object_set_new(root, "status", json_integer(table_status(t)));
	json_object_set_new(root, "options",
			    json_pack("{s:s, s:s, s:o}", "threshold", t->threshold_text, "metric",
				      metric_option(t->metric), "case",
				      json_string_or_null(t->cases)));
	json_object_set_new(root, "unit", json_string_or_null(t->unit));
	json_object_set_new(root, "pages", json_integer(t->pages));
}

json_t *hub_json(const struct table *t)
{
	json_t *kernels = json_array(), *plans = json_array(), *shares = json_object();
	json_t *root = json_pack("{s:s}", "schema", "dexbench.compare.v2");
	struct summary *summary;

	for (size_t p = 0; p < t->plans; p++)
		json_array_append_new(plans, plan_json(&t->plan[p]));
	for (size_t k = 0; k < t->kernels; k++) {
		json_array_append_new(kernels, kernel_json(t, k));
		json_object_set_new(shares, t->kernel[k].label,
				    json_real_or_null(t->kernel[k].efficiency));
	}
	set_options(root, t);
	summary = summary_of(t);
	json_object_set_new(root, "summary", summary_json(t, summary));
	free(summary);
	json_object_set_new(root, "plans", plans);
	json_object_set_new(root, "kernels", kernels);
	json_object_set(root, "cases", t->cases_said);
	json_object_set_new(root, "measured", hub_measured(t));
	json_object_set_new(root, "rows", rows(t));
	json_object_set(root, "fits", t->fits);
	json_object_set(root, "predictions", t->predictions);
	json_object_set_new(root, "efficiency_pct", shares);
	json_object_set(root, "environment_diff", t->environment_diff);
	json_object_set_new(root, "notes", notes(t));
	return root;
}
