/* SPDX-License-Identifier: MIT */
/*
 * Memory of the kernel's that should be free again.
 *
 * Where the kernel tells (CONFIG_SLUB_DEBUG), objects of the size class that the
 * module's two structures, of an open file and of a device, are in; its checkers' own
 * memory, which grows, is none of them.  Elsewhere what is available altogether.
 */
#ifndef LEFTOVER_H
#define LEFTOVER_H

struct leftover {
	long objects; /* in use; -1: the kernel does not tell */
	long kib;     /* available */
};

struct leftover leftover_now(void);

/* 0, or how many objects or KiB more than chance are missing. */
long leftover_since(const struct leftover *before);

#endif /* LEFTOVER_H */
