/* SPDX-License-Identifier: MIT */
/* Text inside HTML and SVG: for elements and for attributes in quotes.  What XML forbids
 * becomes a space. */
#ifndef LIB_MARKUP_H
#define LIB_MARKUP_H

#include <stddef.h>
#include <stdio.h>

void markup_text(FILE *f, const char *text);
/* At most @length bytes of it. */
void markup_some(FILE *f, const char *text, size_t length);

#endif /* LIB_MARKUP_H */
