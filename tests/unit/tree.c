// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "tree.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/core/die.h"

static char root[64];

const char *tree_make(void)
{
	strcpy(root, "/tmp/dexbench-test-tree.XXXXXX");
	if (!mkdtemp(root))
		die("mkdtemp: %s", strerror(errno));
	return root;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

void tree_remove(void)
{
	nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void tree_put_bytes(const char *path, const void *bytes, size_t n)
{
	char *whole = xasprintf("%s%s", root, path);
	FILE *file;

	for (char *slash = whole + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(whole, 0755);
		*slash = '/';
	}
	file = fopen(whole, "w");
	if (!file || fwrite(bytes, 1, n, file) != n || fclose(file))
		die("%s: %s", whole, strerror(errno));
	free(whole);
}

void tree_put(const char *path, const char *text)
{
	tree_put_bytes(path, text, strlen(text));
}
