// SPDX-License-Identifier: MIT
/*
 * A libcuda.so.1 without a GPU, for tests of bench/gpu/cuda.c.
 *
 * It checks what it is given (code that holds the kernel, memory that is known) and makes
 * the adds that the code would make.  The environment says how it goes wrong: STUB_CUDA is
 * a list "key=value,..."; a key that is a number is a device attribute, "fail:cuName" is
 * what that call answers once, "after:cuName" how many of it go well before.  With
 * STUB_OLD it is a driver that lacks a function, with STUB_NEW it has the newer
 * cuMemAdvise, with STUB_BARE none.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stub_exclusive.h"

#pragma GCC diagnostic ignored "-Wmissing-prototypes"

#define NO_VALUE (-1)
#define CHUNK	 8
#define MOST	 128

static char code[1 << 16]; /* the PTX */
static uint64_t own;	   /* the latest memory of the device's own */
static float took;	   /* ms, the latest launch */

/* The value of @key in STUB_CUDA, or @otherwise. */
static long told(const char *key, long otherwise)
{
	const char *at = getenv("STUB_CUDA");
	size_t length = strlen(key);

	for (; at && *at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
		if (!strncmp(at, key, length) && at[length] == '=')
			return atol(at + length + 1);
	return otherwise;
}

static int failure(const char *call, long calls)
{
	char fail[64], after[64];

	snprintf(fail, sizeof(fail), "fail:%s", call);
	snprintf(after, sizeof(after), "after:%s", call);
	return calls == told(after, 0) ? (int)told(fail, 0) : 0;
}

/* Stands first in every function of the interface. */
#define MAY_FAIL                                            \
	do {                                                \
		static long calls_;                         \
		int failure_ = failure(__func__, calls_++); \
		if (failure_)                               \
			return failure_;                    \
	} while (0)

int cuInit(unsigned int flags)
{
	MAY_FAIL;
	(void)flags;
	while (told("sleep", 0))
		pause();
	sleep((unsigned int)told("slow", 0));
	if (told("segv", 0))
		raise(SIGSEGV);
	return (int)told("init", 0);
}

int cuDriverGetVersion(int *version)
{
	MAY_FAIL;
	*version = 13000;
	return 0;
}

int cuDeviceGetCount(int *n)
{
	MAY_FAIL;
	*n = (int)told("count", 1);
	return 0;
}

int cuDeviceGet(int *device, int ordinal)
{
	MAY_FAIL;
	*device = ordinal;
	return 0;
}

int cuDeviceGetName(char *name, int size, int device)
{
	MAY_FAIL;
	(void)device;
	snprintf(name, (size_t)size, "Stub GPU");
	return 0;
}

/* A PCIe GPU without HMM, unless told otherwise; 147 is unknown to it. */
int cuDeviceGetAttribute(int *value, int attribute, int device)
{
	char key[16];

	MAY_FAIL;
	(void)device;
	snprintf(key, sizeof(key), "%d", attribute);
	*value = (int)told(key, attribute == 13	   ? 1500000
				: attribute == 16  ? 1
				: attribute == 38  ? 1 << 20
				: attribute == 83  ? 1
				: attribute == 89  ? 1
				: attribute == 147 ? NO_VALUE
						   : 0);
	return *value == NO_VALUE;
}

int cuDevicePrimaryCtxRetain(void **context, int device)
{
	MAY_FAIL;
	(void)device;
	*context = code;
	return 0;
}

int cuDevicePrimaryCtxRelease_v2(int device)
{
	MAY_FAIL;
	(void)device;
	return 0;
}

int cuCtxSetCurrent(void *context)
{
	MAY_FAIL;
	return context == code ? 0 : 201;
}

int cuModuleLoadDataEx(void **module, const void *image, unsigned int n, int *options,
		       void **values)
{
	int error = (int)told("load", 0);

	MAY_FAIL;
	for (unsigned int i = 0; i < n; i++)
		if (options[i] == 5 && error)
			strcpy(values[i], "ptxas fatal");
	if (!error && strstr(image, ".target sm_70"))
		error = (int)told("load70", 0);
	snprintf(code, sizeof(code), "%s", (const char *)image);
	*module = code;
	return error;
}

int cuModuleGetFunction(void **function, void *module, const char *name)
{
	static char kept[64];
	char entry[80];

	MAY_FAIL;
	snprintf(entry, sizeof(entry), ".entry %s(", name);
	snprintf(kept, sizeof(kept), "%s", name);
	*function = kept;
	return module == code && strstr(code, entry) ? 0 : 500;
}

int cuMemGetInfo_v2(size_t *available, size_t *total)
{
	MAY_FAIL;
	*available = *total = (size_t)told("free", 1L << 30);
	return 0;
}

static int take(void **at, size_t bytes)
{
	int error = bytes > 1 << 15 ? (int)told("alloc", 0) : 0; /* not its own small ones */

	return error ? error : posix_memalign(at, 4096, bytes);
}

int cuMemAlloc_v2(uint64_t *at, size_t bytes)
{
	int error;

	MAY_FAIL;
	error = take((void **)(uintptr_t)at, bytes);
	own = bytes > 1 << 15 ? *at : own;
	return error;
}

int cuMemHostAlloc(void **at, size_t bytes, unsigned int flags)
{
	MAY_FAIL;
	return flags == 3 ? take(at, bytes) : 1;
}

#ifndef STUB_OLD
int cuMemAllocManaged(uint64_t *at, size_t bytes, unsigned int flags)
{
	MAY_FAIL;
	return flags == 1 ? take((void **)(uintptr_t)at, bytes) : 1;
}
#endif

int cuMemFree_v2(uint64_t at)
{
	MAY_FAIL;
	free((void *)(uintptr_t)at);
	return 0;
}

int cuMemFreeHost(void *at)
{
	MAY_FAIL;
	free(at);
	return 0;
}

int cuMemHostGetDevicePointer_v2(uint64_t *device, void *host, unsigned int flags)
{
	MAY_FAIL;
	*device = (uintptr_t)host;
	return (int)flags;
}

int cuMemsetD32_v2(uint64_t at, unsigned int value, size_t words)
{
	MAY_FAIL;
	for (size_t i = 0; i < words; i++)
		((uint32_t *)(uintptr_t)at)[i] = value;
	return 0;
}

int cuMemcpyDtoH_v2(void *to, uint64_t from, size_t bytes)
{
	MAY_FAIL;
	memcpy(to, (void *)(uintptr_t)from, bytes);
	return 0;
}

#ifndef STUB_BARE
struct location {
	int type, id;
};

static int take_advice(int advice, int is_cpu)
{
	return advice == 3 && is_cpu ? (int)told("advise", 0) : 1;
}

#ifdef STUB_NEW
int cuMemAdvise_v2(uint64_t at, size_t bytes, int advice, struct location where)
{
	MAY_FAIL;
	return at && bytes ? take_advice(advice, where.type == 2) : 1;
}
#else
int cuMemAdvise(uint64_t at, size_t bytes, int advice, int device)
{
	MAY_FAIL;
	return at && bytes ? take_advice(advice, device == -1) : 1;
}
#endif
#endif

static void add(uint32_t *word, uint32_t n)
{
	__atomic_fetch_add(word, n, __ATOMIC_RELAXED);
}

/* What one thread of add_* does; the first lane of a warp adds for all of it. */
static void thread(const char *name, uint32_t *base, uint32_t mask, uint32_t scale, uint32_t adds,
		   uint32_t id, uint32_t threads)
{
	int aggregated = !strncmp(name, "add_aggregated", 14);

	for (uint32_t i = 0; i < adds; i++) {
		if (aggregated)
			add(base, id % 32 ? 0 : 32);
		else
			add(&base[((id + i * threads) & mask) * scale / 4], 1);
	}
}

static void stamped(uint32_t *base, uint32_t *done, uint32_t pages)
{
	for (uint32_t i = 0; i < 2 * pages; i++) {
		add(&base[i % pages * 1024], 1);
		done[i] = i < pages ? 2000 + i : 500; /* ns */
	}
}

int cuLaunchKernel(void *function, unsigned int gx, unsigned int gy, unsigned int gz,
		   unsigned int bx, unsigned int by, unsigned int bz, unsigned int shared,
		   void *stream, void **params, void **extra)
{
	uint32_t *base = (uint32_t *)(uintptr_t) * (uint64_t *)params[0];
	uint32_t *done = (uint32_t *)(uintptr_t) * (uint64_t *)params[1];
	uint32_t mask = *(uint32_t *)params[2], chunks = *(uint32_t *)params[3], n = gx * bx;
	const char *name = function;
	static int launches;
	uint32_t scale = *(uint32_t *)params[5];
	size_t pages;

	MAY_FAIL;
	if (gy * gz * by * bz != 1 || shared || stream || extra)
		return 1;
	if (told("launch", 0))
		return (int)told("launch", 0);
	/* Eight slices, of which one has to do all of one word; other memory is far away. */
	took = (mask ? 2 : 16) * (own == (uintptr_t)base ? 1 : 100);
	pages = *name == 's' ? mask : mask * scale / 4096 + 1;
	if (told("livelock", LONG_MAX) <= (long)pages && own != (uintptr_t)base)
		retry(base, pages);
	if (!strncmp(name, "stamped", 7)) {
		stamped(base, done, mask);
		return 0;
	}
	if (chunks > MOST) /* as if the clock had stopped it */
		chunks = MOST;
	for (uint32_t id = 0; id < n; id++) {
		thread(name, base, mask, scale, chunks * CHUNK, id, n);
		done[id] = chunks;
	}
	add(base, (uint32_t)-told(launches++ ? "lose" : "lose_first", told("lose", 0)));
	/* All between the first and the last page, as nvidia-uvm does. */
	if (told("exclusive", 0) && pages > 1 && own != (uintptr_t)base)
		make_exclusive(base, pages);
	return 0;
}

int cuEventCreate(void **event, unsigned int flags)
{
	MAY_FAIL;
	*event = code;
	return (int)flags;
}

int cuEventRecord(void *event, void *stream)
{
	MAY_FAIL;
	return event == code && !stream ? 0 : 1;
}

int cuEventSynchronize(void *event)
{
	MAY_FAIL;
	while (told("hang", 0))
		pause();
	return event == code ? (int)told("wait", 0) : 1;
}

int cuEventElapsedTime(float *ms, void *from, void *to)
{
	MAY_FAIL;
	*ms = took;
	return from == to ? 0 : 1;
}

int cuCtxSynchronize(void)
{
	MAY_FAIL;
	return 0;
}

int cuGetErrorName(int error, const char **name)
{
	MAY_FAIL;
	*name = error == 719   ? "CUDA_ERROR_LAUNCH_FAILED"
		: error == 700 ? "CUDA_ERROR_ILLEGAL_ADDRESS"
		: error == 100 ? "CUDA_ERROR_NO_DEVICE"
		: error == 2   ? "CUDA_ERROR_OUT_OF_MEMORY"
			       : NULL;
	return *name ? 0 : 1;
}
