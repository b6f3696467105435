// SPDX-License-Identifier: MIT
#include "lib/mem/checks.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

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

int checks_child(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("a child cannot be had: %s", strerror(errno));
	return status;
}
