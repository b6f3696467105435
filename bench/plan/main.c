// SPDX-License-Identifier: MIT
/*
 * dex-plan: what a device can do on shared pages, from results or figures by hand.
 *
 * Runs on any machine, without root; the same files give the same bytes.  Exit
 * status: 0, 1 if --validate finds a prediction that does not hold, 2 for a usage
 * or environment error.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/hub.h"
#include "results/known.h"
#include "results/load.h"
#include "lib/core/args.h"
#include "lib/core/die.h"
#include "plan.h"

#define OPTION(...) ARG(struct request, __VA_ARGS__)
static const struct argp_option table[] = {
	ARG_GROUP("The workload"),
	OPTION(size, "size", "BYTES",
	       "memory that the device and the CPU share, as in 64MiB; then --atomics=10M/s and "
	       "--touches=8x1M/s are rates of all of it, the latter of threads times each, and the answer is in "
	       "seconds, staying, migrating and pinning side by side"),
	OPTION(working_set, "working-set", "BYTES", "the part of it that both use (default: all)"),
	OPTION(per_ns, "instructions-per-ns", "N",
	       "the clock of the machine that is planned for, where costs are counts of instructions"),
	OPTION(pages, "pages", "N", "instead of --size, in pages; the rates are then per page"),
	OPTION(atomics, "atomics", "RATE",
	       "the device's, per page and window: a second where the unit is ns, else a "
	       "million of it; saturated (default): all it can"),
	OPTION(touches, "touches", "RATE", "the CPU's, likewise; saturated: all it can"),
	OPTION(touch, "touch", "write|read", "default: write"),
	OPTION(engines, "engines", "N", "of the device (default: 1)"),
	OPTION(threads, "threads", "N", "of the CPU (default: 1)"),
	OPTION(sharers, "sharers", "N", "processes that share the mapping (default: 0)"),
	OPTION(arrivals, "arrivals", "HOW",
	       "regular|random: touches and the device's visits to a page; default: regular of a serial "
	       "device, random beside the CPU, where the times of threads scatter"),
	OPTION(device, "device", "beside|serial",
	       "serial: one stream of instructions with the CPU (default in exact mode, as that "
	       "measures)"),
	OPTION(burst, "burst", "N",
	       "atomics that a serial device does at least between touches (default: 64)"),
	ARG_GROUP("What the steps cost (X: a number, or LOW:BEST:HIGH)"),
	OPTION(kernel, "kernel", "NAME", "one kernel of the results (default: all)"),
	OPTION(unit, "unit", "UNIT", "ns|ticks|instructions: of figures by hand (default: ns)"),
	OPTION(cost[ATOMIC], "atomic-cost", "X", "of the device, on a page that it may use"),
	OPTION(cost[DEVICE_FAULT], "device-fault", "X", "from the miss to the entry"),
	OPTION(cost[CPU_FAULT], "cpu-fault", "X", "of the CPU, that takes the page back"),
	OPTION(cost[TOUCH], "touch-cost", "X", "of a CPU touch besides (default: 0)"),
	OPTION(cost[SHARER], "sharer-slope", "X", "more a device fault, each sharer"),
	OPTION(cost[MIGRATE_IN], "migrate-in", "X", "a page to the device's memory"),
	OPTION(cost[MIGRATE_BACK], "migrate-back", "X", "and back"),
	OPTION(cost[ATOMIC_LOCAL], "atomic-cost-local", "X", "in the device's memory"),
	ARG_GROUP("The answer"),
	OPTION(explain, "explain", NULL, "of --size: the equation with the numbers in it"),
	OPTION(format, "format", "FORMAT",
	       "text|json|curve (default: text); curve: columns for gnuplot"),
	OPTION(validate, "validate", NULL,
	       "predict each touch rate of ping_pong from the others, beside what was measured; "
	       "status 1 if one is off by more than 10 % (exact, lockstep), outside its interval, or "
	       "inside one whose high is more than twice its low"),
	OPTION(contention, "contention", NULL,
	       "of lockstep results: what N others of a fork tree cost one that converts, larger "
	       "N predicted from the smallest, beside what was measured; with --validate "
	       "status 1 if a throughput is off by more than 10 %"),
	OPTION(exact, "exact", "DIR",
	       "results of exact mode, whose hold_anon_vma says how long a conversion holds the "
	       "lock (--contention needs them)"),
	OPTION(members, "members", "N", "predict --contention for that many others, too"),
	ARG_END,
};

static const struct args command_line = {
	.program = "dex-plan",
	.operands = "[DIR...]",
	.about = "How much a device can do on pages that it shares with the CPU, what that costs "
		 "the CPU, and when migrating is better, from results (of make ab, or of make gpu) "
		 "and figures by hand, which come first.\v"
		 "Exit status: 0, 1 if a prediction does not hold, 2 usage or environment error.",
	.options = table,
};

enum format { TEXT, JSON, CURVE };

static enum format find_format(const char *name)
{
	static const char *const names[] = { "text", "json", "curve" };

	for (size_t i = 0; i < 3; i++)
		if (!name || !strcmp(name, names[i]))
			return (enum format)i;
	die_usage("--format=%s: one of text, json, curve", name);
}

static void put_json(json_t *root)
{
	json_dumpf(root, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(root);
}

static struct check *check_kernel(const struct table *t, size_t k, struct check *list, size_t *n)
{
	size_t series = 0;
	struct series *s = measure(t, k, &series);

	for (size_t i = 0; i < series; i++) {
		if (!t->exact && s[i].boots < 2)
			die_usage(
				"%s: %zu whole boots give no interval to be inside of; record two or more",
				t->kernel[k].label, s[i].boots);
		list = validate(t, t->kernel[k].label, &s[i], list, n);
	}
	return list;
}

static void put_checks(const struct request *r, const struct plan_answer *a,
		       const struct check *list, size_t n, const struct visit *visit, size_t visits)
{
	json_t *root;

	if (find_format(r->format) != JSON) {
		checks_text(stdout, a, list, n);
		if (visits)
			visits_text(stdout, a, visit, visits);
		return;
	}
	root = checks_json(a, list, n);
	if (visits)
		json_object_set_new(root, "visits", visits_json(visit, visits));
	put_json(root);
}

static int check(const struct request *r, const struct table *t)
{
	struct plan_answer a = { .mode = t->mode,
				 .unit = t->unit,
				 .window = measure_window(t->unit),
				 .exact = t->exact,
				 .notes = notes_of(t) };
	struct check *list = NULL;
	struct visit *visit = NULL;
	size_t n = 0, visits = 0, failed;

	for (size_t k = 0; k < t->kernels; k++) {
		if (!is_chosen(r, t, k))
			continue;
		list = check_kernel(t, k, list, &n);
		visit = visits_validate(t, k, visit, &visits);
	}
	if (!n)
		die_usage(
			"nothing to validate: the results hold no %s with three rates or more%s%s",
			known_telling("touches"), r->kernel ? " for " : "",
			r->kernel ? r->kernel : "");
	put_checks(r, &a, list, n, visit, visits);
	failed = visits_failed(visit, visits);
	for (size_t i = 0; i < n; i++)
		failed += !list[i].holds && !list[i].frail;
	return !!failed;
}

/* Nothing is delayed in the model; where that matters a reader is told. */
static void note_frail(const struct plan_answer *a, const struct plan_kernel *k)
{
	double repeated = k->series ? fit_repeated(k->series) : NAN;
	char *text;

	if (!(k->outcome.value[CONVERSIONS].best * repeated >= 1))
		return;
	text = xasprintf(
		"%s: a device fault that meets a touch is repeated and takes %.0f then, which is more than the time from one to the next; once one is delayed the device may do nothing else",
		k->label, repeated);
	json_array_append_new(a->notes, json_string(text));
	free(text);
}

