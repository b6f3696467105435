// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/workers/device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../kernel-module/dex_uapi.h"
#include "lib/arch/arch.h"
#include "lib/core/die.h"
#include "lib/machine/clock.h"
#include "lib/machine/topo.h"

struct device {
	struct dev *dev;
	struct device_shape shape;
	struct mem mem;
	const volatile struct dex_entry *entry;
	uint64_t before;  /* sum of all words */
	uint64_t delta;	  /* by which the device says it changed it */
	uint64_t revoked; /* of all entries, when last asked */
	struct device_work work;
	size_t room;	     /* for samples */
	uint64_t seen, when; /* atomics at the last look, its stamp */
};

/* Looks for engines that do not wake up: a minute at least. */
#define LOOK_USEC  50
#define MANY_LOOKS (60L * 1000000 / LOOK_USEC)

static void request(const struct device *d, unsigned long code, const char *name, void *arg)
{
	if (ioctl(dev_fd(d->dev), code, arg))
		die("%s request: %s", name, strerror(errno));
}

/* Of all words of the region, modulo the word. */
static uint64_t sum_words(const struct device *d)
{
	const volatile uint64_t *wide = (const volatile uint64_t *)(void *)d->mem.start;
	const volatile uint32_t *narrow = (const volatile uint32_t *)(void *)d->mem.start;
	size_t bytes = mem_bytes(&d->mem);
	uint64_t sum = 0;

	for (size_t i = 0; !d->shape.narrow && i < bytes / sizeof(*wide); i++)
		sum += wide[i];
	for (size_t i = 0; d->shape.narrow && i < bytes / sizeof(*narrow); i++)
		sum += narrow[i];
	return d->shape.narrow ? (uint32_t)sum : sum;
}

static size_t entry_bytes(const struct device *d)
{
	size_t page = mem_page_size(), bytes = d->mem.pages * sizeof(*d->entry);

	return (bytes + page - 1) / page * page;
}

static void map_entries(struct device *d)
{
	void *at = mmap(NULL, entry_bytes(d), PROT_READ, MAP_SHARED | MAP_POPULATE, dev_fd(d->dev),
			(off_t)DEX_MIRROR_OFFSET);

	if (at == MAP_FAILED)
		die("mapping the device's page table: %s", strerror(errno));
	d->entry = at;
}

/* The number of the first engine's CPU; the module binds the others to those behind it. */
static int first_cpu(const struct device_shape *shape, const char **why)
{
	int first;

	if (!shape->engines)
		return 0;
	if (shape->core + shape->engines > topo_cores()) {
		*why = "a core for each engine and each CPU thread, more than this machine has";
		return -1;
	}
	first = topo_cpu(shape->core);
	for (unsigned int i = 1; i < shape->engines; i++)
		if (topo_cpu(shape->core + i) != first + (int)i) {
			*why = "the first CPUs of this machine's cores do not have consecutive numbers";
			return -1;
		}
	return first;
}

struct device *device_new(struct dev *dev, const struct device_shape *shape, const char **why)
{
	int cpu = first_cpu(shape, why);
	struct dex_device request_new = {
		.size = sizeof(request_new),
		.flags = shape->referenced ? DEX_DEVICE_REFERENCED : 0,
		.start = (uintptr_t)shape->mem->start,
		.length = mem_bytes(shape->mem),
		.engines = shape->engines,
		.cpu = (uint32_t)cpu,
		.granule = shape->granule,
	};
	struct device *d;

	if (cpu < 0)
		return NULL;
	d = xcalloc(1, sizeof(*d));
	d->dev = dev;
	d->shape = *shape;
	d->mem = *shape->mem;
	d->before = sum_words(d);
	request(d, DEX_IOC_DEVICE, "DEVICE", &request_new);
	map_entries(d);
	return d;
}

void device_free(struct device *d)
{
	struct dex_device none = { .size = sizeof(none) };

	if (!d)
		return;
	munmap((void *)(uintptr_t)d->entry, entry_bytes(d));
	request(d, DEX_IOC_DEVICE, "DEVICE", &none);
	free(d->work.sample);
	free(d);
}

unsigned int device_engines(const struct device *d)
{
	return d->shape.engines;
}

static void make_room(struct device *d, size_t samples)
{
	if (d->work.samples + samples <= d->room)
		return;
	d->room = 2 * d->room + samples;
	d->work.sample = xrealloc(d->work.sample, d->room, sizeof(*d->work.sample));
}

static void start_job(struct device *d, const struct device_job *job)
{
	struct dex_job request_job = {
		.size = sizeof(request_job),
		.flags = d->shape.narrow ? 0 : DEX_JOB_WIDE,
		.op = job->op,
		.access = job->access,
		.offset = job->offset,
		.stride = job->stride,
		.span = job->span,
		.count = job->count,
		.until = job->until,
		.operand = 1,
		.seed = job->seed,
		.burst = job->burst,
		.samples = (uint32_t)job->samples,
	};

	make_room(d, job->samples);
	request(d, DEX_IOC_JOB, "JOB", &request_job);
}

static struct dex_state state_of(const struct device *d, unsigned int flags)
{
	struct dex_state state = { .size = sizeof(state), .flags = flags };

	request(d, DEX_IOC_STATE, "STATE", &state);
	if (state.error)
		die("an engine of the device gave up after %llu faults and %llu repeated passes: %s",
		    (unsigned long long)state.faults, (unsigned long long)state.retries,
		    strerror(-state.error));
	return state;
}

