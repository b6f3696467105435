/* SPDX-License-Identifier: MIT */
/*
 * Files of /proc and /sys as JSON values: what cannot be read is null.
 *
 * Paths may hold what glob(3) knows where a function says so.  proc_root is put
 * before every path; unit tests point it at a tree of their own.
 */
#ifndef LIB_PROC_H
#define LIB_PROC_H

#include <jansson.h>
#include <stdint.h>

extern const char *proc_root;

/* The whole file, cut to 64 KiB and ended by NUL; *@size (may be NULL) is its
 * length.  NULL if it cannot be read; to free. */
char *proc_read(const char *path, size_t *size);

/* The first line, without its end. */
json_t *proc_line(const char *path);

/* The number that the file is. */
json_t *proc_number(const char *path);

/* 0 or 1 as a boolean, the other way round if @inverse. */
json_t *proc_boolean(const char *path, int inverse);

/* The chosen word of a file such as "always [madvise] never", @brackets its
 * opening and closing mark. */
json_t *proc_chosen(const char *path, const char *brackets);

/* The value of the first "key : value" line. */
json_t *proc_field(const char *path, const char *key);

/* Word @n (from 0) of the first line that begins with word @key, a number. */
json_t *proc_column(const char *path, const char *key, size_t n);

/* Of all files that @pattern matches: the sum or the largest of their numbers,
 * and the distinct first lines, joined by a comma. */
json_t *proc_sum(const char *pattern);
json_t *proc_largest(const char *pattern);
json_t *proc_distinct(const char *pattern);

/* How many paths match; null if none does. */
json_t *proc_matches(const char *pattern);

/*
 * Each file that @pattern matches as a member, @value its value.  Its name is
 * the last part of the path, or with @parent the last but one.  Null if none matches.
 */
json_t *proc_object(const char *pattern, int parent, json_t *(*value)(const char *path));

/* Interrupts by which CPUs were asked to flush translations, so far; all CPUs'.  Ends the
 * program if this machine does not count them. */
uint64_t proc_shootdowns(void);

/* Page faults of the calling thread so far. */
uint64_t proc_thread_faults(void);

#endif /* LIB_PROC_H */
