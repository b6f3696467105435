// SPDX-License-Identifier: MIT
/*
 * compare.json into a table.  The file may be anybody's: what it says is asked for here, before a
 * view makes anything of it, and a file whose parts do not belong together is refused.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results.h"
#include "results/hub.h"
#include "lib/core/bounds.h"
#include "lib/core/die.h"
#include "lib/core/json.h"
#include "lib/core/names.h"

#define MOST_PLANS 10000
#define MOST_NOTES 10000

static char *label_of(json_t *object, const char *key, const char *path)
{
	const char *label = json_need_string(object, key, path);

	if (!name_is_label(label))
		die_usage("%s: \"%s\" is empty, too long or no line of text", path, key);
	return xstrdup(label);
}

static void read_options(struct table *t, json_t *root, const char *path)
{
	json_t *options = json_need(root, "options", JSON_OBJECT, path);
	const char *metric = json_need_string(options, "metric", path);
	const char *cases = hub_text(options, "case", path), *unit = hub_text(root, "unit", path);

	check_mode(json_need_string(root, "mode", path), path);
	t->mode = xstrdup(json_need_string(root, "mode", path));
	t->exact = !strcmp(t->mode, "exact") || !strcmp(t->mode, "lockstep");
	t->threshold_text = label_of(options, "threshold", path);
	t->threshold = hub_number(root, "threshold_pct", path);
	if (!(t->threshold > 0 && t->threshold <= 99) ||
	    strtod(t->threshold_text, NULL) != t->threshold)
		die_usage("%s: a threshold of %g per cent", path, t->threshold);
	if (!metric_find(metric, &t->metric))
		die_usage("%s: metric %s; one of " METRIC_WORDS(", "), path, metric);
	if ((cases && !name_is_label(cases)) || (unit && !name_is_label(unit)))
		die_usage("%s: a choice of cases, or a unit, that is no line of text", path);
	t->cases = cases ? xstrdup(cases) : NULL;
	t->unit = unit ? xstrdup(unit) : NULL;
	t->pages = bounds_int(root, "pages", 0, BOUNDS_PAGES, path);
}

static void check_lockstep(json_t *lockstep, const char *path)
{
	static const char *const keys[] = { "q", "pause", "seed" };

	for (size_t i = 0; lockstep && i < 3; i++)
		bounds_int(lockstep, keys[i], -BOUNDS_NUMBER, BOUNDS_NUMBER, path);
}

static void read_plans(struct table *t, json_t *plans, const char *path)
{
	json_t *plan;
	size_t i;

	t->plans = json_array_size(plans);
	if (!t->plans || t->plans > MOST_PLANS)
		die_usage("%s: %zu plans; from 1 to %d can be", path, t->plans, MOST_PLANS);
	t->plan = xcalloc(t->plans, sizeof(*t->plan));
	json_array_foreach(plans, i, plan) {
		check_numbers(plan, path);
		check_primary(json_object_get(plan, "primary"), path);
		check_fitness(json_object_get(plan, "host_check"), path);
		check_cases(json_need(plan, "cases", JSON_ARRAY, path), path);
		check_lockstep(json_object_get(plan, "lockstep"), path);
		t->plan[i].json = json_incref(plan);
	}
}

static size_t find_kernel(const struct table *t, const char *label, size_t n, const char *path)
{
	for (size_t k = 0; k < n; k++)
		if (!strcmp(t->kernel[k].label, label))
			return k;
	die_usage("%s: %s is not among the kernels, or not in front", path, label);
}

static void read_kernel(struct table *t, size_t k, json_t *o, const char *path)
{
	struct kernel *kernel = &t->kernel[k];
	const char *twin = hub_text(o, "same_as", path);

	kernel->label = label_of(o, "label", path);
	for (size_t i = 0; i < k; i++)
		if (!strcmp(t->kernel[i].label, kernel->label))
			die_usage("%s: two kernels are called %s", path, kernel->label);
	kernel->spec = label_of(o, "spec", path);
	kernel->same_as = twin ? find_kernel(t, twin, k, path) : k;
	kernel->directory = (size_t)bounds_int(o, "plan", 0, (json_int_t)t->plans - 1, path);
	kernel->boots = (size_t)bounds_int(o, "boots", 1, HUB_MOST_BOOTS, path);
	kernel->failed = (size_t)bounds_int(o, "failed", 0, HUB_MOST_BOOTS, path);
	kernel->scale = hub_number(o, "scale", path);
	if (!(kernel->scale > 0))
		die_usage("%s: a tick that is worth %g", path, kernel->scale);
	kernel->first = hub_number(o, "first_s", path);
	kernel->busy = hub_number(o, "busy_s", path);
	kernel->run = json_incref(json_need(o, "conditions", JSON_OBJECT, path));
}

static void read_kernels(struct table *t, json_t *root, const char *path)
{
	json_t *kernels = json_need(root, "kernels", JSON_ARRAY, path), *o;
	json_t *shares = json_need(root, "efficiency_pct", JSON_OBJECT, path);
	size_t i;

	t->kernels = json_array_size(kernels);
	if (!t->kernels || t->kernels > COMPARE_MAX_KERNELS)
		die_usage("%s: %zu kernels; from 1 to %d can be", path, t->kernels,
			  COMPARE_MAX_KERNELS);
	json_array_foreach(kernels, i, o) {
		read_kernel(t, i, o, path);
		t->kernel[i].efficiency = hub_number(shares, t->kernel[i].label, path);
	}
}

static int find_name(const char *name, const char *(*of)(int), int least, int most,
		     const char *path)
{
	for (int i = least; i <= most; i++) {
		const char *known = of(i);

		if (known && name ? !strcmp(known, name) : known == name)
			return i;
	}
	die_usage("%s: \"%s\" is no verdict, family or method", path, name ? name : "null");
}

static const char *verdict_of(int i)
{
	return verdict_name((enum verdict)i);
}

static const char *family_of(int i)
{
	return family_name((enum family)i);
}

static const char *method_of(int i)
{
	return method_name((enum method)i);
}

static struct stats_interval read_interval(json_t *o, const char *key, const char *path)
{
	struct stats_interval i = { .estimate = NAN };

	hub_pair(o, key, &i.low, &i.high, path);
	return i;
}

static void read_statistics(struct comparison *c, json_t *o, const char *path)
{
	const char *reason = hub_text(o, "reason", path);

	if (reason && !name_is_label(reason))
		die_usage("%s: a reason that is empty or too long", path);
	c->reason = reason ? xstrdup(reason) : NULL;
	c->method = (enum method)find_name(hub_text(o, "method", path), method_of, NO_METHOD,
					   SIGN_FLIP, path);
	c->verdict = (enum verdict)find_name(json_need_string(o, "verdict", path), verdict_of, SAME,
					     SKIPPED, path);
	c->delta_pct = hub_number(o, "delta_pct", path);
	c->ci_pct = read_interval(o, "ci_pct", path);
	c->pairs = (size_t)bounds_int(o, "pairs", 0, BOUNDS_NUMBER, path);
	c->p = hub_number(o, "p", path);
	c->p_holm = hub_number(o, "p_holm", path);
	/* Files before primary rows have none. */
	c->p_fdr = json_object_get(o, "p_fdr") ? hub_number(o, "p_fdr", path) : NAN;
	c->p_sign_flip = hub_number(o, "p_sign_flip", path);
	c->p_mann_whitney = hub_number(o, "p_mann_whitney", path);
	c->bootstrap_pct = read_interval(o, "bootstrap_pct", path);
	c->mde_pct = hub_number(o, "mde_pct", path);
	c->boots_needed = hub_number(o, "boots_needed", path);
	if (!isnan(c->boots_needed) && !(c->boots_needed >= 0 && c->boots_needed <= BOUNDS_NUMBER))
		die_usage("%s: %g boots needed", path, c->boots_needed);
	c->sd = NAN;
	c->ratio = (struct stats_interval){ NAN, NAN, NAN };
}

