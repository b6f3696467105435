// SPDX-License-Identifier: MIT
#include "plugin/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *table_realloc(void *old, size_t n, size_t size)
{
	void *p = realloc(old, n * size);

	if (p)
		return p;
	fprintf(stderr, "dexplugin: out of memory for %zu elements of %zu bytes\n", n, size);
	exit(1);
}

uint64_t table_mix(uint64_t x)
{
	x = (x ^ x >> 33) * 0xff51afd7ed558ccdu;
	x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53u;
	return x ^ x >> 33;
}

static size_t place(const struct table *t, uint64_t key)
{
	size_t i = table_mix(key) & (t->size - 1);

	while (t->key[i] && t->key[i] != key)
		i = (i + 1) & (t->size - 1);
	return i;
}

static void grow(struct table *t)
{
	struct table old = *t;

	t->size = old.size ? 2 * old.size : 1024;
	t->key = table_realloc(NULL, t->size, sizeof(*t->key));
	t->index = table_realloc(NULL, t->size, sizeof(*t->index));
	memset(t->key, 0, t->size * sizeof(*t->key));
	for (size_t i = 0; i < old.size; i++) {
		size_t to;

		if (!old.key[i])
			continue;
		to = place(t, old.key[i]);
		t->key[to] = old.key[i];
		t->index[to] = old.index[i];
	}
	free(old.key);
	free(old.index);
}

uint32_t table_index(struct table *t, uint64_t key, int *new)
{
	size_t i;

	if (2 * t->n >= t->size)
		grow(t);
	i = place(t, key);
	*new = !t->key[i];
	if (*new) {
		t->key[i] = key;
		t->index[i] = (uint32_t)t->n++;
	}
	return t->index[i];
}

int table_find(const struct table *t, uint64_t key, uint32_t *index)
{
	size_t i = t->n ? place(t, key) : 0;

	if (!t->n || t->key[i] != key)
		return 0;
	*index = t->index[i];
	return 1;
}
