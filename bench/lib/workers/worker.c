// SPDX-License-Identifier: MIT
#include "lib/workers/worker.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/core/die.h"
#include "lib/machine/clock.h"
#include "lib/machine/dev.h"

#define FAULTS 512 /* pages that worker_fault writes to before it drops them */
#define SERVED 16  /* mappings of worker_serve */

struct converter {
	struct dev *dev;
	uint64_t period;
	size_t converted;
};

static const struct mem *region(const struct team_member *m)
{
	return &((const struct worker *)m->user)->mem;
}

/* All pages by one request. */
static int at_once(const struct team_member *m)
{
	const struct worker *w = m->user;

	return !w->pace && !w->requests;
}

static uint32_t convert_next(struct team_member *m, uint64_t since)
{
	struct converter *c = m->private;
	struct dev_sample s;

	dev_convert(c->dev, mem_page(region(m), c->converted++), mem_page_size(), 1, 1);
	s = dev_sample(c->dev, 0);
	return clock_ticks(since, s.start + s.ticks);
}

static void prepare(struct team_member *m)
{
	struct converter *c = m->private = xcalloc(1, sizeof(*c));
	const char *why = NULL;
	uint64_t start;

	mem_touch(region(m));
	c->dev = dev_open(region(m)->pages, &why);
	if (!c->dev)
		die("%s", why);
	dev_watch(c->dev, region(m)->start, mem_bytes(region(m)));
	start = clock_stamp();
	while (c->converted < WORKER_PILOT)
		convert_next(m, start);
	c->period = ((const struct worker *)m->user)->pace * (clock_stamp() - start) / WORKER_PILOT;
}

static void convert(struct team_member *m)
{
	struct converter *c = m->private;
	uint64_t due = clock_stamp();

	m->samples = region(m)->pages - WORKER_PILOT;
	if (at_once(m)) {
		dev_convert(c->dev, mem_page(region(m), WORKER_PILOT), mem_page_size(), m->samples,
			    1);
		return;
	}
	for (size_t i = 0; i < m->samples; i++, due += c->period) {
		if (!c->period)
			due = clock_stamp();
		while (clock_stamp() < due)
			;
		m->ticks[i] = convert_next(m, due);
	}
}

static void finish(struct team_member *m)
{
	struct converter *c = m->private;

	for (size_t i = 0; at_once(m) && i < m->samples; i++)
		m->ticks[i] = dev_sample(c->dev, i).ticks;
	m->ops = mem_exclusive(region(m));
	dev_close(c->dev);
	free(c);
}

static void end_op(struct team_member *m, uint64_t start, int failed)
{
	m->op_ticks += clock_stamp() - start;
	m->ops++;
	if (failed)
		die("a disturber's operation failed");
}

static void fork_until_over(struct team_member *m)
{
	while (!team_over(m)) {
		uint64_t start = clock_stamp();
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		end_op(m, start, pid < 0);
		waitpid(pid, NULL, 0);
	}
}

static void fork_for_ever(struct team_member *m)
{
	/* One page keeps it in the tree; more would only make forking slow. */
	munmap(mem_page(region(m), 1), mem_bytes(region(m)) - mem_page_size());
	fork_until_over(m);
}

/* One page each, and every second one read-only. */
static void split(struct team_member *m)
{
	size_t page = mem_page_size();
	int failed = munmap(mem_page(region(m), SERVED), mem_bytes(region(m)) - SERVED * page);

	for (size_t i = 0; i < SERVED; i += 2)
		failed |= mprotect(mem_page(region(m), i), page, PROT_READ);
	if (failed)
		die("a forker's mappings could not be made");
}

static void unmap_every_second(struct team_member *m)
{
	for (size_t i = 1; i < region(m)->pages && !team_over(m); i += 2) {
		uint64_t start = clock_stamp();

		end_op(m, start, munmap(mem_page(region(m), i), mem_page_size()));
	}
}

static void munmap_for_ever(struct team_member *m)
{
	while (!team_over(m))
		team_child(unmap_every_second, m);
}

static void mprotect_for_ever(struct team_member *m)
{
	for (int prot = PROT_READ; !team_over(m); prot ^= PROT_WRITE) {
		uint64_t start = clock_stamp();

		end_op(m, start, mprotect(mem_page(region(m), 1), mem_page_size(), prot));
	}
}

static void map_once(struct team_member *m, int touch)
{
	uint64_t start = clock_stamp();
	volatile char *page = mmap(NULL, mem_page_size(), PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		die("a disturber's mmap failed");
	if (touch)
		*page = 1;
	end_op(m, start, munmap((void *)(uintptr_t)page, mem_page_size()));
}

static void mmap_for_ever(struct team_member *m)
{
	while (!team_over(m))
		map_once(m, 0);
}

static void touch_for_ever(struct team_member *m)
{
	while (!team_over(m))
		map_once(m, 1);
}

static void reserve(struct team_member *m)
{
	struct mem *own = m->private = xcalloc(1, sizeof(*own));

	*own = mem_reserve(FAULTS);
}

static void release(struct team_member *m)
{
	mem_free(m->private);
	free(m->private);
}

static void fault_for_ever(struct team_member *m)
{
	const struct mem *own = m->private;

	for (size_t i = 0; !team_over(m); i = (i + 1) % FAULTS) {
		uint64_t start = clock_stamp();

		*(volatile char *)mem_page(own, i) = 1;
		end_op(m, start, 0);
		if (i + 1 == FAULTS && madvise(own->start, mem_bytes(own), MADV_DONTNEED))
			die("a disturber's madvise(MADV_DONTNEED) failed");
	}
}

const struct team_job worker_convert = { .prepare = prepare, .work = convert, .finish = finish };
const struct team_job worker_fork = { .work = fork_for_ever, .endless = 1 };
const struct team_job worker_munmap = { .work = munmap_for_ever, .endless = 1 };
const struct team_job worker_mprotect = { .work = mprotect_for_ever, .endless = 1 };
const struct team_job worker_serve = { .prepare = split, .work = fork_until_over, .endless = 1 };
const struct team_job worker_mmap = { .work = mmap_for_ever, .endless = 1 };
const struct team_job worker_touch = { .work = touch_for_ever, .endless = 1 };
const struct team_job worker_fault = {
	.prepare = reserve, .work = fault_for_ever, .finish = release, .endless = 1
};
