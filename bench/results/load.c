// SPDX-License-Identifier: MIT
/* One campaign's directories into the table: its plan, its boots, what is missing. */
#define _GNU_SOURCE
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "results.h"
#include "results/load.h"
#include "lib/core/die.h"
#include "lib/core/input.h"
#include "lib/core/json.h"

#define MOST_KHZ 100000000 /* of a clock */

struct load *load_of(struct table *t)
{
	if (!t->load)
		t->load = xcalloc(1, sizeof(*t->load));
	return t->load;
}

static int is_taken(const struct table *t, const char *label)
{
	for (size_t k = 0; k < t->kernels; k++)
		if (!strcmp(t->kernel[k].label, label))
			return 1;
	return 0;
}

/* The spec; if another directory has it too, with as much of the directory's name as
 * tells them apart. */
static char *new_label(const struct table *t, const char *spec)
{
	const struct plan *plan = &t->plan[t->plans - 1];
	const char *parent = json_string_value(json_object_get(plan->json, "boot_of"));
	const char *directory = parent ? parent : plan->directory, *base = strrchr(directory, '/');
	const char *more[] = { base ? base + 1 : directory, directory };
	char *label = xstrdup(spec);

	for (size_t i = 0; i < 2 && is_taken(t, label); i++) {
		free(label);
		label = xasprintf("%s@%s", spec, more[i]);
	}
	return label;
}

static size_t add_kernel(struct table *t, const char *spec)
{
	struct kernel *kernel = &t->kernel[t->kernels];

	if (t->kernels == COMPARE_MAX_KERNELS)
		die_usage("more than %d kernels in one comparison", COMPARE_MAX_KERNELS);
	kernel->spec = xstrdup(spec);
	kernel->label = new_label(t, spec);
	kernel->same_as = t->kernels;
	kernel->directory = t->plans - 1;
	return t->kernels++;
}

/* As json_read(), with a better word for a file that is not there. */
static json_t *must_read(const char *path, const char *schema)
{
	if (!input_exists(path))
		die_usage("%s: not there; of a boot only case files may be packed by gzip", path);
	return json_read(path, schema);
}

/* What a tick is worth in the table's unit: in timing mode ns, by the kernel's
 * calibration of the clock; in the others a tick. */
static double tick_scale(const struct table *t, json_t *run, const char *path)
{
	json_t *khz = json_object_get(json_object_get(run, "module"), "tsc_khz");

	if (strcmp(t->mode, "timing"))
		return 1;
	if (json_integer_value(khz) < 1000 || json_integer_value(khz) > MOST_KHZ)
		die_usage("%s: module.tsc_khz is unknown or that of no clock, so ticks are no time",
			  path);
	return 1e6 / (double)json_integer_value(khz);
}

/* A boot that stands for two gives an interval of nothing. */
static void only_once(struct table *t, const char *boot)
{
	char *real = realpath(boot, NULL);
	const char *name = real ? real : boot;

	if (json_object_get(t->load->boots_seen, name))
		die_usage(
			"%s: this boot is there twice, on the command line or in a plan's schedule; each counts once",
			boot);
	json_object_set_new(t->load->boots_seen, name, json_true());
	free(real);
}

static void load_cases(struct table *t, size_t k, const char *boot, json_t *scheduled, json_t *plan)
{
	json_t *runs = json_object_get(plan, "runs"), *c;
	size_t i, n = json_is_integer(runs) ? (size_t)json_integer_value(runs) : 1;
	char *path = xasprintf("%s/run.json", boot);
	json_t *run = must_read(path, "dexbench.run.v1");
	double scale = tick_scale(t, run, path);
	struct kernel *kernel = &t->kernel[k];

	env_identity(t, k, run, path);
	kernel->whole += json_number_value(env_at(run, "host.seconds"));
	if (kernel->run) {
		env_boot(t, k, run);
		json_decref(run);
	} else {
		kernel->run = run;
		kernel->scale = scale;
	}
	kernel->boots++;
	stamps_load(t, k, boot);
	json_array_foreach(json_object_get(plan, "cases"), i, c)
		boot_load(t, k, boot,
			  (size_t)json_integer_value(json_object_get(scheduled, "block")),
			  json_string_value(c), scale, n);
	free(path);
}

