// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/core/quote.h"

#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"
#include "lib/core/line.h"

static FILE *open_text(char **text, size_t *size)
{
	FILE *f = open_memstream(text, size);

	if (!f)
		die("out of memory");
	return f;
}

char *quote_line(const char *text)
{
	char *line;
	size_t size;
	FILE *f;

	if (line_is_one(text))
		return xstrdup(text);
	f = open_text(&line, &size);
	line_put(f, text, "");
	fclose(f);
	return line;
}

void quote_terminal(FILE *f, const char *text)
{
	line_put(f, text, "\n\t");
}

/* Inside of " gnuplot runs what stands in `, and reads escapes. */
void quote_gnuplot(FILE *f, const char *text)
{
	fputc('"', f);
	for (; *text; text++)
		fputc(strchr("\"\\`", *text) || (unsigned char)*text < ' ' ? '\'' : *text, f);
	fputc('"', f);
}

static int is_bare(const char *text)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789_./:=+,%@-";

	return *text && !text[strspn(text, safe)];
}

/* ' itself stands in ", beside the rest. */
static char *single_quoted(const char *text)
{
	char *line = quote_line(text), *word;
	size_t size;
	FILE *f = open_text(&word, &size);

	fputc('\'', f);
	for (const char *s = line; *s; s++) {
		if (*s == '\'')
			fputs("'\"'\"'", f);
		else
			fputc(*s, f);
	}
	fputc('\'', f);
	fclose(f);
	free(line);
	return word;
}

char *quote_shell(const char *text, char mark)
{
	if (!mark && is_bare(text))
		return xstrdup(text);
	if (mark == '"' && !strpbrk(text, "\"$`\\!'") && line_is_one(text))
		return xasprintf("\"%s\"", text);
	return single_quoted(text);
}

/* How many bytes at @s are markup by the characters that follow, and what says them plainly. */
static const char *plain(const char *s, size_t *n)
{
	static const struct {
		const char *markup, *plain;
	} words[] = {
		{ "&", "&amp;" },   { "<", "&lt;" },	{ "\\", "\\\\" },     { "`", "\\`" },
		{ "|", "\\|" },	    { "![", "\\![" },	{ "](", "\\](" },     { "][", "\\][" },
		{ "]:", "\\]:" },   { "://", "\\://" }, { "www.", "www\\." }, { "**", "\\*\\*" },
		{ "~~", "\\~\\~" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		*n = strlen(words[i].markup);
		if (!strncmp(s, words[i].markup, *n))
			return words[i].plain;
	}
	return NULL;
}

char *quote_markdown(const char *text, int is_cell)
{
	char *line = quote_line(text), *quoted;
	size_t size, n;
	FILE *f = open_text(&quoted, &size);

	for (const char *s = line; *s; s += n) {
		const char *instead = *s == '|' && !is_cell ? NULL : plain(s, &n);

		if (instead)
			fputs(instead, f);
		else
			fputc(*s, f);
		n = instead ? n : 1;
	}
	fclose(f);
	free(line);
	return quoted;
}

static int is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int is_of_part(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

char *quote_part(const char *text)
{
	char *part = xstrdup(text);

	for (char *s = part; *s; s++)
		if (!is_of_part(*s))
			*s = '-';
	return part;
}

void quote_hash(FILE *f, const char *text)
{
	char *line = quote_line(text);

	for (const char *s = line; *s; s++)
		fputc(*s == '#' ? '+' : *s, f);
	free(line);
}

void quote_go(FILE *f, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == ' ')
			fputc('_', f);
		else if (c <= ' ' || c > '~' || strchr("/\\", c))
			fprintf(f, "\\x%02x", c);
		else
			fputc(c, f);
	}
}
