// SPDX-License-Identifier: MIT
/*
 * What a file owes its opener: its memory is charged and bounded, its signals are heard,
 * its end is an end; what user space must not write stays so.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/mem/mem.h"
#include "module_test.h"

#define BUFFER (SAMPLES * sizeof(struct dex_sample))

static int open_device(void)
{
	fd = open(DEX_DEVICE_PATH, O_RDWR);
	return fd;
}

static int map_buffer(int file)
{
	return mmap(NULL, BUFFER, PROT_READ, MAP_SHARED, file, 0) == MAP_FAILED ? errno : 0;
}

/* In a child, whose address space has no notifier and no file yet. */
static void in_a_child(const char *what, int (*test)(void), int wanted)
{
	pid_t pid = fork();

	if (!pid)
		_exit(test());
	expect(what, child_status(pid), wanted);
}

static void mirror_stays_read_only(const struct mem *mem)
{
	struct dex_device device = good_device(mem, 0), none = { .size = sizeof(none) };
	void *mirror;

	expect("mirror: DEVICE", try(DEX_IOC_DEVICE, &device), 0);
	mirror = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, (off_t)DEX_MIRROR_OFFSET);
	expect("mirror: mapped", mirror == MAP_FAILED, 0);
	expect("mirror: mprotect", mprotect(mirror, PAGE, PROT_READ | PROT_WRITE) ? errno : 0,
	       EACCES);
	expect("mirror: read-only again", mprotect(mirror, PAGE, PROT_READ) ? errno : 0, 0);
	munmap(mirror, PAGE);
	expect("mirror: no device", try(DEX_IOC_DEVICE, &none), 0);
}

static void heard(int signal)
{
	(void)signal;
}

/* Many mappings: the first notifier takes a lock of each, and looks for signals. */
static int watch_beside_a_signal(int usec)
{
	struct sigaction action = { .sa_handler = heard };
	struct itimerval once = { .it_value.tv_usec = usec };
	struct dex_watch watch = { .size = sizeof(watch), .length = PAGE };
	size_t pages = 2000;
	char *m = mmap(NULL, pages * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (size_t i = 0; i < pages; i += 2)
		mprotect(m + i * PAGE, PAGE, PROT_READ | PROT_WRITE);
	watch.start = (uintptr_t)m;
	open_device();
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &once, NULL);
	return try(DEX_IOC_WATCH, &watch);
}

static void handled_signals(void)
{
	int interrupted = 0, wrong = 0;

	for (int usec = 10; usec < 400; usec = usec * 3 / 2) {
		pid_t pid = fork();
		int error;

		if (!pid)
			_exit(watch_beside_a_signal(usec));
		error = child_status(pid);
		interrupted += error == EINTR;
		wrong += error && error != EINTR;
	}
	expect("a handled signal ends no WATCH", interrupted, 0);
	expect("a WATCH beside a signal fails", wrong, 0);
}

static void write_number(const char *path, long value, long *old)
{
	FILE *f = fopen(path, "r+");

	if (!f || fscanf(f, "%ld", old) != 1)
		exit(1);
	rewind(f);
	fprintf(f, "%ld\n", value);
	fclose(f);
}

static void no_more_threads(const struct mem *mem)
{
	struct dex_device device = good_device(mem, 1), none = { .size = sizeof(none) };
	long most, ignored;

	write_number("/proc/sys/kernel/threads-max", 20, &most);
	expect("threads: none to be had", try(DEX_IOC_DEVICE, &device), EAGAIN);
	write_number("/proc/sys/kernel/threads-max", most, &ignored);
	expect("threads: DEVICE", try(DEX_IOC_DEVICE, &device), 0);
	expect("threads: no device", try(DEX_IOC_DEVICE, &none), 0);
}

/* Each file as many as it may have, on one CPU if there is but one. */
static int most_threads(void)
{
	struct mem mem = mem_base_pages(DEVICE_PAGES);
	struct dex_device device = good_device(&mem, 1);
	unsigned int n = 0;

	while (n <= DEX_MAX_THREADS && open_device() >= 0 && !ioctl(fd, DEX_IOC_DEVICE, &device))
		n++;
	return n == DEX_MAX_THREADS ? errno : 1;
}

/* KiB that /proc says are locked. */
static long locked(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	long kib = -1;

	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "VmLck: %ld", &kib);
	if (f)
		fclose(f);
	return kib;
}

