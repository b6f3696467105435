// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/mem/dax.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/core/die.h"

#define DEVICE "/dexbench/devdax"

/* Where the first of them is mounted, to free(); NULL: nowhere. */
static char *mounted(void)
{
	FILE *list = setmntent("/proc/self/mounts", "r");
	char *where = NULL;
	struct mntent *m;

	while (list && !where && (m = getmntent(list)))
		if (hasmntopt(m, "dax=always"))
			where = xstrdup(m->mnt_dir);
	if (list)
		endmntent(list);
	return where;
}

/* In one piece where the file system can: pieces cannot be mapped as huge pages. */
static void fill(int fd, size_t pages)
{
	char *page = xcalloc(1, mem_page_size());
	ssize_t bytes = (ssize_t)mem_page_size();

	if (fallocate(fd, 0, 0, (off_t)(pages * mem_page_size())))
		die("a file of %zu pages on a dax file system: %s", pages, strerror(errno));
	for (size_t i = 0; i < pages; i++)
		if (pwrite(fd, page, (size_t)bytes, (off_t)i * bytes) != bytes)
			die("writing to a file on a dax file system: %s", strerror(errno));
	free(page);
}

static const char *open_file(int *fd)
{
	char *where = mounted();

	*fd = -1;
	if (!where)
		return "no file system is mounted with dax=always; CONFIG=kernels/dax.config builds kernels whose guests have one";
	*fd = open(where, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (*fd < 0)
		die("%s: a file without a name: %s", where, strerror(errno));
	free(where);
	return NULL;
}

const char *dax_file(size_t pages, int *fd)
{
	const char *why = open_file(fd);

	if (!why)
		fill(*fd, pages);
	return why;
}

static const char *open_device(int *fd)
{
	*fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	return *fd < 0 ? "no " DEVICE
			 ", a dax device that is made in guests of CONFIG=kernels/dax.config and on no other machine"
		       : NULL;
}

void dax_map(const struct mem *mem, int fd, size_t from)
{
	if (mmap(mem->start, mem_bytes(mem), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
		 (off_t)(from * mem_page_size())) == MAP_FAILED)
		die("mapping %zu pages of a dax file: %s", mem->pages, strerror(errno));
}

/* Huge entries need what is mapped and where it lies to be in line: a page off, and there are none. */
static const char *map_kind(struct dax *dax, enum dax_kind kind, int huge)
{
	const char *why = NULL;

	switch (kind) {
	case DAX_ANON:
		if (huge && madvise(dax->mem.start, mem_bytes(&dax->mem), MADV_HUGEPAGE))
			return "a kernel without transparent huge pages";
		return NULL;
	case DAX_FILE:
		why = dax_file(2 * dax->mem.pages, &dax->fd);
		break;
	case DAX_DEVICE:
		why = huge ? open_device(&dax->fd)
			   : "a dax device has huge entries alone: it maps in pieces of its own size";
		break;
	}
	if (!why)
		dax_map(&dax->mem, dax->fd, !huge);
	return why;
}

const char *dax_region(struct dax *dax, enum dax_kind kind, int huge, size_t pages)
{
	dax->fd = -1;
	dax->mem = mem_reserve(pages);
	return map_kind(dax, kind, huge);
}

void dax_free(struct dax *dax)
{
	mem_free(&dax->mem);
	if (dax->fd >= 0)
		close(dax->fd);
	dax->fd = -1;
}

size_t dax_holding(int fd, size_t from, size_t pages, int first, int step)
{
	size_t n = 0;
	int word;

	for (size_t i = 0; i < pages; i++) {
		off_t at = (off_t)((from + i) * mem_page_size());

		n += pread(fd, &word, sizeof(word), at) == (ssize_t)sizeof(word) &&
		     word == first + step * (int)i;
	}
	return n;
}

void dax_pin(const struct mem *mem, int ends[2])
{
	const struct iovec pages = { mem->start, mem_bytes(mem) };
	ssize_t spliced;

	if (pipe2(ends, O_CLOEXEC))
		die("pipe: %s", strerror(errno));
	spliced = vmsplice(ends[1], &pages, 1, SPLICE_F_NONBLOCK);
	if (spliced != (ssize_t)pages.iov_len)
		die("vmsplice of %zu pages: %s", mem->pages,
		    spliced < 0 ? strerror(errno) : "the pipe took fewer");
}

size_t dax_unpin(const struct mem *mem, int ends[2], int first, int step)
{
	int *page = xcalloc(1, mem_page_size());
	size_t n = 0;

	for (size_t i = 0; i < mem->pages; i++) {
		if (read(ends[0], page, mem_page_size()) != (ssize_t)mem_page_size())
			die("reading a page from a pipe: %s", strerror(errno));
		n += *page == first + step * (int)i;
	}
	free(page);
	close(ends[0]);
	close(ends[1]);
	return n;
}

int dax_take_space(size_t pages)
{
	size_t bytes = 64 * mem_page_size();
	char *block = xcalloc(1, bytes);
	const char *why;
	int fd;

	memset(block, 0x5a, bytes);
	why = open_file(&fd);
	if (why)
		die("%s", why);
	for (size_t i = 0; i < pages && write(fd, block, bytes) > 0; i += 64)
		;
	free(block);
	return fd;
}
