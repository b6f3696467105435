// SPDX-License-Identifier: MIT
/*
 * Lines for labs: the commands of a LAVA test, KTAP for who runs kselftests, and what LKP's parse
 * scripts print.
 *
 * KTAP has no word for what cannot be told: that is a skip there, whose reason begins with it.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"
#include "lib/core/quote.h"
#include "report/lab.h"

static FILE *open_text(char **text, size_t *size)
{
	FILE *f = open_memstream(text, size);

	if (!f)
		die("out of memory for the report");
	return f;
}

static void put_word(FILE *f, const char *option, const char *text)
{
	char *word = quote_shell(text, 0);

	fprintf(f, " %s %s", option, word);
	free(word);
}

/* LAVA parts units at blanks. */
static void put_unit(FILE *f, const char *unit)
{
	char *word = xstrdup(unit);

	for (char *s = word; *s; s++)
		if (*s == ' ' || *s == '\t' || *s == '\n')
			*s = '_';
	put_word(f, "--units", word);
	free(word);
}

static void lava_point(FILE *f, const struct point *p)
{
	static const char *const word[N_OUTCOMES] = { "pass", "fail", "unknown", "skip" };

	if (*p->why) {
		fputs("# ", f);
		quote_hash(f, p->why);
		fputc('\n', f);
	}
	fprintf(f, "lava-test-case %s --result %s", p->name, word[p->outcome]);
	if (isfinite(p->value)) {
		char *value = exact_text(p->value);

		put_word(f, "--measurement", value);
		free(value);
		if (*p->unit)
			put_unit(f, p->unit);
	}
	fputc('\n', f);
}

/* A kernel is a test set, so that a name means the same of each. */
char *report_lava(const struct table *t)
{
	struct lab l = lab_make(t, "lava");
	char *text;
	size_t size, last = SIZE_MAX;
	FILE *f = open_text(&text, &size);

	for (size_t i = 0; i < l.points; i++) {
		size_t k = l.point[i].row ? l.point[i].kernel : SIZE_MAX;

		if (k != last && last != SIZE_MAX)
			fputs("lava-test-set stop\n", f);
		if (k != last && k != SIZE_MAX)
			fprintf(f, "lava-test-set start %s\n", l.of[k]);
		last = k;
		lava_point(f, &l.point[i]);
	}
	fclose(f);
	lab_free(&l);
	return text;
}

static void ktap_value(FILE *f, const struct lab *l, const struct point *p)
{
	fputs("# ", f);
	if (isfinite(p->value)) {
		char *value = value_text(l->t, p->value);

		fprintf(f, "%s ", value);
		quote_hash(f, p->unit);
		fputs(": ", f);
		free(value);
	}
	quote_hash(f, p->why);
	fputc('\n', f);
}

static void ktap_point(FILE *f, const struct lab *l, size_t i)
{
	const struct point *p = &l->point[i];

	if (*p->why)
		ktap_value(f, l, p);
	fprintf(f, "%s %zu %s%s%s", p->outcome == OUT_FAIL ? "not ok" : "ok", i + 1,
		p->row ? l->of[p->kernel] : "", p->row ? "." : "", p->name);
	if (p->outcome == OUT_SKIP || p->outcome == OUT_UNKNOWN) {
		fprintf(f, " # SKIP %s", p->outcome == OUT_UNKNOWN ? "cannot be told: " : "");
		quote_hash(f, p->why);
	}
	fputc('\n', f);
}

char *report_ktap(const struct table *t)
{
	struct lab l = lab_make(t, "ktap");
	char *text;
	size_t size;
	FILE *f = open_text(&text, &size);

	fprintf(f, "KTAP version 1\n1..%zu\n", l.points);
	for (size_t i = 0; i < l.points; i++)
		ktap_point(f, &l, i);
	fprintf(f, "# Totals: pass:%zu fail:%zu xfail:0 xpass:0 skip:%zu error:0\n",
		lab_count(&l, OUT_PASS), lab_count(&l, OUT_FAIL),
		lab_count(&l, OUT_SKIP) + lab_count(&l, OUT_UNKNOWN));
	fclose(f);
	lab_free(&l);
	return text;
}

/* LKP measures one kernel at a time and compares by itself, so it has values and no verdicts. */
char *report_lkp(const struct table *t)
{
	struct lab l = lab_make(t, "lkp");
	char *text;
	size_t size;
	FILE *f = open_text(&text, &size);

	for (size_t i = 0; i < l.points; i++) {
		const struct point *p = &l.point[i];
		char *value = exact_text(p->value);

		if (isfinite(p->value))
			fprintf(f, "%s%s%s: %s\n", l.kernels > 1 ? l.of[p->kernel] : "",
				l.kernels > 1 ? "." : "", p->name, value);
		free(value);
	}
	fclose(f);
	lab_free(&l);
	return text;
}
