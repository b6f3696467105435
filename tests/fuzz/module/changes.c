// SPDX-License-Identifier: MIT
/*
 * What changes the address space under the module, by the process itself.
 *
 * Page 0 is never mapped: mprotect() of it hangs the process for ever, which is a bug of the
 * kernel's own (results/mprotect-zero).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fuzz.h"

#define POISON_AT_MOST 128 /* pages, of all processes: they are lost */
#define TOUCHED	       64  /* pages at once */

static int some_protection(struct hand *h)
{
	return one_in(&h->dice, 2) ? PROT_READ | PROT_WRITE : (int)under(&h->dice, 8);
}

static size_t some_size(struct hand *h)
{
	return one_in(&h->dice, 24) ? HUGE_PAGE * (1 + under(&h->dice, 2))
				    : PAGE * (1 + under(&h->dice, 64));
}

/* Far from what the program itself needs, so that a range that is gone stays nobody's. */
static char *some_place(struct hand *h, const struct region *r)
{
	return (char *)((uint64_t)(1 + (r - h->p->region)) << 36) + HUGE_PAGE * under(&h->dice, 4);
}

static char *anonymous(char *at, size_t bytes, int flags)
{
	return mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_ANONYMOUS | flags, -1, 0);
}

static char *of_file(char *at, int fd, size_t bytes, int flags)
{
	char *got = MAP_FAILED;

	if (fd >= 0 && !ftruncate(fd, (off_t)bytes))
		got = mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_FIXED | flags, fd, 0);
	close(fd);
	return got;
}

static char *of_device(struct hand *h, char *place, size_t bytes)
{
	int fd = h->p->file[under(&h->dice, FILES)];
	off_t at = one_in(&h->dice, 2) ? (off_t)DEX_MIRROR_OFFSET : 0;

	if (one_in(&h->dice, 16))
		at = (off_t)(odd_number(&h->dice) & INT64_MAX & ~(PAGE - 1));
	return mmap(place, bytes, some_protection(h) & ~PROT_EXEC,
		    MAP_FIXED | (one_in(&h->dice, 8) ? MAP_PRIVATE : MAP_SHARED), fd, at);
}

static char *some_mapping(struct hand *h, char *at, size_t *bytes)
{
	int flags = one_in(&h->dice, 8) ? MAP_SHARED : MAP_PRIVATE;

	switch (under(&h->dice, 16)) {
	case 0:
		return of_file(at, memfd_create("fuzz", MFD_CLOEXEC), *bytes, flags);
	case 1:
		*bytes = HUGE_PAGE;
		return anonymous(at, *bytes, flags | MAP_HUGETLB);
	case 2:
		*bytes = HUGE_PAGE;
		return of_file(at, memfd_create("fuzz", MFD_CLOEXEC | MFD_HUGETLB), *bytes, flags);
	case 3:
		return of_file(at, open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600), *bytes,
			       flags);
	case 4:
	case 5:
		return of_device(h, at, *bytes);
	default:
		return anonymous(at, *bytes, flags | (one_in(&h->dice, 4) ? MAP_POPULATE : 0));
	}
}

/* Over some of what was there; the rest stays behind without a name. */
static int map(struct hand *h)
{
	struct region *r = some_region(h);
	size_t bytes = some_size(h);
	char *at = some_mapping(h, some_place(h, r), &bytes);

	if (at == MAP_FAILED)
		return -1;
	*r = (struct region){ at, bytes };
	return 0;
}

/* Over what is there. */
static int map_fixed(struct hand *h)
{
	struct region r = some_part(h);

	if (!r.bytes)
		return -1;
	return mmap(r.start, r.bytes, some_protection(h),
		    MAP_FIXED | MAP_ANONYMOUS | (one_in(&h->dice, 4) ? MAP_SHARED : MAP_PRIVATE),
		    -1, 0) == MAP_FAILED
		       ? -1
		       : 0;
}

static int unmap(struct hand *h)
{
	struct region r = some_part(h);

	return r.bytes ? munmap(r.start, r.bytes) : -1;
}

static int remap(struct hand *h)
{
	struct region r = some_part(h), *to = some_region(h);
	size_t bytes = one_in(&h->dice, 2) ? r.bytes : some_size(h);
	char *at;

	if (!r.bytes)
		return -1;
	if (one_in(&h->dice, 4))
		at = mremap(r.start, r.bytes, r.bytes,
			    MREMAP_MAYMOVE | MREMAP_DONTUNMAP | MREMAP_FIXED, some_place(h, to));
	else if (one_in(&h->dice, 2))
		at = mremap(r.start, r.bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED,
			    some_place(h, to));
	else
		at = mremap(r.start, r.bytes, bytes, 0);
	if (at == MAP_FAILED)
		return -1;
	*to = (struct region){ at, bytes };
	return 0;
}

static int protect(struct hand *h)
{
	struct region r = some_part(h);

	return r.bytes ? mprotect(r.start, r.bytes, some_protection(h)) : -1;
}

/* Whatever advice there is; poison is scarce. */
static int advise(struct hand *h)
{
	static const int after[] = { MADV_HWPOISON, 101 /* SOFT_OFFLINE */, 102, 103 };
	struct region r = some_part(h);
	int advice = one_in(&h->dice, 32) ? after[under(&h->dice, 4)] : (int)under(&h->dice, 26);

	if (advice == MADV_HWPOISON || advice == 101) {
		r.bytes = PAGE;
		if (!one_in(&h->dice, 16) ||
		    __atomic_add_fetch(&tally->poisoned, 1, __ATOMIC_RELAXED) > POISON_AT_MOST)
			return -1;
	}
	return r.bytes ? madvise(r.start, r.bytes, advice) : -1;
}