static uint64_t atomics_of(const struct dex_state *state)
{
	uint64_t n = 0;

	for (size_t i = 0; i < DEX_MAX_ENGINES; i++)
		n += state->atomics[i];
	return n;
}

static struct dex_state end_job(struct device *d, unsigned int flags)
{
	struct dex_state state = state_of(d, flags | DEX_STATE_WAIT);
	struct device_work *w = &d->work;

	w->faults += state.faults;
	w->retries += state.retries;
	d->delta += state.delta;
	for (size_t i = 0; i < state.samples; i++)
		w->sample[w->samples++] = dev_sample(d->dev, i).ticks;
	return state;
}

void device_work_add(struct device_work *sum, struct device_work more)
{
	sum->atomics += more.atomics;
	sum->ticks += more.ticks;
	sum->faults += more.faults;
}

void device_do(struct device *d, const struct device_job *job)
{
	struct dex_state state;

	start_job(d, job);
	state = end_job(d, 0);
	d->work.atomics += atomics_of(&state);
	d->work.ticks += state.end - state.begin;
}

static int all_at_work(const struct device *d, const struct dex_state *state)
{
	for (size_t i = 0; i < d->shape.engines; i++)
		if (!state->atomics[i])
			return 0;
	return 1;
}

void device_start(struct device *d, const struct device_job *job)
{
	struct dex_state state;
	long looks = 0;

	start_job(d, job);
	for (state = state_of(d, 0); !all_at_work(d, &state); state = state_of(d, 0)) {
		if (looks++ == MANY_LOOKS)
			die("the device's engines do not begin");
		usleep(LOOK_USEC);
	}
	d->seen = atomics_of(&state);
	d->when = clock_stamp();
}

void device_look(struct device *d)
{
	struct dex_state state = state_of(d, 0);
	uint64_t now = clock_stamp(), atomics = atomics_of(&state);

	d->work.atomics += atomics - d->seen;
	d->work.ticks += now - d->when;
	d->seen = atomics;
	d->when = now;
}

void device_stop(struct device *d)
{
	device_look(d);
	end_job(d, DEX_STATE_STOP);
}

struct device_job device_sweep(size_t pages, size_t stride, uint64_t count, size_t samples)
{
	return (struct device_job){ .op = DEVICE_ADD,
				    .access = DEVICE_STRIDED,
				    .stride = stride,
				    .span = pages * mem_page_size(),
				    .count = count,
				    .burst = DEVICE_BURST,
				    .samples = samples };
}

void device_pass(struct device *d, size_t stride)
{
	size_t words = mem_bytes(&d->mem) / stride;
	struct device_job job = device_sweep(d->mem.pages, stride, words, words);

	device_do(d, &job);
}

struct device_work device_work(struct device *d)
{
	struct device_work done = d->work;
	uint64_t revoked = 0;

	/* A job's own count starts at 0, and touches between two jobs are in none. */
	for (size_t i = 0; i < d->mem.pages; i++)
		revoked += d->entry[i].revoked;
	done.revoked = revoked - d->revoked;
	d->revoked = revoked;
	d->work = (struct device_work){ .sample = done.sample };
	return done;
}

size_t device_mapped(const struct device *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->mem.pages; i++)
		n += !!d->entry[i].mapped;
	return n;
}

/* The branches are outside, so that the touch alone is between the stamps. */
static uint32_t touch_timed(volatile void *word, enum device_touch touch, int narrow)
{
	uint64_t start;

	if (touch == DEVICE_READ) {
		start = clock_stamp();
		(void)*(volatile uint32_t *)word;
	} else if (narrow) {
		start = clock_stamp();
		arch_increment(word, 1);
	} else {
		start = clock_stamp();
		arch_increment(word, 0);
	}
	return clock_ticks(start, clock_stamp());
}

struct device_touched device_touch(const struct device *d, size_t page, size_t offset,
				   enum device_touch touch)
{
	volatile void *word = mem_page(&d->mem, page) + offset;
	uint32_t before = d->entry[page].revoked, ticks = 0;

	if (d->entry[page].mapped)
		ticks = touch_timed(word, touch, d->shape.narrow);
	else if (touch == DEVICE_WRITE)
		arch_increment(word, d->shape.narrow);
	else
		(void)*(volatile uint32_t *)word;
	return (struct device_touched){ ticks, d->entry[page].revoked - before };
}

uint32_t device_increment(const struct device *d, size_t page, size_t offset, size_t n)
{
	volatile void *word = mem_page(&d->mem, page) + offset;
	uint64_t start = clock_stamp();

	for (size_t i = 0; i < n; i++)
		arch_increment(word, d->shape.narrow);
	return clock_ticks(start, clock_stamp());
}

uint64_t device_missing(struct device *d, uint64_t added)
{
	uint64_t lost = d->before + d->delta + added - sum_words(d);

	return d->shape.narrow ? (uint32_t)lost : lost;
}

double device_must_add_up(struct device *d, uint64_t added)
{
	uint64_t lost = device_missing(d, added);

	if (lost)
		die("%lld updates are lost: the device changed the sum by %lld and CPUs by %llu, found is %lld; the page was not exclusive, no result is written",
		    (long long)lost, (long long)d->delta, (unsigned long long)added,
		    (long long)(sum_words(d) - d->before));
	return 0;
}
