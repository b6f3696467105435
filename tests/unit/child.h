/* SPDX-License-Identifier: MIT */
/* For tests of what ends the program: run it in a child, read what it said. */
#ifndef TESTS_CHILD_H
#define TESTS_CHILD_H

#include <stddef.h>

/* Run @body(@arg) in a child; its exit status (128 + n for a signal), and its
 * stderr, cut to @size, in @said. */
int child_run(void (*body)(void *arg), void *arg, char *said, size_t size);

#endif /* TESTS_CHILD_H */
