// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "leftover.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CHANCE_OBJECTS 64
#define CHANCE_KIB     4096

/* KASAN keeps freed objects for a while, and to shrink their cache makes it let go. */
static void free_the_freed(void)
{
	glob_t caches;

	sleep(1); /* for what is freed after a grace period */
	glob("/sys/kernel/slab/*/shrink", 0, NULL, &caches);
	for (size_t i = 0; i < caches.gl_pathc; i++) {
		int shrink = open(caches.gl_pathv[i], O_WRONLY);

		if (write(shrink, "1", 1) != 1)
			printf("leftover: %s: %s\n", caches.gl_pathv[i], strerror(errno));
		close(shrink);
	}
	globfree(&caches);
}

/* The number behind @name in a file of the kernel's, or -1. */
static long number(const char *path, const char *name)
{
	FILE *f = fopen(path, "r");
	char line[256];
	long value = -1;

	while (f && value < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			sscanf(line + strlen(name), "%ld", &value);
	if (f)
		fclose(f);
	return value;
}

struct leftover leftover_now(void)
{
	long objects, charged;

	free_the_freed();
	objects = number("/proc/slabinfo", "kmalloc-8k ");
	charged = number("/proc/slabinfo", "kmalloc-cg-8k "); /* with CONFIG_MEMCG */
	return (struct leftover){ .objects = charged > 0 ? objects + charged : objects,
				  .kib = number("/proc/meminfo", "MemAvailable:") };
}

long leftover_since(const struct leftover *before)
{
	struct leftover now = leftover_now();

	if (before->objects >= 0)
		return now.objects - before->objects > CHANCE_OBJECTS
			       ? now.objects - before->objects
			       : 0;
	return before->kib - now.kib > CHANCE_KIB ? before->kib - now.kib : 0;
}
