/* SPDX-License-Identifier: MIT */
/*
 * Command lines, by the C library's argp: "--name=value" or "--name value" go into members of a
 * struct.  A program's table is the only place where its options are declared: --help prints
 * it, completion reads --help, and the man pages are held to it (make check PART=install).
 *
 * Of a mistake argp says two lines, and where to look.  Here it says nothing, and what the
 * mistake was is one line, with status 2.
 */
#ifndef LIB_ARGS_H
#define LIB_ARGS_H

#include <argp.h>
#include <stddef.h>

/* One option; @field of @type is a const char *: its value, or for one without value (NULL
 * stands for it in --help) any text once it is given. */
#define ARG(type, field, name, value, help)                                      \
	{                                                                        \
		name, ARG_FIELDS + (int)offsetof(type, field), value, 0, help, 0 \
	}
/*
 * The name of a value is short enough for argp's column of options, which ends at 28: where
 * it does not fit, argp writes a line over another now and then.  If the value is one of a few
 * words, its name says "a|b|c", or @help begins with them; so completion knows them.
 */
/* The options below it are a group of --help. */
#define ARG_GROUP(title)         \
	{                        \
		.doc = title ":" \
	}
/* Ends a table, with what every program has. */
#define ARG_END                                                                 \
	{ "help", 'h', NULL, 0, "print this and exit", -1 },                    \
		{ "version", 'V', NULL, 0, "print which version this is", -1 }, \
	{                                                                       \
		0                                                               \
	}

/* Keys of options from here on are places in the struct, and below letters. */
#define ARG_FIELDS 256

struct args {
	const char *program;
	const char *operands; /* as --help calls what is no option; NULL: there is nothing else */
	const char *about;    /* what --help says before the options, and behind a \v after them */
	const struct argp_option *options;
	void (*more_help)(void); /* prints what follows, or NULL */
};

/* Take the options out of argv; what is left are operands.  Dies of any that is not in the
 * table, and ends the program that is asked for its help or version. */
void args_parse(const struct args *args, void *into, int *argc, char **argv);

#endif /* LIB_ARGS_H */
