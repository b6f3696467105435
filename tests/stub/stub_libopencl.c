// SPDX-License-Identifier: MIT
/*
 * A libOpenCL.so.1 without a device, for tests of which device bench/gpu/opencl.c takes.
 *
 * STUB_OPENCL says what is installed: platforms between slashes, each with its devices, c
 * for a CPU, g for a GPU, a for an accelerator; "c//ag" is three platforms, the second of
 * them empty.  It is as strict as Mesa with types of devices, and runs nothing.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wunused-parameter"

#define CPU	     2
#define GPU	     4
#define ACCELERATOR  8
#define NO_DEVICE    (-1)
#define BAD_VALUE    (-30)
#define BAD_TYPE     (-31)
#define BAD_PLATFORM (-1001)

/* A platform is where its devices begin in the text, a device is its letter. */
static const char *installed(void)
{
	const char *text = getenv("STUB_OPENCL");

	return text ? text : "";
}

int clGetPlatformIDs(unsigned int n, const char **platform, unsigned int *found)
{
	const char *at = installed();
	unsigned int i = 0;

	for (; at; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL, i++)
		if (platform && i < n)
			platform[i] = at;
	if (found)
		*found = i;
	return platform && !n ? BAD_VALUE : 0;
}

static int text_of(const char *text, size_t size, char *value)
{
	return snprintf(value, size, "%s", text) < (int)size ? 0 : BAD_VALUE;
}

int clGetPlatformInfo(const char *platform, unsigned int what, size_t size, char *value,
		      size_t *needs)
{
	char name[32];

	snprintf(name, sizeof(name), "platform at %d", (int)(platform - installed()));
	return text_of(name, size, value);
}

static uint64_t type_of(const char *device)
{
	return *device == 'c' ? CPU : *device == 'g' ? GPU : ACCELERATOR;
}

int clGetDeviceIDs(const char *platform, uint64_t type, unsigned int n, const char **device,
		   unsigned int *found)
{
	unsigned int i = 0;

	if (type > UINT32_MAX)
		return BAD_TYPE;
	if (platform < installed() || platform > installed() + strlen(installed()))
		return BAD_PLATFORM;
	for (; *platform && *platform != '/'; platform++)
		if (type_of(platform) & type && i++ < n)
			device[i - 1] = platform;
	*found = i;
	return i ? 0 : NO_DEVICE;
}

int clGetDeviceInfo(const char *device, unsigned int what, size_t size, void *value, size_t *needs)
{
	const uint64_t type = type_of(device);

	if (what == 0x1000) /* CL_DEVICE_TYPE */
		memcpy(value, &type, sizeof(type));
	else if (what == 0x102B) /* CL_DEVICE_NAME */
		return text_of(type == CPU   ? "CPU"
			       : type == GPU ? "GPU"
					     : "accelerator",
			       size, value);
	else
		memset(value, 0, size);
	return 0;
}

#define MAKES(name)                \
	void *name(void)           \
	{                          \
		static char thing; \
		return &thing;     \
	}
#define REFUSES(name)             \
	int name(void)            \
	{                         \
		return BAD_VALUE; \
	}

MAKES(clCreateContext)
MAKES(clCreateCommandQueue)
MAKES(clCreateProgramWithSource)
MAKES(clCreateKernel)
MAKES(clCreateBuffer)
MAKES(clSVMAlloc)
REFUSES(clGetProgramBuildInfo)
REFUSES(clSetKernelArg)
REFUSES(clSetKernelArgSVMPointer)
REFUSES(clSVMFree)
REFUSES(clReleaseMemObject)
REFUSES(clEnqueueFillBuffer)
REFUSES(clEnqueueReadBuffer)
REFUSES(clEnqueueNDRangeKernel)
REFUSES(clGetEventProfilingInfo)
REFUSES(clReleaseEvent)
REFUSES(clFinish)

int clReleaseKernel(void *kernel)
{
	return kernel ? 0 : BAD_VALUE;
}

/* With STUB_REFUSES it has no compiler. */
int clBuildProgram(void *program, unsigned int n, const char *const *device, const char *options,
		   void *notify, void *user)
{
	return getenv("STUB_REFUSES") ? BAD_VALUE : 0;
}
