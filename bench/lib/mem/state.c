// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/mem/state.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/userfaultfd.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "lib/core/die.h"

/* Since 6.7; Documentation/admin-guide/mm/userfaultfd.rst. */
#ifndef UFFD_FEATURE_WP_ASYNC
#define UFFD_FEATURE_WP_ASYNC (1 << 15)
#endif

/* Since 6.7; Documentation/admin-guide/mm/pagemap.rst. */
#ifndef PAGEMAP_SCAN
#define PAGEMAP_SCAN	      _IOWR('f', 16, struct pm_scan_arg)
#define PAGE_IS_WRITTEN	      (1 << 1)
#define PM_SCAN_WP_MATCHING   (1 << 0)
#define PM_SCAN_CHECK_WPASYNC (1 << 1)

struct page_region {
	uint64_t start, end, categories;
};

struct pm_scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};
#endif

/* A page that somebody holds at the moment is left out; that is soon over. */
#define PAGEOUT_TRIES 16

static void must_be_all(const struct mem *mem, enum mem_kind kind, const char *what)
{
	size_t found = mem_count(mem, kind);

	if (found != mem->pages)
		die("%zu of %zu pages are %s in /proc/self/pagemap", found, mem->pages, what);
}

const char *state_swapped(const struct mem *mem)
{
	struct sysinfo info;

	if (sysinfo(&info) || (size_t)info.freeswap * info.mem_unit < mem_bytes(mem))
		return "no swap space for the pages (guests have 64 MiB on drivers/block/brd.ko)";
	for (int i = 0; i < PAGEOUT_TRIES && mem_count(mem, MEM_PRESENT); i++)
		if (madvise(mem->start, mem_bytes(mem), MADV_PAGEOUT))
			return "this kernel has no MADV_PAGEOUT";
	must_be_all(mem, MEM_SWAPPED, "swapped out");
	return NULL;
}

/* The kernel writes here when it has preempted us.  That is a page fault too after
 * clear_refs, which must not fall into what is measured: take it now. */
static void touch_rseq(void)
{
	volatile char *area = (volatile char *)__builtin_thread_pointer() + __rseq_offset;

	area[offsetof(struct rseq, flags)] = area[offsetof(struct rseq, flags)];
}

const char *state_lacks_soft_dirty(const struct mem *mem)
{
	return mem_count(mem, MEM_SOFT_DIRTY)
		       ? NULL
		       : "this kernel has no soft-dirty tracking (CONFIG_MEM_SOFT_DIRTY)";
}

const char *state_soft_dirty(const struct mem *mem)
{
	const char *why = state_lacks_soft_dirty(mem);
	size_t dirty;
	int fd;

	if (why)
		return why;
	fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "4", 1) != 1)
		die("/proc/self/clear_refs: %s", strerror(errno));
	close(fd);
	touch_rseq();
	dirty = mem_count(mem, MEM_SOFT_DIRTY);
	if (dirty)
		die("%zu of %zu pages are soft-dirty after clear_refs", dirty, mem->pages);
	return NULL;
}

const char *state_register(const struct mem *mem, int async, int *fd)
{
	struct uffdio_api api = { .api = UFFD_API, .features = async ? UFFD_FEATURE_WP_ASYNC : 0 };
	struct uffdio_register reg = { .range = { (uintptr_t)mem->start, mem_bytes(mem) },
				       .mode = UFFDIO_REGISTER_MODE_WP };

	*fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	if (*fd < 0)
		return "this kernel has no userfaultfd";
	if (ioctl(*fd, UFFDIO_API, &api)) {
		close(*fd);
		*fd = -1;
		return "userfaultfd here has no WP_ASYNC (it takes Linux 6.7 and CONFIG_PTE_MARKER_UFFD_WP)";
	}
	if (ioctl(*fd, UFFDIO_REGISTER, &reg))
		die("registering %zu pages with a userfaultfd: %s", mem->pages, strerror(errno));
	return NULL;
}

int state_protect(int fd, const struct mem *mem)
{
	struct uffdio_writeprotect wp = { .range = { (uintptr_t)mem->start, mem_bytes(mem) },
					  .mode = UFFDIO_WRITEPROTECT_MODE_WP };

	return ioctl(fd, UFFDIO_WRITEPROTECT, &wp) ? errno : 0;
}

const char *state_uffd_wp(const struct mem *mem, int *fd)
{
	const char *why = state_register(mem, 1, fd);
	int error = why ? 0 : state_protect(*fd, mem);

	if (why)
		return why;
	if (error)
		die("userfaultfd write protection of %zu pages: %s", mem->pages, strerror(error));
	must_be_all(mem, MEM_UFFD_WP, "write-protected by userfaultfd");
	return NULL;
}

int state_scan(const struct mem *mem)
{
	struct page_region found[16];
	struct pm_scan_arg arg = {
		.size = sizeof(arg),
		.flags = PM_SCAN_WP_MATCHING | PM_SCAN_CHECK_WPASYNC,
		.start = (uintptr_t)mem->start,
		.end = (uintptr_t)mem->start + mem_bytes(mem),
		.vec = (uintptr_t)found,
		.vec_len = sizeof(found) / sizeof(found[0]),
		.category_mask = PAGE_IS_WRITTEN,
		.return_mask = PAGE_IS_WRITTEN,
	};
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC), error;

	if (fd < 0)
		die("/proc/self/pagemap: %s", strerror(errno));
	error = ioctl(fd, PAGEMAP_SCAN, &arg) < 0 ? errno : 0;
	close(fd);
	return error;
}
