// SPDX-License-Identifier: MIT
/* A ladder as a table with one line a commit: what moves in columns, what does not in a list. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"
#include "report/series.h"

#define VALUE_WIDTH  9 /* of a column, at least */
#define CHANGE_WIDTH 8

const struct series_cell *ladder_cell(const struct ladder *l, size_t row, size_t commit)
{
	return &l->cell[row * l->commits + commit];
}

char *ladder_facts(const struct ladder *l)
{
	size_t same = 0;
	char *commits = show_count(l->commits - 1, "commit"), *text, *with;
	char *builds = show_count((size_t)l->builds, "build");
	char *boots = show_count((size_t)l->boots, "boot");

	for (size_t i = 0; i < l->commits; i++)
		same += (size_t)l->commit[i].same_kernel;
	with = show_count(same, "commit");
	text = xasprintf("%s on " SHORT
			 "; %s, %s; %s with the kernel of the commit before, to the bit",
			 commits, l->base, builds, boots, with);
	free(commits);
	free(builds);
	free(boots);
	free(with);
	return text;
}

char *constant_text(const struct ladder *l, size_t row)
{
	size_t i = 0;

	while (i + 1 < l->commits && !ladder_cell(l, row, i)->there)
		i++;
	return ladder_cell(l, row, i)->skipped
		       ? xasprintf("skipped: %s", ladder_cell(l, row, i)->skipped)
		       : show(ladder_cell(l, row, i)->value);
}

void print_notes(const struct ladder *l, void (*print)(FILE *f, const char *line), FILE *f)
{
	for (size_t i = 0; i < l->commits; i++) {
		char *line;

		if (!l->commit[i].reason)
			continue;
		line = xasprintf("note: " SHORT ": %s", l->commit[i].id, l->commit[i].reason);
		print(f, line);
		free(line);
	}
}

static size_t moving(const struct ladder *l)
{
	size_t n = 0;

	for (size_t r = 0; r < l->rows; r++)
		n += (size_t)l->row[r].moves;
	return n;
}

char *column_letter(size_t n)
{
	return n < 26 ? xasprintf("%c", (char)('A' + n)) : xasprintf("A%zu", n);
}

static const char *kernel_word(const struct series_commit *c)
{
	return c->reason ? "?" : c->same_kernel ? "=" : "new";
}

static void fill_heading(const struct ladder *l, char **cell)
{
	size_t n = moving(l);

	*cell++ = xstrdup("commit");
	*cell++ = xstrdup("kernel");
	for (size_t i = 0; i < n; i++) {
		*cell++ = padded(column_letter(i), VALUE_WIDTH);
		*cell++ = padded(xstrdup("change"), CHANGE_WIDTH);
	}
	*cell = xstrdup("");
}

static void fill_commit(const struct ladder *l, size_t commit, char **cell)
{
	*cell++ = xasprintf(SHORT, l->commit[commit].id);
	*cell++ = xasprintf("%-6s", kernel_word(&l->commit[commit]));
	for (size_t r = 0; r < l->rows; r++) {
		const struct series_cell *c = ladder_cell(l, r, commit);

		if (!l->row[r].moves)
			continue;
		*cell++ = show(c->there ? c->value : NAN);
		*cell++ = show_signed(c->there ? c->change : NAN);
	}
	*cell = xstrdup("");
}

/* The last column is of nothing, so that what goes before is printed where nothing moves, too. */
struct grid ladder_grid(const struct ladder *l)
{
	struct grid g = grid_make(1 + l->commits, 3 + 2 * moving(l));

	fill_heading(l, g.cell);
	for (size_t i = 0; i < l->commits; i++)
		fill_commit(l, i, g.cell + (i + 1) * g.columns);
	return g;
}

static void print_table(FILE *f, const struct ladder *l)
{
	struct grid g = ladder_grid(l);
	char *text, *line;
	size_t size, i = 0;
	FILE *lines = series_open(&text, &size);

	grid_print(lines, &g, 1, SIZE_MAX);
	fclose(lines);
	grid_free(&g);
	for (line = text; *line; line += strcspn(line, "\n") + 1, i++)
		fprintf(f, "%.*s  %s\n", (int)strcspn(line, "\n"), line,
			i ? l->commit[i - 1].subject : "subject");
	free(text);
}

static void print_letters(FILE *f, const struct ladder *l)
{
	size_t n = 0;

	for (size_t r = 0; r < l->rows; r++) {
		char *letter;

		if (!l->row[r].moves)
			continue;
		letter = column_letter(n++);
		fprintf(f, "%s = %s\n", letter, l->row[r].name);
		free(letter);
	}
	fputs(n ? "" : "Nothing moves.\n", f);
}

static void print_line(FILE *f, const char *line)
{
	fprintf(f, "%s\n", line);
}

static void print_constants(FILE *f, const struct ladder *l)
{
	int headed = 0;

	for (size_t r = 0; r < l->rows; r++) {
		char *text;

		if (l->row[r].moves)
			continue;
		if (!headed++)
			fputs("\nThe same in every commit:\n", f);
		text = constant_text(l, r);
		fprintf(f, "  %s  %s\n", l->row[r].name, text);
		free(text);
	}
}

static void print_head(FILE *f, const struct ladder *l)
{
	char *facts = ladder_facts(l);

	fprintf(f, "Mode exact: guest instructions, %lld pages an execution\n%s\n\n",
		(long long)l->pages, facts);
	free(facts);
}

static void print_moved(FILE *f, const struct ladder *l)
{
	char *commits = show_count(l->commits - 1, "commit");

	fprintf(f, "\n%zu of %s moved something\n", l->moved, commits);
	free(commits);
}

char *ladder_text(const struct ladder *l)
{
	size_t size;
	char *text;
	FILE *f = series_open(&text, &size);

	print_head(f, l);
	print_letters(f, l);
	fputc('\n', f);
	print_table(f, l);
	print_moved(f, l);
	print_notes(l, print_line, f);
	print_constants(f, l);
	fclose(f);
	return text;
}
