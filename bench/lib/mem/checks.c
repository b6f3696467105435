// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/mem/checks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/core/die.h"

static volatile int *word(const struct mem *mem, size_t i)
{
	return (volatile int *)mem_page(mem, i);
}

void checks_number(const struct mem *mem)
{
	for (size_t i = 0; i < mem->pages; i++)
		*word(mem, i) = (int)i;
}

size_t checks_increment(const struct mem *mem)
{
	struct rusage before, after;

	getrusage(RUSAGE_SELF, &before);
	for (size_t i = 0; i < mem->pages; i++)
		++*word(mem, i);
	getrusage(RUSAGE_SELF, &after);
	return (size_t)(after.ru_minflt - before.ru_minflt);
}

size_t checks_holding(const struct mem *mem, int more)
{
	size_t n = 0;

	for (size_t i = 0; i < mem->pages; i++)
		n += *word(mem, i) == (int)i + more;
	return n;
}

void checks_protect(const struct mem *mem, int protection)
{
	if (mprotect(mem->start, mem_bytes(mem), protection))
		die("mprotect: %s", strerror(errno));
}

struct mem checks_remap(const struct mem *mem)
{
	size_t bytes = mem_bytes(mem);
	struct mem there = *mem;

	there.start = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (there.start == MAP_FAILED ||
	    mremap(mem->start, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, there.start) ==
		    MAP_FAILED)
		die("mremap: %s", strerror(errno));
	return there;
}

void checks_migrate(const struct mem *mem, int node)
{
	void **page = xcalloc(mem->pages, sizeof(*page));
	int *to = xcalloc(mem->pages, 2 * sizeof(*to));

	for (size_t i = 0; i < mem->pages; i++) {
		page[i] = mem_page(mem, i);
		to[i] = node;
	}
	if (syscall(SYS_move_pages, 0, mem->pages, page, to, to + mem->pages,
		    2 /* MPOL_MF_MOVE */) < 0)
		die("move_pages: %s", strerror(errno));
	free(page);
	free(to);
}

int checks_child(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("a child cannot be had: %s", strerror(errno));
	return status;
}
