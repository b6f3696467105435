// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/die.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *program = "dexbench";
static int is_child;

void die_set_program(const char *name)
{
	program = name;
}

void die_as_child(void)
{
	is_child = 1;
}

void die_at(const char *file, int line, const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "%s: error: ", program);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	if (file)
		fprintf(stderr, " [%s:%d]", file, line);
	fputc('\n', stderr);
	if (is_child)
		_exit(DIE_STATUS);
	exit(DIE_STATUS);
}

void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p)
		die("out of memory for %zu bytes; use fewer --pages", n * size);
	return p;
}

void *xrealloc(void *old, size_t n, size_t size)
{
	void *p = reallocarray(old, n ? n : 1, size);

	if (!p)
		die("out of memory for %zu times %zu bytes; use fewer --pages", n, size);
	return p;
}

char *xstrdup(const char *s)
{
	return xasprintf("%s", s);
}

char *xasprintf(const char *format, ...)
{
	va_list args;
	char *s;

	va_start(args, format);
	if (vasprintf(&s, format, args) < 0)
		die("out of memory");
	va_end(args);
	return s;
}
