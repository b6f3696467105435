// SPDX-License-Identifier: MIT
/*
 * Devices through OpenCL; PoCL's, which is the CPU, is the one that any machine can have.
 *
 * There is no clock in the device and no way to advise where memory stays, so a launch ends
 * by its number of adds alone, nothing is stamped, and managed memory and device-exclusive
 * pages are not to be had.  The process's own memory is taken where the device says that
 * it reaches it, or is a CPU: PoCL 3.1 does not say so and does it.
 */
#include "gpu/gpu.h"

#include <stdlib.h>
#include <string.h>

#include "gpu/opencl.h"
#include "lib/core/die.h"

#define GROUP	32u	   /* work-items: what an aggregated add stands for */
#define ADDS	(1u << 21) /* of a launch */
#define MAX_LOG 2048

static struct {
	struct opencl_api api;
	void *device, *context, *queue, *program;
	char platform[128], name[256], version[256], driver[128];
	uint64_t type, svm;
	unsigned int units;
} cl;

static int is_cpu(void)
{
	return !!(cl.type & CL_DEVICE_TYPE_CPU);
}

/* The first device of @type; 0, or the error of the last platform. */
static int find_type(void *const *platform, unsigned int n, uint64_t type)
{
	int error = CL_DEVICE_NOT_FOUND;

	for (unsigned int i = 0; i < n && error; i++) {
		unsigned int found = 0;

		error = cl.api.devices(platform[i], type, 1, &cl.device, &found);
		if (!error && !found)
			error = CL_DEVICE_NOT_FOUND;
		if (!error)
			cl.api.platform_info(platform[i], CL_PLATFORM_NAME, sizeof(cl.platform),
					     cl.platform, NULL);
	}
	return error;
}

/* A GPU before any other device, wherever its platform stands in the list: PoCL's, which
 * has the CPU, may stand first. */
static int find_best(void *const *platform, unsigned int n)
{
	int error = find_type(platform, n, CL_DEVICE_TYPE_GPU);

	return error ? find_type(platform, n, CL_DEVICE_TYPE_ALL) : 0;
}

static const char *find_device(void)
{
	unsigned int n = 0;
	void **platform = NULL;
	int error = cl.api.platforms(0, NULL, &n);

	if (!error && n) {
		platform = xcalloc(n, sizeof(*platform));
		error = cl.api.platforms(n, platform, NULL);
	}
	if (error || !n) {
		free(platform);
		return gpu_text("clGetPlatformIDs: %d: no OpenCL platform is installed", error);
	}
	error = find_best(platform, n);
	free(platform);
	return error ? gpu_text(
			       "clGetDeviceIDs: %d: no device (PoCL says so, too, if it cannot write its cache: POCL_CACHE_DIR)",
			       error)
		     : NULL;
}

static void ask_device(void)
{
	cl.api.device_info(cl.device, CL_DEVICE_NAME, sizeof(cl.name), cl.name, NULL);
	cl.api.device_info(cl.device, CL_DEVICE_VERSION, sizeof(cl.version), cl.version, NULL);
	cl.api.device_info(cl.device, CL_DRIVER_VERSION, sizeof(cl.driver), cl.driver, NULL);
	cl.api.device_info(cl.device, CL_DEVICE_TYPE, sizeof(cl.type), &cl.type, NULL);
	cl.api.device_info(cl.device, CL_DEVICE_SVM, sizeof(cl.svm), &cl.svm, NULL);
	cl.api.device_info(cl.device, CL_DEVICE_COMPUTE_UNITS, sizeof(cl.units), &cl.units, NULL);
}

static const char *build(void)
{
	const char *text = opencl_code;
	char log[MAX_LOG] = "";
	int error = 0;

	cl.program = cl.api.program(cl.context, 1, &text, NULL, &error);
	if (error)
		return gpu_text("clCreateProgramWithSource: %d", error);
	error = cl.api.build(cl.program, 1, &cl.device,
			     is_cpu() ? "-cl-std=CL3.0 -DIS_CPU" : "-cl-std=CL3.0", NULL, NULL);
	if (!error)
		return NULL;
	cl.api.build_info(cl.program, cl.device, CL_BUILD_LOG, sizeof(log) - 1, log, NULL);
	return gpu_text("clBuildProgram for %.60s: %d%s%.120s", cl.name, error, *log ? ": " : "",
			log);
}

