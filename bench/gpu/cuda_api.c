// SPDX-License-Identifier: MIT
#include "gpu/cuda.h"

#include "gpu/gpu.h"

#define LIBRARY "libcuda.so.1"

const char *cuda_error(const struct cuda_api *api, const char *call, int error)
{
	const char *name = NULL;

	if (!api->error_name || api->error_name(error, &name) || !name)
		name = "CUDA error";
	return gpu_text("%s: %s (%d)", call, name, error);
}

static const char *load(struct cuda_api *api)
{
	const struct gpu_symbol symbols[] = {
		{ "cuInit", &api->init, 0 },
		{ "cuDriverGetVersion", &api->driver_version, 0 },
		{ "cuDeviceGetCount", &api->device_count, 0 },
		{ "cuDeviceGet", &api->device_get, 0 },
		{ "cuDeviceGetName", &api->device_name, 0 },
		{ "cuDeviceGetAttribute", &api->attribute, 0 },
		{ "cuDevicePrimaryCtxRetain", &api->retain, 0 },
		{ "cuDevicePrimaryCtxRelease_v2", &api->release, 0 },
		{ "cuCtxSetCurrent", &api->set_current, 0 },
		{ "cuModuleLoadDataEx", &api->module_load, 0 },
		{ "cuModuleGetFunction", &api->function, 0 },
		{ "cuMemAlloc_v2", &api->alloc, 0 },
		{ "cuMemFree_v2", &api->free, 0 },
		{ "cuMemsetD32_v2", &api->clear, 0 },
		{ "cuMemcpyDtoH_v2", &api->from_device, 0 },
		{ "cuMemGetInfo_v2", &api->memory_info, 0 },
		{ "cuMemHostAlloc", &api->host_alloc, 0 },
		{ "cuMemFreeHost", &api->host_free, 0 },
		{ "cuMemHostGetDevicePointer_v2", &api->host_pointer, 0 },
		{ "cuMemAllocManaged", &api->managed_alloc, 0 },
		{ "cuMemAdvise", &api->advise, 1 },
		{ "cuMemAdvise_v2", &api->advise2, 1 },
		{ "cuLaunchKernel", &api->launch, 0 },
		{ "cuEventCreate", &api->event_create, 0 },
		{ "cuEventRecord", &api->event_record, 0 },
		{ "cuEventSynchronize", &api->event_wait, 0 },
		{ "cuEventElapsedTime", &api->event_ms, 0 },
		{ "cuCtxSynchronize", &api->synchronize, 0 },
		{ "cuGetErrorName", &api->error_name, 0 },
	};
	const char *why = NULL;
	void *library = gpu_library(LIBRARY, &why);

	if (!library)
		return why;
	return gpu_symbols(library, LIBRARY, symbols, sizeof(symbols) / sizeof(symbols[0]));
}

const char *cuda_open(struct cuda_api *api)
{
	const char *why = load(api);
	int error, n = 0;

	if (why)
		return why;
	error = api->init(0);
	if (error)
		return cuda_error(api, "cuInit", error);
	error = api->device_count(&n);
	if (error)
		return cuda_error(api, "cuDeviceGetCount", error);
	return n ? NULL : "cuDeviceGetCount: no device";
}
