// SPDX-License-Identifier: MIT
/*
 * What other processes do: children of all kinds, who traces, who gets a descriptor, who
 * dumps core, who is out of memory.
 *
 * A child of a process with threads calls nothing that takes a lock of libc's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

#define CHILD_SECONDS 2

/* Of a child: it ends by itself, whatever it waits for. */
static void begin_child(struct hand *h)
{
	signal(SIGALRM, SIG_DFL);
	alarm(CHILD_SECONDS);
	h->depth++;
	add(&tally->processes, 1);
}

static void forget_files(struct hand *h)
{
	for (unsigned int i = 0; i < FILES; i++)
		h->p->file[i] = -1;
	h->p->uffd = -1;
}

static void end_child(struct hand *h)
{
	if (one_in(&h->dice, 4))
		kill(getpid(), one_in(&h->dice, 2) ? SIGKILL : SIGTERM);
	_exit(0);
}

/* The status, or -1 if another thread has buried it, or nobody had to. */
static int status_of(pid_t pid)
{
	int status;

	return pid > 0 && waitpid(pid, &status, 0) == pid ? status : -1;
}

int fork_child(struct hand *h)
{
	pid_t pid = h->depth > 1 ? -1 : fork();

	if (!pid) {
		begin_child(h);
		for (uint64_t n = under(&h->dice, 4); n; n--)
			foreign_request(h);
		forget_files(h);
		open_file(h);
		for (uint64_t n = under(&h->dice, 24); n; n--)
			act(h);
		end_child(h);
	}
	if (pid > 0 && one_in(&h->dice, 2))
		status_of(pid);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return pid < 0 ? -1 : 0;
}

/* It has our memory, so that the file is its own as well. */
int vfork_child(struct hand *h)
{
	pid_t pid = vfork();

	if (!pid) {
		alarm(CHILD_SECONDS);
		some_request(h);
		_exit(0);
	}
	return status_of(pid) == -1 ? -1 : 0;
}

static long raw(long number, long a, long b, long c)
{
	__asm__ volatile("syscall"
			 : "+a"(number)
			 : "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return number;
}

struct twin {
	int fd;
	struct dex_run run;
	char stack[16384] __attribute__((aligned(16)));
};

/* It shares the opener's memory and outlives it, perhaps.  Thread-local data is another's. */
static int twin_lives(void *arg)
{
	struct twin *t = arg;
	struct dex_run run;

	for (int i = 0; i < 64; i++) {
		run = t->run;
		raw(SYS_ioctl, t->fd, DEX_IOC_CONVERT, (long)&run);
		raw(SYS_ioctl, t->fd, DEX_IOC_NOP, 0);
		raw(SYS_sched_yield, 0, 0, 0);
		add(&tally->requests, 2);
	}
	raw(SYS_exit, 0, 0, 0);
	return 0;
}

int share_memory(struct hand *h)
{
	struct twin *t =
		mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (t == MAP_FAILED)
		return -1;
	t->fd = h->p->file[under(&h->dice, FILES)];
	t->run = (struct dex_run){ .size = sizeof(t->run),
				   .start = (uintptr_t)some_page(h),
				   .stride = PAGE,
				   .count = 4,
				   .batch = 1 };
	return clone(twin_lives, t->stack + sizeof(t->stack),
		     CLONE_VM | (one_in(&h->dice, 2) ? CLONE_FILES : 0) | SIGCHLD, t) < 0
		       ? -1
		       : 0;
}

int victim(int fd)
{
	int refused = ioctl(fd, DEX_IOC_NOP) ? errno : 0;

	if (!refused)
		return 1;
	/* Its number may have become another file's, meanwhile. */
	return refused == EPERM && mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED;
}

/* What another program finds open is not its own. */
int execute(struct hand *h)
{
	char number[16];
	int fd = h->p->file[under(&h->dice, FILES)], status;
	pid_t pid;

	if (fd < 0 || fcntl(fd, F_GETFD) < 0)
		return -1;
	snprintf(number, sizeof(number), "%d", fd);
	pid = fork();
	if (!pid) {
		begin_child(h);
		fcntl(fd, F_SETFD, 0);
		execl("/proc/self/exe", "fuzz", "--victim", number, (char *)NULL);
		_exit(0);
	}
	status = status_of(pid);
	if (status != -1 && WIFEXITED(status) && WEXITSTATUS(status)) {
		dprintf(1, "fuzz: after exec a file works, in round %llu\n",
			(unsigned long long)h->p->round);
		add(&tally->nonsense, 1);
	}
	return status ? -1 : 0;
}

/* Engines at work on pages of who is about to die. */
static void device_at_work(struct hand *h, size_t bytes)
{
	struct dex_device device = { .size = sizeof(device),
				     .length = bytes,
				     .engines = (uint32_t)under(&h->dice, 2),
				     .granule = 4 };
	struct dex_job job = { .size = sizeof(job),
			       .flags = DEX_JOB_WIDE,
			       .op = DEX_OP_ADD,
			       .access = DEX_ACCESS_RANDOM,
			       .stride = 8,
			       .span = bytes,
			       .count = UINT64_MAX,
			       .operand = 1,
			       .burst = 16 };
	char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	forget_files(h);
	open_file(h);
	device.start = (uintptr_t)at;
	if (!device.engines)
		job.count = 1000;
	for (unsigned int i = 0; i < FILES; i++) {
		ioctl(h->p->file[i], DEX_IOC_DEVICE, &device);
		ioctl(h->p->file[i], DEX_IOC_JOB, &job);
	}
	add(&tally->requests, 2);
	for (size_t i = 0; at != MAP_FAILED && i < bytes; i += PAGE)
		at[i] = 1;
}

int dump_core(struct hand *h)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	pid_t pid = machine_has("core dumps") ? fork() : -1;
	int status;

	if (!pid) {
		begin_child(h);
		setrlimit(RLIMIT_CORE, &all);
		device_at_work(h, 16 * PAGE);
		signal(SIGABRT, SIG_DFL);
		kill(getpid(), SIGABRT);
		_exit(0);
	}
	status = status_of(pid);
	unlink("/tmp/core");
	return status != -1 && WCOREDUMP(status) ? 0 : -1;
}