static const char *probe(void)
{
	const char *why = opencl_open(&cl.api);
	int error = 0;

	if (!why)
		why = find_device();
	if (why)
		return why;
	ask_device();
	cl.context = cl.api.context(NULL, 1, &cl.device, NULL, NULL, &error);
	if (!error)
		cl.queue = cl.api.queue(cl.context, cl.device, CL_QUEUE_PROFILING, &error);
	return error ? gpu_text("no OpenCL context or queue on %.60s: %d", cl.name, error)
		     : build();
}

static json_t *describe(void)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:b, s:i, s:I, s:i}", "device", cl.name, "platform",
			 cl.platform, "version", cl.version, "driver", cl.driver, "is_cpu",
			 is_cpu(), "compute_units", (int)cl.units, "svm_capabilities",
			 (json_int_t)cl.svm, "group", (int)GROUP);
}

static int reaches_all(void)
{
	return is_cpu() || ((cl.svm & CL_SVM_FINE_SYSTEM) && (cl.svm & CL_SVM_ATOMICS));
}

static int has_kernel(const char *name)
{
	int error = 0;
	void *kernel = cl.api.kernel(cl.program, name, &error);

	if (!error)
		cl.api.release_kernel(kernel);
	return !error;
}

static struct gpu_support support(void)
{
	int fine = (cl.svm & CL_SVM_FINE_BUFFER) && (cl.svm & CL_SVM_ATOMICS);

	return (struct gpu_support){ .pageable = reaches_all(),
				     .host_atomics = fine,
				     .system_scope = has_kernel("add_scatter_sys"),
				     .simd = GROUP };
}

static const char *allocate_device(struct gpu_buffer *b)
{
	uint32_t zero = 0;
	int error = 0;

	b->private = cl.api.buffer(cl.context, CL_MEM_READ_WRITE, b->bytes, NULL, &error);
	if (!error)
		error = cl.api.fill(cl.queue, b->private, &zero, sizeof(zero), 0, b->bytes, 0, NULL,
				    NULL);
	if (!error)
		error = cl.api.finish(cl.queue);
	return error ? gpu_text("a buffer of %zu bytes: %d", b->bytes, error) : NULL;
}

/* PoCL refuses alignments beyond its largest type: one page more, and rounded. */
static const char *allocate_fine(struct gpu_buffer *b)
{
	if (!(cl.svm & CL_SVM_FINE_BUFFER))
		return "the device has no fine-grained memory that both may use at once";
	b->private = cl.api.svm_alloc(cl.context,
				      CL_MEM_READ_WRITE | CL_MEM_FINE_GRAIN |
					      (cl.svm & CL_SVM_ATOMICS ? CL_MEM_ATOMICS : 0),
				      b->bytes + GPU_PAGE, 0);
	if (!b->private)
		return gpu_text("clSVMAlloc of %zu bytes failed", b->bytes + GPU_PAGE);
	b->cpu = (uint32_t *)(((uintptr_t)b->private + GPU_PAGE - 1) & ~(uintptr_t)(GPU_PAGE - 1));
	memset(b->cpu, 0, b->bytes);
	return NULL;
}

static const char *allocate(struct gpu_buffer *b)
{
	switch (b->memory) {
	case GPU_DEVICE:
		return allocate_device(b);
	case GPU_PINNED:
		return allocate_fine(b);
	case GPU_SYSTEM_MIGRATING:
		return reaches_all() ? gpu_system_map(b)
				     : "the device does not reach the process's own memory";
	case GPU_SYSTEM_EXCLUSIVE:
		return "OpenCL cannot advise that memory stays with the CPU";
	default:
		return "OpenCL has no managed memory";
	}
}

