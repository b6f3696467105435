/* SPDX-License-Identifier: MIT */
/*
 * One line of plain text, from words of strangers: what a terminal obeys (ESC and its kin, C0, C1), what turns a line
 * around (Unicode's bidirectional controls) or ends it, and what is no UTF-8 becomes '?', a tab
 * or the end of a line becomes a blank.  It takes no memory and cannot fail: die() speaks through it.
 */
#ifndef LIB_LINE_H
#define LIB_LINE_H

#include <stdio.h>

int line_is_one(const char *text); /* it is one already */
/* But for the characters of @kept, of one byte each, which stay. */
void line_put(FILE *f, const char *text, const char *kept);

#endif /* LIB_LINE_H */
