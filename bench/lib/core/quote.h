/* SPDX-License-Identifier: MIT */
/*
 * Words of strangers in other languages.  Results come from anywhere, and what they say reaches
 * a terminal, gnuplot, a shell and Markdown; each has one function here, and whoever writes for
 * it uses that.  HTML has its own in markup.h.
 */
#ifndef LIB_QUOTE_H
#define LIB_QUOTE_H

#include <stdio.h>

char *quote_line(const char *text); /* as line_put() has it; to free */

/* Text for a terminal: the same for each of its lines; tabs stay. */
void quote_terminal(FILE *f, const char *text);

/* A string of gnuplot's, with its quotes. */
void quote_gnuplot(FILE *f, const char *text);

/*
 * One word for a shell, to free: in @mark (" or ', or 0: none) where that is enough, and in '
 * otherwise.  It holds no backslash outside of ', and inside of " nothing that a shell expands.
 */
char *quote_shell(const char *text, char mark);

/* Markdown without markup, to free; in a cell of a table a bar is markup, too. */
char *quote_markdown(const char *text, int is_cell);

#endif /* LIB_QUOTE_H */