static void *kernel_of(const struct gpu_job *job)
{
	static const char *const names[] = { [GPU_SAME] = "add_scatter",
					     [GPU_DISTINCT] = "add_scatter",
					     [GPU_UNIFORM] = "add_uniform",
					     [GPU_AGGREGATED] = "add_aggregated",
					     [GPU_STAMPED] = "stamped" };
	char *name = xasprintf("%s_%s", names[job->pattern], gpu_scope_name(job->scope));
	int error = 0;
	void *kernel = cl.api.kernel(cl.program, name, &error);

	free(name);
	return error ? NULL : kernel;
}

static int set_arguments(void *kernel, const struct gpu_buffer *b, uint32_t mask, uint32_t rounds)
{
	int error;

	if (b->cpu)
		error = cl.api.argument_svm(kernel, 0, b->cpu);
	else
		error = cl.api.argument(kernel, 0, sizeof(b->private), &b->private);
	if (!error)
		error = cl.api.argument(kernel, 1, sizeof(mask), &mask);
	return error ? error : cl.api.argument(kernel, 2, sizeof(rounds), &rounds);
}

static int launch(void *kernel, size_t items, size_t group, double *seconds)
{
	uint64_t from = 0, to = 0;
	void *event = NULL;
	int error = cl.api.launch(cl.queue, kernel, 1, NULL, &items, &group, 0, NULL, &event);

	if (!error)
		error = cl.api.finish(cl.queue);
	if (!error)
		error = cl.api.event_info(event, CL_EVENT_START, sizeof(from), &from, NULL);
	if (!error)
		error = cl.api.event_info(event, CL_EVENT_END, sizeof(to), &to, NULL);
	if (event)
		cl.api.release_event(event);
	*seconds = (double)(to - from) * 1e-9;
	return error;
}

static uint32_t mask_of(const struct gpu_job *job)
{
	if (job->pattern == GPU_STAMPED)
		return (uint32_t)(job->words / GPU_PAGE_WORDS);
	return job->pattern == GPU_DISTINCT ? (uint32_t)job->words - 1 : 0;
}

static const char *run(const struct gpu_buffer *b, const struct gpu_job *job, struct gpu_done *done)
{
	int stamped = job->pattern == GPU_STAMPED, error;
	size_t items = stamped ? 1 : (size_t)cl.units * 8 * GROUP;
	uint32_t rounds = (uint32_t)(ADDS / items);
	void *kernel = kernel_of(job);

	if (!kernel)
		return "clCreateKernel: the code has no such kernel";
	error = set_arguments(kernel, b, mask_of(job), rounds);
	if (!error)
		error = launch(kernel, items, stamped ? 1 : GROUP, &done->seconds);
	cl.api.release_kernel(kernel);
	done->atomics = stamped ? 2 * job->words / GPU_PAGE_WORDS : (uint64_t)items * rounds;
	return error ? gpu_text("clEnqueueNDRangeKernel or clFinish: %d", error) : NULL;
}

static const char *read_words(const struct gpu_buffer *b, uint32_t *into)
{
	int error =
		cl.api.read(cl.queue, b->private, CL_BLOCKING, 0, b->bytes, into, 0, NULL, NULL);

	return error ? gpu_text("clEnqueueReadBuffer: %d", error) : NULL;
}

static void free_buffer(struct gpu_buffer *b)
{
	if (b->memory == GPU_DEVICE)
		cl.api.release_buffer(b->private);
	else if (b->memory == GPU_PINNED)
		cl.api.svm_free(cl.context, b->private);
	else
		gpu_system_unmap(b);
}

/* The process ends anyway, and implementations differ in what they survive. */
static void close_device(void)
{
	cl.api.finish(cl.queue);
}

const struct gpu_ops gpu_opencl = {
	.name = "opencl",
	.in_page_tables = 1,
	.probe = probe,
	.describe = describe,
	.support = support,
	.allocate = allocate,
	.run = run,
	.read = read_words,
	.free = free_buffer,
	.close = close_device,
};
