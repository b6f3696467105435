// SPDX-License-Identifier: MIT
/*
 * What this kernel has for us to use, and what is done to the whole machine while rounds go
 * on: memory is compacted, caches and CPUs go, processes are frozen, the machine falls asleep.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

#define GROUPS	 "/tmp/cgroup"
#define FREEZE	 GROUPS "/rounds/cgroup.freeze"
#define CPU	 "/sys/devices/system/cpu/cpu1/online"
#define MEMORY	 "/sys/devices/system/memory/memory6/state"
#define SWAP	 "/dev/ram0"
#define PAUSE_US 2000u
#define WAY_US	 100000u
#define WAYS	 6000
#define SMALL	 "4194304" /* bytes of who is to run out of memory */

int say(const char *path, const char *what)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool fine = fd >= 0 && write(fd, what, strlen(what)) == (ssize_t)strlen(what);

	if (fd >= 0)
		close(fd);
	return fine ? 0 : -1;
}

static const struct {
	const char *name, *path;
} things[] = {
	{ "userfaultfd", "/proc/sys/vm/unprivileged_userfaultfd" },
	{ "KSM", "/sys/kernel/mm/ksm/run" },
	{ "memory failure", "/proc/sys/vm/memory_failure_recovery" },
	{ "core dumps", "/proc/sys/kernel/core_pattern" },
	{ "compaction", "/proc/sys/vm/compact_memory" },
	{ "huge pages", "/proc/sys/vm/nr_hugepages" },
	{ "CPU hotplug", CPU },
	{ "memory hotplug", MEMORY },
	{ "suspend", "/sys/power/pm_test" },
	{ "swap", SWAP },
	{ "freezer", FREEZE },
	{ "memory cgroup", GROUPS "/small/memory.max" },
	{ "soft-dirty bits", "/proc/self/clear_refs" },
	{ "Unix sockets", "/proc/net/unix" },
	{ "kmemleak", "/sys/kernel/debug/kmemleak" },
	{ "fault injection", "/proc/self/fail-nth" },
};
#define THINGS (sizeof(things) / sizeof(things[0]))
static bool has[THINGS];

void machine_probe(void)
{
	for (size_t i = 0; i < THINGS; i++)
		has[i] = access(things[i].path, F_OK) == 0;
}

bool machine_has(const char *what)
{
	for (size_t i = 0; i < THINGS; i++)
		if (!strcmp(things[i].name, what))
			return has[i];
	return false;
}

void machine_lacks(char *line, size_t size)
{
	size_t at = 0;

	*line = 0;
	for (size_t i = 0; i < THINGS; i++)
		if (!has[i] && at < size)
			at += (size_t)snprintf(line + at, size - at, "%s\"%s\"", at ? ", " : "",
					       things[i].name);
}

static void make_groups(void)
{
	mkdir(GROUPS, 0755);
	if (mount("cgroup", GROUPS, "cgroup2", 0, NULL))
		return;
	say(GROUPS "/cgroup.subtree_control", "+memory");
	mkdir(GROUPS "/rounds", 0755);
	mkdir(GROUPS "/small", 0755);
	say(GROUPS "/small/memory.max", SMALL);
	say(GROUPS "/small/memory.swap.max", "0");
}

static void make_swap(void)
{
	if (access("/dexbench/brd.ko", F_OK))
		return;
	if (system("insmod /dexbench/brd.ko rd_nr=1 rd_size=65536 && mkswap " SWAP " >/dev/null") ||
	    swapon(SWAP, 0))
		printf("fuzz: no swap\n");
}

void machine_begin(void)
{
	mkdir("/tmp", 0755);
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	make_groups();
	make_swap();
	say("/proc/sys/vm/nr_hugepages", "8");
	say("/proc/sys/kernel/core_pattern", "/tmp/core");
	say("/proc/sys/vm/oom_dump_tasks", "0");
	say("/sys/kernel/mm/ksm/sleep_millisecs", "1");
	say("/sys/power/pm_test", "freezer");
	say("/sys/power/pm_freeze_timeout", "2000");
	say("/sys/module/suspend/parameters/pm_test_delay", "0");
}

/* guest-init waits 30 s for its way out, by a clock that may run fast, and an unloaded driver. */
void machine_way_out(void)
{
	int port = -1;

	if (system("insmod /dexbench/virtio_console.ko"))
		return;
	for (int tries = 0; tries < WAYS && port < 0; tries++) {
		port = open("/dev/vport0p1", O_WRONLY | O_CLOEXEC);
		usleep(WAY_US);
	}
	if (port >= 0)
		close(port);
}

