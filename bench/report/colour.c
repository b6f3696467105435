// SPDX-License-Identifier: MIT
/*
 * The verdict's first line in colour, and the verdict of each row: on a terminal alone, and not where
 * NO_COLOR is set (no-color.org) or the terminal is a dumb one.  The words say all that colours do.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report.h"
#include "lib/core/die.h"
#include "lib/core/quote.h"

#define BAD    "\033[1;31m"
#define GOOD   "\033[1;32m"
#define DOUBT  "\033[1;33m"
#define NORMAL "\033[0m"

static const struct {
	const char *words, *colour;
} first_lines[] = { { "A regression", BAD }, { "No regression", GOOD }, { "Inconclusive", DOUBT } },
  last_words[] = { { "  slower", BAD }, { "  faster", GOOD } };

int colour_wanted(void)
{
	const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && terminal && *terminal &&
	       strcmp(terminal, "dumb");
}

static const char *colour_of_first(const char *line)
{
	for (size_t i = 0; i < sizeof(first_lines) / sizeof(first_lines[0]); i++)
		if (!strncmp(line, first_lines[i].words, strlen(first_lines[i].words)))
			return first_lines[i].colour;
	return "";
}

static const char *colour_of_row(const char *line)
{
	size_t n = strlen(line);

	for (size_t i = 0; i < sizeof(last_words) / sizeof(last_words[0]); i++) {
		size_t own = strlen(last_words[i].words);

		if (n > own && !strcmp(line + n - own, last_words[i].words))
			return last_words[i].colour;
	}
	return "";
}

void colour_put(FILE *f, const char *text)
{
	char *copy = xstrdup(text), *rest = copy, *line;
	int is_first = 1;

	while ((line = strsep(&rest, "\n")) && (rest || *line)) {
		const char *colour = is_first ? colour_of_first(line) : colour_of_row(line);

		is_first = 0;
		fputs(colour, f);
		quote_terminal(f, line);
		fputs(*colour ? NORMAL "\n" : "\n", f);
	}
	free(copy);
}
