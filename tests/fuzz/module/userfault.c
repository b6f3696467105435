// SPDX-License-Identifier: MIT
/* userfaultfd: pages that somebody else fills in, or is asked before they are written to. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz.h"

static int handle_of(struct player *p)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_PAGEFAULT_FLAG_WP };
	int fd;

	if (p->uffd >= 0 || !p->watches)
		return p->uffd;
	fd = (int)syscall(SYS_userfaultfd, O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (ioctl(fd, UFFDIO_API, &api)) {
		close(fd);
		return -1;
	}
	add(&tally->watched[p->slot], 1);
	p->uffd = fd;
	return fd;
}

int change_userfault(struct hand *h)
{
	struct region r = some_part(h);
	struct uffdio_range range = { .start = (uintptr_t)r.start, .len = r.bytes };
	struct uffdio_register all = { .range = range, .mode = 1 + under(&h->dice, 7) };
	struct uffdio_writeprotect protect = { .range = range, .mode = under(&h->dice, 4) };
	int fd = handle_of(h->p);

	switch (under(&h->dice, 4)) {
	case 0:
		return ioctl(fd, UFFDIO_UNREGISTER, &range) ? -1 : 0;
	case 1:
		return ioctl(fd, UFFDIO_WRITEPROTECT, &protect) ? -1 : 0;
	default:
		return ioctl(fd, UFFDIO_REGISTER, &all) ? -1 : 0;
	}
}

static int fill(int fd, char *at, bool zero)
{
	static char page[4096];
	struct uffdio_zeropage nothing = { .range = { (uintptr_t)at, PAGE } };
	struct uffdio_copy copy = { .dst = (uintptr_t)at, .src = (uintptr_t)page, .len = PAGE };
	struct uffdio_writeprotect write = { .range = { (uintptr_t)at, PAGE } };

	ioctl(fd, UFFDIO_WRITEPROTECT, &write);
	return zero ? ioctl(fd, UFFDIO_ZEROPAGE, &nothing) : ioctl(fd, UFFDIO_COPY, &copy);
}

/* Whoever waits; and a page that nobody asked for. */
int serve_userfault(struct hand *h)
{
	struct uffd_msg message;
	int fd = h->p->uffd;

	if (fd < 0)
		return -1;
	if (one_in(&h->dice, 16)) {
		h->p->uffd = -1;
		return close(fd);
	}
	while (read(fd, &message, sizeof(message)) == sizeof(message))
		if (message.event == UFFD_EVENT_PAGEFAULT)
			fill(fd, (char *)(uintptr_t)(message.arg.pagefault.address & ~(PAGE - 1)),
			     one_in(&h->dice, 2));
	return fill(fd, some_page(h), true) ? -1 : 0;
}
