/* SPDX-License-Identifier: MIT */
/* Arrays that grow and a hash from a 64-bit key to the next free index. */
#ifndef PLUGIN_TABLE_H
#define PLUGIN_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* realloc() that ends QEMU instead of returning NULL. */
void *table_realloc(void *old, size_t n, size_t size);

/* Room for one more of @n elements of a plain array, doubled when it is full. */
#define TABLE_ROOM(array, n)                                                                   \
	do {                                                                                   \
		if (((n) & ((n)-1)) == 0)                                                      \
			(array) = table_realloc((array), (n) ? 2 * (n) : 1, sizeof(*(array))); \
	} while (0)

struct table {
	uint64_t *key; /* 0: free */
	uint32_t *index;
	size_t size, n;
};

/* The index of @key, which is not 0; a new one is the number of keys so far, and *@new 1. */
uint32_t table_index(struct table *t, uint64_t key, int *new);
/* The same if it is there; false if it is not. */
int table_find(const struct table *t, uint64_t key, uint32_t *index);

/* A 64-bit mix in which every bit of @x counts (the finaliser of MurmurHash3). */
uint64_t table_mix(uint64_t x);

#endif /* PLUGIN_TABLE_H */
