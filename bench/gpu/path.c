// SPDX-License-Identifier: MIT
/*
 * Which way did a page go?  /proc/self/pagemap before and after a launch.
 *
 * A page that is not present any more has a special swap entry whose offset is a page
 * frame (include/linux/swapops.h): the frame it had before means that the page stayed
 * where it was and the device has it exclusively; another one is the device's own memory.
 * Frame numbers, and so the whole answer, are for root alone.  Reading the file
 * faults nothing in.
 */
#define _GNU_SOURCE
#include "gpu/gpu.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/core/die.h"

/* Documentation/admin-guide/mm/pagemap.rst */
#define PRESENT	    (1ull << 63)
#define SWAPPED	    (1ull << 62)
#define FRAME	    ((1ull << 55) - 1)
#define TYPE_BITS   5
#define TYPE(entry) ((entry)&0x1f)

/* include/linux/swap.h: special entries have the topmost types, at most nine. */
#define FIRST_SPECIAL_TYPE 23

struct gpu_frames {
	const char *start;
	size_t pages;
	uint64_t entry[];
};

static int read_entries(const char *start, size_t pages, uint64_t *entry)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	ssize_t bytes = (ssize_t)(pages * sizeof(*entry)), n = -1;

	if (fd >= 0)
		n = pread(fd, entry, (size_t)bytes, (off_t)((uintptr_t)start / GPU_PAGE * 8));
	if (fd >= 0)
		close(fd);
	return n == bytes;
}

struct gpu_frames *gpu_frames_take(const void *start, size_t pages)
{
	struct gpu_frames *f = xcalloc(1, sizeof(*f) + pages * sizeof(f->entry[0]));

	f->start = start;
	f->pages = pages;
	if (!read_entries(start, pages, f->entry))
		f->pages = 0;
	return f;
}

enum gpu_where gpu_where(uint64_t was, uint64_t is)
{
	if (!(was & PRESENT) || !(was & FRAME))
		return GPU_OTHER;
	if (is & PRESENT)
		return (is & FRAME) == (was & FRAME) ? GPU_PRESENT : GPU_OTHER;
	if (!(is & SWAPPED) || TYPE(is) < FIRST_SPECIAL_TYPE)
		return GPU_OTHER;
	return (is & FRAME) >> TYPE_BITS == (was & FRAME) ? GPU_EXCLUSIVE : GPU_MIGRATED;
}

static void count(struct gpu_path *path, uint64_t was, uint64_t is)
{
	uint32_t *const counter[] = {
		[GPU_OTHER] = &path->other,
		[GPU_PRESENT] = &path->present,
		[GPU_EXCLUSIVE] = &path->exclusive,
		[GPU_MIGRATED] = &path->migrated,
	};

	(*counter[gpu_where(was, is)])++;
	if (!(is & PRESENT) && (is & SWAPPED))
		path->types |= 1u << TYPE(is);
}

struct gpu_path gpu_frames_compare(struct gpu_frames *before)
{
	struct gpu_path path = { 0 };
	uint64_t *now = xcalloc(before->pages, sizeof(*now));

	/* Without frame numbers nothing can be said of any page. */
	path.known = before->pages && (before->entry[0] & FRAME) &&
		     read_entries(before->start, before->pages, now);
	for (size_t i = 0; path.known && i < before->pages; i++)
		count(&path, before->entry[i], now[i]);
	free(now);
	free(before);
	return path;
}
