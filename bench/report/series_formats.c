// SPDX-License-Identifier: MIT
/* The same reports as Markdown, for a forge, and as tab-separated values, for a spreadsheet. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/die.h"
#include "lib/quote.h"
#include "report/series.h"

void markdown_cell(FILE *f, const char *text)
{
	char *plain = quote_markdown(text + strspn(text, " "), 1);
	size_t n = strlen(plain);

	while (n && plain[n - 1] == ' ')
		n--;
	fprintf(f, "| %.*s%s", (int)n, plain, n ? " " : "");
	free(plain);
}

static void print_plain(FILE *f, const char *line)
{
	char *plain = quote_markdown(line, 0);

	fprintf(f, "- %s\n", plain);
	free(plain);
}

void markdown_rule(FILE *f, size_t columns, size_t from, size_t to)
{
	for (size_t i = 0; i < columns; i++)
		fputs(i >= from && i < to ? "|--:" : "|---", f);
	fputs("|\n", f);
}

static void list_rows(FILE *f, const struct ladder *l)
{
	size_t n = 0;

	for (size_t r = 0; r < l->rows; r++) {
		char *text, *line;

		text = l->row[r].moves ? column_letter(n++) : constant_text(l, r);
		line = l->row[r].moves ? xasprintf("%s = %s", text, l->row[r].name)
				       : xasprintf("%s: %s in every commit", l->row[r].name, text);
		print_plain(f, line);
		free(line);
		free(text);
	}
}

static void table_rows(FILE *f, const struct ladder *l)
{
	struct grid g = ladder_grid(l);

	for (size_t i = 0; i < g.rows; i++) {
		for (size_t c = 0; c + 1 < g.columns; c++)
			markdown_cell(f, g.cell[i * g.columns + c]);
		markdown_cell(f, i ? l->commit[i - 1].subject : "subject");
		fputs("|\n", f);
		if (!i)
			markdown_rule(f, g.columns, 2, g.columns - 1);
	}
	grid_free(&g);
}

char *ladder_markdown(const struct ladder *l)
{
	size_t size;
	char *text, *facts = ladder_facts(l);
	FILE *f = series_open(&text, &size);

	fprintf(f, "Mode exact: guest instructions, %lld pages an execution.\n%s.\n\n",
		(long long)l->pages, facts);
	list_rows(f, l);
	fputc('\n', f);
	table_rows(f, l);
	fputc('\n', f);
	print_notes(l, print_plain, f);
	fclose(f);
	free(facts);
	return text;
}

/* What is not there is empty. */
static void print_values(FILE *f, const struct series_row *r, const struct series_cell *c)
{
	char *value = show_exact(c->value), *change = show_exact(c->change);

	fprintf(f, "\t%s\t%s\t%s\t%s\t%s\t%s\t%s", r->case_name, r->params, r->metric, r->unit,
		value, change, c->skipped ? c->skipped : "");
	free(value);
	free(change);
}

static void tsv_commit(FILE *f, const struct ladder *l, size_t i)
{
	const struct series_commit *c = &l->commit[i];
	const char *kernel = c->reason ? "none" : c->same_kernel ? "same" : "new";

	if (c->reason)
		fprintf(f, "%s\t%s\t%s\t\t\t\t\t\t\t\t%s\n", c->id, c->subject, kernel, c->reason);
	for (size_t r = 0; r < l->rows; r++) {
		const struct series_cell *cell = ladder_cell(l, r, i);

		if (!cell->there)
			continue;
		fprintf(f, "%s\t%s\t%s", c->id, c->subject, kernel);
		print_values(f, &l->row[r], cell);
		fputs("\t\n", f);
	}
}

char *ladder_tsv(const struct ladder *l)
{
	size_t size;
	char *text;
	FILE *f = series_open(&text, &size);

	fputs("commit\tsubject\tkernel\tcase\tparams\tmetric\tunit\tvalue\tchange\tskipped\treason\n",
	      f);
	for (size_t i = 0; i < l->commits; i++)
		tsv_commit(f, l, i);
	fclose(f);
	return text;
}

static void print_tried(FILE *f, const struct tried *t, const char *answer)
{
	char *id = xasprintf(SHORT, t->id), *value = show(t->value);

	markdown_cell(f, id);
	markdown_cell(f, value);
	markdown_cell(f, answer);
	markdown_cell(f, t->reason ? t->reason : t->subject);
	fputs("|\n", f);
	free(id);
	free(value);
}

static void print_found(FILE *f, const struct bisect *b)
{
	char *change, *line;
	json_t *id;
	size_t i;

	if (b->found) {
		change = bisect_change(b);
		line = xasprintf("First bad commit: " SHORT ", %s, by %s; %s", b->first.id,
				 b->first.subject, b->author, change);
		print_plain(f, line);
		free(change);
		free(line);
	}
	json_array_foreach(b->candidates, i, id)
		fprintf(f, "- Not to be told apart: " SHORT "\n", json_string_value(id));
}

char *bisect_markdown(const struct bisect *b)
{
	size_t size;
	char *text, *title = bisect_title(b), *plain = quote_markdown(title, 0);
	char *effort = bisect_effort(b);
	FILE *f = series_open(&text, &size);

	fprintf(f, "%s.\n\n| commit | value | | subject |\n", plain);
	markdown_rule(f, 4, 1, 2);
	print_tried(f, &b->good, "good end");
	print_tried(f, &b->bad, "bad end");
	for (size_t i = 0; i < b->steps; i++)
		print_tried(f, &b->step[i], b->step[i].answer);
	fputc('\n', f);
	print_found(f, b);
	print_plain(f, effort);
	fclose(f);
	free(title);
	free(plain);
	free(effort);
	return text;
}

static void tsv_tried(FILE *f, const struct tried *t, const char *step, const char *answer)
{
	char *value = show_exact(t->value);

	fprintf(f, "%s\t%s\t%s\t%s\t%s\t%s\n", step, t->id, t->subject, answer, value,
		t->reason ? t->reason : "");
	free(value);
}

char *bisect_tsv(const struct bisect *b)
{
	size_t size;
	char *text;
	FILE *f = series_open(&text, &size);

	fputs("step\tcommit\tsubject\tanswer\tvalue\treason\n", f);
	tsv_tried(f, &b->good, "end", "good");
	tsv_tried(f, &b->bad, "end", "bad");
	for (size_t i = 0; i < b->steps; i++) {
		char *step = xasprintf("%zu", i + 1);

		tsv_tried(f, &b->step[i], step, b->step[i].answer);
		free(step);
	}
	fclose(f);
	return text;
}
