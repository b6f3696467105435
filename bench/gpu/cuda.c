// SPDX-License-Identifier: MIT
/*
 * NVIDIA GPUs through the driver's own library, with code in PTX.
 *
 * The device is only asked and used; nothing of it is set or reset.  Memory is bounded by
 * what is free on it, because nvidia-uvm does not survive every oversubscription.
 */
#include "gpu/gpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gpu/cuda.h"
#include "lib/core/die.h"
#include "lib/core/json.h"
#include "lib/machine/proc.h"

#define BLOCK	      256u /* threads */
#define BLOCKS_PER_SM 2u
#define CHUNK	      8u   /* adds between two looks at the clock; cuda_ptx.c */
#define CHUNKS	      512u /* of a thread and launch, at most */
#define FREE_SHARE    4	   /* at most a quarter of what is free */
#define DEFAULT_CLOCK 1000000

static struct {
	struct cuda_api api;
	int device, version, sms;
	char name[128];
	void *context, *module, *from, *to;
	uint64_t done;
	const char *target, *refused; /* what it said to the first target */
	unsigned int threads;
} cuda;

static const int recorded[] = { CUDA_CLOCK_KHZ,
				CUDA_SM_COUNT,
				CUDA_L2_BYTES,
				CUDA_MAJOR,
				CUDA_MINOR,
				CUDA_MANAGED,
				CUDA_HOST_ATOMICS,
				CUDA_PAGEABLE,
				CUDA_CONCURRENT_MANAGED,
				91 /* CAN_USE_HOST_POINTER_FOR_REGISTERED_MEM */,
				99 /* HOST_REGISTER_SUPPORTED */,
				CUDA_HOST_TABLES,
				101 /* DIRECT_MANAGED_MEM_ACCESS_FROM_HOST */,
				147 /* ONLY_PARTIAL_HOST_NATIVE_ATOMIC_SUPPORTED */ };

#define N_RECORDED (sizeof(recorded) / sizeof(recorded[0]))

/* -1: this driver does not know it. */
static int attribute(int which)
{
	int value;

	return cuda.api.attribute(&value, which, cuda.device) ? -1 : value;
}

/* Of PTX, and why: the compiler's first words say it better than the error's name. */
static const char *refusal(int error, const char *log)
{
	char *text = xstrdup(cuda_error(&cuda.api, "cuModuleLoadDataEx", error));
	const char *why =
		gpu_text("%.80s: no PTX for %s%s%.100s", text, cuda.target, *log ? ": " : "", log);

	free(text);
	return why;
}

static const char *load_code(void)
{
	char log[GPU_TEXT] = "";
	int options[] = { CUDA_JIT_LOG, CUDA_JIT_LOG_SIZE }, error = 0;
	void *values[] = { log, (void *)(uintptr_t)sizeof(log) };

	for (size_t i = 0; i < CUDA_TARGETS; i++) {
		char *ptx = cuda_ptx(i);

		error = cuda.api.module_load(&cuda.module, ptx, 2, options, values);
		free(ptx);
		cuda.target = cuda_target(i);
		if (!error)
			return NULL;
		if (!i)
			cuda.refused = xstrdup(cuda_error(&cuda.api, "cuModuleLoadDataEx", error));
		if (error != CUDA_UNSUPPORTED_PTX && error != CUDA_INVALID_PTX &&
		    error != CUDA_NO_BINARY)
			break;
	}
	return refusal(error, log);
}

/* Call cu<Name>(), which is @call in the table, or return what went wrong. */
#define TRY(name, call, ...)                                             \
	do {                                                             \
		int error_ = cuda.api.call(__VA_ARGS__);                 \
		if (error_)                                              \
			return cuda_error(&cuda.api, "cu" name, error_); \
	} while (0)

static const char *set_up(void)
{
	const char *why;

	TRY("DevicePrimaryCtxRetain", retain, &cuda.context, cuda.device);
	TRY("CtxSetCurrent", set_current, cuda.context);
	why = load_code();
	if (why)
		return why;
	cuda.threads = (unsigned int)(cuda.sms > 0 ? cuda.sms : 1) * BLOCKS_PER_SM * BLOCK;
	cuda.threads = cuda.threads < GPU_MAX_THREADS ? cuda.threads : GPU_MAX_THREADS;
	TRY("MemAlloc", alloc, &cuda.done, cuda.threads * 4);
	TRY("EventCreate", event_create, &cuda.from, 0);
	TRY("EventCreate", event_create, &cuda.to, 0);
	return NULL;
}

static const char *probe(void)
{
	const char *why = cuda_open(&cuda.api);

	if (why)
		return why;
	TRY("DeviceGet", device_get, &cuda.device, 0);
	TRY("DeviceGetName", device_name, cuda.name, sizeof(cuda.name), cuda.device);
	TRY("DriverGetVersion", driver_version, &cuda.version);
	TRY("DeviceGetAttribute", attribute, &cuda.sms, CUDA_SM_COUNT, cuda.device);
	return set_up();
}

