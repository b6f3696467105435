/* SPDX-License-Identifier: MIT */
/*
 * The part of CUDA's driver interface that is used here, without NVIDIA's headers.
 *
 * Names and numbers are those of libcuda.so.1, which keeps its interface: symbols with a
 * suffix are the 64-bit ones that every driver since CUDA 4 has.
 */
#ifndef GPU_CUDA_H
#define GPU_CUDA_H

#include <stddef.h>
#include <stdint.h>

enum {
	CUDA_OUT_OF_MEMORY = 2,
	CUDA_NO_BINARY = 209,
	CUDA_INVALID_PTX = 218,
	CUDA_UNSUPPORTED_PTX = 222,
	CUDA_ADVISE_PREFERRED = 3, /* SET_PREFERRED_LOCATION */
	CUDA_CPU = -1,
	CUDA_HOST_PORTABLE_MAPPED = 3,
	CUDA_MANAGED_GLOBAL = 1,
	CUDA_JIT_LOG = 5, /* CU_JIT_ERROR_LOG_BUFFER, _SIZE_BYTES */
	CUDA_JIT_LOG_SIZE = 6,
	CUDA_LOCATION_HOST = 2,
};

/* CUdevice_attribute: those that are recorded, and those that decide something. */
enum {
	CUDA_CLOCK_KHZ = 13,
	CUDA_SM_COUNT = 16,
	CUDA_L2_BYTES = 38,
	CUDA_MAJOR = 75,
	CUDA_MINOR = 76,
	CUDA_MANAGED = 83,
	CUDA_HOST_ATOMICS = 86,
	CUDA_PAGEABLE = 88,
	CUDA_CONCURRENT_MANAGED = 89,
	CUDA_HOST_TABLES = 100,
};

struct cuda_location {
	int type, id;
};

/* The driver's functions, in the order of their table in cuda_api.c. */
struct cuda_api {
	int (*init)(unsigned int flags);
	int (*driver_version)(int *version);
	int (*device_count)(int *n);
	int (*device_get)(int *device, int ordinal);
	int (*device_name)(char *name, int size, int device);
	int (*attribute)(int *value, int attribute, int device);
	int (*retain)(void **context, int device);
	int (*release)(int device);
	int (*set_current)(void *context);
	int (*module_load)(void **module, const void *image, unsigned int n, int *options,
			   void **values);
	int (*function)(void **function, void *module, const char *name);
	int (*alloc)(uint64_t *at, size_t bytes);
	int (*free)(uint64_t at);
	int (*clear)(uint64_t at, unsigned int value, size_t words);
	int (*from_device)(void *to, uint64_t from, size_t bytes);
	int (*memory_info)(size_t *available, size_t *total);
	int (*host_alloc)(void **at, size_t bytes, unsigned int flags);
	int (*host_free)(void *at);
	int (*host_pointer)(uint64_t *device, void *host, unsigned int flags);
	int (*managed_alloc)(uint64_t *at, size_t bytes, unsigned int flags);
	int (*advise)(uint64_t at, size_t bytes, int advice, int device);
	int (*advise2)(uint64_t at, size_t bytes, int advice, struct cuda_location location);
	int (*launch)(void *function, unsigned int gx, unsigned int gy, unsigned int gz,
		      unsigned int bx, unsigned int by, unsigned int bz, unsigned int shared,
		      void *stream, void **params, void **extra);
	int (*event_create)(void **event, unsigned int flags);
	int (*event_record)(void *event, void *stream);
	int (*event_wait)(void *event);
	int (*event_ms)(float *ms, void *from, void *to);
	int (*synchronize)(void);
	int (*error_name)(int error, const char **name);
};

/* Open the library and initialise it; NULL, or why not. */
const char *cuda_open(struct cuda_api *api);
/* "cuLaunchKernel: CUDA_ERROR_LAUNCH_FAILED (719)". */
const char *cuda_error(const struct cuda_api *api, const char *call, int error);

/* The device's code, in PTX for the @i-th of CUDA_TARGETS; to free. */
#define CUDA_TARGETS 2
char *cuda_ptx(size_t i);
const char *cuda_target(size_t i);

#endif /* GPU_CUDA_H */
