// SPDX-License-Identifier: MIT
/*
 * OpenCL's functions, and the device's code.
 *
 * OpenCL C gives scopes a meaning from 2.0 on and need not have the widest one.  Where
 * it has not, a device that is a CPU takes its own scope for it: its atomics are the
 * machine's, which has only one kind; any other device has to do without "sys".
 */
#include "gpu/opencl.h"

#include "gpu/gpu.h"

#define LIBRARY "libOpenCL.so.1"

const char opencl_code[] =
	"#if defined(__opencl_c_atomic_scope_all_devices)\n"
	"#define SYS memory_scope_all_devices\n"
	"#elif defined(IS_CPU)\n"
	"#define SYS memory_scope_device\n"
	"#endif\n"
	"#define ADD(at, n, scope) atomic_fetch_add_explicit( \\\n"
	"	(volatile __global atomic_uint *)(at), n, memory_order_relaxed, scope)\n"
	"#define KERNELS(suffix, scope) \\\n"
	"__kernel void add_scatter_##suffix(__global uint *base, uint mask, uint rounds) \\\n"
	"{ \\\n"
	"	uint at = get_global_id(0), step = get_global_size(0); \\\n"
	"	for (uint i = 0; i < rounds; i++, at += step) \\\n"
	"		ADD(base + (at & mask), 1u, scope); \\\n"
	"} \\\n"
	"__kernel void add_uniform_##suffix(__global uint *base, uint mask, uint rounds) \\\n"
	"{ \\\n"
	"	for (uint i = 0; i < rounds; i++) \\\n"
	"		ADD(base, 1u, scope); \\\n"
	"} \\\n"
	"__kernel void add_aggregated_##suffix(__global uint *base, uint mask, uint rounds) \\\n"
	"{ \\\n"
	"	for (uint i = 0; i < rounds && !get_local_id(0); i++) \\\n"
	"		ADD(base, (uint)get_local_size(0), scope); \\\n"
	"} \\\n"
	"__kernel void stamped_##suffix(__global uint *base, uint pages, uint rounds) \\\n"
	"{ \\\n"
	"	for (uint i = 0; i < 2 * pages; i++) \\\n"
	"		ADD(base + i % pages * 1024, 1u, scope); \\\n"
	"}\n"
	"KERNELS(gpu, memory_scope_device)\n"
	"#ifdef SYS\n"
	"KERNELS(sys, SYS)\n"
	"#endif\n";

const char *opencl_open(struct opencl_api *api)
{
	const struct gpu_symbol symbols[] = {
		{ "clGetPlatformIDs", &api->platforms, 0 },
		{ "clGetPlatformInfo", &api->platform_info, 0 },
		{ "clGetDeviceIDs", &api->devices, 0 },
		{ "clGetDeviceInfo", &api->device_info, 0 },
		{ "clCreateContext", &api->context, 0 },
		{ "clCreateCommandQueue", &api->queue, 0 },
		{ "clCreateProgramWithSource", &api->program, 0 },
		{ "clBuildProgram", &api->build, 0 },
		{ "clGetProgramBuildInfo", &api->build_info, 0 },
		{ "clCreateKernel", &api->kernel, 0 },
		{ "clReleaseKernel", &api->release_kernel, 0 },
		{ "clSetKernelArg", &api->argument, 0 },
		{ "clSetKernelArgSVMPointer", &api->argument_svm, 0 },
		{ "clSVMAlloc", &api->svm_alloc, 0 },
		{ "clSVMFree", &api->svm_free, 0 },
		{ "clCreateBuffer", &api->buffer, 0 },
		{ "clReleaseMemObject", &api->release_buffer, 0 },
		{ "clEnqueueFillBuffer", &api->fill, 0 },
		{ "clEnqueueReadBuffer", &api->read, 0 },
		{ "clEnqueueNDRangeKernel", &api->launch, 0 },
		{ "clGetEventProfilingInfo", &api->event_info, 0 },
		{ "clReleaseEvent", &api->release_event, 0 },
		{ "clFinish", &api->finish, 0 },
	};
	const char *why = NULL;
	void *library = gpu_library(LIBRARY, &why);

	if (!library)
		return why;
	return gpu_symbols(library, LIBRARY, symbols, sizeof(symbols) / sizeof(symbols[0]));
}
