/* SPDX-License-Identifier: MIT */
/*
 * Words of strangers in other languages.  Results come from anywhere, and what they say reaches
 * a terminal, gnuplot, a shell, Markdown and what labs read; each has one function here, and
 * whoever writes for it uses that.  HTML and XML have their own in markup.h, JSON is jansson's.
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

/* One part of a name between dots, to free: letters, digits, _ and - stay, each other byte is a -. */
char *quote_part(const char *text);

/* The same line behind a #, or in front of one: it has none itself. */
void quote_hash(FILE *f, const char *text);

/* One part of a name in Go's benchmark format, between slashes, as Go's own tests rewrite theirs: a
 * blank is _, and what is neither a letter nor a mark of ASCII, or would end the part, is \x and its
 * number. */
void quote_go(FILE *f, const char *text);

#endif /* LIB_QUOTE_H */