static const char *addressing(void)
{
	if (attribute(CUDA_PAGEABLE) != 1)
		return "none";
	return attribute(CUDA_HOST_TABLES) == 1 ? "ats" : "hmm";
}

static json_t *describe(void)
{
	json_t *attributes = json_object();

	for (size_t i = 0; i < N_RECORDED; i++) {
		char key[8];
		int value = attribute(recorded[i]);

		snprintf(key, sizeof(key), "%d", recorded[i]);
		json_object_set_new(attributes, key, value < 0 ? json_null() : json_integer(value));
	}
	return json_pack("{s:s, s:i, s:o, s:s, s:s, s:o, s:i, s:o}", "device", cuda.name,
			 "cuda_version", cuda.version, "driver",
			 proc_line("/proc/driver/nvidia/version"), "addressing", addressing(),
			 "target", cuda.target, "target_refused", json_string_or_null(cuda.refused),
			 "threads", (int)cuda.threads, "attributes", attributes);
}

static struct gpu_support support(void)
{
	int khz = attribute(CUDA_CLOCK_KHZ), l2 = attribute(CUDA_L2_BYTES);

	return (struct gpu_support){ .pageable = attribute(CUDA_PAGEABLE) == 1,
				     .host_tables = attribute(CUDA_HOST_TABLES) == 1,
				     .concurrent = attribute(CUDA_CONCURRENT_MANAGED) == 1,
				     .host_atomics = attribute(CUDA_HOST_ATOMICS) == 1,
				     .system_scope = 1,
				     .clock_hz = khz > 0 ? khz * 1e3 : 0,
				     .l2_bytes = l2 > 0 ? (size_t)l2 : 0,
				     .simd = 32 };
}

/* Only ranges that the device can reach at all take advice. */
static const char *stay_with_cpu(uint64_t at, size_t bytes)
{
	struct cuda_location cpu = { CUDA_LOCATION_HOST, 0 };
	int error;

	if (cuda.api.advise)
		error = cuda.api.advise(at, bytes, CUDA_ADVISE_PREFERRED, CUDA_CPU);
	else if (cuda.api.advise2)
		error = cuda.api.advise2(at, bytes, CUDA_ADVISE_PREFERRED, cpu);
	else
		return "libcuda.so.1 has no cuMemAdvise";
	return error ? cuda_error(&cuda.api, "cuMemAdvise(preferred location: CPU)", error) : NULL;
}

static const char *allocate_device(struct gpu_buffer *b)
{
	int error;

	TRY("MemAlloc", alloc, &b->device, b->bytes);
	TRY("MemsetD32", clear, b->device, 0, b->bytes / 4);
	error = cuda.api.synchronize();
	return error ? cuda_error(&cuda.api, "cuCtxSynchronize", error) : NULL;
}

static const char *allocate_pinned(struct gpu_buffer *b)
{
	void *at;

	TRY("MemHostAlloc", host_alloc, &at, b->bytes, CUDA_HOST_PORTABLE_MAPPED);
	b->cpu = memset(at, 0, b->bytes);
	TRY("MemHostGetDevicePointer", host_pointer, &b->device, at, 0);
	return NULL;
}

static const char *allocate_managed(struct gpu_buffer *b)
{
	const char *why;

	if (attribute(CUDA_MANAGED) != 1 || attribute(CUDA_CONCURRENT_MANAGED) != 1)
		return "attribute 83 or 89 is 0: no managed memory that both may touch at once";
	TRY("MemAllocManaged", managed_alloc, &b->device, b->bytes, CUDA_MANAGED_GLOBAL);
	why = b->memory == GPU_MANAGED_CPU ? stay_with_cpu(b->device, b->bytes) : NULL;
	b->cpu = (uint32_t *)(uintptr_t)b->device;
	memset(b->cpu, 0, b->bytes);
	return why;
}

static const char *allocate_system(struct gpu_buffer *b)
{
	const char *why;

	if (attribute(CUDA_PAGEABLE) != 1)
		return "attribute 88 is 0: the device does not reach pageable memory (no HMM, no ATS)";
	why = gpu_system_map(b);
	if (why)
		return why;
	b->device = (uintptr_t)b->cpu;
	if (b->memory == GPU_SYSTEM_EXCLUSIVE)
		why = stay_with_cpu(b->device, b->bytes);
	if (why)
		gpu_system_unmap(b);
	return why;
}

static const char *allocate(struct gpu_buffer *b)
{
	size_t available = 0, total = 0;

	TRY("MemGetInfo", memory_info, &available, &total);
	if (b->bytes > available / FREE_SHARE)
		return gpu_text("%zu bytes are more than a quarter of the %zu that are free on it",
				b->bytes, available);
	switch (b->memory) {
	case GPU_DEVICE:
		return allocate_device(b);
	case GPU_PINNED:
		return allocate_pinned(b);
	case GPU_MANAGED_MIGRATING:
	case GPU_MANAGED_CPU:
		return allocate_managed(b);
	case GPU_SYSTEM_MIGRATING:
	case GPU_SYSTEM_EXCLUSIVE:
		return allocate_system(b);
	default:
		break;
	}
	return "no such memory";
}