static int charged(void)
{
	struct mem mem = mem_base_pages(DEVICE_PAGES);
	struct dex_device device = good_device(&mem, 0), none = { .size = sizeof(none) };
	long before = locked(), buffer, referenced, after;

	device.flags = DEX_DEVICE_REFERENCED;
	if (map_buffer(open_device()))
		return 1;
	buffer = locked() - before;
	if (ioctl(fd, DEX_IOC_DEVICE, &device))
		return 2;
	referenced = locked() - before - buffer;
	if (ioctl(fd, DEX_IOC_DEVICE, &none) || locked() - before != buffer)
		return 3;
	munmap(mem.start, PAGE);
	after = buffer == (long)(BUFFER >> 10) && referenced == 4 * (2 + DEVICE_PAGES);
	return after ? 0 : 4;
}

/* CAP_SYS_ADMIN opens the device; without CAP_IPC_LOCK the limit holds. */
static int over_the_limit(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	struct rlimit little = { 4 * PAGE, 4 * PAGE };

	if (syscall(SYS_capget, &header, data))
		return 1;
	data[0].effective &= ~(1u << CAP_IPC_LOCK);
	if (syscall(SYS_capset, &header, data) || setrlimit(RLIMIT_MEMLOCK, &little))
		return 2;
	return map_buffer(open_device());
}

static void too_many_references(const struct mem *mem)
{
	struct dex_device device = good_device(mem, 0);

	device.flags = DEX_DEVICE_REFERENCED;
	device.length = (DEX_MAX_REFERENCED + 1ull) * PAGE;
	expect("referenced: too many", try(DEX_IOC_DEVICE, &device), EINVAL);
}

static void *wait_for_the_end(void *error)
{
	struct dex_state state = { .size = sizeof(state), .flags = DEX_STATE_WAIT };

	*(int *)error = try(DEX_IOC_STATE, &state);
	return NULL;
}

/* One thread waits for a job without end; another one can end it. */
static int stop_beside_a_wait(void)
{
	struct mem mem = mem_base_pages(DEVICE_PAGES);
	struct dex_device device = good_device(&mem, 1);
	struct dex_state stop = { .size = sizeof(stop), .flags = DEX_STATE_STOP };
	struct dex_job job = good_job();
	pthread_t thread;
	int error = -1;

	map_buffer(open_device());
	job.count = UINT64_MAX;
	if (ioctl(fd, DEX_IOC_DEVICE, &device) || ioctl(fd, DEX_IOC_JOB, &job) ||
	    pthread_create(&thread, NULL, wait_for_the_end, &error))
		return 100;
	usleep(20000);
	alarm(1); /* it would never come back */
	if (ioctl(fd, DEX_IOC_STATE, &stop))
		return errno;
	pthread_join(thread, NULL);
	return error;
}

static void wait_for_ever(int ready)
{
	struct mem mem = mem_base_pages(DEVICE_PAGES);
	struct dex_device device = good_device(&mem, 1);
	struct dex_state state = { .size = sizeof(state), .flags = DEX_STATE_WAIT };
	struct dex_job job = good_job();

	map_buffer(open_device());
	job.count = UINT64_MAX;
	if (ioctl(fd, DEX_IOC_DEVICE, &device) || ioctl(fd, DEX_IOC_JOB, &job) ||
	    write(ready, "x", 1) != 1)
		_exit(1);
	ioctl(fd, DEX_IOC_STATE, &state);
	_exit(1);
}

/* What can be stopped can be frozen. */
static void stopped_in_a_wait(void)
{
	int status = 0, tries = 1000;
	char c;
	pid_t pid = started("a process that waits", wait_for_ever, &c, 1);

	kill(pid, SIGSTOP);
	while (waitpid(pid, &status, WUNTRACED | WNOHANG) != pid && --tries)
		usleep(1000);
	expect("it stops when told to", WIFSTOPPED(status), 1);
	kill(pid, SIGCONT);
	usleep(20000);
	expect("it goes on waiting", waitpid(pid, &status, WNOHANG), 0);
	kill(pid, SIGKILL);
	expect("it ends when killed", child_status(pid), -SIGKILL);
}

/* The state of the engine's thread, a letter, or 0. */
static int engine_state(void)
{
	for (int pid = 2; pid < 32768; pid++) {
		char path[64], name[64], state = 0;
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%d/stat", pid);
		f = fopen(path, "r");
		if (!f)
			continue;
		if (fscanf(f, "%*d (%63[^)]) %c", name, &state) != 2 || strcmp(name, "dexbench/0"))
			state = 0;
		fclose(f);
		if (state)
			return state;
	}
	return 0;
}