/* Attempts at a boot that failed lie beside it, as <boot>.failed.1 and so on. */
static size_t failed_attempts(const char *boot)
{
	size_t n = 0;

	for (int there = 1; there; n += (size_t)there) {
		char *path = xasprintf("%s.failed.%zu", boot, n + 1);

		there = input_exists(path);
		free(path);
	}
	return n;
}

static char *times(size_t n)
{
	return n == 1 ? xstrdup("once") : xasprintf("%zu times", n);
}

/* Is it where another machine made it already?  A count may be there twice, and is compared. */
static void again(struct table *t, size_t k, const char *boot)
{
	char *path = xasprintf("%s/run.json", boot);
	json_t *run;

	if (!t->exact)
		die_usage(
			"%s: another directory has this boot of the bundle's plan, too, and each counts once; leave one out",
			boot);
	run = must_read(path, "dexbench.run.v1");
	env_identity(t, k, run, path);
	env_boot(t, k, run);
	json_decref(run);
	free(path);
}

/* The boot in one of the campaign's directories; whether it is there. */
static int load_part(struct table *t, size_t k, json_t *scheduled, json_t *plan, size_t part,
		     int is_again)
{
	const char *directory = parts_at(t, part),
		   *name = json_string_value(json_object_get(scheduled, "boot"));
	char *boot = xasprintf("%s/%s", directory, name), *often;
	size_t failed = failed_attempts(boot);
	int there = input_exists(boot);

	if (there) {
		only_once(t, boot);
		if (is_again)
			again(t, k, boot);
		else
			load_cases(t, k, boot, scheduled, plan);
		parts_boot(t, part, boot, env_entry(plan, t->kernel[k].spec), plan);
		t->kernel[k].failed += failed && !is_again;
	}
	if (there && failed) {
		often = times(failed);
		table_note(
			t, FACT_REPEATED,
			xasprintf(
				"boot %s failed %s and was repeated; what it left is in %s/%s.failed.*",
				name, often, directory, name));
		free(often);
	}
	free(boot);
	return there;
}

static void load_boot(struct table *t, size_t k, json_t *scheduled, json_t *plan,
		      const char *plan_path)
{
	const char *name = json_need_string(scheduled, "boot", plan_path);
	size_t parts = parts_count(t);
	int there = 0;

	for (size_t part = 0; part < parts; part++)
		there += load_part(t, k, scheduled, plan, part, there);
	if (!there)
		table_note(
			t, FACT_MISSING,
			xasprintf("boot %s of %s%s is missing: its run failed or was interrupted",
				  name, t->plan[t->plans - 1].directory,
				  parts > 1 ? " and the others of its bundle" : ""));
}

/* The A/A arm says whose twin it is. */
static void find_twin(struct table *t, size_t k, json_t *entry, const char *path)
{
	const char *twin = json_string_value(json_object_get(entry, "same_as"));

	for (size_t i = 0; twin && i < k; i++) {
		if (t->kernel[i].directory == t->kernel[k].directory &&
		    !strcmp(t->kernel[i].spec, twin)) {
			t->kernel[k].same_as = i;
			return;
		}
	}
	if (twin)
		die_usage("%s: %s is the same as %s, which is not in front of it", path,
			  t->kernel[k].spec, twin);
}

/* The kernel that a directory x.boot2 is one more boot of, or a new one. */
static size_t kernel_of(struct table *t, const char *spec, json_t *plan)
{
	json_t *parent = json_object_get(plan, "boot_of");

	for (size_t k = 0; parent && k < t->kernels; k++)
		if (json_equal(parent,
			       json_object_get(t->plan[t->kernel[k].directory].json, "boot_of")) &&
		    !strcmp(t->kernel[k].spec, spec))
			return k;
	return add_kernel(t, spec);
}

