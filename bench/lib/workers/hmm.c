// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/workers/hmm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <linux/types.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/core/die.h"
#include "lib/mem/mem.h"

#define HMM_DEVICE "/dev/hmm_dmirror0"

/* Addresses of the process, of a buffer, pages asked for, pages done, faults. */
struct hmm_request {
	__u64 addr;
	__u64 buffer;
	__u64 pages;
	__u64 done;
	__u64 faults;
};

#define HMM_EXCLUSIVE _IOWR('H', 0x05, struct hmm_request)

struct hmm {
	int fd;
	char *buffer;
};

struct hmm *hmm_open(size_t max_pages, const char **why)
{
	size_t bytes = max_pages * mem_page_size();
	int fd = open(HMM_DEVICE, O_RDWR | O_CLOEXEC);
	struct hmm *hmm;

	if (fd < 0) {
		*why = errno == ENOENT ? "no " HMM_DEVICE ": test_hmm is not loaded"
				       : strerror(errno);
		return NULL;
	}
	hmm = xcalloc(1, sizeof(*hmm));
	hmm->fd = fd;
	hmm->buffer = xcalloc(1, bytes);
	memset(hmm->buffer, 1, bytes); /* present before it is timed */
	return hmm;
}

void hmm_close(struct hmm *hmm)
{
	if (!hmm)
		return;
	close(hmm->fd);
	free(hmm->buffer);
	free(hmm);
}

long hmm_exclusive(struct hmm *hmm, const void *start, size_t pages)
{
	struct hmm_request request = {
		.addr = (uintptr_t)start,
		.buffer = (uintptr_t)hmm->buffer,
		.pages = pages,
	};

	if (ioctl(hmm->fd, HMM_EXCLUSIVE, &request))
		return -errno;
	return (long)request.done;
}
