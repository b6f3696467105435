// SPDX-License-Identifier: MIT
/*
 * What does one visit of a device to a page cost the kernel, if the page stays and if it migrates?
 *
 * One sample is one visit to some pages, and results are per page: the device takes the pages, and
 * then a CPU writes to each once, which takes it back.  stay makes them exclusive where they are, by
 * one range call where the kernel has one, else page by page; migrate moves them to
 * device-private memory at once, and each comes back alone.  to_device is stamped in the
 * module around the kernel's calls, to_cpu in user space around the writing instruction; the
 * sample is their sum.  The copy to the device is no part of it, but a metric (a device does it,
 * here a CPU); the copy back is in the CPU's fault, and cannot be taken out from here.
 *
 * What an atomic costs the device here or there is no part of it: dex-plan is given that, and says
 * from how many atomics a visit migrating is cheaper.  Without a device every page is free, no
 * TLB of its own is flushed, and nobody interferes.
 */
#include "bench.h"
#include "lib/core/die.h"
#include "lib/machine/private.h"
#include "lib/mem/checks.h"

enum { WAY, PAGES };
enum { STAY, MIGRATE };

static struct {
	uint64_t to_device, to_cpu, copy; /* ticks of all visits */
	uint64_t taken;			  /* pages */
} own;

static unsigned int at_once(const struct run *r)
{
	return (unsigned int)r->arg[PAGES];
}

static void setup(struct run *r)
{
	own.to_device = own.to_cpu = own.copy = own.taken = 0;
	if (r->arg[WAY] == MIGRATE)
		r->skip = private_make(r->dev, at_once(r));
	if (r->skip)
		return;
	run_watched_pages(r);
	checks_number(&r->mem);
}

/* Ticks of the kernel's calls. */
static uint64_t stay(struct run *r, const char *start)
{
	unsigned int max = dev_info(r->dev)->max_batch;
	unsigned int batch = at_once(r) < max ? at_once(r) : max;
	size_t calls = at_once(r) / batch;
	uint64_t ticks = 0;

	own.taken += dev_convert(r->dev, start, batch * mem_page_size(), calls, batch).succeeded;
	for (size_t i = 0; i < calls; i++)
		ticks += dev_sample(r->dev, i).ticks;
	r->stamps_per_sample = (unsigned int)calls + at_once(r);
	return ticks;
}

static uint64_t migrate(struct run *r, const char *start)
{
	struct private_sample s;

	own.taken += private_migrate(r->dev, start, at_once(r), 1, &s).succeeded;
	own.copy += s.ticks.copy;
	r->stamps_per_sample = 3 + at_once(r);
	return s.ticks.setup + s.ticks.pages + s.ticks.finalize;
}

/* Not where the page's number is. */
static uint64_t take_back(const struct run *r, size_t first)
{
	uint64_t ticks = 0;

	for (size_t i = first; i < first + at_once(r); i++) {
		volatile char *byte = mem_page(&r->mem, i) + mem_page_size() / 2;
		uint64_t start = clock_stamp();

		*byte = 2;
		ticks += clock_ticks(start, clock_stamp());
	}
	return ticks;
}

static void keep(struct run *r, const char *name, uint64_t ticks)
{
	run_metric(r, name, "ticks/page", BETTER_LOWER, (double)ticks / (double)r->pages);
}

static void sample(struct run *r)
{
	r->pages_per_sample = at_once(r);
	for (size_t i = 0; i < r->pages; i += at_once(r)) {
		const char *start = mem_page(&r->mem, i);
		uint64_t there = r->arg[WAY] == STAY ? stay(r, start) : migrate(r, start);
		uint64_t back = take_back(r, i);

		run_add(r, clock_ticks(0, there + back), 0);
		own.to_device += there;
		own.to_cpu += back;
	}
	keep(r, "to_device", own.to_device);
	keep(r, "to_cpu", own.to_cpu);
	if (r->arg[WAY] == MIGRATE)
		keep(r, "copy", own.copy);
}

static void check(struct run *r)
{
	uint64_t back = r->events.exclusive_other + r->events.clear_page;

	run_check_pages(r, 0);
	if (r->arg[WAY] == MIGRATE)
		back = private_counts(r->dev).faults;
	if (own.taken != r->pages || back != r->pages || checks_holding(&r->mem, 0) != r->pages)
		die("stay_or_migrate: %llu of %zu pages went to the device, %llu were taken back",
		    (unsigned long long)own.taken, r->pages, (unsigned long long)back);
}

static void teardown(struct run *r)
{
	if (r->arg[WAY] == MIGRATE && !r->skip)
		private_remove(r->dev);
	run_free(r);
}

static const struct bench_prediction predictions[] = {
	{ "way=stay", NULL, EXPECT_LOWER, "the conversion's walk is shorter" },
	{ "way=stay", "to_cpu", EXPECT_SAME, "there is no walk in the fault-back" },
	{ "way=migrate", NULL, EXPECT_SAME, "migrating has a walk of its own" },
	{ 0 },
};

const struct bench bench_stay_or_migrate = {
	.name = "stay_or_migrate",
	.question =
		"What does one visit of a device to a page cost, if it stays and if it migrates?",
	.sample_is = "pages that the device takes and a CPU takes back, without the device's work",
	.params = { BENCH_LABELS("way", "stay", "migrate"), BENCH_VALUES("pages", 1, 16, 64, 512) },
	.predictions = predictions,
	.resolution = { .samples = 0.1, .metrics = 1 },
	.tells = "visits",
	.pictures = { { BARS, .group = "way" } },
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = teardown,
};
