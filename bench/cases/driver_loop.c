// SPDX-License-Identifier: MIT
/*
 * What does a driver need to handle an atomic fault, and does its loop end?
 *
 * One sample is one fault as the driver handles it, from its first step to the
 * release of the pages, timed in the module: nouveau one page with a notifier
 * inserted and removed for it, UVM a region of 16 pages under a notifier that lasts
 * (kernel-module/driver.c); results are per page.  The pages are present
 * and writable (fresh) or exclusive already; the cure looks them up once before the
 * sequence is read.  No device is programmed.
 *
 * A loop that cannot succeed is shown under a bound: 1000 iterations for one
 * fault, "no success" as the result.  Real ones go on for 1 s (nouveau) or
 * for ever (UVM) unless a CPU touches the page.  It cannot show the cost of the
 * collisions that real devices and CPUs make: nothing else runs here.
 */
#include "bench.h"
#include "lib/core/die.h"

enum { CURE, NO_CURE };
enum { FRESH, EXCLUSIVE };

#define REGION	       16
#define MAX_ITERATIONS 1000

static void setup(struct run *r)
{
	struct dev_result converted;

	run_pages(r);
	if (r->arg[2] == FRESH)
		return;
	converted = dev_convert(r->dev, r->mem.start, mem_page_size(), r->pages, 1);
	if (converted.succeeded != r->pages || mem_exclusive(&r->mem) != r->pages)
		die("driver_loop: only %zu of %zu pages are exclusive before the fault",
		    mem_exclusive(&r->mem), r->pages);
}

static void sample(struct run *r)
{
	struct dev_loop loop = { .pattern = r->arg[0] ? DEV_UVM : DEV_NOUVEAU,
				 .cure = r->arg[1] == CURE,
				 .max_iterations = MAX_ITERATIONS,
				 .batch = r->arg[0] ? REGION : 1 };
	struct dev_result result;

	/* One fault is enough of what does not end. */
	loop.count = !loop.cure && r->arg[2] == EXCLUSIVE ? 1 : r->pages / loop.batch;
	result = dev_loop(r->dev, r->mem.start, &loop);
	run_keep(r, result, loop.count, loop.batch, 1);
	run_metric(r, "iterations", "iterations/fault", BETTER_LOWER,
		   (double)loop.iterations / (double)loop.count);
	run_metric(r, "success", "%", BETTER_HIGHER,
		   100 * (double)result.succeeded / (double)result.attempted);
}

/* A page that no iteration could keep is exclusive all the same: it was converted. */
static void check(struct run *r)
{
	size_t expected = r->arg[2] == EXCLUSIVE ? r->pages : (size_t)r->attempted;

	if (mem_exclusive(&r->mem) != expected)
		die("driver_loop: %zu pages are exclusive in /proc/self/pagemap, expected %zu; no result is written",
		    mem_exclusive(&r->mem), expected);
}

static const struct bench_prediction predictions[] = {
	{ "state=fresh", NULL, EXPECT_LOWER, "each iteration converts, by the shorter walk" },
	{ "state=exclusive cure=yes", NULL, EXPECT_LOWER,
	  "the cure's fault-back is the same code, the conversion's walk is shorter" },
	{ "", "iterations", EXPECT_SAME,
	  "what collides is the fault-back inside the lookup, which the walk does not touch" },
	{ "", "success", EXPECT_SAME, "likewise" },
	{ 0 },
};

const struct bench bench_driver_loop = {
	.name = "driver_loop",
	.question = "What does a driver need to handle an atomic fault, and does its loop end?",
	.sample_is = "one fault handled by the driver's loop, stamped in the module",
	.params = { BENCH_LABELS("pattern", "nouveau", "uvm"), BENCH_LABELS("cure", "yes", "no"),
		    BENCH_LABELS("state", "fresh", "exclusive") },
	.pictures = { { BARS, .group = "pattern", .tries = "iterations" }, { IN_LADDER } },
	.predictions = predictions,
	/* Up to ten instructions in a region of 16 pages: which frames a boot happens to give it. */
	.resolution = { .samples = 0.03 },
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = run_free,
};
