// SPDX-License-Identifier: MIT
#include "lib/args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/die.h"
#include "lib/version.h"

int args_take(const struct arg *table, size_t n, void *into, const char *text)
{
	for (size_t i = 0; i < n; i++) {
		size_t length = strlen(table[i].name);
		char want = table[i].value ? '=' : '\0';

		if (strncmp(text, table[i].name, length))
			continue;
		if (text[length] == want) {
			*(const char **)((char *)into + table[i].offset) =
				text + length + (want != '\0');
			return 1;
		}
		if (want && !text[length])
			die_usage("%s needs a value: %s=%s", text, text, table[i].value);
	}
	return 0;
}

void args_parse(const struct arg *table, size_t n, void *into, int *argc, char **argv)
{
	int kept = 1;

	for (int i = 1; i < *argc; i++) {
		if (argv[i][0] != '-')
			argv[kept++] = argv[i];
		else if (!args_take(table, n, into, argv[i]))
			die_usage("unknown option %s; --help lists them", argv[i]);
	}
	*argc = kept;
}

void args_help(const struct arg *table, size_t n, int column)
{
	for (size_t i = 0; i < n; i++) {
		const char *value = table[i].value, *line = table[i].help, *end;
		char *left =
			xasprintf("%s%s%s", table[i].name, value ? "=" : "", value ? value : "");

		if ((int)strlen(left) > column)
			printf("  %s\n%*s", left, column + 3, "");
		else
			printf("  %-*s ", column, left);
		for (; (end = strchr(line, '\n')); line = end + 1)
			printf("%.*s\n%*s", (int)(end - line), line, column + 3, "");
		printf("%s\n", line);
		free(left);
	}
}

void args_version(const char *program)
{
	printf("%s %s\n", program, dexbench_version);
}