static void load_kernel(struct table *t, json_t *plan, json_t *entry, const char *path)
{
	const char *spec = json_need_string(entry, "spec", path);
	size_t k = kernel_of(t, spec, plan), i;
	json_t *boot;

	find_twin(t, k, entry, path);
	json_array_foreach(json_need(plan, "schedule", JSON_ARRAY, path), i, boot)
		if (!strcmp(json_need_string(boot, "kernel", path), spec))
			load_boot(t, k, boot, plan, path);
	if (!t->kernel[k].boots)
		die_usage("%s: no boot of %s has ended; run the plan again",
			  t->plan[t->plans - 1].directory, spec);
}

/* Only the cases that --case names, by whole name. */
static void choose_cases(const struct table *t, json_t *plan, const char *path)
{
	json_t *all = json_need(plan, "cases", JSON_ARRAY, path), *chosen = json_array(), *c;
	char *whole = xasprintf("^(%s)$", t->cases ? t->cases : ".*");
	regex_t re;
	size_t i;

	if (regcomp(&re, whole, REG_EXTENDED | REG_NOSUB))
		die_usage("--case=%s: not a regular expression", t->cases);
	json_array_foreach(all, i, c)
		if (!regexec(&re, json_string_value(c), 0, NULL, 0))
			json_array_append(chosen, c);
	if (!json_array_size(chosen) && t->load->no_cases)
		die_usage("%s: %s", path, t->load->no_cases);
	if (!json_array_size(chosen))
		die_usage("%s: no case matches %s", path, t->cases ? t->cases : ".*");
	json_object_set_new(plan, "cases", chosen);
	regfree(&re);
	free(whole);
}

static struct plan *add_plan(struct table *t, const char *directory, json_t *json)
{
	t->plan = xrealloc(t->plan, t->plans + 1, sizeof(*t->plan));
	t->plan[t->plans] = (struct plan){ directory, json };
	return &t->plan[t->plans++];
}

static int has_all(json_t *cases, json_t *of)
{
	json_t *c, *own;
	size_t i, j;

	json_array_foreach(of, i, c) {
		int found = 0;

		json_array_foreach(cases, j, own)
			found |= json_equal(own, c);
		if (!found)
			return 0;
	}
	return 1;
}

/* The order is dexbench's own in all of them. */
static void same_cases(struct table *t)
{
	const struct plan *first = &t->plan[0], *plan = &t->plan[t->plans - 1];
	json_t *a = json_object_get(first->json, "cases"),
	       *b = json_object_get(plan->json, "cases");

	if (!has_all(a, b) || !has_all(b, a))
		table_note(
			t, FACT_CASES,
			xasprintf(
				"%s and %s are of other cases, and what ran before in a boot can move a row",
				first->directory, plan->directory));
}

void table_load_parts(struct table *t)
{
	const char *directory = parts_at(t, 0);
	char *path = xasprintf("%s/plan.json", directory);
	json_t *json, *kernel, *plan;
	size_t i;

	json = input_exists(path) ? json_read(path, "dexbench.plan.v1") : lone_plan(directory);
	check_plan(json, input_exists(path) ? path : directory);
	add_plan(t, directory, json);
	if (!t->mode) {
		t->mode = xstrdup(json_need_string(json, "mode", path));
		t->exact = !strcmp(t->mode, "exact") || !strcmp(t->mode, "lockstep");
		t->cases_said = json_object();
		t->load->boots_seen = json_object();
	}
	same_cases(t);
	plan = json_copy(json);
	choose_cases(t, plan, path);
	if (!json_array_size(json_need(plan, "kernels", JSON_ARRAY, path)))
		die_usage("%s: a plan without kernels; remove it and run the campaign again", path);
	json_array_foreach(json_object_get(plan, "kernels"), i, kernel)
		load_kernel(t, plan, kernel, path);
	json_decref(plan);
	free(path);
}
