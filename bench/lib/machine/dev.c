// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/machine/dev.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../kernel-module/dex_uapi.h"
#include "lib/core/die.h"
#include "lib/machine/clock.h"

struct dev {
	int fd;
	struct dex_sample *samples;
	size_t max_samples;
	struct dev_info info;
};

static void read_info(struct dev *dev)
{
	static const char *const bodies[] = { "unknown", "range", "single" };
	static const char *const walks[] = { "unknown", "rmap", "folio" };
	struct dex_info info = { .size = sizeof(info) };

	if (ioctl(dev->fd, DEX_IOC_INFO, &info) || info.abi != DEX_ABI_VERSION)
		die("the loaded module speaks ABI %u, this program %u; rebuild and reload the module (make module, or dkms)",
		    info.abi, DEX_ABI_VERSION);
	dev->info = (struct dev_info){
		.abi = info.abi,
		.body = bodies[info.body < sizeof(bodies) / sizeof(bodies[0]) ? info.body : 0],
		.walk = walks[info.walk < sizeof(walks) / sizeof(walks[0]) ? info.walk : 0],
		.clock_khz = info.clock_khz,
		.max_batch = info.max_batch,
	};
}

static const char *open_failure(void)
{
	switch (errno) {
	case ENOENT:
		return "no " DEX_DEVICE_PATH
		       ": the module is not loaded (modprobe dexbench, or make module and insmod)";
	case EACCES:
	case EPERM:
		return "no permission for " DEX_DEVICE_PATH ": run as root";
	default:
		return strerror(errno);
	}
}

struct dev *dev_open(size_t max_samples, const char **why)
{
	struct dev *dev = xcalloc(1, sizeof(*dev));
	size_t bytes = max_samples * sizeof(struct dex_sample);

	dev->fd = open(DEX_DEVICE_PATH, O_RDWR | O_CLOEXEC);
	if (dev->fd < 0) {
		*why = open_failure();
		free(dev);
		return NULL;
	}
	read_info(dev);
	if (max_samples > DEX_MAX_SAMPLES)
		die_usage("%zu samples are more than the module's %u; use fewer --pages",
			  max_samples, DEX_MAX_SAMPLES);
	dev->max_samples = max_samples;
	dev->samples = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, dev->fd, 0);
	if (dev->samples == MAP_FAILED)
		die("mapping %zu sample bytes: %s", bytes, strerror(errno));
	return dev;
}

void dev_close(struct dev *dev)
{
	if (!dev)
		return;
	munmap(dev->samples, dev->max_samples * sizeof(struct dex_sample));
	close(dev->fd);
	free(dev);
}

int dev_fd(const struct dev *dev)
{
	return dev->fd;
}

const struct dev_info *dev_info(const struct dev *dev)
{
	return &dev->info;
}

int dev_nop(struct dev *dev)
{
	return ioctl(dev->fd, DEX_IOC_NOP);
}

static struct dev_result request(struct dev *dev, unsigned long code, const char *name,
				 struct dex_run *run)
{
	struct dev_result result;
	uint64_t start;

	run->size = sizeof(*run);
	start = clock_stamp();
	if (ioctl(dev->fd, code, run))
		die("%s request of %llu calls: %s", name, (unsigned long long)run->count,
		    strerror(errno));
	result.ticks = clock_stamp() - start;
	result.attempted = run->attempted;
	result.succeeded = run->succeeded;
	return result;
}

struct dev_result dev_clock(struct dev *dev, uint64_t count)
{
	struct dex_run run = { .count = count, .batch = 1 };

	return request(dev, DEX_IOC_CLOCK, "CLOCK", &run);
}

struct dev_result dev_gup(struct dev *dev, const void *start, uint64_t stride, uint64_t count)
{
	struct dex_run run = {
		.start = (uintptr_t)start, .stride = stride, .count = count, .batch = 1
	};

	return request(dev, DEX_IOC_GUP, "GUP", &run);
}

struct dev_result dev_convert(struct dev *dev, const void *start, uint64_t stride, uint64_t count,
			      unsigned int batch)
{
	struct dex_run run = {
		.start = (uintptr_t)start, .stride = stride, .count = count, .batch = batch
	};

	return request(dev, DEX_IOC_CONVERT, "CONVERT", &run);
}

int dev_can_pin(struct dev *dev, const void *page)
{
	struct dex_run run = {
		.size = sizeof(run), .start = (uintptr_t)page, .count = 1, .batch = 1
	};

	return !ioctl(dev->fd, DEX_IOC_PIN, &run) || errno != EOPNOTSUPP;
}

struct dev_result dev_pin(struct dev *dev, const void *start, uint64_t count, unsigned int batch,
			  int unpin)
{
	struct dex_run run = { .start = (uintptr_t)start,
			       .stride = batch * (uint64_t)sysconf(_SC_PAGESIZE),
			       .count = count,
			       .batch = batch };

	return request(dev, unpin ? DEX_IOC_UNPIN : DEX_IOC_PIN, unpin ? "UNPIN" : "PIN", &run);
}

