// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/core/quote.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"

/* Controls outside of C0 and C1: marks of direction, ends of lines, tags. */
static const struct {
	uint32_t from, to;
} obeyed[] = {
	{ 0x00, 0x1f },	    { 0x7f, 0x9f },	{ 0x061c, 0x061c },   { 0x200e, 0x200f },
	{ 0x2028, 0x202e }, { 0x2066, 0x2069 }, { 0xe0000, 0xe007f },
};

static int is_obeyed(uint32_t c)
{
	for (size_t i = 0; i < sizeof(obeyed) / sizeof(obeyed[0]); i++)
		if (c >= obeyed[i].from && c <= obeyed[i].to)
			return 1;
	return 0;
}

/* Bytes of the character at @s, and the character; 1 and 0 for what is no UTF-8. */
static size_t decode(const char *text, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)text;
	size_t n = *s < 0x80 ? 1 : *s >> 5 == 6 ? 2 : *s >> 4 == 14 ? 3 : *s >> 3 == 30 ? 4 : 0;

	*c = n == 1 ? *s : n ? *s & (0x7fu >> n) : 0;
	for (size_t i = 1; i < n; i++) {
		if (s[i] >> 6 != 2) {
			n = 0;
			break;
		}
		*c = *c << 6 | (s[i] & 0x3f);
	}
	if (n && *c >= least[n] && *c <= 0x10ffff && *c >> 11 != 0x1b)
		return n;
	*c = 0;
	return 1;
}

/* The character at @text, its bytes @n, as it may stand in a line. */
static void put(FILE *f, const char *text, size_t n, uint32_t c)
{
	if (!is_obeyed(c))
		fwrite(text, 1, n, f);
	else
		fputc(c == '\t' || c == '\n' || c == '\r' ? ' ' : '?', f);
}

static FILE *open_text(char **text, size_t *size)
{
	FILE *f = open_memstream(text, size);

	if (!f)
		die("out of memory");
	return f;
}

int quote_is_line(const char *text)
{
	size_t n;
	uint32_t c;

	for (; *text; text += n) {
		n = decode(text, &c);
		if (is_obeyed(c))
			return 0;
	}
	return 1;
}

char *quote_line(const char *text)
{
	char *line;
	size_t size, n;
	uint32_t c;
	FILE *f;

	if (quote_is_line(text))
		return xstrdup(text);
	f = open_text(&line, &size);
	for (; *text; text += n) {
		n = decode(text, &c);
		put(f, text, n, c);
	}
	fclose(f);
	return line;
}

void quote_terminal(FILE *f, const char *text)
{
	size_t n;
	uint32_t c;

	for (; *text; text += n) {
		n = decode(text, &c);
		if (c == '\n' || c == '\t')
			fputc((int)c, f);
		else
			put(f, text, n, c);
	}
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
	if (mark == '"' && !strpbrk(text, "\"$`\\!'") && quote_is_line(text))
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
