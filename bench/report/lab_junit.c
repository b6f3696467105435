// SPDX-License-Identifier: MIT
/*
 * JUnit's XML, as test reports of Jenkins, GitLab and others are read: a suite a kernel, a test a
 * row.  No element has a time: a count of instructions is none, and how long a boot took is no
 * result.  What cannot be told is skipped, with its reason.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>

#include "lib/core/die.h"
#include "lib/core/markup.h"
#include "report/lab.h"

static void put_attribute(FILE *f, const char *name, const char *text)
{
	fprintf(f, " %s=\"", name);
	markup_text(f, text);
	fputc('"', f);
}

static void put_outcome(FILE *f, const struct point *p)
{
	static const char *const element[N_OUTCOMES] = { NULL, "failure", "skipped", "skipped" };
	char *why;

	if (!element[p->outcome])
		return;
	why = xasprintf("%s%s", p->outcome == OUT_UNKNOWN ? "cannot be told: " : "", p->why);
	fprintf(f, "<%s", element[p->outcome]);
	put_attribute(f, "message", why);
	fputs(p->outcome == OUT_FAIL ? " type=\"regression\"/>" : "/>", f);
	free(why);
}

static void put_value(FILE *f, const struct lab *l, const struct point *p)
{
	char *value = value_text(l->t, p->value);

	fputs("<system-out>", f);
	if (isfinite(p->value)) {
		fprintf(f, "%s ", value);
		markup_text(f, p->unit);
		fputs(": ", f);
	}
	markup_text(f, p->why);
	fputs("</system-out>", f);
	free(value);
}

static void put_test(FILE *f, const struct lab *l, const struct point *p)
{
	char *name = p->row ? row_name(p->row) : xstrdup("comparison");

	fputs("<testcase", f);
	put_attribute(f, "classname", p->row ? l->t->kernel[p->kernel].label : "dexbench");
	put_attribute(f, "name", name);
	fputc('>', f);
	put_outcome(f, p);
	put_value(f, l, p);
	fputs("</testcase>\n", f);
	free(name);
}

static void put_counts(FILE *f, const struct lab *l, size_t from, size_t to)
{
	size_t n[N_OUTCOMES] = { 0 };

	for (size_t i = from; i < to; i++)
		n[l->point[i].outcome]++;
	fprintf(f, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\"", to - from,
		n[OUT_FAIL], n[OUT_SKIP] + n[OUT_UNKNOWN]);
}

static void put_property(FILE *f, const char *name, const char *value)
{
	fputs("<property", f);
	put_attribute(f, "name", name);
	put_attribute(f, "value", value);
	fputs("/>\n", f);
}

/* The tests from @from, which are of one kernel or of none. */
static size_t put_suite(FILE *f, const struct lab *l, size_t from)
{
	const struct table *t = l->t;
	const struct point *p = &l->point[from];
	size_t to = p->row ? from + t->rows : l->points;

	fputs("<testsuite", f);
	put_attribute(f, "name", p->row ? t->kernel[p->kernel].label : "dexbench");
	put_counts(f, l, from, to);
	fputs(">\n<properties>\n", f);
	put_property(f, "mode", t->mode);
	put_property(f, "metric", metric_option(t->metric));
	put_property(f, "baseline", t->kernel[l->kernel[0]].label);
	fputs("</properties>\n", f);
	for (size_t i = from; i < to; i++)
		put_test(f, l, &l->point[i]);
	fputs("</testsuite>\n", f);
	return to;
}

char *report_junit(const struct table *t)
{
	struct lab l = lab_make(t, "junit");
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		die("out of memory for the report");
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"dexbench\"", f);
	put_counts(f, &l, 0, l.points);
	fputs(">\n", f);
	for (size_t i = 0; i < l.points;)
		i = put_suite(f, &l, i);
	fputs("</testsuites>\n", f);
	fclose(f);
	lab_free(&l);
	return text;
}
