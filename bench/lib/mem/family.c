// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/mem/family.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/core/die.h"
#include "lib/mem/frames.h"

struct family {
	size_t n;
	pid_t *pid;
	uint64_t *report; /* one a child, shared with it */
	size_t report_bytes;
	int go[2]; /* its end is the word to go */
};

/* What a child said, or that it is gone: read() without the signals' noise. */
static ssize_t hear(int fd)
{
	char byte;
	ssize_t n;

	do
		n = read(fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	return n;
}

static void make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC))
		die("pipe for a child: %s", strerror(errno));
}

static __attribute__((noreturn)) void live(struct family *f, size_t i, int ready,
					   const struct family_job *job, void *user, pid_t parent)
{
	die_as_child();
	close(f->go[1]);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(DIE_STATUS);
	frames_forget();
	if (job && job->begin)
		job->begin(user);
	if (write(ready, "", 1) != 1)
		_exit(DIE_STATUS);
	hear(f->go[0]);
	if (job && job->report)
		f->report[i] = job->report(user);
	_exit(0);
}

/* One that said why it died leaves nothing to add. */
static __attribute__((noreturn)) void mourn(size_t i, size_t n, int status, const char *when)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == DIE_STATUS)
		exit(DIE_STATUS);
	if (WIFSIGNALED(status))
		die("child %zu of %zu was killed by signal %d (%s) %s", i + 1, n, WTERMSIG(status),
		    strsignal(WTERMSIG(status)), when);
	die("child %zu of %zu ended with status %d %s", i + 1, n, WEXITSTATUS(status), when);
}

static int reap(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("waiting for a child: %s", strerror(errno));
	return status;
}

static void start_one(struct family *f, size_t i, const struct family_job *job, void *user)
{
	pid_t parent = getpid();
	int ready[2];

	make_pipe(ready);
	f->pid[i] = fork();
	if (f->pid[i] < 0)
		die("fork of child %zu of %zu: %s", i + 1, f->n, strerror(errno));
	if (!f->pid[i])
		live(f, i, ready[1], job, user, parent);
	close(ready[1]);
	if (hear(ready[0]) != 1)
		mourn(i, f->n, reap(f->pid[i]), "before it was ready");
	close(ready[0]);
}

struct family *family_start(size_t n, const struct family_job *job, void *user)
{
	struct family *f = xcalloc(1, sizeof(*f));

	f->n = n;
	f->pid = xcalloc(n, sizeof(*f->pid));
	f->report_bytes = (n + 1) * sizeof(*f->report);
	f->report = mmap(NULL, f->report_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			 -1, 0);
	if (f->report == MAP_FAILED)
		die("mapping %zu bytes: %s", f->report_bytes, strerror(errno));
	make_pipe(f->go);
	fflush(NULL); /* or a child's die() would print it again */
	for (size_t i = 0; i < n; i++)
		start_one(f, i, job, user);
	return f;
}

struct family *family_in_front(size_t n, struct mem *mem)
{
	struct family *f;

	frames_low(mem);
	f = family_start(n, NULL, NULL);
	frames_high(mem);
	mem_reinsert(mem);
	return f;
}

uint64_t family_end(struct family *f)
{
	uint64_t sum = 0;

	if (!f)
		return 0;
	close(f->go[1]);
	for (size_t i = 0; i < f->n; i++) {
		int status = reap(f->pid[i]);

		if (status)
			mourn(i, f->n, status, "when it was told to go");
		sum += f->report[i];
	}
	close(f->go[0]);
	munmap(f->report, f->report_bytes);
	free(f->pid);
	free(f);
	return sum;
}
