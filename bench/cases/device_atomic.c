// SPDX-License-Identifier: MIT
/*
 * How fast are a device's atomics on exclusive pages while nobody interferes?
 *
 * One sample is what 1024 atomics took; results are per atomic (the table's "page" is one atomic
 * here).  Engines 0: the thread that asks is the engine, the only one that can be counted in exact
 * mode, and a sample is one job, by the module's stamps.  1 and 2 have a core each and go on for
 * ever; a sample is the time between two looks at them, divided by what all did.  They use one word,
 * a word each on a cache line of its own, words a page apart in turn, or random words of 64 pages.
 * Outside: the faults that map the pages, before.
 *
 * It says what this device costs, no other: its atomic is a few dozen instructions.  It is the rate
 * that ping_pong starts from, and a control: the walk is not in it.
 */
#include <unistd.h>

#include "bench.h"
#include "lib/core/die.h"
#include "lib/machine/topo.h"

enum { ACCESS, OP, ENGINES };
enum { ADD32, ADD64, EXCHANGE64, COMPARE64 };

#define PAGES	    64
#define CACHE_LINE  64
#define ATOMICS	    1024 /* that a sample is for */
#define SAMPLES	    64
#define LOOKS	    8 /* enough where nothing but the engines runs */
#define WINDOW_USEC 500
#define MANY_LOOKS  10000

/* By that. */
static const enum device_op op[] = { DEVICE_ADD, DEVICE_ADD, DEVICE_EXCHANGE, DEVICE_COMPARE };

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
		r->skip = "engines of its own need CPUs that run at once; MODE=lockstep";
	else
		run_device(r, PAGES, shape);
}

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

/* One job, or the time from look to look; longer where the engines' CPUs have company. */
static void work(const struct run *r, const struct device_job *job, struct device_work *done)
{
	*done = (struct device_work){ 0 };
	for (int looks = 0; !done->atomics; looks++) {
		if (looks == MANY_LOOKS)
			die("device_atomic: the device does nothing; no result is written");
		if (engines(r)) {
			usleep(WINDOW_USEC);
			device_look(r->private);
		} else {
			device_do(r->private, job);
		}
		device_work_add(done, device_work(r->private));
	}
}

static void sample(struct run *r)
{
	struct device_job job = job_of(r);
	struct device_work all = { 0 }, one;
	size_t n = engines(r) && r->mode == MODE_LOCKSTEP ? LOOKS : SAMPLES;

	if (used(r) > 1)
		device_pass(r->private, mem_page_size());
	device_do(r->private, &job);
	device_work(r->private);
	r->pages_per_sample = ATOMICS;
	job.count = engines(r) ? DEVICE_NO_END : ATOMICS;
	if (engines(r))
		device_start(r->private, &job);
	for (size_t i = 0; i < (r->warm_up ? 2 : n); i++) {
		work(r, &job, &one);
		run_add(r, clock_ticks(0, one.ticks * ATOMICS / one.atomics), 0);
		device_work_add(&all, one);
	}
	if (engines(r))
		device_stop(r->private);
	device_work_add(&all, device_work(r->private));
	if (all.faults)
		die("device_atomic: %zu device faults while nobody interferes; no result is written",
		    (size_t)all.faults);
	run_device_rate(r, &all);
}

static void check(struct run *r)
{
	run_check_device(r, used(r), 0);
}

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_SAME, "pages that the device has are used without the kernel" },
	{ "", "lost", EXPECT_SAME, "no update is lost on any kernel" },
	{ 0 },
};

const struct bench bench_device_atomic = {
	.name = "device_atomic",
	.question = "How fast are a device's atomics on exclusive pages while nobody interferes?",
	.sample_is = "1024 atomics of the software device; per atomic",
	.params = { BENCH_LABELS("access", "one", "distinct", "strided", "random"),
		    BENCH_LABELS("op", "add32", "add64", "exchange64", "compare64"),
		    BENCH_VALUES("engines", 0, 1, 2) },
	.contends = 1,
	.predictions = predictions,
	/* A worker of the kernel may be in it; in the samples' median it is not. */
	.rate_unjudged = IN_EXACT,
	.tells = "atomics",
	.pictures = { { BARS, .where = "engines=0", .group = "access" },
		      { BARS, "device_engines", "device_rate", "op=add64", .group = "access",
			.not_exact = 1 } },
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = run_device_free,
};
