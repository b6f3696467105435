// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/mem/huge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/arch/arch.h"
#include "lib/core/die.h"
#include "lib/machine/proc.h"

#define SETTINGS  "/sys/kernel/mm/transparent_hugepage"
#define PMD_ORDER ARCH_HUGE_ORDER
#define MIN_ORDER 2 /* of a large anonymous folio */

/* The file that allows folios of @order; NULL if this kernel has none.  To free. */
static char *switch_of(unsigned int order)
{
	char *path = xasprintf(SETTINGS "/hugepages-%zukB/enabled", mem_page_size() << order >> 10);
	json_t *word = proc_chosen(path, "[]");

	if (json_is_null(word) && order == PMD_ORDER) { /* before 6.8: one for all */
		free(path);
		path = xstrdup(SETTINGS "/enabled");
		json_decref(word);
		word = proc_chosen(path, "[]");
	}
	if (json_is_null(word)) {
		free(path);
		path = NULL;
	}
	json_decref(word);
	return path;
}

static void set(const char *path, const char *word)
{
	FILE *file = fopen(path, "we");

	if (!file || fputs(word, file) == EOF || fclose(file))
		die("%s: cannot write \"%s\": %s", path, word, strerror(errno));
}

/* Allow @order and no other size; @old: what was set, to put back. */
static void allow(unsigned int order, json_t *old[PMD_ORDER + 1])
{
	for (unsigned int i = MIN_ORDER; i <= PMD_ORDER; i++) {
		char *path = switch_of(i);

		old[i] = path ? proc_chosen(path, "[]") : json_null();
		if (path)
			set(path, i == order ? "madvise" : "never");
		free(path);
	}
}

static void put_back(json_t *old[PMD_ORDER + 1])
{
	for (unsigned int i = MIN_ORDER; i <= PMD_ORDER; i++) {
		char *path = switch_of(i);

		if (path)
			set(path, json_string_value(old[i]));
		json_decref(old[i]);
		free(path);
	}
}

static void advise(const struct mem *mem, int advice)
{
	if (madvise(mem->start, mem_bytes(mem), advice))
		die("madvise(%d) for huge pages: %s", advice, strerror(errno));
}

const char *huge_touch(const struct mem *mem, unsigned int order)
{
	json_t *old[PMD_ORDER + 1];
	char *path;

	if (!order) {
		mem_touch(mem);
		return NULL;
	}
	path = switch_of(order);
	if (!path)
		return order == PMD_ORDER ? "this kernel has no transparent huge pages"
					  : "this kernel has no mTHP (6.8 or newer has)";
	free(path);
	advise(mem, MADV_HUGEPAGE);
	allow(order, old);
	for (size_t i = 0; i < mem->pages; i++)
		*(volatile char *)mem_page(mem, i) = 1;
	put_back(old);
	advise(mem, MADV_NOHUGEPAGE);
	return mem_folios(mem, order) == mem->pages >> order
		       ? NULL
		       : "too few folios of that order are to be had: memory is fragmented";
}

static uint64_t number(json_t *value)
{
	uint64_t n = (uint64_t)json_integer_value(value);

	json_decref(value);
	return n;
}

struct huge_counts huge_counts(unsigned int order)
{
	struct huge_counts c = { .pmd_splits =
					 number(proc_column("/proc/vmstat", "thp_split_pmd", 0)) };
	char *path;

	if (order == PMD_ORDER) { /* vmstat counts this order alone */
		c.deferred_splits =
			number(proc_column("/proc/vmstat", "thp_deferred_split_page", 0));
		return c;
	}
	path = xasprintf(SETTINGS "/hugepages-%zukB/stats/split_deferred",
			 mem_page_size() << order >> 10);
	c.deferred_splits = number(proc_number(path));
	free(path);
	return c;
}