struct dev_result dev_loop(struct dev *dev, const void *start, struct dev_loop *loop)
{
	uint64_t bytes = loop->batch * (uint64_t)sysconf(_SC_PAGESIZE);
	struct dex_loop request = {
		.size = sizeof(request),
		.flags = loop->cure ? DEX_LOOP_CURE : 0,
		.pattern = loop->pattern == DEV_NOUVEAU ? DEX_PATTERN_NOUVEAU : DEX_PATTERN_UVM,
		.max_iterations = loop->max_iterations,
		.run = { .size = sizeof(request.run),
			 .start = (uintptr_t)start,
			 .stride = bytes,
			 .count = loop->count,
			 .batch = loop->batch },
	};
	uint64_t begin = clock_stamp();

	if (ioctl(dev->fd, DEX_IOC_LOOP, &request))
		die("LOOP request of %llu faults: %s", (unsigned long long)loop->count,
		    strerror(errno));
	loop->iterations = request.iterations;
	return (struct dev_result){ .attempted = request.run.attempted,
				    .succeeded = request.run.succeeded,
				    .ticks = clock_stamp() - begin };
}

static struct dex_hmm hmm_request(const void *start, const struct dev_hmm *hmm)
{
	return (struct dex_hmm){
		.size = sizeof(struct dex_hmm),
		.flags = DEX_HMM_FAULT | DEX_HMM_WRITE | (hmm->unlocked ? DEX_HMM_UNLOCKED : 0),
		.max_iterations = DEX_MAX_LOOPS,
		.run = { .size = sizeof(struct dex_run),
			 .start = (uintptr_t)start,
			 .stride = hmm->batch * (uint64_t)sysconf(_SC_PAGESIZE),
			 .count = hmm->count,
			 .batch = hmm->batch },
	};
}

const char *dev_why_no_hmm(struct dev *dev, int unlocked, const void *page)
{
	struct dev_hmm one = { .unlocked = unlocked, .batch = 1, .count = 1 };
	struct dex_hmm request = hmm_request(page, &one);

	request.flags &= DEX_HMM_UNLOCKED; /* look alone */
	if (!ioctl(dev->fd, DEX_IOC_HMM, &request) || errno != EOPNOTSUPP)
		return NULL;
	return unlocked ? "no hmm_range_fault_unlocked_timeout() in this kernel (7.3 and later)"
			: "no hmm_range_fault() in this kernel: CONFIG_HMM_MIRROR";
}

struct dev_result dev_hmm(struct dev *dev, const void *start, struct dev_hmm *hmm)
{
	struct dex_hmm request = hmm_request(start, hmm);
	uint64_t begin = clock_stamp();

	if (ioctl(dev->fd, DEX_IOC_HMM, &request))
		die("HMM request of %llu calls: %s", (unsigned long long)hmm->count,
		    strerror(errno));
	hmm->iterations = request.iterations;
	hmm->large = request.large;
	return (struct dev_result){ .attempted = request.run.attempted,
				    .succeeded = request.run.succeeded,
				    .ticks = clock_stamp() - begin };
}

void dev_hold(struct dev *dev, const void *page, unsigned int ns, size_t i)
{
	struct dex_hold request = {
		.size = sizeof(request), .start = (uintptr_t)page, .ns = ns, .sample = (uint32_t)i
	};

	if (ioctl(dev->fd, DEX_IOC_HOLD, &request))
		die("HOLD request: %s", strerror(errno));
}

struct dev_sample dev_sample(const struct dev *dev, size_t i)
{
	const struct dex_sample *s = &dev->samples[i];

	return (struct dev_sample){
		.start = s->start, .ticks = s->ticks, .error = -s->error, .ok = s->ok
	};
}

static void set_watch(struct dev *dev, const void *start, size_t length)
{
	struct dex_watch watch = { .size = sizeof(watch),
				   .start = (uintptr_t)start,
				   .length = length };

	if (ioctl(dev->fd, DEX_IOC_WATCH, &watch))
		die("WATCH request: %s", strerror(errno));
}

void dev_watch(struct dev *dev, const void *start, size_t length)
{
	set_watch(dev, start, length);
}

void dev_unwatch(struct dev *dev)
{
	set_watch(dev, NULL, 0);
}

static uint64_t sum(const struct dex_events *e, int event, int owner)
{
	const __u64 *c = e->count[event][owner];

	return c[DEX_EXTENT_PAGE] + c[DEX_EXTENT_PTES] + c[DEX_EXTENT_PMD];
}

struct dev_events dev_events(struct dev *dev)
{
	struct dex_events raw = { .size = sizeof(raw) };
	struct dev_events out = { 0 };
	uint64_t all = 0;

	if (ioctl(dev->fd, DEX_IOC_EVENTS, &raw))
		die("EVENTS request: %s", strerror(errno));
	for (int event = 0; event < DEX_EVENTS; event++)
		for (int owner = 0; owner < DEX_OWNERS; owner++)
			all += sum(&raw, event, owner);
	out.exclusive_own = sum(&raw, DEX_EVENT_EXCLUSIVE, DEX_OWNER_SELF);
	out.exclusive_other = sum(&raw, DEX_EVENT_EXCLUSIVE, DEX_OWNER_NONE) +
			      sum(&raw, DEX_EVENT_EXCLUSIVE, DEX_OWNER_OTHER);
	out.clear_page = raw.count[DEX_EVENT_CLEAR][DEX_OWNER_NONE][DEX_EXTENT_PAGE];
	out.clear_more = sum(&raw, DEX_EVENT_CLEAR, DEX_OWNER_NONE) - out.clear_page;
	out.other = all - out.exclusive_own - out.exclusive_other - out.clear_page - out.clear_more;
	return out;
}
