// SPDX-License-Identifier: MIT
/*
 * Is a posted block what the results say?  Lines are compared without what mail
 * adds: quoting, indentation, line ends, blank lines.  A block starts at any line that
 * looks like the first line of one.  Where none is right the one is reported that goes
 * on longest as it should; where one is, any other that is not is, too: a reader
 * would not know which of them was meant.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "lib/core/die.h"
#include "lib/core/input.h"
#include "lib/core/quote.h"

#define FIRST_WORD "dexbench "
#define MODE_MARK  ", mode "

struct line {
	const char *text;
	size_t number; /* in its file, from 1 */
};

struct lines {
	struct line *line;
	size_t n;
};

static char *read_all(const char *path)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
	size_t size = 0, used = 0, got = 1;
	char *text = NULL;

	if (!f)
		die_usage("--verify=%s: %s", path, strerror(errno));
	while (got) {
		if (used > INPUT_MOST)
			die_usage("--verify=%s: over %u MiB; no letter is", path, INPUT_MOST >> 20);
		if (used + 1 >= size) {
			size = 2 * size + 4096;
			text = xrealloc(text, size, 1);
		}
		got = fread(text + used, 1, size - used - 1, f);
		used += got;
	}
	if (ferror(f))
		die_usage("--verify=%s: not readable: %s", path, strerror(errno));
	text[used] = '\0';
	if (f != stdin)
		fclose(f);
	return text;
}

static char *strip(char *s)
{
	size_t n;

	while (isspace((unsigned char)*s) || *s == '>' || *s == '|')
		s++;
	for (n = strlen(s); n && isspace((unsigned char)s[n - 1]);)
		s[--n] = '\0';
	return s;
}

/* The lines of @text, which is cut up, but for those with nothing in them. */
static struct lines split(char *text)
{
	struct lines l = { NULL, 0 };

	for (size_t number = 1; text; number++) {
		char *line = strsep(&text, "\n");

		line = strip(line);
		if (!*line)
			continue;
		l.line = xrealloc(l.line, l.n + 1, sizeof(*l.line));
		l.line[l.n++] = (struct line){ line, number };
	}
	return l;
}

static int is_first(const char *line)
{
	return !strncmp(line, FIRST_WORD, strlen(FIRST_WORD)) && strstr(line, MODE_MARK);
}

/* Lines of @block that @posted has too, from line @at on. */
static size_t agree(const struct lines *block, const struct lines *posted, size_t at)
{
	size_t n = 0;

	while (n < block->n && at + n < posted->n &&
	       !strcmp(block->line[n].text, posted->line[at + n].text))
		n++;
	return n;
}

/* Words of a letter, which may be anybody's. */
static void say(const char *format, const char *text)
{
	char *line = quote_line(text);

	printf(format, line);
	free(line);
}

static int report_difference(const struct lines *block, const struct lines *posted, size_t at,
			     size_t n)
{
	if (at + n < posted->n) {
		printf("differs at line %zu\n", posted->line[at + n].number);
		say("  posted:     %s\n", posted->line[at + n].text);
	} else {
		printf("differs behind the last line: the posted block ends early\n  posted:     (nothing)\n");
	}
	say("  recomputed: %s\n", block->line[n].text);
	return EXIT_REGRESSION;
}

/* Says of every block whether it is right; some of them is. */
static int report_all(const struct lines *block, const struct lines *posted)
{
	int status = EXIT_SAME;

	for (size_t at = 0; at < posted->n; at++) {
		if (!is_first(posted->line[at].text))
			continue;
		if (agree(block, posted, at) == block->n) {
			printf("match: lines %zu to %zu\n", posted->line[at].number,
			       posted->line[at + block->n - 1].number);
			continue;
		}
		printf("differs: the block that begins at line %zu\n", posted->line[at].number);
		say("  posted:     %s\n", posted->line[at].text);
		status = EXIT_REGRESSION;
	}
	return status;
}

int verify(const char *block_text, const char *path)
{
	char *copy = xstrdup(block_text), *text = read_all(path);
	struct lines block = split(copy), posted = split(text);
	size_t best = posted.n, best_n = 0;
	int status;

	for (size_t at = 0; at < posted.n; at++) {
		size_t n = agree(&block, &posted, at);

		if (is_first(posted.line[at].text) && (best == posted.n || n > best_n)) {
			best = at;
			best_n = n;
		}
	}
	if (best == posted.n)
		die_usage(
			"--verify=%s: no block found: none of its lines begins with \"dexbench VERSION, mode\"",
			path);
	if (best_n < block.n)
		return report_difference(&block, &posted, best, best_n);
	status = report_all(&block, &posted);
	free(block.line);
	free(posted.line);
	free(copy);
	free(text);
	return status;
}
