/* SPDX-License-Identifier: MIT */
/*
 * Memory that programs map without a page cache: files of a file system that is mounted with
 * dax=always, and a device without a file system; and anonymous memory, to compare with.
 *
 * The file has no name and goes with its descriptor; any such file system will do.  The device is
 * raw, so only the one is used that a guest made for this (guest-init.sh), and never a machine's own.
 *
 * What returns a reason returns NULL where it could be had.
 */
#ifndef LIB_DAX_H
#define LIB_DAX_H

#include "lib/mem/mem.h"

enum dax_kind { DAX_ANON, DAX_FILE, DAX_DEVICE };

/* A file of that many pages, each written, so that no fault has to find it a place; *@fd to close(). */
const char *dax_file(size_t pages, int *fd);

/* Put pages of @fd, from page @from on, where @mem is; nothing is touched. */
void dax_map(const struct mem *mem, int fd, size_t from);

/* A region that is mapped and was never touched: by huge entries, or by none. */
struct dax {
	struct mem mem;
	int fd; /* -1: none */
};

const char *dax_region(struct dax *dax, enum dax_kind kind, int huge, size_t pages);
void dax_free(struct dax *dax);

/* Pages of a file, from page @from on, whose first word is @first, @first + @step and so on. */
size_t dax_holding(int fd, size_t from, size_t pages, int first, int step);

/* References to pages, in a pipe; reading it lets go of them and counts as dax_holding() does. */
void dax_pin(const struct mem *mem, int ends[2]);
size_t dax_unpin(const struct mem *mem, int ends[2], int first, int step);

/* Another file, of whatever blocks are free, as many at most; to close(). */
int dax_take_space(size_t pages);

#endif /* LIB_DAX_H */
