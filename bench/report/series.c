// SPDX-License-Identifier: MIT
/* From a file to the report on it, and pieces of text that reports share. */
#define _GNU_SOURCE
#include "report/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"
#include "lib/core/input.h"
#include "lib/core/json.h"
#include "lib/core/quote.h"

FILE *series_open(char **text, size_t *size)
{
	FILE *f = open_memstream(text, size);

	if (!f)
		die("out of memory for the report");
	return f;
}

char *show_rounded(double value, int decimals)
{
	double unit = pow(10, decimals);
	char *text, *end;

	if (isnan(value))
		return xstrdup("-");
	text = xasprintf("%.*f", decimals, round(unit * value) / unit + 0.0);
	for (end = text + strlen(text); end[-1] == '0'; end--)
		;
	end -= end[-1] == '.';
	*end = '\0';
	return text;
}

char *show(double value)
{
	return show_rounded(value, 2);
}

char *show_signed(double value)
{
	char *text, *sign;

	if (isnan(value) || value == 0)
		return xstrdup(isnan(value) ? "" : "=");
	text = show(value);
	sign = xasprintf("%s%s", value > 0 ? "+" : "", text);
	free(text);
	return sign;
}

char *show_exact(double value)
{
	return isnan(value) ? xstrdup("") : exact_text(value);
}

char *show_count(size_t n, const char *what)
{
	return xasprintf("%zu %s%s", n, what, n == 1 ? "" : "s");
}

char *padded(char *text, int width)
{
	char *wide = xasprintf("%*s", width, text);

	free(text);
	return wide;
}

static char *ladder_as(json_t *root, const char *path, const struct options *o)
{
	struct ladder l = ladder_read(root, path);

	if (o->letter)
		return ladder_letter(&l, !!o->all);
	return !o->format || !strcmp(o->format, "text") ? ladder_text(&l)
	       : !strcmp(o->format, "md")		? ladder_markdown(&l)
							: ladder_tsv(&l);
}

static char *bisect_as(json_t *root, const char *path, const struct options *o)
{
	struct bisect b = bisect_read(root, path);

	if (o->letter)
		die_usage("%s: a bisection has no cover letter; a ladder has", path);
	return !o->format || !strcmp(o->format, "text") ? bisect_text(&b)
	       : !strcmp(o->format, "md")		? bisect_markdown(&b)
							: bisect_tsv(&b);
}

static char *converge_as(json_t *root, const char *path, const struct options *o)
{
	if (o->letter || (o->format && !strcmp(o->format, "tsv")))
		die_usage("%s: of converge.json there are --format=text and --format=md", path);
	return converge_report(root, path, o->format && !strcmp(o->format, "md"));
}

static const struct {
	const char *schema;
	char *(*report)(json_t *root, const char *path, const struct options *o);
} reports[] = {
	{ LADDER_SCHEMA, ladder_as },
	{ BISECT_SCHEMA, bisect_as },
	{ CONVERGE_SCHEMA, converge_as },
};

/* What is asked of a table cannot be asked of a report that is there already. */
static void refuse_others(const char *path, const struct options *o)
{
	const struct {
		const char *name, *value;
	} others[] = {
		{ "write", o->write },	 { "json", o->json },
		{ "verify", o->verify }, { "threshold", o->threshold },
		{ "metric", o->metric }, { "case", o->cases },
		{ "pilot", o->pilot },	 { "budget", o->budget },
		{ "arms", o->arms },	 { "attribute", o->attribute },
		{ "params", o->params }, { "function", o->function },
		{ "dat", o->dat },	 { "pictures", o->pictures },
		{ "origin", o->origin }, { "history", o->history },
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].value)
			die_usage("--%s: for directories of results; of %s, a file, there is "
				  "--format and --cover-letter",
				  others[i].name, path);
	if (o->format && strcmp(o->format, "text") && strcmp(o->format, "md") &&
	    strcmp(o->format, "tsv"))
		die_usage("--format=%s: of a file, one of text, md, tsv; it is JSON itself",
			  o->format);
}

int series_report(const char *path, const struct options *o)
{
	size_t bytes;
	char *file = input_unpack(path, &bytes);
	json_t *root = json_parse(file, bytes, path, NULL);
	const char *schema = json_string_value(json_object_get(root, "schema"));
	char *text = NULL;

	for (size_t i = 0; schema && i < sizeof(reports) / sizeof(reports[0]); i++) {
		if (strcmp(reports[i].schema, schema))
			continue;
		refuse_others(path, o);
		text = reports[i].report(root, path, o);
	}
	if (text)
		quote_terminal(stdout, text);
	json_decref(root);
	free(file);
	free(text);
	return text ? EXIT_SAME : -1;
}
