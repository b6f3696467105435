// SPDX-License-Identifier: MIT
/* What takes pages to save memory: paging out, dropping what may be dropped, limits. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "lib/core/die.h"
#include "lib/mem/state.h"
#include "lib/mm/file.h"
#include "lib/mm/states.h"

/* Since 6.11; man madvise(2), mmap(2). */
#ifndef MAP_DROPPABLE
#define MAP_DROPPABLE 0x08
#endif

#define CGROUPS	   "/tmp/dexbench-cgroups"
#define OWN_CGROUP CGROUPS "/states"
#define NODE	   "/sys/devices/system/node/node0/reclaim"
#define MUCH	   "64M" /* more than the region and all around it */

static const char *needs_swap(struct state *s)
{
	struct sysinfo info = { 0 };

	(void)s;
	sysinfo(&info);
	return info.totalswap ? NULL
			      : "without swap nothing can be paged out, and /proc/swaps is empty";
}

static int advise(struct state *s, int advice)
{
	return madvise(s->mem.start, mem_bytes(&s->mem), advice) ? errno : 0;
}

static int pageout(struct state *s)
{
	return advise(s, MADV_PAGEOUT);
}

static int lazyfree(struct state *s)
{
	int error = advise(s, MADV_FREE);

	return error ? error : pageout(s);
}

static const char *map_droppable(struct state *s)
{
	int flags = MAP_DROPPABLE | MAP_ANONYMOUS | MAP_FIXED;
	void *map = mmap(s->mem.start, mem_bytes(&s->mem), PROT_READ | PROT_WRITE, flags, -1, 0);

	return map == MAP_FAILED ? "this kernel has no MAP_DROPPABLE (6.11 or newer has)" : NULL;
}

/* The second version's tree of groups; NULL: it is there. */
static const char *mount_cgroups(void)
{
	struct stat st;

	if (!stat(CGROUPS "/cgroup.procs", &st))
		return NULL;
	mkdir(CGROUPS, 0700);
	if (mount("dexbench", CGROUPS, "cgroup2", 0, NULL) ||
	    file_put(CGROUPS "/cgroup.subtree_control", "+memory"))
		return "this kernel has no memory cgroups (CONFIG_MEMCG; kernels/states.config has it)";
	return NULL;
}

/* Of a node where the kernel has that, else of all memory's cgroup. */
static const char *can_reclaim(struct state *s)
{
	struct stat st;
	const char *why = needs_swap(s);

	if (why)
		return why;
	if (!stat(NODE, &st))
		s->text = xasprintf("%s %s swappiness=max", NODE, MUCH);
	else if (!mount_cgroups() && !stat(CGROUPS "/memory.reclaim", &st))
		s->text = xasprintf("%s %s", CGROUPS "/memory.reclaim", MUCH);
	return s->text ? NULL
		       : "no node can be told to reclaim (6.17 or newer has it), and there is no memory.reclaim (CONFIG_MEMCG)";
}

/* It asks for more than there is, so that it says EAGAIN in the end.  A node reclaims nothing while
 * it has little page cache, and a guest has none; these say that none is enough. */
static int reclaim(struct state *s)
{
	char *cache = file_swap("/proc/sys/vm/min_unmapped_ratio", "0");
	char *slab = file_swap("/proc/sys/vm/min_slab_ratio", "0");
	char *path = strndup(s->text, strcspn(s->text, " "));
	int error = file_put(path, s->text + strlen(path) + 1);

	free(path);
	file_restore("/proc/sys/vm/min_slab_ratio", slab);
	file_restore("/proc/sys/vm/min_unmapped_ratio", cache);
	return error == EAGAIN ? 0 : error;
}

static int dropped(struct state *s)
{
	int error = advise(s, MADV_FREE);

	return error ? error : reclaim(s);
}

static void forget_text(struct state *s)
{
	free(s->text);
	s->text = NULL;
}

/* What is touched from now on is the group's. */
static const char *enter_group(struct state *s)
{
	const char *why = needs_swap(s);

	if (!why)
		why = mount_cgroups();
	if (why)
		return why;
	mkdir(OWN_CGROUP, 0700);
	if (file_put(OWN_CGROUP "/cgroup.procs", "0"))
		die("joining %s: %s", OWN_CGROUP, strerror(errno));
	return NULL;
}

static int limit(struct state *s)
{
	char *half = xasprintf("%zu", mem_bytes(&s->mem) / 2);
	int error = file_put(OWN_CGROUP "/memory.high", half);

	free(half);
	return error;
}

static void leave_group(struct state *s)
{
	(void)s;
	file_put(OWN_CGROUP "/memory.high", "max");
	file_put(CGROUPS "/cgroup.procs", "0");
	rmdir(OWN_CGROUP);
}

static const char *enter_swapped(struct state *s)
{
	const char *why = needs_swap(s);

	if (!why)
		why = state_swapped(&s->mem);
	s->text = why ? NULL : file_swap_device();
	return why;
}

static int off(struct state *s)
{
	return swapoff(s->text) ? errno : 0;
}

static void on(struct state *s)
{
	if (s->text)
		swapon(s->text, 0);
	forget_text(s);
}

const struct states_entry states_pageout = {
	.promise = "madvise(2): MADV_PAGEOUT reclaims a range of pages",
	.enter = needs_swap,
	.operate = pageout,
};
const struct states_entry states_lazyfree = {
	.promise = "madvise(2): after MADV_FREE a page holds what it held, or zeroes",
	.enter = needs_swap,
	.operate = lazyfree,
	.may_drop = 1,
};
const struct states_entry states_droppable = {
	.promise = "mmap(2): under pressure a MAP_DROPPABLE page is dropped and reads as zeroes",
	.map = map_droppable,
	.operate = pageout,
	.may_drop = 1,
};
const struct states_entry states_reclaim = {
	.promise =
		"ABI/stable/sysfs-devices-node, cgroup-v2.rst: as much as asked for is reclaimed, or EAGAIN",
	.enter = can_reclaim,
	.operate = reclaim,
	.leave = forget_text,
	.waits = 1,
};
const struct states_entry states_dropped = {
	.promise =
		"CVE-2026-63950: a droppable folio with one exclusive page, MADV_FREE, a node's reclaim",
	.map = map_droppable,
	.enter = can_reclaim,
	.operate = dropped,
	.leave = forget_text,
	.waits = 1,
	.may_drop = 1,
};
const struct states_entry states_memcg = {
	.promise = "cgroup-v2.rst: a lower memory.high reclaims what is above it and kills nobody",
	.map = enter_group,
	.operate = limit,
	.leave = leave_group,
	.waits = 1,
};
const struct states_entry states_swapoff = {
	.promise = "swapoff(2): all that is in the swap area comes back",
	.enter = enter_swapped,
	.operate = off,
	.leave = on,
	.waits = 1,
};
