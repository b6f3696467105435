// SPDX-License-Identifier: MIT
/*
 * What does the state that a page is in add to its conversion?
 *
 * One sample is one conversion call as in convert_latency, on a base page that is present and
 * writable; shared read-only with a child that waits; not there yet; paged out to a RAM disk;
 * exclusive already; or write-protected by soft-dirty tracking or a userfaultfd that resolves
 * faults itself.  The call's page lookup takes the fault that this needs, inside the sample.
 * Outside: bringing the page there.  Besides, per page: faults and others' notifier events.
 *
 * It cannot show what a swap device costs (this one copies), nor a fault that somebody else must
 * resolve (a userfaultfd's reader, without WP_ASYNC).  It works on 8192 PAGES at most.
 */
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench.h"
#include "lib/core/die.h"
#include "lib/machine/topo.h"
#include "lib/mem/family.h"
#include "lib/mem/state.h"

#define MOST_PAGES 8192 /* what the RAM disk holds, with room */

enum { PRESENT, SHARED, ABSENT, SWAPPED, EXCLUSIVE, SOFT_DIRTY, UFFD_WP };

struct state {
	struct family *sharer;
	int uffd;
	long faults;
};

/* What the region is once it is ready, and whether all its pages are that or none. */
static const struct {
	enum mem_kind kind;
	int all;
} expected[] = {
	[PRESENT] = { MEM_OWN, 1 },	    [SHARED] = { MEM_OWN, 0 },
	[ABSENT] = { MEM_PRESENT, 0 },	    [SWAPPED] = { MEM_SWAPPED, 1 },
	[EXCLUSIVE] = { MEM_EXCLUSIVE, 1 }, [SOFT_DIRTY] = { MEM_SOFT_DIRTY, 0 },
	[UFFD_WP] = { MEM_UFFD_WP, 1 },
};

static const char *prepare(struct run *r, struct state *s)
{
	switch (r->arg[0]) {
	case SHARED:
		s->sharer = family_start(1, NULL, NULL);
		return NULL;
	case SWAPPED:
		return state_swapped(&r->mem);
	case EXCLUSIVE:
		dev_convert(r->dev, r->mem.start, mem_page_size(), r->pages, 1);
		return NULL;
	case SOFT_DIRTY:
		return state_soft_dirty(&r->mem);
	case UFFD_WP:
		return state_uffd_wp(&r->mem, &s->uffd);
	}
	return NULL;
}

static void setup(struct run *r)
{
	struct state *s = xcalloc(1, sizeof(*s));
	size_t found;

	r->private = s;
	s->uffd = -1;
	r->pages = r->pages < MOST_PAGES ? r->pages : MOST_PAGES;
	if (r->arg[0] == ABSENT) {
		r->mem = mem_reserve(r->pages);
		topo_bind_memory(r->mem.map, r->mem.map_bytes, r->node);
	} else {
		run_pages(r);
	}
	dev_watch(r->dev, r->mem.start, mem_bytes(&r->mem));
	r->skip = prepare(r, s);
	if (r->skip)
		return;
	found = mem_count(&r->mem, expected[r->arg[0]].kind);
	if (found != (expected[r->arg[0]].all ? r->pages : 0))
		die("convert_state: %zu pages of %zu in the state asked for", found, r->pages);
	dev_events(r->dev); /* of all that */
}

static long faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt + usage.ru_majflt;
}

static void sample(struct run *r)
{
	struct state *s = r->private;
	long before = faults(); /* not into *s: under soft-dirty that would be a fault itself */
	struct dev_result result = dev_convert(r->dev, r->mem.start, mem_page_size(), r->pages, 1);

	s->faults = faults() - before;
	run_keep(r, result, r->pages, 1, 1);
}

static void check(struct run *r)
{
	const struct dev_events *e = &r->events;
	const struct state *s = r->private;
	double events = (double)(e->exclusive_other + e->clear_page + e->clear_more + e->other);

	run_check_pages(r, r->pages);
	run_metric(r, "faults", "faults/page", BETTER_LOWER, (double)s->faults / (double)r->pages);
	run_metric(r, "events", "events/page", BETTER_LOWER, events / (double)r->pages);
}

static void teardown(struct run *r)
{
	struct state *s = r->private;

	family_end(s->sharer);
	if (s->uffd >= 0)
		close(s->uffd);
	free(s);
	r->private = NULL;
	run_free(r);
}

static const struct bench_prediction predictions[] = {
	{ "", NULL, EXPECT_LOWER,
	  "the state is the page lookup's, the same under both walks; no anon_vma lock and tree" },
	{ "", "faults", EXPECT_SAME, "faults are the page lookup's" },
	{ "", "events", EXPECT_SAME, "so are the events that they send" },
	{ 0 },
};

const struct bench bench_convert_state = {
	.name = "convert_state",
	.question = "What does the state that a page is in add to its conversion?",
	.sample_is = "one conversion call on one base page in a given state",
	.params = { BENCH_LABELS("state", "present", "shared", "absent", "swapped", "exclusive",
				 "soft_dirty", "uffd_wp") },
	.predictions = predictions,
	.needs = { .swap = 1 },
	.pictures = { { BARS }, { IN_LADDER } },
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = teardown,
};
