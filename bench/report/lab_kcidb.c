// SPDX-License-Identifier: MIT
/*
 * KCIDB's JSON, version 5 of its schema: a checkout and a build a kernel, a test a row.
 *
 * A value is a number with its unit, never a duration.  What got worse is FAIL and what was compared
 * and did not is PASS; a value beside which nothing says what is right (the baseline's, and
 * one that cannot be told) is DONE, which is KCIDB's word for a measurement alone.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"
#include "report/lab.h"

#define LOWER_WORD "abcdefghijklmnopqrstuvwxyz0123456789_"

struct submission {
	const struct lab *lab;
	const char *origin;
	json_t *checkouts, *builds, *tests;
};

static const char *fact(const struct kernel *k, const char *path)
{
	return json_string_value(env_at(k->run, path));
}

/* One campaign's name for a kernel: what it was made from, and when it was measured. */
static char *id_of(const struct submission *s, size_t k)
{
	const struct kernel *kernel = &s->lab->t->kernel[k];
	const char *key = fact(kernel, "host.kernel.key"), *build = fact(kernel, "kernel.build_id");
	const char *host = fact(kernel, "host.machine.date"), *own = fact(kernel, "date");

	return xasprintf("%s:%s-%s-%s", s->origin, s->lab->of[k],
			 key	 ? key
			 : build ? build
				 : "unknown",
			 host  ? host
			 : own ? own
			       : "unknown");
}

static void set_text(json_t *o, const char *key, const char *text)
{
	if (text)
		json_object_set_new(o, key, json_string(text));
}

/* A revision of a tree as it is, without a patch on top. */
static void set_commit(json_t *o, const char *source)
{
	const char *id = source && !strncmp(source, "git-", 4) ? source + 4 : "";

	if (strlen(id) == 40 && !id[strspn(id, "0123456789abcdef")])
		set_text(o, "git_commit_hash", id);
}

static void add_checkout(struct submission *s, size_t k, const char *id)
{
	const struct kernel *kernel = &s->lab->t->kernel[k];
	json_t *o = json_pack("{s:s, s:s}", "id", id, "origin", s->origin);
	json_t *misc = json_pack("{s:s}", "kernel", kernel->label);

	set_commit(o, fact(kernel, "host.kernel.source"));
	set_text(o, "comment", fact(kernel, "host.kernel.source"));
	set_text(misc, "git_tree", fact(kernel, "host.kernel.tree"));
	set_text(misc, "release", fact(kernel, "kernel.release"));
	json_object_set_new(o, "misc", misc);
	json_array_append_new(s->checkouts, o);
}

static void add_build(struct submission *s, size_t k, const char *id)
{
	const struct kernel *kernel = &s->lab->t->kernel[k];
	const char *machine = fact(kernel, "kernel.machine");
	json_t *o = json_pack("{s:s, s:s, s:s, s:s}", "id", id, "checkout_id", id, "origin",
			      s->origin, "status", "PASS");
	json_t *misc = json_object();

	if (machine && !machine[strspn(machine, LOWER_WORD)])
		set_text(o, "architecture", machine);
	set_text(o, "compiler", fact(kernel, "kernel.compiler"));
	set_text(misc, "config_hash", fact(kernel, "config.hash"));
	set_text(misc, "cmdline", fact(kernel, "kernel.cmdline"));
	set_text(misc, "build_id", fact(kernel, "kernel.build_id"));
	json_object_set_new(o, "misc", misc);
	json_array_append_new(s->builds, o);
}

static const char *status_of(const struct lab *l, const struct point *p)
{
	switch (p->outcome) {
	case OUT_FAIL:
		return "FAIL";
	case OUT_SKIP:
		return "SKIP";
	case OUT_UNKNOWN:
		return "DONE";
	default:
		return p->row && p->kernel == l->kernel[0] ? "DONE" : "PASS";
	}
}

/* Mode, metric and machine: without them a number says little. */
static json_t *environment(const struct lab *l, const struct point *p)
{
	const struct table *t = l->t;
	const struct kernel *k = &t->kernel[p->kernel];
	json_t *misc = json_pack("{s:s, s:s, s:s}", "mode", t->mode, "metric",
				 metric_option(t->metric), "kernel", k->label);
	json_t *o = json_object();

	set_text(o, "comment", fact(k, "cpu.model"));
	set_text(misc, "qemu", fact(k, "host.qemu"));
	set_text(misc, "dexbench", fact(k, "dexbench"));
	json_object_set_new(o, "misc", misc);
	return o;
}

static void set_number(json_t *o, const struct point *p)
{
	json_t *number;

	if (!isfinite(p->value))
		return;
	number = json_pack("{s:f}", "value", p->value);
	if (*p->unit)
		set_text(number, "unit", p->unit);
	json_object_set_new(o, "number", number);
}

static void add_test(struct submission *s, const struct point *p, const char *build)
{
	char *id = xasprintf("%s-%s", build, p->name), *path = xasprintf("dexbench.%s", p->name);
	char *why = xasprintf("%s%s", p->outcome == OUT_UNKNOWN ? "cannot be told: " : "", p->why);
	json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "id", id, "build_id", build,
			      "origin", s->origin, "path", path, "status", status_of(s->lab, p),
			      "environment", environment(s->lab, p));

	if (*why)
		set_text(o, "comment", why);
	set_number(o, p);
	json_array_append_new(s->tests, o);
	free(id);
	free(path);
	free(why);
}

static void add_kernel(struct submission *s, size_t k)
{
	char *id = id_of(s, k);

	add_checkout(s, k, id);
	add_build(s, k, id);
	for (size_t i = 0; i < s->lab->points; i++)
		if (s->lab->point[i].kernel == k)
			add_test(s, &s->lab->point[i], id);
	free(id);
}

char *report_kcidb(const struct table *t, const char *origin)
{
	struct lab l = lab_make(t, "kcidb");
	struct submission s = { &l, origin ? origin : "dexbench", json_array(), json_array(),
				json_array() };
	char *text, *line;
	json_t *root;

	if (!*s.origin || s.origin[strspn(s.origin, LOWER_WORD)])
		die_usage("--origin=%s: KCIDB's names of origins are of a-z, 0-9 and _", s.origin);
	for (size_t n = 0; n < l.kernels; n++)
		add_kernel(&s, l.kernel[n]);
	root = json_pack("{s:{s:i, s:i}, s:o, s:o, s:o}", "version", "major", 5, "minor", 0,
			 "checkouts", s.checkouts, "builds", s.builds, "tests", s.tests);
	text = json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
	line = xasprintf("%s\n", text);
	json_decref(root);
	free(text);
	lab_free(&l);
	return line;
}