/* Of a kernel beside itself the file says none; what it then is, is nobody's question but whether
 * it is an A/A arm's. */
static enum family read_family(const struct comparison *c, json_t *o, const char *path)
{
	const char *name = hub_text(o, "family", path);

	if (c->kernel != c->base)
		return (enum family)find_name(name, family_of, PRIMARY, ARM, path);
	if (name)
		die_usage("%s: a kernel beside itself in family %s", path, name);
	return PRIMARY;
}

/* Each belongs to the row of "measured" and to the two kernels whose turn it is. */
static void read_comparison(struct table *t, struct comparison *c, json_t *o, const char *path)
{
	const struct row *row = &t->row[c->row];
	const char *kernel = json_need_string(o, "kernel", path);
	const char *base = json_need_string(o, "baseline", path);

	if (strcmp(json_need_string(o, "case", path), row->case_name) ||
	    !json_equal(json_object_get(o, "params"), row->params) ||
	    strcmp(kernel, t->kernel[c->kernel].label) || strcmp(base, t->kernel[c->base].label))
		die_usage(
			"%s: rows are not those of what was measured, in its order: %s of %s against %s is another",
			path, row->case_name, kernel, base);
	read_statistics(c, o, path);
	c->family = read_family(c, o, path);
}

static void add_comparison(struct table *t, json_t *rows, size_t row, size_t k, size_t base,
			   const char *path)
{
	struct comparison *c = &t->comparison[t->comparisons];

	*c = (struct comparison){ .row = row, .kernel = k, .base = base };
	read_comparison(t, c, json_array_get(rows, t->comparisons), path);
	t->comparisons++;
}

