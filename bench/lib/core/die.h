/* SPDX-License-Identifier: MIT */
/*
 * One way to fail: one line that says what, where, and the remedy.
 *
 * A benchmark has nothing to recover, so the libraries under bench/lib end
 * the program; status 2 is a usage or environment error, as in dex-compare.
 */
#ifndef LIB_DIE_H
#define LIB_DIE_H

#include <stddef.h>

#define DIE_STATUS 2

/* Where the message came from is part of it. */
#define die(...) die_at(__FILE__, __LINE__, __VA_ARGS__)

/* For what the caller typed: no source line would help there. */
#define die_usage(...) die_at(NULL, 0, __VA_ARGS__)

__attribute__((noreturn, format(printf, 3, 4))) void die_at(const char *file, int line,
							    const char *format, ...);

/* Name that messages start with; "dexbench" until set. */
void die_set_program(const char *name);

/* From here on the program ends with DIE_STATUS, and says why, if its output could not be
 * written to the last byte. */
void die_of_lost_output(void);

/* In a child of fork(): die() ends it without the exit handlers, which are the parent's. */
void die_as_child(void);

/* calloc(), reallocarray() and strdup() that do not return NULL. */
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *old, size_t n, size_t size);
char *xstrdup(const char *s);
__attribute__((format(printf, 1, 2))) char *xasprintf(const char *format, ...);

#endif /* LIB_DIE_H */
