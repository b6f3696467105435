// SPDX-License-Identifier: MIT
/*
 * How fast are a device's atomics on exclusive pages while nobody interferes?
 *
 * One sample is one job of the software device, from its start to the end of its last engine
 * by the module's stamps; results are per atomic (the table's "page" is one atomic here).
 * Engines 0: the thread that asks is the engine, the only one that can be counted in exact
 * mode; 1 and 2 have a core each.  All engines use one word, a word each on a cache line of its
 * own, words a page apart in turn, or random words of the footprint.  Outside: the
 * device faults that make the pages exclusive, in a job before.
 *
 * It says what this device costs, no other: its atomic is a few dozen instructions of
 * its own loop.  It is the rate that ping_pong starts from, and a control: the walk is
 * not in it.
 */
#include "bench.h"
#include "lib/die.h"
#include "lib/topo.h"

enum { ACCESS, OP, ENGINES };
enum { ADD32, ADD64, EXCHANGE64, COMPARE64 };

#define PAGES	   64
#define CACHE_LINE 64
#define ATOMICS	   1024 /* of each engine in a job */
#define JOBS	   64

static const enum device_op op[] = { [ADD32] = DEVICE_ADD,
				     [ADD64] = DEVICE_ADD,
				     [EXCHANGE64] = DEVICE_EXCHANGE,
				     [COMPARE64] = DEVICE_COMPARE };

static unsigned int engines(const struct run *r)
{
	return (unsigned int)r->arg[ENGINES];
}

static void setup(struct run *r)
{
	struct device_shape shape = { .engines = engines(r),
				      .core = topo_cores() > engines(r),
				      .granule = 1,
				      .narrow = r->arg[OP] == ADD32 };

	if (engines(r) && r->mode == MODE_EXACT)
		r->skip = "engines of its own need CPUs that run at once; MODE=parallel";
	else
		run_device(r, PAGES, shape);
}

/* Pages that a job uses. */
static size_t used(const struct run *r)
{
	return r->arg[ACCESS] >= DEVICE_STRIDED - 1 ? PAGES : 1;
}

static struct device_job job_of(const struct run *r)
{
	struct device_job job = device_sweep(PAGES, mem_page_size(), ATOMICS, 0);

	job.op = op[r->arg[OP]];
	job.access = (enum device_access)(r->arg[ACCESS] + 1);
	if (job.access == DEVICE_ONE)
		job.stride = job.span = sizeof(uint64_t);
	else if (job.access == DEVICE_DISTINCT)
		job.stride = CACHE_LINE, job.span = mem_page_size();
	else if (job.access == DEVICE_RANDOM)
		job.stride = sizeof(uint64_t), job.seed = 1;
	return job;
}

static void sample(struct run *r)
{
	struct device_job job = job_of(r);
	struct device_work all = { 0 };

	if (used(r) > 1)
		device_pass(r->private, mem_page_size());
	else
		device_do(r->private, &job);
	device_work(r->private);
	r->pages_per_sample = ATOMICS * (engines(r) ? engines(r) : 1);
	for (size_t i = 0; i < (r->warm_up ? 2 : JOBS); i++) {
		struct device_work work;

		device_do(r->private, &job);
		work = device_work(r->private);
		if (work.faults)
			die("device_atomic: %llu device faults while nobody interferes; no result is written",
			    (unsigned long long)work.faults);
		run_add(r, clock_ticks(0, work.ticks), 0);
		all.atomics += work.atomics;
		all.ticks += work.ticks;
	}
	r->succeeded = all.atomics;
	run_device_rate(r, &all, all.ticks);
}

static void check(struct run *r)
{
	run_check_device(r, used(r), 0);
}

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_SAME,
	  "pages that the device has are used without a call of the kernel" },
	{ "", "lost", EXPECT_SAME, "no update is lost on any kernel" },
	{ 0 },
};

const struct bench bench_device_atomic = {
	.name = "device_atomic",
	.question = "How fast are a device's atomics on exclusive pages while nobody interferes?",
	.sample_is = "one job of the software device, per atomic, stamped in the module",
	.params = { BENCH_LABELS("access", "one", "distinct", "strided", "random"),
		    BENCH_LABELS("op", "add32", "add64", "exchange64", "compare64"),
		    BENCH_VALUES("engines", 0, 1, 2) },
	.predictions = predictions,
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = run_device_free,
};