int run_out_of_memory(struct hand *h)
{
	pid_t pid = machine_has("memory cgroup") && one_in(&h->dice, 4) ? fork() : -1;
	int status;

	if (!pid) {
		begin_child(h);
		if (say("/tmp/cgroup/small/cgroup.procs", "0"))
			_exit(0);
		device_at_work(h, 8 << 20);
		_exit(0);
	}
	status = status_of(pid);
	return status != -1 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? 0 : -1;
}

static void look_and_write(struct hand *h, pid_t thread)
{
	char *at = some_part(h).start;
	long word = ptrace(PTRACE_PEEKDATA, thread, at, NULL);

	ptrace(PTRACE_POKEDATA, thread, at, word + 1);
	ptrace(PTRACE_PEEKDATA, thread, some_page(h), NULL);
}

int trace(struct hand *h)
{
	pid_t thread = getpid() + (pid_t)under(&h->dice, THREADS + 1), pid = fork();

	if (!pid) {
		begin_child(h);
		if (ptrace(PTRACE_SEIZE, thread, NULL, NULL))
			_exit(1);
		ptrace(PTRACE_INTERRUPT, thread, NULL, NULL);
		if (waitpid(thread, NULL, __WALL) != thread)
			_exit(1);
		for (int i = 0; i < 8; i++)
			look_and_write(h, thread);
		if (one_in(&h->dice, 2))
			ptrace(PTRACE_DETACH, thread, NULL, NULL);
		_exit(0);
	}
	/* It may be us that are traced: nobody waits here. */
	return pid < 0 ? -1 : 0;
}

static int by_socket(int fd)
{
	char space[CMSG_SPACE(sizeof(fd))] = "", byte = 0;
	struct iovec data = { &byte, 1 };
	struct msghdr m = { .msg_iov = &data,
			    .msg_iovlen = 1,
			    .msg_control = space,
			    .msg_controllen = sizeof(space) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		return -1;
	*c = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(fd)),
			       .cmsg_level = SOL_SOCKET,
			       .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (sendmsg(ends[0], &m, 0) < 0 || recvmsg(ends[1], &m, 0) < 0)
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

/* Handed over, taken out of another process, or opened anew by its name. */
int pass_descriptor(struct hand *h)
{
	int own = h->p->file[under(&h->dice, FILES)];
	uint64_t way = under(&h->dice, 3);
	char path[64];
	pid_t parent = getpid(), pid = own < 0 || fcntl(own, F_GETFD) < 0 ? -1 : fork();

	if (!pid) {
		int fd = -1;

		begin_child(h);
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", parent, own);
		if (way == 0)
			fd = by_socket(own);
		else if (way == 1)
			fd = (int)syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, parent, 0), own,
					  0);
		else
			fd = open(path, O_RDWR);
		for (unsigned int i = 0; i < FILES; i++)
			h->p->file[i] = fd;
		if (fd >= 0 && way < 2)
			foreign_request(h);
		else if (fd >= 0)
			some_request(h);
		_exit(fd < 0);
	}
	return status_of(pid) ? -1 : 0;
}
