// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/attribute.h"
#include "lib/arch/arch.h"
#include "lib/core/die.h"
#include "lib/core/input.h"
#include "lib/core/quote.h"

struct symbol {
	uint64_t addr;
	char type, *name;
};

struct symbols {
	struct symbol *symbol; /* ascending, one an address */
	size_t n;
};

/* What gcc appends to the name of a function that it made of another. */
static void strip_suffixes(char *name)
{
	static const char *const suffixes[] = { ".isra.", ".constprop.", ".part.", ".cold",
						".lto_" };

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		char *at = strstr(name, suffixes[i]);

		if (at && at != name)
			*at = 0;
	}
}

/* Of several names of one address the global, then the one with fewer underscores in front. */
static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;
	int is_global[] = { x->type == 'T', y->type == 'T' };
	size_t bars[] = { strspn(x->name, "_"), strspn(y->name, "_") };

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	if (x->type == 'e' || y->type == 'e') /* where one ends another may begin */
		return (x->type == 'e') - (y->type == 'e');
	if (is_global[0] != is_global[1])
		return is_global[1] - is_global[0];
	if (bars[0] != bars[1])
		return bars[0] < bars[1] ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void add(struct symbols *s, uint64_t addr, char type, const char *name)
{
	if (!(s->n & (s->n - 1))) {
		s->symbol = xrealloc(s->symbol, s->n ? 2 * s->n : 1, sizeof(*s->symbol));
	}
	s->symbol[s->n] = (struct symbol){ .addr = addr, .type = type, .name = quote_line(name) };
	strip_suffixes(s->symbol[s->n++].name);
}

static void sort(struct symbols *s)
{
	size_t kept = 0;

	qsort(s->symbol, s->n, sizeof(*s->symbol), by_address);
	for (size_t i = 0; i < s->n; i++)
		if (!kept || s->symbol[kept - 1].addr != s->symbol[i].addr)
			s->symbol[kept++] = s->symbol[i];
		else
			free(s->symbol[i].name);
	s->n = kept;
}

struct symbols *symbols_read(const char *path)
{
	struct symbols *s = xcalloc(1, sizeof(*s));
	size_t bytes;
	char *text = input_read(path, &bytes), *at = text, *line, type, name[1000];
	uint64_t addr;

	while ((line = strsep(&at, "\n"))) {
		if (!*line && !at)
			break;
		if (sscanf(line, "%" SCNx64 " %c %999s", &addr, &type, name) != 3)
			die_usage("%s: not a line of a symbol table: %.40s", path, line);
		add(s, addr, type, name);
	}
	free(text);
	if (!s->n)
		die_usage("%s: no symbols; without them no instruction has a function", path);
	sort(s);
	return s;
}

/* The last that begins at @addr or below, or NULL. */
static const struct symbol *find(const struct symbols *s, uint64_t addr)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (s->symbol[middle].addr <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low && s->symbol[low - 1].type != 'e' ? &s->symbol[low - 1] : NULL;
}

const char *symbols_name(const struct symbols *s, uint64_t addr)
{
	const struct symbol *symbol = arch_is_kernel(addr) ? find(s, addr) : NULL;

	if (!arch_is_kernel(addr))
		return NAME_USER;
	return symbol ? symbol->name : NAME_UNKNOWN;
}

const char *symbols_object(const struct symbols *s, uint64_t addr)
{
	const struct symbol *symbol = find(s, addr);

	return symbol ? symbol->name : NULL;
}
