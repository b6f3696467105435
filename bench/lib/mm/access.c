// SPDX-License-Identifier: MIT
/* What gets at a page in another way than by the process's own instructions. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/core/die.h"
#include "lib/mem/checks.h"
#include "lib/mm/file.h"
#include "lib/mm/states.h"

static char *exclusive(const struct state *s)
{
	return mem_page(&s->mem, s->page);
}

static int lock(struct state *s)
{
	return mlock(s->mem.start, mem_bytes(&s->mem)) ? errno : 0;
}

static void unlock(struct state *s)
{
	munlock(s->mem.start, mem_bytes(&s->mem));
}

/* The word that is there already, as a debugger's would be. */
static int writev_to(struct state *s)
{
	int word = (int)s->page + 1;
	struct iovec from = { &word, sizeof(word) }, to = { exclusive(s), sizeof(word) };

	return process_vm_writev(getpid(), &from, 1, &to, 1, 0) == sizeof(word) ? 0 : errno;
}

/* A child that looks at its parent and writes what it saw. */
static int trace(pid_t pid, char *at)
{
	long word;

	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) || ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) ||
	    waitpid(pid, NULL, __WALL) != pid)
		return errno;
	errno = 0;
	word = ptrace(PTRACE_PEEKDATA, pid, at, NULL);
	if (errno || ptrace(PTRACE_POKEDATA, pid, at, word))
		return errno;
	return ptrace(PTRACE_DETACH, pid, NULL, NULL) ? errno : 0;
}

/* The child is there before the page is exclusive: fork() would give it back. */
static const char *start_tracer(struct state *s)
{
	int go[2];

	if (pipe2(go, O_CLOEXEC))
		die("pipe: %s", strerror(errno));
	s->child = fork();
	if (!s->child) {
		char c;

		_exit(read(go[0], &c, 1) == 1 ? trace(getppid(), exclusive(s)) : ECANCELED);
	}
	close(go[0]);
	s->fd = go[1];
	return NULL;
}

static int end_tracer(struct state *s)
{
	int status;

	if (write(s->fd, "", 1) != 1)
		return errno;
	while (waitpid(s->child, &status, 0) != s->child)
		if (errno != EINTR)
			return errno;
	s->child = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

static void close_file(struct state *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	if (s->child > 0)
		waitpid(s->child, NULL, 0);
	s->child = 0;
}

/* The guest's RAM disk, which has swap on it: it is read alone. */
static const char *open_disk(struct state *s)
{
	char *path = file_swap_device();

	s->fd = path ? open(path, O_RDONLY | O_DIRECT | O_CLOEXEC) : -1;
	free(path);
	return s->fd < 0 ? "there is no disk to read from by O_DIRECT (the swap device is the one)"
			 : NULL;
}

/* What came is told from what was there, which then comes back. */
static int direct(struct state *s)
{
	int *word = (int *)exclusive(s), number = (int)s->page + 1;
	ssize_t n = pread(s->fd, word, mem_page_size(), 0);
	int error = n < 0 ? errno : 0, same = *word == number;

	*word = number;
	return error ? error : same ? ENODATA : 0;
}

static const char *open_ring(struct state *s)
{
	struct io_uring_params params = { 0 };

	s->fd = (int)syscall(SYS_io_uring_setup, 1, &params);
	return s->fd < 0
		       ? "this kernel has no io_uring (CONFIG_IO_URING; kernels/states.config has it)"
		       : NULL;
}

/* Pinned for as long as the ring is there. */
static int pin(struct state *s, char *start, size_t bytes)
{
	struct iovec buffer = { start, bytes };

	return syscall(SYS_io_uring_register, s->fd, IORING_REGISTER_BUFFERS, &buffer, 1) ? errno
											  : 0;
}

static int pin_all(struct state *s)
{
	return pin(s, s->mem.start, mem_bytes(&s->mem));
}

static const char *enter_pinned(struct state *s)
{
	const char *why = open_ring(s);
	int error = why ? 0 : pin(s, mem_page(&s->mem, s->victim), mem_page_size());

	if (error)
		die("a buffer of one page cannot be registered: %s", strerror(error));
	return why;
}

/* A child that sees what the region holds, and writes nothing. */
static int child(struct state *s)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		for (size_t i = 0; i < s->mem.pages; i++)
			s->lost += *(int *)states_page(s, i) != (int)i + 1;
		_exit(!!s->lost);
	}
	if (pid < 0)
		return errno;
	status = checks_child(pid);
	s->lost = WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : s->mem.pages;
	return 0;
}

const struct states_entry states_mlock = {
	.promise = "mlock(2): all pages are resident when it returns",
	.operate = lock,
	.leave = unlock,
};
const struct states_entry states_pv_writev = {
	.promise = "process_vm_writev(2): the bytes are in the other process's memory",
	.operate = writev_to,
};
const struct states_entry states_ptrace = {
	.promise = "ptrace(2): a word is read and written as the process would",
	.enter = start_tracer,
	.operate = end_tracer,
	.leave = close_file,
	.waits = 1,
};
const struct states_entry states_direct_io = {
	.promise = "open(2): O_DIRECT transfers into the page itself",
	.enter = open_disk,
	.operate = direct,
	.leave = close_file,
	.waits = 1,
};
const struct states_entry states_io_uring = {
	.promise = "io_uring_register(2): the buffer's pages are pinned until the ring goes",
	.enter = open_ring,
	.operate = pin_all,
	.leave = close_file,
};
const struct states_entry states_fork = {
	.promise = "fork(2): the child sees what the parent's memory held",
	.operate = child,
	.waits = 1,
};
const struct states_entry states_fork_pinned = {
	.promise = "pin_user_pages.rst: a pinned page stays the parent's, the child gets a copy",
	.enter = enter_pinned,
	.operate = child,
	.leave = close_file,
	.waits = 1,
};
