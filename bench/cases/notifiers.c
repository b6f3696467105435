// SPDX-License-Identifier: MIT
/*
 * What does each further device cost that watches the same memory?
 *
 * A process that several drivers work for has an interval notifier of each on its memory, and each
 * is called for what any of the others does.  One sample is, of one page under some of these, a
 * conversion (stamped in the module), the first write to an exclusive page, or the
 * munmap() of one in front of others (both from user space).  The slope is the cost of one more.
 *
 * own: the file that converts is one of those that watch, and passes its own conversions over;
 * stranger: it is none of them, so that every one has to invalidate; beside: it watches the
 * page, and all others watch memory that nothing happens to.
 *
 * A callback counts the event under a lock and moves the sequence number.  What a driver tells its
 * device is missing, and with it what two passes are worth (7.1): there is no flush to wait for.
 */
#include <string.h>
#include <sys/mman.h>

#include "bench.h"
#include "lib/core/die.h"

enum { OP, NOTIFIERS, WHOSE };
enum { CONVERT, FAULT_BACK, MUNMAP };
enum { OWN, STRANGER, BESIDE };

#define MOST 8

static struct {
	struct dev *other[MOST]; /* all open in each row: their buffers are mappings, too */
	size_t others;		 /* that watch */
	struct mem elsewhere;
} own;

static void watch(struct run *r)
{
	const struct mem *mem = r->arg[WHOSE] == BESIDE ? &own.elsewhere : &r->mem;
	const char *why = "";

	if (r->arg[WHOSE] != STRANGER)
		dev_watch(r->dev, r->mem.start, mem_bytes(&r->mem));
	own.others = (size_t)r->arg[NOTIFIERS] - (r->arg[WHOSE] != STRANGER);
	for (size_t i = 0; i < MOST; i++) {
		own.other[i] = dev_open(1, &why);
		if (!own.other[i])
			die("notifiers: another open of the device: %s", why);
		if (i < own.others)
			dev_watch(own.other[i], mem->start, mem_bytes(mem));
	}
}

static void setup(struct run *r)
{
	memset(&own, 0, sizeof(own));
	run_pages(r);
	own.elsewhere = mem_reserve(r->pages);
	if (r->arg[OP] != CONVERT)
		dev_convert(r->dev, r->mem.start, mem_page_size(), r->pages, 1);
	if (r->arg[OP] != CONVERT && mem_exclusive(&r->mem) != r->pages)
		die("notifiers: only %zu of %zu pages are exclusive before the touch",
		    mem_exclusive(&r->mem), r->pages);
	watch(r);
}

static void convert(struct run *r)
{
	struct dev_result done = dev_convert(r->dev, r->mem.start, mem_page_size(), r->pages, 1);

	run_keep(r, done, r->pages, 1, 1);
}

static void touch(struct run *r)
{
	for (size_t i = 0; i < r->pages; i++) {
		volatile char *page = mem_page(&r->mem, i);
		uint64_t start = clock_stamp();

		*page = 2;
		run_add(r, clock_ticks(start, clock_stamp()), 0);
	}
}

static void unmap(struct run *r)
{
	for (size_t i = 0; i < r->pages; i++) {
		uint64_t start = clock_stamp();
		int error = munmap(mem_page(&r->mem, i), mem_page_size());

		run_add(r, clock_ticks(start, clock_stamp()), error);
	}
}

static void sample(struct run *r)
{
	static void (*const operate[])(struct run *) = { convert, touch, unmap };

	operate[r->arg[OP]](r);
}

/* Whoever watches has been told of each page (munmap: and of huge pages to split), nobody else. */
static void check(struct run *r)
{
	uint64_t wanted = r->arg[WHOSE] == BESIDE ? 0 : r->pages;

	run_check_pages(r, r->arg[OP] == CONVERT ? r->pages : 0);
	for (size_t i = 0; i < own.others; i++) {
		struct dev_events e = dev_events(own.other[i]);
		uint64_t all = e.exclusive_other + e.clear_page + e.other;

		if (all != wanted)
			die("notifiers: a notifier was called %llu times, expected %llu",
			    (unsigned long long)all, (unsigned long long)wanted);
	}
}

static void teardown(struct run *r)
{
	for (size_t i = 0; i < MOST; i++)
		dev_close(own.other[i]);
	mem_free(&own.elsewhere);
	run_free(r);
}

static const struct bench_prediction predictions[] = {
	{ "op=convert", NULL, EXPECT_LOWER, "the shorter walk; each notifier is called as often" },
	{ "op=fault_back", NULL, EXPECT_SAME, "there is no walk in the fault-back" },
	{ "op=munmap", NULL, EXPECT_SAME, "nor in what unmaps" },
	{ 0 },
};

const struct bench bench_notifiers = {
	.name = "notifiers",
	.question = "What does each further device cost that watches the same memory?",
	.sample_is =
		"one page's conversion, first write, or munmap() under some interval notifiers",
	.params = { BENCH_LABELS("op", "convert", "fault_back", "munmap"),
		    BENCH_VALUES("notifiers", 1, 2, 4, 8),
		    BENCH_LABELS("whose", "own", "stranger", "beside") },
	.fit = "notifiers",
	.predictions = predictions,
	.resolution = { .samples = 0.1 },
	.pictures = { { LINES, .where = "whose=stranger", .x = "notifiers", .series = "op",
			.axis = "interval notifiers on the page" } },
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = teardown,
};
