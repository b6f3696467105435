// SPDX-License-Identifier: MIT
/*
 * The table as columns for gnuplot, one file a picture; what the files have in common.  A/A
 * arms are in the report and in no picture.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "report.h"
#include "lib/core/die.h"
#include "lib/core/fields.h"
#include "lib/core/quote.h"

FILE *dat_open(const char *directory, const char *name, const char *what, const char *columns)
{
	char *path = xasprintf("%s/%s", directory, name);
	FILE *f = fopen(path, "w");

	if (!f)
		die_usage("cannot create %s: %s", path, strerror(errno));
	free(path);
	fprintf(f, "# %s\n# columns: %s\n", what, columns);
	return f;
}

void dat_close(FILE *f)
{
	if (ferror(f) || fclose(f))
		die_usage("cannot write a table for pictures: %s", strerror(errno));
}

void dat_number(FILE *f, double value)
{
	if (isfinite(value)) {
		char *text = exact_text(value);

		fprintf(f, " %s", text);
		free(text);
	} else {
		fputs(" NaN", f);
	}
}

static int has(json_t *params, const char *name, const char *is)
{
	json_t *o = json_pack("{s:O?}", name, json_object_get(params, name));
	char *text = fields_params(o, "", "="), *want = xasprintf("%s=%s", name, is);
	int yes = !strcmp(text, want);

	json_decref(o);
	free(text);
	free(want);
	return yes;
}

int dat_selects(const struct dat_source *s, const struct row *row)
{
	char *name, *is;
	int yes = s->case_name && !strcmp(row->case_name, s->case_name) &&
		  (s->metric && row->metric ? !strcmp(s->metric, row->metric)
					    : s->metric == row->metric);

	if (!yes || !s->where)
		return yes;
	name = xstrdup(s->where);
	is = strchr(name, '=');
	*is++ = '\0';
	yes = has(row->params, name, is);
	free(name);
	return yes;
}

/* Does a value say by itself what it is of?  "held" does; "yes", "none" and numbers do not. */
static int speaks(json_t *value)
{
	const char *s = json_string_value(value);

	return s && strcmp(s, "yes") && strcmp(s, "no") && strcmp(s, "none") &&
	       !strchr("0123456789", *s);
}

/* "pages=16", "nouveau cure=yes fresh"; to free. */
char *dat_params(json_t *params)
{
	char *text = xstrdup(""), *longer;
	const char *name;
	json_t *value;

	json_object_foreach(params, name, value) {
		json_t *one = json_pack("{s:O}", name, value);
		char *said = speaks(value) ? xstrdup(json_string_value(value))
					   : fields_params(one, "", "=");

		longer = xasprintf("%s%s%s", text, *text ? " " : "", said);
		free(text);
		free(said);
		json_decref(one);
		text = longer;
	}
	return text;
}

/* Was anything measured that @s names? */
int dat_is_there(const struct table *t, const struct dat_source *s)
{
	size_t points = 0;

	for (size_t i = 0; i < t->rows; i++)
		for (size_t k = 0; k < t->kernels; k++)
			points += dat_selects(s, &t->row[i]) && t->row[i].cell[k].boots;
	return points > 0;
}

const struct row *dat_beside(const struct table *t, const struct row *row, const char *metric)
{
	for (size_t i = 0; i < t->rows; i++)
		if (!strcmp(t->row[i].case_name, row->case_name) && t->row[i].metric &&
		    !strcmp(t->row[i].metric, metric) && json_equal(t->row[i].params, row->params))
			return &t->row[i];
	return NULL;
}

/* Where only all boots together are known, the value is both: a bar without a length. */
struct stats_interval dat_extremes(const struct table *t, const struct cell *cell)
{
	double value = cell_value(t, cell);

	return (struct stats_interval){ value, isnan(cell->low) ? value : cell->low,
					isnan(cell->high) ? value : cell->high };
}

FILE *dat_facts(const char *directory, const char *mode, const char *unit)
{
	FILE *f;

	if (mkdir(directory, 0777) && errno != EEXIST)
		die_usage("cannot create %s: %s", directory, strerror(errno));
	f = dat_open(directory, "facts.gp", "what all pictures say", "none: gnuplot's");
	fputs("MODE = ", f);
	quote_gnuplot(f, mode);
	fputs("\nUNIT = ", f);
	quote_gnuplot(f, unit);
	/* What a value's extremes are among. */
	fprintf(f, "\nONE_OF = \"%s\"\n", strcmp(mode, "lockstep") ? "boot" : "interleaving");
	return f;
}
