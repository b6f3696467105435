// SPDX-License-Identifier: MIT
/* dex-compare --attribute: from a directory of attribute.sh to the table and the files. */
#define _GNU_SOURCE
#include "attribute/attribute.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/command.h"
#include "lib/core/die.h"
#include "lib/core/fields.h"
#include "lib/core/file.h"
#include "lib/core/json.h"
#include "lib/core/quote.h"

/* <directory>/<row><what>, made of letters that every file system has. */
static char *file_name(const struct report *r, const struct row *row, const char *what)
{
	char *params = fields_params(row->params, " ", "="), *name;

	for (char *c = params; *c; c++)
		*c = isalnum((unsigned char)*c) || strchr("=.-", *c) ? *c : '_';
	name = xasprintf("%s/%s%s", r->directory, *params ? params : r->case_name, what);
	free(params);
	return name;
}

/* Takes both. */
static void write_text(char *path, char *text)
{
	file_write_again(path, text);
	free(text);
	free(path);
}

static void write_row(const struct report *r, const struct row *row)
{
	write_text(file_name(r, row, ".svg"), tree_svg(r, row));
	write_text(file_name(r, row, ".A.folded"), tree_folded(row->fold[A]));
	write_text(file_name(r, row, ".B.folded"), tree_folded(row->fold[B]));
}

static char *counts_json(const struct report *r)
{
	json_t *counts = report_counts(r);
	char *text = json_dumps(counts, JSON_INDENT(1) | JSON_SORT_KEYS), *line;

	line = xasprintf("%s\n", text);
	free(text);
	json_decref(counts);
	return line;
}

/* The last one says that all are there. */
static void write_files(const struct report *r, const char *text)
{
	char *path = xasprintf("%s/attribution.json", r->directory);

	file_must_be_new(path);
	for (size_t i = 0; i < r->rows; i++)
		write_row(r, &r->row[i]);
	write_text(xasprintf("%s/attribution.txt", r->directory), xstrdup(text));
	if (r->lockstep)
		write_text(xasprintf("%s/counts.json", r->directory), counts_json(r));
	json_write_new(report_to_json(r), path);
	free(path);
}

int attribute(const char *directory, const char *params, const char *function, int write,
	      int as_json)
{
	struct report *r = report_read(directory, params, function);
	char *text = attribute_text(r);

	if (write)
		write_files(r, text);
	if (as_json) {
		free(text);
		text = json_dumps(report_to_json(r), JSON_INDENT(1));
	}
	quote_terminal(stdout, text);
	putchar('\n');
	free(text);
	return 0;
}
