// SPDX-License-Identifier: MIT
/*
 * In what the kernels' conditions differ, besides what the legend says of them: in words, without
 * what only names the same thing once more; or all of it, by the keys of run.json.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "lib/core/die.h"
#include "lib/core/json.h"

#define VALUE_SHOWN 40 /* characters of a condition's value */

/* NULL: it identifies a kernel, or the legend has it.  A key that is not here is its own words. */
static const struct {
	const char *key, *words;
} known[] = {
	{ "kernel.release", NULL },
	{ "kernel.version", NULL },
	{ "kernel.build_id", NULL },
	{ "module.walk", NULL },
	{ "module.body", NULL },
	{ "config.hash", NULL },
	{ "config.source", NULL },
	{ "host.kernel.source", NULL },
	{ "host.kernel.tree", NULL },
	{ "host.kernel.config_hash", NULL },
	{ "host.kernel.build_id", NULL },
	{ "kernel.cmdline", "the command line" },
	{ "kernel.compiler", "the compiler" },
	{ "host.kernel.compiler", "the compiler, by the build" },
	{ "host.kernel.config", "the kind of configuration" },
	{ "config.symbols", "the configuration" },
	{ "module.max_batch", "pages a call takes" },
	{ "memory.total", "memory" },
	{ "memory.thp", "huge pages" },
	{ "cpu.vulnerabilities", "what the CPU is vulnerable to" },
	{ "host.qemu", "the emulator" },
	{ "dexbench", "dexbench" },
};

/* In words, to free; NULL: nothing that matters. */
static char *words_of(const char *key)
{
	char *words;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i].key, key))
			return known[i].words ? xstrdup(known[i].words) : NULL;
	words = xstrdup(key);
	for (char *at = words; *at; at++)
		*at = *at == '.' || *at == '_' ? ' ' : *at;
	return words;
}

static void put_all(FILE *f, const struct table *t, size_t columns)
{
	char *keys = environment_keys(t);
	char *line = xasprintf("Conditions differ in: %s", keys);
	json_t *entry;
	size_t i;

	wrap_indented(f, line, columns);
	json_array_foreach(t->environment_diff, i, entry) {
		char *text = environment_text(t, entry, VALUE_SHOWN);

		fprintf(f, "  %-23s %s\n", json_string_value(json_object_get(entry, "key")), text);
		free(text);
	}
	free(line);
	free(keys);
}

static void put_words(FILE *f, const struct table *t, const struct look *look)
{
	size_t i, n = 0;
	json_t *entry;

	json_array_foreach(t->environment_diff, i, entry) {
		char *words = words_of(json_string_value(json_object_get(entry, "key")));
		char *text = words ? environment_text(t, entry, VALUE_SHOWN) : NULL, *line;

		if (!words)
			continue;
		if (!n++)
			fputs("Besides the kernels themselves these conditions differ:\n", f);
		line = xasprintf("  %s: %s", words, text);
		wrap_indented(f, line, look->columns);
		free(line);
		free(text);
		free(words);
	}
	if (!n)
		fputs("No conditions differ besides the kernels themselves.\n", f);
}

char *differences_list(const struct table *t)
{
	char *text = NULL, *words, *longer;
	json_t *entry;
	size_t i;

	json_array_foreach(t->environment_diff, i, entry) {
		words = words_of(json_string_value(json_object_get(entry, "key")));
		if (!words)
			continue;
		longer = xasprintf("%s%s%s", text ? text : "", text ? ", " : "", words);
		free(text);
		free(words);
		text = longer;
	}
	return text;
}

void print_differences(FILE *f, const struct table *t, const struct look *look)
{
	size_t shown[COMPARE_MAX_KERNELS];

	if (letters(t, shown) < 2 && !json_array_size(t->environment_diff))
		return;
	fputc('\n', f);
	if (look->all && json_array_size(t->environment_diff))
		put_all(f, t, look->columns);
	else
		put_words(f, t, look);
}
