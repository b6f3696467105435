// SPDX-License-Identifier: MIT
/*
 * How long does a conversion hold the lock that a whole fork tree shares?
 *
 * One sample is the instructions for which one conversion holds the anon_vma root
 * lock, seen by kprobes whose own cost is taken off (lib/hold.h); 0 is a conversion
 * that did not take it, and the probes are proven to fire.  With sharers the
 * process has that many children, and its mapping lies behind theirs in the
 * anon_vma's tree, where any later change of the mapping puts it.
 *
 * It cannot show waiting: nobody else wants the lock here (see contend_anon_vma).
 * Exact mode alone: elsewhere a breakpoint costs more than what it would measure.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "lib/die.h"
#include "lib/hold.h"

#define PAGES	    256
#define MAX_SHARERS 64

static struct {
	struct hold *hold;
	pid_t child[MAX_SHARERS];
	size_t children;
} own;

static pid_t idle_child(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

/* Children that have gone to sleep, a mapping that is put in behind theirs, and pages
 * that the parent alone has. */
static void share(struct run *r)
{
	const struct timespec settle = { .tv_nsec = 50000000 };
	size_t children = r->warm_up && r->arg[0] ? 1 : (size_t)r->arg[0];

	while (own.children < children)
		own.child[own.children++] = idle_child();
	if (own.children)
		nanosleep(&settle, NULL);
	munmap((char *)r->mem.map + r->mem.map_bytes - mem_page_size(), mem_page_size());
	mem_touch(&r->mem);
}

static void setup(struct run *r)
{
	own.children = 0;
	if (r->mode != MODE_EXACT) {
		r->skip = "held instructions are counted in exact mode alone";
		return;
	}
	own.hold = hold_open(&r->skip);
	if (!own.hold)
		return;
	r->pages = PAGES;
	run_watched_pages(r);
	share(r);
}

static void sample(struct run *r)
{
	double taken = 0, tried = 0, pages = (double)r->pages;

	hold_begin(own.hold);
	dev_convert(r->dev, r->mem.start, mem_page_size(), r->pages, 1);
	hold_end(own.hold);
	for (size_t i = 0; i < r->pages; i++) {
		struct dev_sample s = dev_sample(r->dev, i);
		struct hold_window w = hold_next(own.hold, s.start, s.start + s.ticks);

		taken += (double)w.taken;
		tried += (double)w.tried;
		run_add(r, w.ticks, s.error);
	}
	run_metric(r, "acquisitions", "/conversion", BETTER_LOWER, taken / pages);
	run_metric(r, "rwsem_trylocks", "/conversion", BETTER_NEITHER, tried / pages);
	run_metric(r, "probe_overhead", "instructions", BETTER_NEITHER, hold_probe_ticks(own.hold));
}

static void check(struct run *r)
{
	run_check_pages(r, r->pages);
}

static void teardown(struct run *r)
{
	for (size_t i = 0; i < own.children; i++) {
		kill(own.child[i], SIGKILL);
		waitpid(own.child[i], NULL, 0);
	}
	hold_close(own.hold);
	own.hold = NULL;
	run_free(r);
}

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_LOWER, "the folio walk looks one entry up under its page-table lock" },
	{ "", "acquisitions", EXPECT_LOWER,
	  "the rmap walk takes the root lock once for each folio, the folio walk never" },
	{ "", "probe_overhead", EXPECT_SAME, "the same probes in the same image" },
	{ 0 },
};

const struct bench bench_hold_anon_vma = {
	.name = "hold_anon_vma",
	.question = "How long does a conversion hold the anon_vma root lock?",
	.sample_is = "instructions for which one conversion holds the lock, by kprobes",
	.primary = 1,
	.modes = IN_EXACT,
	.params = { BENCH_VALUES("sharers", 0, 16, 64) },
	.fit = "sharers",
	.predictions = predictions,
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = teardown,
};
