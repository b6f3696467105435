// SPDX-License-Identifier: MIT
/*
 * What does it cost that a device fault takes more pages than the device uses?
 *
 * The device does one atomic on the first page of a granule, over and over; a fault
 * there makes the whole granule exclusive.  In between a CPU touches that word's page
 * alone (word), or reads all other pages of the largest granule first (all).  One sample is
 * one device fault, whatever its granule, by the module's stamps.  false_faults are the reads, per
 * device fault, that had to take a page which the device never used; to_cpu their ticks;
 * cpu_ticks their sum, per device fault.  churn is how many pages a device fault took from
 * itself: those of the granule that were still exclusive.
 *
 * Where there is no range call the module converts a granule page by page, as drivers do.
 * The first fault of the device, on pages that nobody had, is outside.
 */
#include <stdlib.h>

#include "bench.h"
#include "lib/core/die.h"

enum { GRANULE, CPU };
enum { WORD, ALL };

#define PAGES  512
#define ROUNDS 16

/* What the CPU saw. */
struct reads {
	uint64_t ticks;
	size_t taken;
	uint32_t each[PAGES * ROUNDS]; /* of those that took a page */
};

static void setup(struct run *r)
{
	run_device(r, PAGES, (struct device_shape){ .granule = (unsigned int)r->arg[GRANULE] });
}

static void one_atomic(const struct run *r)
{
	const struct device_job job = { .op = DEVICE_ADD,
					.access = DEVICE_ONE,
					.stride = sizeof(uint64_t),
					.span = sizeof(uint64_t),
					.count = 1,
					.burst = 1,
					.samples = 1 };

	device_do(r->private, &job);
}

/* The word's page comes last: it is what makes the device come back. */
static void touch(const struct run *r, struct reads *reads)
{
	for (size_t i = 1; r->arg[CPU] == ALL && i < PAGES; i++) {
		struct device_touched t = device_touch(r->private, i, 0, DEVICE_READ);

		reads->ticks += t.ticks;
		if (t.revoked)
			reads->each[reads->taken++] = t.ticks;
	}
	if (!device_touch(r->private, 0, 0, DEVICE_WRITE).revoked)
		die("device_span: the page that the device used was not its own; no result is written");
}

static void sample(struct run *r)
{
	static const char *const names[] = { "to_cpu_p50", "to_cpu_p90", "to_cpu_p99",
					     "to_cpu_max" };
	struct reads *reads = xcalloc(1, sizeof(*reads));
	size_t rounds = r->warm_up ? 2 : ROUNDS;
	struct device_work work;
	double faults;

	one_atomic(r);
	device_work(r->private);
	for (size_t i = 0; i < rounds; i++) {
		touch(r, reads);
		one_atomic(r);
	}
	work = device_work(r->private);
	faults = (double)work.faults;
	run_device_faults(r, &work);
	run_metric(r, "false_faults", "touches/fault", BETTER_LOWER, (double)reads->taken / faults);
	run_metric(r, "cpu_ticks", "ticks/fault", BETTER_LOWER, (double)reads->ticks / faults);
	run_metric(r, "churn", "pages/fault", BETTER_LOWER,
		   (double)(work.revoked - reads->taken - rounds) / faults);
	run_spread(r, names, reads->each, reads->taken);
	free(reads);
}

static void check(struct run *r)
{
	run_check_device(r, (size_t)r->arg[GRANULE], r->samples);
}

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_LOWER, "each page of the granule is converted, by the shorter walk" },
	{ "", "false_faults", EXPECT_SAME, "either walk makes the same pages exclusive" },
	{ "", "churn", EXPECT_SAME, "the driver's loop is the same" },
	{ "", "to_cpu_p50", EXPECT_SAME, "there is no walk in the fault-back" },
	{ "", "lost", EXPECT_SAME, "no update is lost on any kernel" },
	{ 0 },
};

const struct bench bench_device_span = {
	.name = "device_span",
	.question = "What does it cost that a device fault takes more pages than the device uses?",
	.sample_is = "one device fault on a granule of pages, stamped in the module",
	.params = { BENCH_VALUES("granule", 1, 8, 64, 512), BENCH_LABELS("cpu", "word", "all") },
	.fit = "granule",
	.predictions = predictions,
	.resolution = { .samples = 0.2, .metrics = 1 },
	.pictures = { { LINES, .x = "granule", .series = "cpu",
			.axis = "pages that a device fault takes" } },
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = run_device_free,
};
