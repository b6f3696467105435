// SPDX-License-Identifier: MIT
/*
 * Vendors' libraries at run time, and text that says what they lack.
 *
 * DEXBENCH_GPU_LIBRARIES names the one directory to look in: for tests, which need a
 * machine without libraries or with one of their own.
 */
#define _GNU_SOURCE
#include "gpu/gpu.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/core/die.h"

const char *gpu_text(const char *format, ...)
{
	static char text[GPU_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return text;
}

double gpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void *gpu_library(const char *name, const char **why)
{
	const char *directory = getenv("DEXBENCH_GPU_LIBRARIES");
	char *path = directory ? xasprintf("%s/%s", directory, name) : xstrdup(name);
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		*why = gpu_text("%s cannot be opened: %s", name, dlerror());
	free(path);
	return library;
}

const char *gpu_symbols(void *library, const char *file, const struct gpu_symbol *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		void *at = dlsym(library, s[i].name);

		if (!at && !s[i].optional)
			return gpu_text("%s has no %s: it is too old", file, s[i].name);
		memcpy(s[i].into, &at, sizeof(at));
	}
	return NULL;
}
