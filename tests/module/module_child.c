// SPDX-License-Identifier: MIT
/*
 * What the parts of module_test need besides the module: children, and odd numbers.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "module_test.h"

int child_status(pid_t pid)
{
	int status;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

uint64_t odd_number(uint32_t *state)
{
	static const uint64_t edges[] = { 0,	   1,	       4095,	   4096,      DEX_MAX_BATCH,
					  SAMPLES, 1ull << 32, 1ull << 47, INT64_MAX, UINT64_MAX };
	uint32_t r = *state = *state * 1664525 + 1013904223; /* Numerical Recipes' LCG */

	if (r >> 30 == 0)
		return edges[(r >> 8) % (sizeof(edges) / sizeof(edges[0]))];
	if (r >> 30 == 1)
		return r >> 20 & 0xff;
	return ((uint64_t)r << 32 | (r * 2654435761u)) & ~(uint64_t)(r >> 29 & 1 ? 4095 : 0);
}

pid_t started(const char *what, void (*work)(int ready), void *said, size_t size)
{
	int ends[2];
	pid_t pid;

	if (pipe(ends))
		exit(1);
	pid = fork();
	if (!pid)
		work(ends[1]);
	close(ends[1]);
	expect(what, read(ends[0], said, size), (long)size);
	close(ends[0]);
	usleep(20000);
	return pid;
}

void killed(const char *what, void (*work)(int ready))
{
	char c;
	pid_t pid = started(what, work, &c, 1);

	kill(pid, SIGKILL);
	expect(what, child_status(pid), -SIGKILL);
}
