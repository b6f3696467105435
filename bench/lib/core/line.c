// SPDX-License-Identifier: MIT
#include "lib/core/line.h"

#include <stdint.h>
#include <string.h>

/* Controls: C0 and C1, marks of direction, ends of lines, tags; and what is no character, which
 * XML has no place for. */
static const struct {
	uint32_t from, to;
} obeyed[] = {
	{ 0x00, 0x1f },	    { 0x7f, 0x9f },	{ 0x061c, 0x061c }, { 0x200e, 0x200f },
	{ 0x2028, 0x202e }, { 0x2066, 0x2069 }, { 0xfffe, 0xffff }, { 0xe0000, 0xe007f },
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

int line_is_one(const char *text)
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

/* The character at @text, its bytes @n, as it may stand in a line. */
static void put(FILE *f, const char *text, size_t n, uint32_t c)
{
	if (!is_obeyed(c))
		fwrite(text, 1, n, f);
	else
		fputc(c == '\t' || c == '\n' || c == '\r' ? ' ' : '?', f);
}

void line_put(FILE *f, const char *text, const char *kept)
{
	size_t n;
	uint32_t c;

	for (; *text; text += n) {
		n = decode(text, &c);
		if (strchr(kept, *text))
			fputc(*text, f);
		else
			put(f, text, n, c);
	}
}
