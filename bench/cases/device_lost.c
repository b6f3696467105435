// SPDX-License-Identifier: MIT
/*
 * Would a lost update be seen?  The control of every other case of the device.
 *
 * A CPU increments one word, by plain instructions, while an engine on another core adds to
 * the same word.  One sample is 10,000 increments, timed in user space; results are
 * per increment.  Exclusive: the page is the one's or the other's, nothing may be lost, and the
 * case dies if it is.  Referenced: the device has the page by a reference alone, both
 * use it at once, and what the device adds between a plain increment's load and its
 * store is overwritten: lost.  That is a race, which may also be won every time (0); a run in
 * which it is lost proves that the check can fail.
 *
 * Lockstep mode: no instruction of one CPU is ever torn by another's, so that the engine adds by
 * a load and a store (DEX_OP_TORN), which a burst lets nobody between if the page is exclusive.
 * The CPU's increment stays one instruction: exclusivity is the device's, and a CPU that loads in
 * one instruction and stores in another may lose the page, and an update, in between.
 *
 * It says nothing about how likely a loss is on a real device.
 */
#include "bench.h"
#include "lib/core/die.h"

enum { MAPPING, WORD };
enum { EXCLUSIVE, REFERENCED };
enum { NARROW, WIDE };

#define EACH 10000
#define MANY 1000

/* Where it repeats, a tenth proves as much. */
static size_t batches(const struct run *r)
{
	size_t many = r->mode == MODE_LOCKSTEP ? MANY / 10 : MANY;

	return r->warm_up ? many / 20 : many;
}

static void setup(struct run *r)
{
	struct device_shape shape = { .engines = 1,
				      .core = 1,
				      .granule = 1,
				      .narrow = r->arg[WORD] == NARROW,
				      .referenced = r->arg[MAPPING] == REFERENCED };

	if (r->mode == MODE_EXACT)
		r->skip =
			"using a page at once needs CPUs that run at once; MODE=lockstep or parallel";
	else
		run_device(r, 1, shape);
}

static void sample(struct run *r)
{
	struct device_job job = { .op = r->mode == MODE_LOCKSTEP ? DEVICE_TORN : DEVICE_ADD,
				  .access = DEVICE_ONE,
				  .stride = sizeof(uint64_t),
				  .span = sizeof(uint64_t),
				  .count = 1,
				  .burst = 64 };
	struct device_work work;

	device_do(r->private, &job); /* the first fault */
	job.count = DEVICE_NO_END;
	device_start(r->private, &job);
	r->pages_per_sample = EACH;
	for (size_t i = 0; i < batches(r); i++)
		run_add(r, device_increment(r->private, 0, 0, EACH), 0);
	device_stop(r->private);
	work = device_work(r->private);
	if (!work.atomics && !r->warm_up)
		die("device_lost: the device did nothing while the CPU incremented; no result is written");
	run_device_rate(r, &work);
	run_metric(r, "revoked", "pages", BETTER_NEITHER, (double)work.revoked);
}

static void check(struct run *r)
{
	uint64_t added = r->samples * EACH;

	if (r->arg[MAPPING] == EXCLUSIVE)
		device_must_add_up(r->private, added);
	else if (mem_exclusive(&r->mem))
		die("device_lost: a page that is only referenced is exclusive; no result is written");
	run_metric(r, "lost", "updates/Mincrement", BETTER_NEITHER,
		   1e6 * (double)device_missing(r->private, added) / (double)added);
}

static const struct bench_prediction predictions[] = {
	{ "mapping=exclusive", "lost", EXPECT_SAME, "a page has one user at a time on any kernel" },
	{ 0 },
};

const struct bench bench_device_lost = {
	.name = "device_lost",
	.question = "Would a lost update be seen?",
	.sample_is = "10,000 plain increments of a word that a device adds to, from user space",
	.modes = IN_LOCKSTEP | IN_PARALLEL | IN_TIMING,
	.params = { BENCH_LABELS("mapping", "exclusive", "referenced"),
		    BENCH_LABELS("word", "32", "64") },
	.predictions = predictions,
	.pictures = { { BARS, .metric = "lost", .group = "mapping" } },
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = run_device_free,
};
