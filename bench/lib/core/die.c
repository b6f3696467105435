// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/core/die.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/core/line.h"

static const char *program = "dexbench";
static int is_child;
static int dying;

void die_set_program(const char *name)
{
	program = name;
}

void die_as_child(void)
{
	is_child = 1;
}

/* What is said may hold words of a file, and stays one line; written at once wherever it can be. */
static void say(const char *format, va_list args)
{
	char *text = NULL;

	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	if (text && !line_is_one(text))
		line_put(stderr, text, "");
	else
		fputs(text ? text : format, stderr);
	free(text);
}

void die_at(const char *file, int line, const char *format, ...)
{
	va_list args;

	/* Without memory there is none for this, either. */
	if (dying++)
		_exit(DIE_STATUS);
	fflush(stdout);
	fprintf(stderr, "%s: error: ", program);
	va_start(args, format);
	say(format, args);
	va_end(args);
	if (file)
		fprintf(stderr, " [%s:%d]", file, line);
	fputc('\n', stderr);
	if (is_child)
		_exit(DIE_STATUS);
	exit(DIE_STATUS);
}

/* What was not written has not been said: a full disk, a reader that went away. */
static void check_output(void)
{
	int lost = ferror(stdout);

	errno = 0;
	lost |= fclose(stdout);
	if (!lost || dying)
		return;
	fprintf(stderr, "%s: error: cannot print: %s\n", program,
		errno ? strerror(errno) : "a write failed");
	_exit(DIE_STATUS);
}

void die_of_lost_output(void)
{
	atexit(check_output);
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
