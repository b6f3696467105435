/* SPDX-License-Identifier: MIT */
/*
 * Files that a stranger made.  One is read whole, if it is a plain file of bounded size below the
 * directory that is being read: a FIFO would wait for ever, a device never end, a symbolic link
 * lead to what is not part of the results.
 */
#ifndef LIB_INPUT_H
#define LIB_INPUT_H

#include <stddef.h>

#define INPUT_MOST   (256u << 20) /* bytes, unpacked */
#define INPUT_DEPTH  32		  /* arrays and objects in each other, in JSON */
#define INPUT_VALUES (1u << 21)	  /* of them and what they hold; samples aside */

/* From here on files are read below @directory alone, under names that begin with it. */
void input_within(const char *directory);

/* Is there something of that name, whatever it is? */
int input_exists(const char *path);

/* All of @path, @bytes of it and a '\0', to free; dies if it cannot be had. */
char *input_read(const char *path, size_t *bytes);

/* The same of @path or of what gzip made of it, @path.gz. */
char *input_unpack(const char *path, size_t *bytes);

/* Dies unless @text, JSON, can be parsed with little stack and memory. */
void input_check(const char *text, size_t bytes, const char *path);

#endif /* LIB_INPUT_H */
