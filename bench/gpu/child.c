// SPDX-License-Identifier: MIT
/*
 * A child for each execution, and a watchdog beside it.
 *
 * The end of the child is the end of a pipe that only it holds; a byte in it says that the
 * device is ready, after which the time begins anew.  Getting ready has a longer limit of
 * its own: a driver that keeps no state while nobody uses it initialises every GPU of the
 * machine, one after the other.  A child that is late is killed; one that does not die of
 * that hangs in the driver, so nothing more is started that would hang there, too.
 */
#define _GNU_SOURCE
#include "gpu/gpu.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/core/die.h"

#define GRACE_MS 2000 /* from SIGKILL to the end */

static int stuck; /* a child that nothing kills */

struct limit {
	const char *what, *variable;
	int ms;
};

static const struct limit to_start = { "get ready", "DEXBENCH_GPU_START_MS", GPU_START_MS };
static const struct limit to_work = { "end", "DEXBENCH_GPU_TIMEOUT_MS", GPU_TIMEOUT_MS };

static int ms_of(const struct limit *limit)
{
	const char *text = getenv(limit->variable);
	int ms = text ? atoi(text) : 0;

	return ms > 0 ? ms : limit->ms;
}

/* The parent is bound to one CPU, the work of a device that is a CPU is not. */
static void use_all_cpus(void)
{
	cpu_set_t all;

	memset(&all, 0xff, sizeof(all));
	sched_setaffinity(0, sizeof(all), &all);
}

static __attribute__((noreturn)) void live(const struct gpu_ops *ops,
					   const struct gpu_request *request,
					   struct gpu_outcome *out, int ready, pid_t parent)
{
	die_as_child();
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(DIE_STATUS);
	use_all_cpus();
	if (!gpu_prepare(ops, out))
		_exit(0);
	if (write(ready, "", 1) != 1)
		_exit(DIE_STATUS);
	gpu_work(ops, request, out);
	_exit(0);
}

/* 1 if the pipe has something to say, if only that it is closed, before @ms are over. */
static int hears_within(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	double until = gpu_seconds() + ms * 1e-3;
	int n, left = ms;

	do {
		n = poll(&p, 1, left);
		left = (int)((until - gpu_seconds()) * 1e3);
	} while (n < 0 && errno == EINTR && left > 0);
	return n > 0;
}

static __attribute__((format(printf, 2, 3))) void failed(struct gpu_outcome *o, const char *format,
							 ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(o->reason, sizeof(o->reason), format, args);
	va_end(args);
	o->end = GPU_FAILED;
}

static void reap(pid_t pid, struct gpu_outcome *o, const struct limit *missed)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (missed)
		failed(o, "it did not %s within %d ms (%s) and was killed", missed->what,
		       ms_of(missed), missed->variable);
	else if (WIFSIGNALED(status))
		failed(o, "it was killed by signal %d (%s)", WTERMSIG(status),
		       strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status))
		failed(o, "it ended with status %d", WEXITSTATUS(status));
}

static int ends_within(int fd, int ms)
{
	char byte;

	while (hears_within(fd, ms))
		if (read(fd, &byte, 1) <= 0)
			return 1;
	return 0;
}

/* Which limit it did not keep; NULL: it ended in time. */
static const struct limit *missed_limit(int fd)
{
	char byte;

	if (!hears_within(fd, ms_of(&to_start)))
		return &to_start;
	if (read(fd, &byte, 1) <= 0 || ends_within(fd, ms_of(&to_work)))
		return NULL;
	return &to_work;
}

static void watch(pid_t pid, int fd, struct gpu_outcome *o)
{
	const struct limit *missed = missed_limit(fd);

	if (missed)
		kill(pid, SIGKILL);
	if (!missed || ends_within(fd, GRACE_MS)) {
		reap(pid, o, missed);
		return;
	}
	stuck = 1;
	failed(o, "it hangs in the driver, pid %d, and SIGKILL does not end it", (int)pid);
}

struct gpu_outcome *gpu_outcome_new(void)
{
	struct gpu_outcome *o =
		mmap(NULL, sizeof(*o), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (o == MAP_FAILED)
		die("mapping %zu bytes: %s", sizeof(*o), strerror(errno));
	return o;
}

struct gpu_outcome *gpu_child(const struct gpu_ops *ops, const struct gpu_request *request)
{
	struct gpu_outcome *o = gpu_outcome_new();
	pid_t pid, parent = getpid();
	int ends[2];

	if (stuck) {
		o->end = GPU_UNAVAILABLE;
		snprintf(o->reason, sizeof(o->reason),
			 "an earlier execution still hangs in the driver");
		return o;
	}
	if (pipe2(ends, O_CLOEXEC))
		die("pipe for a child: %s", strerror(errno));
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die("fork of a child: %s", strerror(errno));
	if (!pid) {
		close(ends[0]);
		live(ops, request, o, ends[1], parent);
	}
	close(ends[1]);
	watch(pid, ends[0], o);
	close(ends[0]);
	return o;
}

void gpu_release(struct gpu_outcome *outcome)
{
	munmap(outcome, sizeof(*outcome));
}
