// SPDX-License-Identifier: MIT
#include "lib/core/markup.h"

#include <stdint.h>

void markup_some(FILE *f, const char *text, size_t length)
{
	for (; length && *text; text++, length--) {
		switch (*text) {
		case '&':
			fputs("&amp;", f);
			break;
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		case '\'':
			fputs("&#39;", f);
			break;
		default:
			fputc((unsigned char)*text < ' ' && *text != '\n' ? ' ' : *text, f);
		}
	}
}

void markup_text(FILE *f, const char *text)
{
	markup_some(f, text, SIZE_MAX);
}
