/* SPDX-License-Identifier: MIT */
/* "--name" and "--name=value" into members of a struct, by a table. */
#ifndef LIB_ARGS_H
#define LIB_ARGS_H

#include <stddef.h>

/* One option; the member at @offset is a const char *: its value, or for one
 * without value any text once it is given. */
struct arg {
	const char *name, *value, *help; /* @value: what stands for it in --help, or NULL */
	size_t offset;
};

#define ARG(type, field, name, value, help)              \
	{                                                \
		name, value, help, offsetof(type, field) \
	}

/* Is @text one of the @n options?  Then it is in @into.  Dies if its value is missing. */
int args_take(const struct arg *table, size_t n, void *into, const char *text);

/* Take the options out of argv; what is left does not begin with '-'.  Dies of any other. */
void args_parse(const struct arg *table, size_t n, void *into, int *argc, char **argv);

/* The lines of --help, explanations from column @column on. */
void args_help(const struct arg *table, size_t n, int column);

/* What --version prints, one line. */
void args_version(const char *program);

#endif /* LIB_ARGS_H */