/* As judge lists them. */
static void read_rows(struct table *t, json_t *rows, const char *path)
{
	size_t shown[COMPARE_MAX_KERNELS], n = letters(t, shown);
	size_t each = t->kernels + (n > 2 ? n - 2 : 0);

	if (json_array_size(rows) != t->rows * each)
		die_usage("%s: %zu rows; of %zu that were measured, each with %zu, there are %zu",
			  path, json_array_size(rows), t->rows, each, t->rows * each);
	t->comparison = xcalloc(t->rows * each + 1, sizeof(*t->comparison));
	for (size_t i = 0; i < t->rows; i++) {
		for (size_t k = 0; k < t->kernels; k++)
			add_comparison(t, rows, i, k, is_arm(t, k) ? t->kernel[k].same_as : 0,
				       path);
		for (size_t s = 2; s < n; s++)
			add_comparison(t, rows, i, shown[s], shown[s - 1], path);
	}
}

static enum fact fact_of(const char *name, const char *path)
{
	for (enum fact fact = 0; fact < N_FACTS; fact++)
		if (!strcmp(fact_name(fact), name))
			return fact;
	die_usage("%s: a note of \"%s\", which nothing is", path, name);
}

static void read_notes(struct table *t, json_t *notes, const char *path)
{
	json_t *o;
	size_t i;

	if (json_array_size(notes) > MOST_NOTES)
		die_usage("%s: %zu notes; %d at most", path, json_array_size(notes), MOST_NOTES);
	t->note = xcalloc(json_array_size(notes) + 1, sizeof(*t->note));
	json_array_foreach(notes, i, o) {
		const char *weight = json_need_string(o, "weight", path);

		if (strcmp(weight, "doubt") && strcmp(weight, "note"))
			die_usage("%s: a note of weight %s; doubt or note", path, weight);
		t->note[t->notes++] =
			(struct note){ fact_of(json_need_string(o, "fact", path), path),
				       xstrdup(json_need_string(o, "text", path)),
				       !strcmp(weight, "doubt") };
	}
}

