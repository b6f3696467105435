// SPDX-License-Identifier: MIT
/*
 * A ladder as a block to post: at most 72 columns, a paragraph a row that moves, and the command
 * that makes it.  In a long series commits that change nothing are counted, not listed.  As of any
 * letter, nothing in it depends on where the results lie.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"
#include "lib/core/quote.h"
#include "results/known.h"
#include "report/series.h"

#define COLUMNS	     72
#define VALUE_WIDTH  7 /* of a column, at least; there are two blanks before it */
#define CHANGE_WIDTH 6
#define INDENT	     "    "
#define FEW	     8 /* commits: so many are listed whatever they change */
#define ROWS	     4 /* that move, with a paragraph each */

/* A paragraph, which is freed. */
static void say(FILE *f, char *text)
{
	wrap(f, text, COLUMNS, "");
	free(text);
}

/* Bytes of the first @n characters. */
static size_t bytes_of(const char *text, size_t n)
{
	size_t i = 0;

	while (text[i] && (n || ((unsigned char)text[i] & 0xc0) == 0x80)) {
		n -= ((unsigned char)text[i] & 0xc0) != 0x80;
		i++;
	}
	return i;
}

/* One line, cut where the block ends. */
static void put_clipped(FILE *f, const char *line)
{
	size_t n = bytes_of(line, COLUMNS);

	if (line[n])
		fprintf(f, "%.*s..\n", (int)bytes_of(line, COLUMNS - 2), line);
	else
		fprintf(f, "%s\n", line);
}

/* Does the commit change any row? */
static int is_moving(const struct ladder *l, size_t commit)
{
	for (size_t r = 0; r < l->rows; r++) {
		const struct series_cell *c = ladder_cell(l, r, commit);

		if (c->there && isfinite(c->change) && c->change != 0)
			return 1;
	}
	return 0;
}

/* Is it worth a line of its own? */
static int is_listed(const struct ladder *l, size_t row, size_t commit, int all)
{
	const struct series_cell *c = ladder_cell(l, row, commit);

	if (all || l->commits - 1 <= FEW || !commit || commit + 1 == l->commits)
		return 1;
	return !c->there || l->commit[commit].reason || (isfinite(c->change) && c->change != 0);
}

static void put_head(FILE *f, const struct ladder *l)
{
	size_t moving = 0;

	for (size_t i = 1; i < l->commits; i++)
		moving += (size_t)is_moving(l, i);
	say(f,
	    xasprintf(
		    "dexbench %s, mode exact: guest instructions. Counted under emulation on one CPU: how long the path is, not how long it takes. Differences repeat exactly.",
		    l->dexbench));
	say(f,
	    xasprintf("%zu commit%s, " SHORT ".." SHORT "; %zu of them change%s what was measured.",
		      l->commits - 1, l->commits == 2 ? "" : "s", l->base, l->tip, moving,
		      moving == 1 ? "s" : ""));
	say(f, xasprintf("All are built with %s.", l->compiler));
}

/* The last column is of nothing: a table has one more than two. */
static struct grid row_grid(const struct ladder *l, size_t row)
{
	struct grid g = grid_make(l->commits, 4);

	for (size_t i = 0; i < l->commits; i++) {
		const struct series_cell *c = ladder_cell(l, row, i);
		char **cell = g.cell + i * g.columns;

		cell[0] = xasprintf(SHORT, l->commit[i].id);
		cell[1] = padded(show(c->there ? c->value : NAN), VALUE_WIDTH);
		cell[2] = padded(show_signed(c->there ? c->change : NAN), CHANGE_WIDTH);
		cell[3] = xstrdup("");
	}
	return g;
}

/* How many commits in a row change nothing; frees nothing. */
static void put_gap(FILE *f, size_t *commits)
{
	if (*commits)
		fprintf(f, "%*s(%zu commit%s change%s nothing here)\n", 14, "", *commits,
			*commits == 1 ? "" : "s", *commits == 1 ? "s" : "");
	*commits = 0;
}