static int touch(struct hand *h)
{
	char *at = some_page(h) + under(&h->dice, PAGE);
	struct region *r = some_region(h);

	if (!r->bytes || at < r->start || at >= r->start + r->bytes)
		at = r->start;
	return at && guarded(one_in(&h->dice, 3) ? read_byte : write_byte, at, 0x5a) ? 0 : -1;
}

static int touch_all(struct hand *h)
{
	struct region r = some_part(h);

	for (size_t i = 0; i < r.bytes && i < TOUCHED * PAGE; i += PAGE)
		if (!guarded(write_byte, r.start + i, 0x5a))
			return -1;
	return r.bytes ? 0 : -1;
}

static int lock(struct hand *h)
{
	struct region r = some_part(h);

	switch (under(&h->dice, 8)) {
	case 0:
		return mlockall(1 + (int)under(&h->dice, 7));
	case 1:
		return munlockall();
	case 2:
	case 3:
		return munlock(r.start, r.bytes);
	default:
		return syscall(SYS_mlock2, r.start, r.bytes, under(&h->dice, 2)) ? -1 : 0;
	}
}

/* As a debugger or another process would: FOLL_FORCE, which breaks what is read-only. */
static int access_file(struct hand *h)
{
	off_t at = (off_t)(uintptr_t)some_part(h).start;
	int mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	char byte = 1;
	ssize_t n;

	if (mem < 0)
		return -1;
	n = one_in(&h->dice, 2) ? pread(mem, &byte, 1, at) : pwrite(mem, &byte, 1, at);
	close(mem);
	return n == 1 ? 0 : -1;
}

static int access_process(struct hand *h)
{
	struct region r = some_part(h);
	char bytes[512];
	struct iovec here = { bytes, sizeof(bytes) }, there = { r.start, sizeof(bytes) };

	memset(bytes, 0, sizeof(bytes));
	if (!r.bytes)
		return -1;
	return (one_in(&h->dice, 2) ? process_vm_readv(getpid(), &here, 1, &there, 1, 0)
				    : process_vm_writev(getpid(), &here, 1, &there, 1, 0)) < 0
		       ? -1
		       : 0;
}

/* Marks, and looks: soft-dirty bits, what is mapped how. */
static int walk_tables(struct hand *h)
{
	static const char *const files[] = { "/proc/self/smaps", "/proc/self/pagemap",
					     "/proc/self/numa_maps" };
	static const char *const marks[] = { "1", "2", "3", "4", "5" };
	char bytes[4096];
	uint64_t which = under(&h->dice, 6);
	int fd;

	if (which > 2)
		return say("/proc/self/clear_refs", marks[under(&h->dice, 5)]);
	fd = open(files[which], O_RDONLY | O_CLOEXEC);
	if (which == 1)
		lseek(fd, (off_t)((uintptr_t)some_page(h) / PAGE * 8), SEEK_SET);
	while (read(fd, bytes, sizeof(bytes)) == sizeof(bytes) && which != 1)
		;
	close(fd);
	return fd < 0 ? -1 : 0;
}

static int move_pages_of(struct hand *h)
{
	struct region r = some_part(h);
	void *at[16];
	int node[16], status[16];
	unsigned long n = 0;

	for (; n < 16 && n * PAGE < r.bytes; n++) {
		at[n] = r.start + n * PAGE;
		node[n] = 0;
	}
	return n && !syscall(SYS_move_pages, 0, n, at, node, status, 4 /* all, shared too */) ? 0
											      : -1;
}

static int signal_thread(struct hand *h)
{
	pid_t self = getpid(), thread = self + (pid_t)under(&h->dice, THREADS + 1);

	return (int)syscall(SYS_tgkill, self, thread, one_in(&h->dice, 2) ? SIGUSR1 : SIGUSR2);
}

static int shut_file(struct hand *h)
{
	uint64_t fd = under(&h->dice, FILES);
	int old = h->p->file[fd];

	h->p->file[fd] = one_in(&h->dice, 2) ? dup(old) : -1;
	return close(old);
}

const struct change changes[] = {
	{ "mmap", 24, map },
	{ "mmap_fixed", 8, map_fixed },
	{ "munmap", 8, unmap },
	{ "mremap", 12, remap },
	{ "mprotect", 24, protect },
	{ "madvise", 48, advise },
	{ "touch", 64, touch },
	{ "touch_all", 12, touch_all },
	{ "mlock", 8, lock },
	{ "proc_mem", 12, access_file },
	{ "process_vm", 12, access_process },
	{ "page_tables", 4, walk_tables },
	{ "move_pages", 4, move_pages_of },
	{ "userfaultfd", 6, change_userfault },
	{ "userfaultfd_serve", 6, serve_userfault },
	{ "signal", 6, signal_thread },
	{ "open", 8, open_file },
	{ "close", 2, shut_file },
	{ "fork", 3, fork_child },
	{ "vfork", 2, vfork_child },
	{ "clone_vm", 1, share_memory },
	{ "exec", 1, execute },
	{ "core_dump", 1, dump_core },
	{ "ptrace", 2, trace },
	{ "descriptor", 2, pass_descriptor },
	{ "memory_cgroup", 1, run_out_of_memory },
};

unsigned int changes_known(void)
{
	return sizeof(changes) / sizeof(changes[0]);
}

void some_change(struct hand *h)
{
	unsigned int i = 0, all = 0, at;
	struct count *count;

	for (unsigned int j = 0; j < changes_known(); j++)
		all += changes[j].weight;
	for (at = (unsigned int)under(&h->dice, all); at >= changes[i].weight; i++)
		at -= changes[i].weight;
	count = &tally->change[i];
	add(changes[i].make(h) ? &count->refused : &count->done, 1);
}
