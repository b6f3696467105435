// SPDX-License-Identifier: MIT
/*
 * A CPU thread that adds 1 to the device's words as fast as it can: to the one word that
 * all use, or, where threads have words of their own, to a word of the next page each time.
 */
#include "gpu/gpu.h"

#include <pthread.h>
#include <stdlib.h>

#include "lib/core/die.h"

struct gpu_toucher {
	pthread_t thread;
	uint32_t *words;
	size_t mask;
	uint64_t adds;
	double seconds;
	int started, stop;
};

static void *touch(void *user)
{
	struct gpu_toucher *t = user;
	double begin = gpu_seconds();
	size_t at = 0;

	do {
		__atomic_fetch_add(&t->words[at & t->mask], 1, __ATOMIC_SEQ_CST);
		t->adds++;
		at += GPU_PAGE_WORDS + 1;
		__atomic_store_n(&t->started, 1, __ATOMIC_RELEASE);
	} while (!__atomic_load_n(&t->stop, __ATOMIC_ACQUIRE));
	t->seconds = gpu_seconds() - begin;
	return NULL;
}

struct gpu_toucher *gpu_touch_begin(uint32_t *words, size_t n, enum gpu_pattern pattern)
{
	struct gpu_toucher *t = xcalloc(1, sizeof(*t));

	t->words = words;
	t->mask = pattern == GPU_DISTINCT ? n - 1 : 0;
	if (pthread_create(&t->thread, NULL, touch, t))
		die("no thread for the CPU's adds");
	while (!__atomic_load_n(&t->started, __ATOMIC_ACQUIRE))
		;
	return t;
}

uint64_t gpu_touch_end(struct gpu_toucher *t, double *seconds)
{
	uint64_t adds;

	__atomic_store_n(&t->stop, 1, __ATOMIC_RELEASE);
	pthread_join(t->thread, NULL);
	adds = t->adds;
	*seconds = t->seconds;
	free(t);
	return adds;
}
