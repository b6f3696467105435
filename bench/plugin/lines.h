/* SPDX-License-Identifier: MIT */
/*
 * Which lines of memory move between CPUs, had every CPU a cache without an end.
 *
 * A line is what a cache has of physical memory (ARCH_LINE_BITS).  It is with the CPU that wrote it last, and with
 * those that have read it since.  A CPU that reads or writes a line which another wrote, and that it
 * has not had since, fetches it; one that writes a line which others have, too, takes it from
 * them.  That is what keeps caches coherent on any machine; what a transfer costs, and lines
 * that are thrown out for lack of room, are not in it.  Devices are left out.
 */
#ifndef PLUGIN_LINES_H
#define PLUGIN_LINES_H

#include <stdint.h>

#define LINES_CPUS 64 /* a bit each */

enum line_move {
	LINE_STAYS,
	LINE_READ,    /* fetched, to read it */
	LINE_WRITTEN, /* fetched, to write it */
	LINE_TAKEN,   /* written, and taken from those who read it */
};

enum line_move lines_access(unsigned int cpu, uint64_t physical, int is_write);

#endif /* PLUGIN_LINES_H */