static int contention(const struct request *r, struct table *t)
{
	struct plan_answer a = { .mode = t->mode,
				 .unit = t->unit,
				 .window = measure_window(t->unit) };
	struct members *list;
	size_t n, judged = 0, held = 0;

	list = contention_of(r, t, &n);
	a.notes = notes_of(t);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < list[i].rows; k++) {
			judged += (size_t)members_judged(&list[i].row[k]);
			held += (size_t)(members_judged(&list[i].row[k]) && list[i].row[k].holds);
		}
	if (r->validate && !judged)
		die_usage(
			"--validate: all numbers of others are fitted or share CPUs, none is left to predict; more CPUs, say CPUS=12");
	if (find_format(r->format) == JSON)
		put_json(members_json(&a, list, n));
	else
		members_text(stdout, &a, list, n);
	return r->validate && held < judged;
}

static int answer(const struct request *r, const struct table *t)
{
	struct plan_answer a = assemble(r, t);

	for (size_t k = 0; k < a.kernels; k++) {
		struct plan_kernel *kernel = &a.kernel[k];

		kernel->outcome =
			outcome(kernel->boot, kernel->boots, a.exact, kernel->misfit, &a.workload);
		note_frail(&a, kernel);
	}
	switch (find_format(r->format)) {
	case TEXT:
		if (a.per_ns > 0)
			ways_text(stdout, &a, !!r->explain);
		else
			plan_text(stdout, &a);
		break;
	case JSON:
		put_json(plan_json(&a));
		break;
	case CURVE:
		plan_curve(stdout, &a);
		break;
	}
	return 0;
}

