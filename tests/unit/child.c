// SPDX-License-Identifier: MIT
#include "child.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int child_run(void (*body)(void *arg), void *arg, char *said, size_t size)
{
	FILE *file = tmpfile();
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		dup2(fileno(file), STDERR_FILENO);
		body(arg);
		exit(0);
	}
	waitpid(pid, &status, 0);
	rewind(file);
	said[fread(said, 1, size - 1, file)] = '\0';
	fclose(file);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
