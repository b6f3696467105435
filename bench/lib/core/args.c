// SPDX-License-Identifier: MIT
#include "lib/core/args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"
#include "lib/core/version.h"

/* argp's own keys lie above; no struct is that large. */
#define ARG_FIELDS_END (1 << 20)

struct parsing {
	const struct args *args;
	void *into;
	int next; /* argument, when the last option had been taken */
};

/* The options whose names begin with the first @length bytes of @text, or one that is
 * called so; *@last: one of them. */
static size_t candidates(const struct argp_option *table, const char *text, size_t length,
			 const struct argp_option **last)
{
	size_t n = 0;

	for (; table->name || table->doc; table++) {
		if (!table->name || strncmp(table->name, text, length))
			continue;
		*last = table;
		if (!table->name[length])
			return 1;
		n++;
	}
	return n;
}

static void refuse(const struct args *args, const char *text)
{
	size_t length = strcspn(text, "="), n = 0;
	const struct argp_option *option = NULL;

	if (length > 2 && text[1] == '-')
		n = candidates(args->options, text + 2, length - 2, &option);
	if (!n)
		die_usage("unknown option %s; --help lists them", text);
	if (n > 1)
		die_usage("%s is short for %zu options, --%s one of them; --help lists them", text,
			  n, option->name);
	if (!option->arg)
		die_usage("%s: --%s takes no value", text, option->name);
	die_usage("--%s needs a value: --%s=%s; --help says more", option->name, option->name,
		  option->arg);
}

/* getopt is behind the argument that it could not take, but for one of several letters. */
static const char *refused(const struct parsing *p, const struct argp_state *state)
{
	const char *before = state->argv[state->next - 1];

	return state->next > p->next && *before == '-' ? before : state->argv[state->next];
}

static void help(const struct args *args, const struct argp *argp)
{
	argp_help(argp, stdout, ARGP_HELP_SHORT_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC,
		  (char *)args->program);
	if (args->more_help)
		args->more_help();
	exit(0);
}

static error_t take(int key, char *value, struct argp_state *state)
{
	struct parsing *p = state->input;

	if (key == ARGP_KEY_ERROR)
		refuse(p->args, refused(p, state));
	if (key == 'h')
		help(p->args, state->root_argp);
	if (key == 'V') {
		printf("%s %s\n", p->args->program, dexbench_version);
		exit(0);
	}
	if (key < ARG_FIELDS || key >= ARG_FIELDS_END)
		return ARGP_ERR_UNKNOWN;
	*(const char **)((char *)p->into + key - ARG_FIELDS) = value ? value : "";
	p->next = state->next;
	return 0;
}

void args_parse(const struct args *args, void *into, int *argc, char **argv)
{
	struct parsing p = { args, into, 1 };
	struct argp argp = { .options = args->options,
			     .parser = take,
			     .args_doc = args->operands,
			     .doc = args->about };
	int end = *argc;
	error_t failed = argp_parse(&argp, *argc, argv, ARGP_SILENT, &end, &p);

	if (failed)
		die("cannot read the command line: %s", strerror(failed));
	memmove(argv + 1, argv + end, (size_t)(*argc - end + 1) * sizeof(*argv));
	*argc -= end - 1;
}
