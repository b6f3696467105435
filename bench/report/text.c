// SPDX-License-Identifier: MIT
/* The report for people, but for its tables: what differs, what it means, what was checked. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "lib/core/die.h"
#include "lib/core/json.h"
#include "lib/core/quote.h"

#define VALUE_SHOWN 40	/* characters of a condition's value */
#define COLUMNS	    139 /* of sentences that list rows */

/* Words of the results; frees @text. */
static void take(const struct sheet *s, const char *format, char *text)
{
	char *words = sheet_words(s, text);

	fprintf(s->f, format, words);
	free(words);
	free(text);
}

/* What has no markup of its own, and words of the results. */
static void put_plain(const struct sheet *s, void (*print)(FILE *f, const struct table *t))
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		die("out of memory for the report");
	print(f, s->t);
	fclose(f);
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
		take(s, rest ? "%s\n" : "%s", xstrdup(line));
	free(text);
}

/* Between ` nothing is markup but the next `. */
static void put_key(const struct sheet *s, const char *key)
{
	char *text = xstrdup(key);

	for (char *at = text; s->markdown && (at = strchr(at, '`'));)
		*at = '\'';
	fprintf(s->f, s->markdown ? "- `%s` " : "  %-24s", text);
	free(text);
}

/* Line one: what differs between the kernels besides their names; then how. */
static void print_environment(const struct sheet *s)
{
	json_t *entry;
	size_t i;

	if (!json_array_size(s->t->environment_diff)) {
		fprintf(s->f, "Environment: no difference between the kernels\n");
		return;
	}
	take(s, "Environment differs in: %s\n", environment_keys(s->t));
	if (s->markdown)
		fputc('\n', s->f);
	json_array_foreach(s->t->environment_diff, i, entry) {
		put_key(s, json_string_value(json_object_get(entry, "key")));
		take(s, "%s\n", environment_text(s->t, entry, VALUE_SHOWN));
	}
}

static const char *source_of(const struct kernel *kernel)
{
	json_t *host = json_object_get(json_object_get(kernel->run, "host"), "kernel");

	return json_string_value(json_object_get(host, "source"));
}

static void print_legend(const struct sheet *s)
{
	fputc('\n', s->f);
	for (size_t i = 0; i < s->n; i++) {
		const struct kernel *kernel = &s->t->kernel[s->shown[i]];
		const char *source = source_of(kernel);
		char *release = release_text(kernel);

		fputs(s->markdown ? "- " : "", s->f);
		take(s, "%s\n",
		     xasprintf("%c = %-12s %s, %zu boot%s%s%s%s", (char)('A' + i), kernel->label,
			       release, kernel->boots, kernel->boots == 1 ? "" : "s",
			       i ? "" : ", baseline", source ? ", " : "", source ? source : ""));
		free(release);
	}
}

static void print_terms(const struct sheet *s)
{
	const struct table *t = s->t;

	fprintf(s->f, "\nMode %s: %s per page, %s; lower is better%s.\n", t->mode, unit_words(t),
		metric_words(t->metric), has_metrics(t) ? " in rows without a metric" : "");
	if (has_metrics(t))
		fputs("A metric has a unit of its own; higher is better only where its row says so.\n",
		      s->f);
	if (t->exact) {
		fputs("Differences repeat exactly: the same boot gives the same count.  \"=\" is less than the case\n"
		      "resolves: interrupts and the memory that a boot happens to use move it as much.\n",
		      s->f);
		fputs(lockstep_words(s->t), s->f);
		return;
	}
	if (strcmp(t->mode, "timing"))
		fputs("Ticks are an emulator's and no time: only their ratios mean something.\n",
		      s->f);
	fprintf(s->f,
		"Values: geometric means of boots. Differences: %s, with 95 %% intervals.\n"
		"Threshold %s %%: \"equivalent\" lies within it; \"faster\", \"slower\" exclude 0 after %s.\n"
		"MDE: the effect that such a campaign finds four times in five.\n",
		differences_words(t), t->threshold_text, primary_rows(t) ? "correction" : "Holm");
}

static void print_efficiency(const struct sheet *s)
{
	int known = 0;

	for (size_t k = 0; k < s->t->kernels; k++)
		known |= !isnan(s->t->kernel[k].efficiency);
	if (!known)
		return;
	fprintf(s->f, "\nInside the conversion call, of the module's loop over pages:");
	for (size_t i = 0; i < s->n; i++) {
		double share = s->t->kernel[s->shown[i]].efficiency;

		if (isnan(share))
			fprintf(s->f, " %c -", (char)('A' + i));
		else
			fprintf(s->f, " %c %.2f %%", (char)('A' + i), share);
	}
	fputc('\n', s->f);
}

/* Frees @text, which may be none. */
static void put_wrapped(const struct sheet *s, char *text)
{
	char *words = text ? sheet_words(s, text) : NULL;

	if (words)
		wrap(s->f, words, COLUMNS, "");
	free(words);
	free(text);
}

static void print_checks(const struct sheet *s)
{
	char *arm = arm_text(s->t), *cross = s->t->exact ? NULL : cross_check_text(s->t);

	if (arm && s->t->exact)
		fputc('\n', s->f);
	put_wrapped(s, primary_text(s->t));
	put_wrapped(s, arm);
	put_wrapped(s, cross);
}

static char *report(const struct table *t, int markdown)
{
	struct sheet s = { .t = t, .markdown = markdown };
	char *text = NULL;
	size_t size;

	s.n = letters(t, s.shown);
	s.f = open_memstream(&text, &size);
	if (!s.f)
		die("out of memory for the report");
	sheet_measure(&s);
	print_environment(&s);
	print_legend(&s);
	print_terms(&s);
	sheet_tables(&s);
	print_checks(&s);
	print_efficiency(&s);
	put_plain(&s, print_fits);
	put_plain(&s, print_predictions);
	for (size_t i = 0; i < t->notes; i++)
		take(&s, markdown ? "\nnote: %s\n" : "note: %s\n", xstrdup(t->note[i].text));
	fclose(s.f);
	return text;
}

char *report_text(const struct table *t)
{
	return report(t, 0);
}

char *report_markdown(const struct table *t)
{
	return report(t, 1);
}
