// SPDX-License-Identifier: MIT
/* The report in Markdown, but for its tables: the verdict, what it means, what was checked, what differs. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "lib/core/die.h"
#include "lib/core/json.h"
#include "lib/core/quote.h"

#define VALUE_SHOWN 40	/* characters of a condition's value */
#define COLUMNS	    139 /* of sentences that list rows */

/* Words of the results; frees @text. */
static void take(const struct markdown *s, const char *format, char *text)
{
	char *words = quote_markdown(text, 0);

	fprintf(s->f, format, words);
	free(words);
	free(text);
}

/* What has no markup of its own, and words of the results. */
static void put_plain(const struct markdown *s, char *text)
{
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
		take(s, rest ? "%s\n" : "%s", xstrdup(line));
	free(text);
}

/* Between ` nothing is markup but the next `. */
static void put_key(const struct markdown *s, const char *key)
{
	char *text = xstrdup(key);

	for (char *at = text; (at = strchr(at, '`'));)
		*at = '\'';
	fprintf(s->f, "- `%s` ", text);
	free(text);
}

/* A paragraph of lines. */
static void print_verdict(const struct markdown *s)
{
	char *line[VERDICT_LINES];
	size_t n = verdict_lines(s->t, SIZE_MAX, line);

	for (size_t i = 0; i < n; i++)
		take(s, i ? "%s  \n" : "**%s**  \n", line[i]);
}

/* What differs between the kernels besides their names; then how. */
static void print_environment(const struct markdown *s)
{
	json_t *entry;
	size_t i;

	if (!json_array_size(s->t->environment_diff)) {
		fprintf(s->f, "\nEnvironment: no difference between the kernels\n");
		return;
	}
	take(s, "\nEnvironment differs in: %s\n", environment_keys(s->t));
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

static void print_legend(const struct markdown *s)
{
	fputc('\n', s->f);
	for (size_t i = 0; i < s->n; i++) {
		const struct kernel *kernel = &s->t->kernel[s->shown[i]];
		const char *source = source_of(kernel);
		char *release = release_text(kernel);

		fputs("- ", s->f);
		take(s, "%s\n",
		     xasprintf("%c = %-12s %s, %zu boot%s%s%s%s", (char)('A' + i), kernel->label,
			       release, kernel->boots, kernel->boots == 1 ? "" : "s",
			       i ? "" : ", baseline", source ? ", " : "", source ? source : ""));
		free(release);
	}
}

static void print_terms(const struct markdown *s)
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

/* Frees @text, which may be none. */
static void put_wrapped(const struct markdown *s, char *text)
{
	char *words = text ? quote_markdown(text, 0) : NULL;

	if (words)
		wrap(s->f, words, COLUMNS, "");
	free(words);
	free(text);
}

static void print_checks(const struct markdown *s)
{
	char *arm = arm_text(s->t), *cross = s->t->exact ? NULL : cross_check_text(s->t);

	if (arm && s->t->exact)
		fputc('\n', s->f);
	put_wrapped(s, primary_text(s->t));
	put_wrapped(s, arm);
	put_wrapped(s, cross);
	put_wrapped(s, efficiency_text(s->t));
}

char *report_markdown(const struct table *t)
{
	struct markdown s = { .t = t };
	char *text = NULL;
	size_t size;

	s.n = letters(t, s.shown);
	s.f = open_memstream(&text, &size);
	if (!s.f)
		die("out of memory for the report");
	print_verdict(&s);
	print_legend(&s);
	print_terms(&s);
	markdown_tables(&s);
	print_checks(&s);
	put_plain(&s, printed(print_fits, t));
	put_plain(&s, printed(print_predictions, t));
	for (size_t i = 0; i < t->notes; i++)
		take(&s, "\nnote: %s\n", xstrdup(t->note[i].text));
	print_environment(&s);
	fclose(s.f);
	return text;
}