static void put_row(FILE *f, const struct ladder *l, size_t row, int all)
{
	struct grid g = row_grid(l, row);
	char *text, *next;
	size_t size, i = 0, gap = 0;
	const char *question = known_word(l->row[row].case_name, "question");
	FILE *lines = series_open(&text, &size);

	fputc('\n', f);
	put_clipped(f, l->row[row].name);
	if (question)
		put_clipped(f, question);
	grid_print(lines, &g, 1, SIZE_MAX);
	fclose(lines);
	grid_free(&g);
	for (const char *at = text; (next = strchr(at, '\n')); at = next + 1, i++) {
		char *line;

		if (!is_listed(l, row, i, all)) {
			gap++;
			continue;
		}
		put_gap(f, &gap);
		line = xasprintf("%.*s  %s", (int)(next - at), at, l->commit[i].subject);
		put_clipped(f, line);
		free(line);
	}
	free(text);
}

static void put_moving(FILE *f, const struct ladder *l, int all)
{
	size_t n = 0;

	for (size_t r = 0; r < l->rows; r++) {
		if (l->row[r].moves && (n < ROWS || all))
			put_row(f, l, r, all);
		n += !!l->row[r].moves;
	}
	fputs(n ? "\n" : "\nNothing moves.\n", f);
	if (n > ROWS && !all)
		say(f,
		    xasprintf("%zu rows more move; the table of the ladder has them.", n - ROWS));
}

static void put_constants(FILE *f, const struct ladder *l)
{
	size_t size;
	char *list;
	FILE *words = series_open(&list, &size);
	int any = 0;

	for (size_t r = 0; r < l->rows; r++) {
		char *text;

		if (l->row[r].moves)
			continue;
		text = constant_text(l, r);
		fprintf(words, "%s%s (%s)",
			any++ ? ", " : "The same in every commit: ", l->row[r].name, text);
		free(text);
	}
	fclose(words);
	if (any)
		wrap(f, list, COLUMNS, "");
	free(list);
}

static void put_note(FILE *f, const char *line)
{
	wrap(f, line, COLUMNS, "");
}

static char *cases_word(const struct ladder *l)
{
	size_t size, i;
	char *word;
	FILE *f = series_open(&word, &size);
	json_t *name;

	json_array_foreach(l->cases, i, name)
		fprintf(f, "%s%s", i ? "|" : "CASES=\"", json_string_value(name));
	fputc('"', f);
	fclose(f);
	return word;
}

/* A line of the command, or more, with room for an indent; frees @words. */
static void put_command(FILE *f, char *words, const char *before, const char *behind)
{
	size_t size;
	char *text;
	FILE *lines = series_open(&text, &size);

	wrap(lines, words, COLUMNS - strlen(before), " \\");
	fclose(lines);
	fprintf(f, "%s%.*s%s\n", before, (int)size - 1, text, behind);
	free(text);
	free(words);
}

static void put_commands(FILE *f, const struct ladder *l)
{
	const char *slash = strrchr(l->tree, '/');
	char *tree = quote_shell(slash ? slash + 1 : l->tree, 0);

	fputs("To reproduce:\n", f);
	put_command(f,
		    xasprintf("make ladder TREE=%s BASE=" SHORT " TIP=" SHORT, tree, l->base,
			      l->tip),
		    "", " \\");
	put_command(f,
		    xasprintf("PAGES=%lld MEMORY=%lld", (long long)l->pages, (long long)l->memory),
		    INDENT, " \\");
	put_command(f, cases_word(l), INDENT, "");
	free(tree);
}

char *ladder_letter(const struct ladder *l, int all)
{
	size_t size;
	char *text;
	FILE *f = series_open(&text, &size);

	put_head(f, l);
	put_moving(f, l, all);
	put_constants(f, l);
	print_notes(l, put_note, f);
	put_commands(f, l);
	fclose(f);
	return text;
}