static void check_environment(const struct table *t, json_t *entries, const char *path)
{
	json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry) {
		json_t *values = json_need(entry, "values", JSON_OBJECT, path);

		json_need_string(entry, "key", path);
		for (size_t k = 0; k < t->kernels; k++)
			if (!json_object_get(values, t->kernel[k].label))
				die_usage("%s: a condition without a value of %s", path,
					  t->kernel[k].label);
	}
}

static void check_said(json_t *cases, const char *path)
{
	const char *name;
	json_t *said;

	json_object_foreach(cases, name, said) {
		if (!name_is_word(name))
			die_usage("%s: \"%s\" is no name of a case", path, name);
		check_words(said, path);
		check_size_words(json_object_get(said, "sizes"), path);
	}
}

static void check_of_case(const struct table *t, json_t *o, const char *path)
{
	if (!name_is_word(json_need_string(o, "case", path)))
		die_usage("%s: a slope or a prediction of no case", path);
	bounds_params(json_need(o, "params", JSON_OBJECT, path), path);
	find_kernel(t, json_need_string(o, "kernel", path), t->kernels, path);
}

static void check_fits(const struct table *t, json_t *fits, const char *path)
{
	json_t *o;
	size_t i;

	json_array_foreach(fits, i, o) {
		check_of_case(t, o, path);
		if (!name_is_word(json_need_string(o, "over", path)))
			die_usage("%s: a slope over no parameter", path);
		hub_number(o, "slope", path);
		hub_number(o, "intercept", path);
		hub_number(o, "r2", path);
	}
}

static void check_predictions(const struct table *t, json_t *list, const char *path)
{
	json_t *o;
	size_t i;

	json_array_foreach(list, i, o) {
		check_of_case(t, o, path);
		check_prediction(o, path);
		find_kernel(t, json_need_string(o, "baseline", path), t->kernels, path);
		if (held_of(json_need_string(o, "outcome", path)) == N_HELD)
			die_usage("%s: a prediction that neither held, nor did not, nor is open",
				  path);
	}
}

static void read_rest(struct table *t, json_t *root, const char *path)
{
	t->cases_said = json_incref(json_need(root, "cases", JSON_OBJECT, path));
	t->environment_diff = json_incref(json_need(root, "environment_diff", JSON_ARRAY, path));
	t->fits = json_incref(json_need(root, "fits", JSON_ARRAY, path));
	t->predictions = json_incref(json_need(root, "predictions", JSON_ARRAY, path));
	check_said(t->cases_said, path);
	check_environment(t, t->environment_diff, path);
	check_fits(t, t->fits, path);
	check_predictions(t, t->predictions, path);
}

/* A file from before there was one has what its rows make. */
static void read_summary(struct table *t, json_t *said, const char *path)
{
	json_t *own;

	t->summary = summary_of(t);
	own = summary_json(t, t->summary);
	if (said && !json_equal(said, own))
		die_usage("%s: its summary is not that of its rows", path);
	json_decref(own);
}

struct table hub_table(json_t *root, const char *path)
{
	struct table t = { 0 };
	json_int_t status = bounds_int(root, "status", 0, EXIT_INCONCLUSIVE, path);

	read_options(&t, root, path);
	read_plans(&t, json_need(root, "plans", JSON_ARRAY, path), path);
	read_kernels(&t, root, path);
	read_rest(&t, root, path);
	hub_read_measured(&t, json_need(root, "measured", JSON_ARRAY, path), path);
	read_rows(&t, json_need(root, "rows", JSON_ARRAY, path), path);
	read_notes(&t, json_need(root, "notes", JSON_ARRAY, path), path);
	if (status != table_status(&t))
		die_usage("%s: status %lld, where its rows and notes say %d", path,
			  (long long)status, table_status(&t));
	read_summary(&t, json_object_get(root, "summary"), path);
	return t;
}