void machine_end(void)
{
	say(FREEZE, "0");
	say(CPU, "1");
	say(MEMORY, "online");
	say("/sys/kernel/mm/ksm/run", "2");
	say("/proc/sys/vm/nr_hugepages", "0");
	unlink("/tmp/core"); /* its process's parent was killed */
	if (machine_has("swap") && (swapoff(SWAP) || system("rmmod brd")))
		printf("fuzz: swap does not go\n");
	rmdir(GROUPS "/rounds");
	rmdir(GROUPS "/small");
	umount(GROUPS);
}

static int compact(struct dice *d, pid_t pid)
{
	(void)d;
	(void)pid;
	return say("/proc/sys/vm/compact_memory", "1");
}

static int drop_caches(struct dice *d, pid_t pid)
{
	(void)pid;
	return say("/proc/sys/vm/drop_caches", one_in(d, 2) ? "1" : "3");
}

static int merge(struct dice *d, pid_t pid)
{
	(void)pid;
	return say("/sys/kernel/mm/ksm/run", one_in(d, 4) ? "2" : one_in(d, 2) ? "0" : "1");
}

static int hotplug(struct dice *d, pid_t pid)
{
	(void)d;
	(void)pid;
	if (say(CPU, "0"))
		return -1;
	usleep(PAUSE_US);
	return say(CPU, "1");
}

static int offline(struct dice *d, pid_t pid)
{
	(void)d;
	(void)pid;
	if (say(MEMORY, "offline"))
		return -1;
	usleep(PAUSE_US);
	return say(MEMORY, "online");
}

static int freeze(struct dice *d, pid_t pid)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", pid);
	if (!pid || say(GROUPS "/rounds/cgroup.procs", number) || say(FREEZE, "1"))
		return -1;
	usleep((useconds_t)under(d, PAUSE_US));
	return say(FREEZE, "0");
}

/* All processes are frozen; then it wakes up again (pm_test).  Who waits for userfaultfd inside
 * the kernel cannot be frozen, which is no fault of the module's. */
static int fall_asleep(struct dice *d, pid_t pid)
{
	(void)d;
	(void)pid;
	for (unsigned int i = 0; i < AT_ONCE; i++)
		if (__atomic_load_n(&tally->watched[i], __ATOMIC_RELAXED))
			return -1;
	return say("/sys/power/state", "freeze");
}

static int stop(struct dice *d, pid_t pid)
{
	if (!pid || kill(pid, SIGSTOP))
		return -1;
	usleep((useconds_t)under(d, PAUSE_US));
	return kill(pid, SIGCONT);
}

static int swap(struct dice *d, pid_t pid)
{
	(void)d;
	(void)pid;
	if (!machine_has("swap"))
		return -1;
	return swapoff(SWAP) | swapon(SWAP, 0);
}

/* It is open, so that this never works. */
static int unload(struct dice *d, pid_t pid)
{
	int fd = open(DEX_DEVICE_PATH, O_RDWR | O_CLOEXEC);

	(void)d;
	(void)pid;
	if (fd < 0 || syscall(SYS_delete_module, "dexbench", O_NONBLOCK) == 0)
		add(&tally->unloaded, 1);
	return close(fd);
}

static const struct {
	const char *name;
	unsigned int one_in; /* ticks */
	int (*make)(struct dice *d, pid_t pid);
} all[] = {
	{ "compaction", 64, compact },
	{ "drop_caches", 64, drop_caches },
	{ "ksm", 32, merge },
	{ "cpu_hotplug", 64, hotplug },
	{ "memory_hotplug", 4096, offline },
	{ "freezer", 16, freeze },
	{ "suspend", 128, fall_asleep },
	{ "stop", 16, stop },
	{ "swapoff", 128, swap },
	{ "unload", 32, unload },
};

const char *disturbance_name(unsigned int i)
{
	return i < sizeof(all) / sizeof(all[0]) ? all[i].name : NULL;
}

void machine_disturb(struct dice *d, const pid_t *pid)
{
	for (unsigned int i = 0; disturbance_name(i); i++) {
		struct count *count = &tally->disturbance[i];

		if (one_in(d, all[i].one_in))
			add(all[i].make(d, pid[under(d, AT_ONCE)]) ? &count->refused : &count->done,
			    1);
	}
}
