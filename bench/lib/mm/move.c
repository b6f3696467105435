// SPDX-License-Identifier: MIT
/* What puts pages elsewhere: other addresses, other frames. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "lib/core/die.h"
#include "lib/machine/proc.h"
#include "lib/mm/file.h"
#include "lib/mm/states.h"

/* Since 6.8 and 7.3; Documentation/admin-guide/mm/userfaultfd.rst. */
#define FEATURE_MOVE	  (1 << 16)
#define FEATURE_RWP	  (1 << 17)
#define FEATURE_RWP_ASYNC (1 << 18)
#define REGISTER_RWP	  (1 << 3)
#define RWPROTECT	  _IOWR(UFFDIO, 0x09, struct uffdio_writeprotect)

struct move {
	uint64_t to, from, length, mode;
	int64_t moved;
};
#define MOVE	    _IOWR(UFFDIO, 0x05, struct move)

#define MOST_BLOCKS 64	   /* of memory, that are looked at */
#define PATIENCE_US 200000 /* of one that tries for ever */

static const char *reserve(struct state *s)
{
	s->there = s->mem;
	s->there.start = mmap(NULL, mem_bytes(&s->mem), PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (s->there.start == MAP_FAILED)
		die("mapping %zu bytes: %s", mem_bytes(&s->mem), strerror(errno));
	return NULL;
}

static int remap(struct state *s)
{
	size_t bytes = mem_bytes(&s->mem);

	if (mremap(s->mem.start, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, s->there.start) ==
	    MAP_FAILED)
		return errno;
	s->moved = s->mem.pages;
	return 0;
}

static void unmap_there(struct state *s)
{
	munmap(s->there.start, mem_bytes(&s->mem));
}

/* A userfaultfd with @features, on @mem in @mode; NULL, or @without. */
static const char *watch(struct state *s, const struct mem *mem, uint64_t features, uint64_t mode,
			 const char *without)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	struct uffdio_register reg = { .range = { (uintptr_t)mem->start, mem_bytes(mem) },
				       .mode = mode };

	s->fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	if (s->fd < 0 || ioctl(s->fd, UFFDIO_API, &api))
		return without;
	if (ioctl(s->fd, UFFDIO_REGISTER, &reg))
		die("registering %zu pages with a userfaultfd: %s", mem->pages, strerror(errno));
	return NULL;
}

static const char *can_move(struct state *s)
{
	reserve(s);
	return watch(s, &s->there, FEATURE_MOVE, UFFDIO_REGISTER_MODE_MISSING,
		     "userfaultfd here has no UFFDIO_MOVE (6.8 or newer has it)");
}

/* All in one call; of one that fails on its way, up to there. */
static int uffd_move(struct state *s)
{
	struct move arg = { .to = (uintptr_t)s->there.start,
			    .from = (uintptr_t)s->mem.start,
			    .length = mem_bytes(&s->mem) };
	int error = ioctl(s->fd, MOVE, &arg) ? errno : 0;

	s->moved = arg.moved > 0 ? (size_t)arg.moved / mem_page_size() : 0;
	return error;
}

static void end_watch(struct state *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static void end_move(struct state *s)
{
	end_watch(s);
	unmap_there(s);
}

static const char *can_rwp(struct state *s)
{
	return watch(s, &s->mem, FEATURE_RWP | FEATURE_RWP_ASYNC, REGISTER_RWP,
		     "userfaultfd here has no read-write protection (7.3 or newer has it)");
}

static int rwp(struct state *s)
{
	struct uffdio_writeprotect arg = { .range = { (uintptr_t)s->mem.start, mem_bytes(&s->mem) },
					   .mode = 1 };

	return ioctl(s->fd, RWPROTECT, &arg) ? errno : 0;
}

static const char *can_compact(struct state *s)
{
	struct stat st;

	(void)s;
	return stat("/proc/sys/vm/compact_memory", &st) ? "this kernel has no CONFIG_COMPACTION"
							: NULL;
}

static int compact(struct state *s)
{
	(void)s;
	return file_put("/proc/sys/vm/compact_memory", "1");
}

static char *block(uint64_t number)
{
	return xasprintf("/sys/devices/system/memory/memory%llu/state", (unsigned long long)number);
}

static void nothing(int signal)
{
	(void)signal;
}

/* 0, or errno; the kernel tries until a signal comes. */
static int put_offline(const char *path)
{
	struct itimerval timer = { .it_value.tv_usec = PATIENCE_US }, none = { 0 };
	struct sigaction act = { .sa_handler = nothing }, old;
	int error;

	sigaction(SIGALRM, &act, &old);
	setitimer(ITIMER_REAL, &timer, NULL);
	error = file_put(path, "offline");
	setitimer(ITIMER_REAL, &none, NULL);
	sigaction(SIGALRM, &old, NULL);
	return error;
}

/* A block that can go, the highest one, for movable pages alone: the region will be in it. */
static const char *make_movable(struct state *s)
{
	int error = 1;

	(void)s;
	for (int n = MOST_BLOCKS; n-- && error;) {
		char *path = block((uint64_t)n);

		error = put_offline(path);
		if (!error)
			file_put(path, "online_movable");
		free(path);
	}
	return error ? "no block of memory can go (CONFIG_MEMORY_HOTREMOVE, and one without the kernel's own pages)"
		     : NULL;
}

/* The block that the page's folio is in. */
static const char *find_block(struct state *s)
{
	char *size = proc_read("/sys/devices/system/memory/block_size_bytes", NULL);
	uint64_t bytes = size ? strtoull(size, NULL, 16) : 0;

	free(size);
	if (!bytes)
		die("/sys/devices/system/memory/block_size_bytes has no number");
	s->text = block(mem_frame(mem_page(&s->mem, s->page)) * mem_page_size() / bytes);
	return NULL;
}

static int offline(struct state *s)
{
	return put_offline(s->text);
}

static void online(struct state *s)
{
	if (s->text)
		file_put(s->text, "online_movable");
	free(s->text);
	s->text = NULL;
}

const struct states_entry states_mremap = {
	.promise = "mremap(2): the pages are at the new address",
	.enter = reserve,
	.operate = remap,
	.leave = unmap_there,
};
const struct states_entry states_uffd_move = {
	.promise = "ioctl_userfaultfd(2): UFFDIO_MOVE moves pages, or says which it could not",
	.enter = can_move,
	.operate = uffd_move,
	.leave = end_move,
};
const struct states_entry states_uffd_rwp = {
	.promise =
		"userfaultfd.rst: the next access of either kind is one fault, resolved by the kernel",
	.enter = can_rwp,
	.operate = rwp,
	.leave = end_watch,
};
const struct states_entry states_compact = {
	.promise = "sysctl/vm.rst: memory is compacted, and processes do not notice",
	.enter = can_compact,
	.operate = compact,
	.waits = 1,
};
const struct states_entry states_hot_remove = {
	.promise = "memory-hotplug.rst: a block's pages are migrated, or it stays and says why",
	.map = make_movable,
	.enter = find_block,
	.operate = offline,
	.leave = online,
	.waits = 1,
	.may_end = 1,
};
