/* SPDX-License-Identifier: MIT */
/* A tree of files in a temporary directory, as a stand-in for /sys and /proc. */
#ifndef TESTS_TREE_H
#define TESTS_TREE_H

#include <stddef.h>

/* Make an empty one; its path, which tree_remove() ends. */
const char *tree_make(void);
void tree_remove(void);

/* Put a file in it, directories before it included. */
void tree_put(const char *path, const char *text);
void tree_put_bytes(const char *path, const void *bytes, size_t n);

#endif /* TESTS_TREE_H */
