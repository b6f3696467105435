// SPDX-License-Identifier: MIT
/*
 * What do processes cost that share the mapping, but not the page?
 *
 * One sample is one conversion call as in convert_latency, on a page that a parent of K
 * living children has written after the fork, so that it is its own, in a higher frame
 * than theirs (lib/mem/frames.h); the rmap walk looks for it in every mapping of the anon_vma's
 * tree up to the parent's.  One that only forked is first there; one whose mapping was
 * changed since (any split, merge or growth; here slack is unmapped) is behind all children.
 * They may watch the range: "child_events", what all saw per conversion, proves how many
 * mappings were visited.  Outside: fork and those writes.  PAGES is the length of the
 * mapping, over which the only present pages, 64, are spread.
 *
 * It cannot show waiting for the anon_vma lock: the children sleep (contend_anon_vma).
 */
#include "bench.h"
#include "lib/core/die.h"
#include "lib/machine/topo.h"
#include "lib/mem/family.h"
#include "lib/mem/frames.h"

#define CONVERTED	64
#define WARM_UP_SHARERS 16

enum { SHARERS, ORDER, NOTIFIER };
enum { FIRST, BEHIND };
enum { NOT_WATCHED, WATCHED };

/* In a child: what it watches, through a device of its own. */
struct watcher {
	struct mem mem;
	struct dev *dev;
};

static void watch(void *user)
{
	struct watcher *w = user;
	const char *why = NULL;

	w->dev = dev_open(1, &why);
	if (!w->dev)
		die("a child's device: %s", why);
	dev_watch(w->dev, w->mem.start, mem_bytes(&w->mem));
}

static uint64_t events_seen(void *user)
{
	struct dev_events e = dev_events(((struct watcher *)user)->dev);

	return e.exclusive_own + e.exclusive_other + e.clear_page + e.clear_more + e.other;
}

static size_t sharers(const struct run *r)
{
	size_t n = (size_t)r->arg[SHARERS];

	return r->warm_up && n > WARM_UP_SHARERS ? WARM_UP_SHARERS : n;
}

static void must_be(const struct run *r, enum mem_kind kind, const char *what)
{
	size_t found = mem_count(&r->mem, kind);

	if (found != CONVERTED)
		die("convert_shared: %zu pages are %s, expected %d", found, what, CONVERTED);
}

static void setup(struct run *r)
{
	static const struct family_job job = { watch, events_seen };
	struct watcher watcher;

	r->mem = mem_reserve(r->pages);
	topo_bind_memory(r->mem.map, r->mem.map_bytes, r->node);
	for (size_t i = 0; i < CONVERTED; i++)
		*(volatile char *)mem_page(&r->mem, i * (r->pages / CONVERTED)) = 1;
	frames_low(&r->mem);
	dev_watch(r->dev, r->mem.start, mem_bytes(&r->mem));
	watcher = (struct watcher){ .mem = r->mem };
	r->private = family_start(sharers(r), r->arg[NOTIFIER] == WATCHED ? &job : NULL, &watcher);
	frames_high(&r->mem);
	if (r->arg[ORDER] == BEHIND)
		mem_reinsert(&r->mem);
	must_be(r, MEM_BASE, "present base pages");
	must_be(r, MEM_OWN, "the parent's own");
	topo_check_memory(r->mem.start, mem_bytes(&r->mem), r->node);
	dev_events(r->dev); /* of the fork and the writes */
}

static void sample(struct run *r)
{
	size_t step = r->pages / CONVERTED * mem_page_size();

	run_keep(r, dev_convert(r->dev, r->mem.start, step, CONVERTED, 1), CONVERTED, 1, 1);
}

/* On an rmap walk the children must have seen what the order promises. */
static void check(struct run *r)
{
	uint64_t seen = family_end(r->private);
	uint64_t promised = r->arg[ORDER] == BEHIND ? sharers(r) * CONVERTED : 0;

	r->private = NULL;
	run_check_pages(r, CONVERTED);
	if (r->arg[NOTIFIER] != WATCHED)
		return;
	if (*dev_info(r->dev)->walk == 'r' && seen != promised)
		die("convert_shared: the children saw %llu notifier events, expected %llu: the parent's mapping is not where it should be",
		    (unsigned long long)seen, (unsigned long long)promised);
	run_metric(r, "child_events", "events/page", BETTER_NEITHER, (double)seen / CONVERTED);
}

static void teardown(struct run *r)
{
	family_end(r->private);
	r->private = NULL;
	run_free(r);
}

static const struct bench_prediction predictions[] = {
	{ "order=first", NULL, EXPECT_LOWER,
	  "no anon_vma lock and tree; the rmap walk stops at the parent, its first mapping" },
	{ "order=behind", NULL, EXPECT_LOWER,
	  "the rmap walk visits every child in front of the parent, the folio walk none" },
	{ "order=first", "child_events", EXPECT_SAME, "no child is visited by either walk" },
	{ "order=behind sharers=0", "child_events", EXPECT_SAME, "there is no child" },
	{ "order=behind sharers>=1", "child_events", EXPECT_LOWER,
	  "a notifier pair for each visited child, none without a visit" },
	{ 0 },
};

const struct bench bench_convert_shared = {
	.name = "convert_shared",
	.question = "What do processes cost that share the mapping, but not the page?",
	.sample_is = "one conversion call on a page of a parent with K children",
	.params = { BENCH_VALUES("sharers", 0, 1, 4, 16, 64, 256, 1024),
		    BENCH_LABELS("order", "first", "behind"),
		    BENCH_LABELS("notifier", "no", "yes") },
	.fit = "sharers",
	.predictions = predictions,
	.tells = "sharers",
	.pictures = { { LINES, .where = "notifier=no", .x = "sharers", .more = 1, .series = "order",
			.axis = "processes of the fork tree, the converting one included" } },
	.decides = "sharers=16,order=behind,notifier=no",
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = teardown,
};