static const char *kernel_name(const struct gpu_job *job)
{
	static const char *const names[] = {
		[GPU_SAME] = "add_scatter",    [GPU_DISTINCT] = "add_scatter",
		[GPU_UNIFORM] = "add_uniform", [GPU_AGGREGATED] = "add_aggregated",
		[GPU_SPAN] = "add_scatter",    [GPU_STAMPED] = "stamped"
	};
	static char name[32];

	snprintf(name, sizeof(name), "%s_%s", names[job->pattern], gpu_scope_name(job->scope));
	return name;
}

/* What add_scatter masks with, and how many pages "stamped" visits. */
static uint32_t mask_of(const struct gpu_job *job)
{
	if (job->pattern == GPU_STAMPED)
		return (uint32_t)(job->words / GPU_PAGE_WORDS);
	if (job->pattern == GPU_DISTINCT || job->pattern == GPU_SPAN)
		return (uint32_t)job->words - 1;
	return 0;
}

static const char *launch(const struct gpu_buffer *b, const struct gpu_job *job, double *seconds)
{
	uint64_t base = b->device;
	uint32_t mask = mask_of(job), chunks = CHUNKS, scale = (uint32_t)job->stride * 4;
	int khz = attribute(CUDA_CLOCK_KHZ);
	uint64_t cycles = GPU_LAUNCH_CAP_NS / 1000000ull * (khz > 0 ? khz : DEFAULT_CLOCK);
	void *params[] = { &base, &cuda.done, &mask, &chunks, &cycles, &scale }, *function;
	unsigned int threads = job->pattern == GPU_STAMPED ? 1 : BLOCK;
	unsigned int blocks = job->pattern == GPU_STAMPED ? 1 : cuda.threads / BLOCK;
	float ms;

	TRY("ModuleGetFunction", function, &function, cuda.module, kernel_name(job));
	TRY("EventRecord", event_record, cuda.from, NULL);
	TRY("LaunchKernel", launch, function, blocks, 1, 1, threads, 1, 1, 0, NULL, params, NULL);
	TRY("EventRecord", event_record, cuda.to, NULL);
	TRY("EventSynchronize", event_wait, cuda.to);
	TRY("EventElapsedTime", event_ms, &ms, cuda.from, cuda.to);
	*seconds = ms * 1e-3;
	return NULL;
}

static const char *run(const struct gpu_buffer *b, const struct gpu_job *job, struct gpu_done *done)
{
	size_t pages = job->words / GPU_PAGE_WORDS;
	size_t n = job->pattern == GPU_STAMPED ? 2 * pages : cuda.threads;
	uint32_t *counts = xcalloc(n, 4);
	const char *why = launch(b, job, &done->seconds);
	int error = why ? 0 : cuda.api.from_device(counts, cuda.done, n * 4);

	if (error)
		why = cuda_error(&cuda.api, "cuMemcpyDtoH", error);
	if (job->pattern == GPU_STAMPED) {
		memcpy(job->first, counts, pages * 4);
		memcpy(job->second, counts + pages, pages * 4);
		done->atomics = 2 * pages;
		done->stamped = 1;
	} else {
		for (size_t i = 0; i < n; i++)
			done->atomics += (uint64_t)counts[i] * CHUNK;
	}
	free(counts);
	return why;
}

static const char *read_words(const struct gpu_buffer *b, uint32_t *into)
{
	TRY("MemcpyDtoH", from_device, into, b->device, b->bytes);
	return NULL;
}

/* No result is the worse for it: sums were taken before. */
static void released(const char *call, int error)
{
	if (error)
		fprintf(stderr, "dexbench: the GPU, when giving back: %s\n",
			cuda_error(&cuda.api, call, error));
}

static void free_buffer(struct gpu_buffer *b)
{
	if (b->memory == GPU_PINNED)
		released("cuMemFreeHost", cuda.api.host_free(b->cpu));
	else if (b->memory == GPU_SYSTEM_MIGRATING || b->memory == GPU_SYSTEM_EXCLUSIVE)
		gpu_system_unmap(b);
	else
		released("cuMemFree", cuda.api.free(b->device));
}

static void close_device(void)
{
	released("cuMemFree", cuda.api.free(cuda.done));
	released("cuDevicePrimaryCtxRelease", cuda.api.release(cuda.device));
}

const struct gpu_ops gpu_cuda = {
	.name = "cuda",
	.in_page_tables = 1,
	.strides = 1,
	.probe = probe,
	.describe = describe,
	.support = support,
	.allocate = allocate,
	.run = run,
	.read = read_words,
	.free = free_buffer,
	.close = close_device,
};