/* The file lives on in a grandchild, what it referenced too; the work is to end. */
static void work_and_leave_it_open(int ready)
{
	struct mem mem = mem_base_pages(DEVICE_PAGES);
	struct dex_device device = good_device(&mem, 1);
	struct dex_job job = good_job();
	pid_t heir;

	device.flags = DEX_DEVICE_REFERENCED;
	map_buffer(open_device());
	job.count = UINT64_MAX;
	if (ioctl(fd, DEX_IOC_DEVICE, &device) || ioctl(fd, DEX_IOC_JOB, &job))
		_exit(1);
	heir = fork();
	if (!heir) {
		pause();
		_exit(1);
	}
	if (write(ready, &heir, sizeof(heir)) != sizeof(heir))
		_exit(1);
	pause();
}

static void engines_end_with_their_owner(void)
{
	int tries = 1000;
	pid_t heir = 0;
	pid_t pid = started("an heir", work_and_leave_it_open, &heir, sizeof(heir));

	kill(pid, SIGKILL);
	expect("the owner is killed", child_status(pid), -SIGKILL);
	while (engine_state() == 'R' && --tries)
		usleep(1000);
	expect("its engine is idle", engine_state(), 'S');
	kill(heir, SIGKILL);
}

/* Missing pages that userfaultfd watches: refused, each call by itself. */
static void userfault(void)
{
	struct mem mem = mem_base_pages(2 * DEVICE_PAGES);
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register watched = { .range = { (uintptr_t)mem_page(&mem, 1), PAGE },
					   .mode = UFFDIO_REGISTER_MODE_MISSING };
	int uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	struct dex_run run = good_run(mem.start, 3);
	struct dex_hold hold = { .size = sizeof(hold), .start = watched.range.start, .ns = 1 };
	struct dex_device device = good_device(&mem, 0), none = { .size = sizeof(none) };
	struct dex_loop loop = { .size = sizeof(loop),
				 .pattern = DEX_PATTERN_NOUVEAU,
				 .max_iterations = 1,
				 .run = run };
	struct dex_job job = good_job();

	expect("userfaultfd", uffd < 0 || ioctl(uffd, UFFDIO_API, &api), 0);
	madvise(mem_page(&mem, 1), PAGE, MADV_DONTNEED);
	expect("userfaultfd: register", ioctl(uffd, UFFDIO_REGISTER, &watched), 0);
	expect("userfaultfd: CONVERT", try(DEX_IOC_CONVERT, &run), 0);
	expect("userfaultfd: its sample", samples[1].error, -EOPNOTSUPP);
	expect("userfaultfd: the others", (long)run.succeeded, 2);
	expect("userfaultfd: GUP", try(DEX_IOC_GUP, &run), 0);
	expect("userfaultfd: its sample of GUP", samples[1].error, -EOPNOTSUPP);
	expect("userfaultfd: LOOP", try(DEX_IOC_LOOP, &loop), 0);
	expect("userfaultfd: its sample of LOOP", samples[1].error, -EOPNOTSUPP);
	expect("userfaultfd: HOLD", try(DEX_IOC_HOLD, &hold), EOPNOTSUPP);
	for (int flags = 0; flags <= (int)DEX_DEVICE_REFERENCED; flags++) {
		device.flags = (uint32_t)flags;
		expect("userfaultfd: DEVICE", try(DEX_IOC_DEVICE, &device), 0);
		expect("userfaultfd: JOB", try(DEX_IOC_JOB, &job), EOPNOTSUPP);
		expect("userfaultfd: no device", try(DEX_IOC_DEVICE, &none), 0);
	}
	close(uffd);
	mem_free(&mem);
}

void test_owner(void)
{
	struct mem mem = mem_base_pages(DEVICE_PAGES);

	mirror_stays_read_only(&mem);
	handled_signals();
	no_more_threads(&mem);
	in_a_child("threads: as many as all files may have", most_threads, EAGAIN);
	in_a_child("memory is charged to VmLck", charged, 0);
	in_a_child("more memory than RLIMIT_MEMLOCK", over_the_limit, ENOMEM);
	too_many_references(&mem);
	in_a_child("STOP beside a WAIT", stop_beside_a_wait, 0);
	stopped_in_a_wait();
	engines_end_with_their_owner();
	userfault();
	mem_free(&mem);
}
