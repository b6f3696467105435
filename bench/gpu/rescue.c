// SPDX-License-Identifier: MIT
/*
 * A launch that does not come back, and what may end it.
 *
 * A driver that makes a page exclusive which already is looks it up, which takes it back, sees
 * that it was taken back, and tries again: for ever, unless a CPU touches the page in
 * between (METHODOLOGY.md, section 6).  nvidia-uvm retries whole regions without a bound, and
 * with an idle CPU nobody touches anything.  So a thread waits beside the launch and reads
 * each page of the footprint once a second, until the launch is back or the watchdog's
 * patience ends.  Reads alone: no sum changes.
 */
#include "gpu/gpu.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/core/die.h"

#define RESCUE_MS 1000 /* launches end by themselves after GPU_LAUNCH_CAP_NS */

struct gpu_rescuer {
	pthread_t thread;
	const volatile uint32_t *words;
	size_t pages;
	uint32_t *count, before;
	int back; /* eventfd: the launch is */
};

static void *wait_and_read(void *user)
{
	struct gpu_rescuer *r = user;
	struct pollfd back = { .fd = r->back, .events = POLLIN };

	while (!poll(&back, 1, RESCUE_MS)) {
		/* Counted first: who dies of it is to be seen. */
		__atomic_fetch_add(r->count, 1, __ATOMIC_RELAXED);
		for (size_t i = 0; i < r->pages; i++)
			(void)r->words[i * GPU_PAGE_WORDS];
	}
	return NULL;
}

struct gpu_rescuer *gpu_rescue_begin(const uint32_t *words, size_t pages, uint32_t *count)
{
	struct gpu_rescuer *r = xcalloc(1, sizeof(*r));

	r->words = words;
	r->pages = pages;
	r->count = count;
	r->before = *count;
	r->back = eventfd(0, EFD_CLOEXEC);
	if (r->back < 0 || pthread_create(&r->thread, NULL, wait_and_read, r))
		die("no thread to rescue a launch");
	return r;
}

uint32_t gpu_rescue_end(struct gpu_rescuer *r)
{
	uint32_t rescues;

	if (eventfd_write(r->back, 1))
		die("no event for the thread that rescues");
	pthread_join(r->thread, NULL);
	rescues = *r->count - r->before;
	close(r->back);
	free(r);
	return rescues;
}
