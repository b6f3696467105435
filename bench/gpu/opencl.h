/* SPDX-License-Identifier: MIT */
/*
 * The part of OpenCL that is used here, without Khronos' headers; numbers as in cl.h.
 */
#ifndef GPU_OPENCL_H
#define GPU_OPENCL_H

#include <stddef.h>
#include <stdint.h>

enum {
	CL_DEVICE_NOT_FOUND = -1,
	CL_DEVICE_TYPE_CPU = 1 << 1,
	CL_DEVICE_TYPE_GPU = 1 << 2,
	CL_DEVICE_TYPE = 0x1000,
	CL_DEVICE_COMPUTE_UNITS = 0x1002,
	CL_DEVICE_ALLOC_LIMIT = 0x1010, /* MAX_MEM_ALLOC_SIZE */
	CL_DEVICE_NAME = 0x102B,
	CL_DRIVER_VERSION = 0x102D,
	CL_DEVICE_VERSION = 0x102F,
	CL_DEVICE_SVM = 0x1053,
	CL_PLATFORM_NAME = 0x0902,
	CL_QUEUE_PROFILING = 2,
	CL_BUILD_LOG = 0x1183,
	CL_MEM_READ_WRITE = 1,
	CL_MEM_FINE_GRAIN = 1 << 10,
	CL_MEM_ATOMICS = 1 << 11,
	CL_SVM_FINE_BUFFER = 1 << 1, /* of CL_DEVICE_SVM */
	CL_SVM_FINE_SYSTEM = 1 << 2,
	CL_SVM_ATOMICS = 1 << 3,
	CL_EVENT_START = 0x1282,
	CL_EVENT_END = 0x1283,
	CL_BLOCKING = 1,
};

/* 32 bits of a 64-bit field: with more, some drivers refuse it. */
#define CL_DEVICE_TYPE_ALL 0xffffffffull

struct opencl_api {
	int (*platforms)(unsigned int n, void **platform, unsigned int *found);
	int (*platform_info)(void *platform, unsigned int what, size_t size, void *value,
			     size_t *needs);
	int (*devices)(void *platform, uint64_t type, unsigned int n, void **device,
		       unsigned int *found);
	int (*device_info)(void *device, unsigned int what, size_t size, void *value,
			   size_t *needs);
	void *(*context)(const intptr_t *properties, unsigned int n, void *const *device,
			 void *notify, void *user, int *error);
	void *(*queue)(void *context, void *device, uint64_t properties, int *error);
	void *(*program)(void *context, unsigned int n, const char **text, const size_t *length,
			 int *error);
	int (*build)(void *program, unsigned int n, void *const *device, const char *options,
		     void *notify, void *user);
	int (*build_info)(void *program, void *device, unsigned int what, size_t size, void *value,
			  size_t *needs);
	void *(*kernel)(void *program, const char *name, int *error);
	int (*release_kernel)(void *kernel);
	int (*argument)(void *kernel, unsigned int i, size_t size, const void *value);
	int (*argument_svm)(void *kernel, unsigned int i, const void *at);
	void *(*svm_alloc)(void *context, uint64_t flags, size_t bytes, unsigned int alignment);
	void (*svm_free)(void *context, void *at);
	void *(*buffer)(void *context, uint64_t flags, size_t bytes, void *host, int *error);
	int (*release_buffer)(void *buffer);
	int (*fill)(void *queue, void *buffer, const void *pattern, size_t size, size_t offset,
		    size_t bytes, unsigned int n, void *const *wait, void **event);
	int (*read)(void *queue, void *buffer, unsigned int blocking, size_t offset, size_t bytes,
		    void *into, unsigned int n, void *const *wait, void **event);
	int (*launch)(void *queue, void *kernel, unsigned int dimensions, const size_t *offset,
		      const size_t *global, const size_t *local, unsigned int n, void *const *wait,
		      void **event);
	int (*event_info)(void *event, unsigned int what, size_t size, void *value, size_t *needs);
	int (*release_event)(void *event);
	int (*finish)(void *queue);
};

/* Open the library; NULL, or why not. */
const char *opencl_open(struct opencl_api *api);
extern const char opencl_code[]; /* what the device runs, in OpenCL C */

#endif /* GPU_OPENCL_H */
