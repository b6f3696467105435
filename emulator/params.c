// SPDX-License-Identifier: MIT
/* Read before main(), because QEMU's own options are its own. */
#include "params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VARIABLE "DEXBENCH_LOCKSTEP"

int64_t param[PARAMS];
bool params_on;

static const struct {
	const char *name;
	int64_t least, most, usual;
	const char *meaning;
} known[PARAMS] = {
	[Q] = { "q", 1, 10000, 50, "instructions of a turn, on average" },
	[PAUSE] = { "pause", 0, 10000, 100, "price of a PAUSE, in instructions" },
	[SEED] = { "seed", 0, UINT32_MAX, 1, "what draws one interleaving of many" },
};

void params_require(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "lockstep: %s\n", what);
	_exit(2);
}

static void describe(void)
{
	for (int i = 0; i < PARAMS; i++)
		printf("%s\"%s\": {\"least\": %lld, \"most\": %lld, \"default\": %lld, \"meaning\": \"%s\"}",
		       i ? ", " : "{", known[i].name, (long long)known[i].least,
		       (long long)known[i].most, (long long)known[i].usual, known[i].meaning);
	printf("}\n");
	exit(0);
}

static void refuse(int i, const char *text)
{
	fprintf(stderr, "lockstep: %s=%s: give %lld to %lld\n", known[i].name, text,
		(long long)known[i].least, (long long)known[i].most);
	_exit(2);
}

static int which(const char *name)
{
	for (int i = 0; i < PARAMS; i++)
		if (!strcmp(known[i].name, name))
			return i;
	fprintf(stderr, "lockstep: '%s': one of q=N, pause=N, seed=N, with commas between\n", name);
	_exit(2);
}

static void take(char *word)
{
	char *text = strchr(word, '='), *end;
	int i;

	if (text)
		*text++ = '\0';
	i = which(word);
	if (!text || *text < '0' || *text > '9' || strlen(text) > 10)
		refuse(i, text ? text : "");
	param[i] = strtoll(text, &end, 10);
	if (*end || param[i] < known[i].least || param[i] > known[i].most)
		refuse(i, text);
}

static void __attribute__((constructor)) read_environment(void)
{
	const char *value = getenv(VARIABLE);
	char *copy, *rest, *word;

	if (!value)
		return;
	if (!strcmp(value, "describe"))
		describe();
	for (int i = 0; i < PARAMS; i++)
		param[i] = known[i].usual;
	copy = rest = strdup(value);
	while (copy && (word = strsep(&rest, ",")))
		if (*word)
			take(word);
	free(copy);
	params_on = true;
}
