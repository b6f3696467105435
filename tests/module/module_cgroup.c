// SPDX-License-Identifier: MIT
/*
 * Control groups: memory is charged to them, and requests are frozen with them.
 *
 * A kernel without the controller (those of the ladder have none) skips the test and says
 * so; one of a distribution has both.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mem/mem.h"
#include "module_test.h"

#define MIB 20ul

static char directory[96]; /* of the group */

static void say(const char *file, const char *what)
{
	char path[128];
	int out;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	out = open(path, O_WRONLY);
	expect(path, write(out, what, strlen(what)), (long)strlen(what));
	close(out);
}

static void read_line(const char *file, char *line, int size)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	f = fopen(path, "r");
	if (!f || !fgets(line, size, f))
		*line = 0;
	if (f)
		fclose(f);
}

static int in_file(const char *file, const char *word)
{
	char line[256];

	read_line(file, line, sizeof(line));
	return strstr(line, word) != NULL;
}

/* A group of its own below a hierarchy with @controller; 0 if the kernel has none. */
static int group(const char *type, const char *controller)
{
	const char *data = strcmp(type, "cgroup2") ? controller : NULL;

	snprintf(directory, sizeof(directory), "/tmp/cgroup-%s", controller);
	mkdir("/tmp", 0755);
	mkdir(directory, 0755);
	if (mount("cgroup", directory, type, 0, data) ||
	    (!data && !in_file("cgroup.controllers", controller))) {
		printf("module_test: skipped: no %s controller %s in this kernel\n", type,
		       controller);
		return 0;
	}
	if (!data)
		say("cgroup.subtree_control", "+memory");
	strcat(directory, "/dexbench");
	return !mkdir(directory, 0755);
}

static long usage(void)
{
	char line[64];

	read_line("memory.current", line, sizeof(line));
	return strtol(line, NULL, 10);
}

/* Untouched: what a page of the buffer's mapping costs is charged anyhow. */
static int charged(void)
{
	long before;

	say("cgroup.procs", "0");
	before = usage();
	fd = open(DEX_DEVICE_PATH, O_RDWR);
	if (mmap(NULL, MIB << 20, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED)
		return 1;
	return usage() - before >= (long)(MIB << 20) ? 0 : 2;
}

static void memory(void)
{
	pid_t pid;

	if (!group("cgroup2", "memory"))
		return;
	pid = fork();
	if (!pid)
		_exit(charged());
	expect("cgroup: the buffer is charged", child_status(pid), 0);
}

/* As the asking thread, which never leaves the kernel, or waiting for an engine. */
static uint32_t engines;

static void work_in_a_group(int ready)
{
	struct mem mem = mem_base_pages(DEVICE_PAGES);
	struct dex_device device = good_device(&mem, engines);
	struct dex_state state = { .size = sizeof(state), .flags = DEX_STATE_WAIT };
	struct dex_job job = good_job();

	say("cgroup.procs", "0");
	fd = open(DEX_DEVICE_PATH, O_RDWR);
	job.samples = 0;
	job.count = UINT64_MAX;
	if (ioctl(fd, DEX_IOC_DEVICE, &device) || write(ready, "x", 1) != 1)
		_exit(1);
	ioctl(fd, DEX_IOC_JOB, &job);
	ioctl(fd, DEX_IOC_STATE, &state);
	_exit(1);
}

static void frozen(uint32_t n)
{
	char state[64] = "", c;
	pid_t pid;

	engines = n;
	pid = started("cgroup: at work", work_in_a_group, &c, 1);
	say("freezer.state", "FROZEN");
	for (int i = 0; i < 1000 && strcmp(state, "FROZEN\n"); i++, usleep(1000))
		read_line("freezer.state", state, sizeof(state));
	expect("cgroup: frozen", strcmp(state, "FROZEN\n"), 0);
	say("freezer.state", "THAWED");
	kill(pid, SIGKILL);
	expect("cgroup: ends when killed", child_status(pid), -SIGKILL);
}

void test_cgroup(void)
{
	memory();
	if (!group("cgroup", "freezer"))
		return;
	frozen(0);
	frozen(1);
}