/* A GPU's costs are ns of its own, and other results those of a device that software
 * plays: a sum of the two would say nothing of either. */
static void load(struct table *t, struct request *r, int argc, char **argv)
{
	r->gpu = xcalloc((size_t)argc, sizeof(*r->gpu));
	for (int i = 1; i < argc; i++) {
		if (gpu_is(argv[i]))
			r->gpu[r->gpus++] = argv[i];
		else
			results_of(t, argv[i]);
	}
	if (r->gpus && t->mode)
		die_usage(
			"%s: costs of a GPU, in ns; the other results are in %s, of a device that software plays, and the two never combine: plan each alone",
			r->gpu[0], t->unit);
	if (r->gpus && r->validate)
		die_usage("--validate: %s is of a GPU, and holds no %s to predict", r->gpu[0],
			  known_telling("touches"));
}

static struct table costs_table(void)
{
	char *cases = xasprintf("%s|%s|%s|%s", known_telling("atomics"), known_telling("touches"),
				known_telling("sharers"), known_telling("visits"));
	struct table t = { .threshold_text = "1", .cases = cases };

	load_of(&t)->no_cases = xasprintf(
		"no case that says what a device costs; make ab CASES='%s', or what make gpu left, or give figures by hand (--help)",
		cases);
	return t;
}

int main(int argc, char **argv)
{
	struct table t = costs_table();
	struct request r = { 0 };

	die_set_program(command_line.program);
	die_of_lost_output();
	args_parse(&command_line, &r, &argc, argv);
	find_format(r.format); /* before anything is read */
	if (!r.size && (r.working_set || r.per_ns || r.explain))
		die_usage("%s: it goes with --size", r.working_set ? "--working-set"
						     : r.per_ns	   ? "--instructions-per-ns"
								   : "--explain");
	if (!r.contention && (r.exact || r.members))
		die_usage("%s: only --contention has it", r.exact ? "--exact" : "--members");
	if ((r.validate || r.contention) && argc < 2)
		die_usage("%s: which results? usage: dex-plan %s DIR",
			  r.validate ? "--validate" : "--contention",
			  r.validate ? "--validate" : "--contention --exact=DIR");
	if ((r.validate || r.contention) && find_format(r.format) == CURVE)
		die_usage("--format=curve: %s prints text or json",
			  r.validate ? "--validate" : "--contention");
	if (r.contention)
		t = contention_table();
	load(&t, &r, argc, argv);
	if (r.contention)
		return contention(&r, &t);
	if (r.validate)
		return check(&r, &t);
	return answer(&r, t.mode ? &t : NULL);
}
