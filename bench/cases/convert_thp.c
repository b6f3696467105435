// SPDX-License-Identifier: MIT
/*
 * What does it take to convert pages of a large folio, and what else is converted?
 *
 * One sample is one conversion call on one page of one folio, its head or a tail page;
 * with what=pages the sum of a call for each page of a folio, and with what=range one
 * range call on all of them.  Each folio gets one such sequence; each page is unlocked
 * before the next is taken.  The cost is that of a success: where nothing succeeds there
 * is none, and the success rate says so.  Outside: what is outside in convert_latency.
 *
 * Besides: how many PTEs are exclusive afterwards for each page that the caller got,
 * and what a process pays that then touches the whole folio, in faults on pages that the
 * caller did not get (collateral_faults).
 *
 * It cannot show what folio-6.12 would do with a folio in one range call without the
 * lock that such a call holds: the call returns its first page locked and gets no second.
 */
#include <stdlib.h>
#include <sys/resource.h>

#include "bench.h"
#include "lib/core/die.h"
#include "lib/machine/topo.h"
#include "lib/mem/huge.h"

enum { ORDER, WHAT };
enum { HEAD, TAIL, PAGES, RANGE };

static size_t folio_pages(const struct run *r)
{
	return (size_t)1 << r->arg[ORDER];
}

static const char *why_not(const struct run *r)
{
	if (!r->arg[ORDER] && r->arg[WHAT] != HEAD)
		return "a folio of order 0 is one page: see what=head";
	if (r->arg[WHAT] == RANGE && dev_info(r->dev)->max_batch < folio_pages(r))
		return "this kernel has no range call";
	return NULL;
}

static void setup(struct run *r)
{
	struct huge_counts *before;

	r->skip = why_not(r);
	if (r->skip)
		return;
	r->mem = mem_reserve(r->pages);
	topo_bind_memory(r->mem.map, r->mem.map_bytes, r->node);
	r->skip = huge_touch(&r->mem, (unsigned int)r->arg[ORDER]);
	if (r->skip)
		return;
	topo_check_memory(r->mem.start, mem_bytes(&r->mem), r->node);
	dev_watch(r->dev, r->mem.start, mem_bytes(&r->mem));
	r->private = before = xcalloc(1, sizeof(*before));
	*before = huge_counts((unsigned int)r->arg[ORDER]);
}

static void sample(struct run *r)
{
	size_t folio = folio_pages(r), folios = r->pages / folio, bytes = folio * mem_page_size();
	const char *at = mem_page(&r->mem, r->arg[WHAT] == TAIL ? folio / 2 : 0);
	unsigned int batch = r->arg[WHAT] == RANGE ? (unsigned int)folio : 1;
	unsigned int group = r->arg[WHAT] == PAGES ? (unsigned int)folio : 1;
	struct dev_result result;

	result =
		dev_convert(r->dev, at, group > 1 ? mem_page_size() : bytes, folios * group, batch);
	run_keep(r, result, folios * group, batch, group);
}

/* Faults of a process that writes to each page. */
static size_t touch_faults(const struct mem *mem)
{
	struct rusage before, after;

	getrusage(RUSAGE_SELF, &before);
	for (size_t i = 0; i < mem->pages; i++)
		*(volatile char *)mem_page(mem, i) = 2;
	getrusage(RUSAGE_SELF, &after);
	return (size_t)(after.ru_minflt - before.ru_minflt);
}

/* What succeeded is exclusive; more may be, but nothing where nothing succeeded. */
static void check(struct run *r)
{
	struct huge_counts now = huge_counts((unsigned int)r->arg[ORDER]), *before = r->private;
	double folios = (double)(r->pages / folio_pages(r));
	size_t exclusive = mem_exclusive(&r->mem), faults = touch_faults(&r->mem);

	if (exclusive < r->succeeded || !exclusive != !r->succeeded || !r->attempted)
		die("convert_thp: %zu PTEs are exclusive in /proc/self/pagemap after %llu successes of %llu; no result is written",
		    exclusive, (unsigned long long)r->succeeded, (unsigned long long)r->attempted);
	run_metric(r, "success", "%", BETTER_NEITHER,
		   100 * (double)r->succeeded / (double)r->attempted);
	run_metric(r, "exclusive_ptes", "PTEs/success", BETTER_NEITHER,
		   (double)exclusive / (double)(r->succeeded ? r->succeeded : 1));
	run_metric(r, "collateral_faults", "faults/folio", BETTER_LOWER,
		   ((double)faults - (double)r->succeeded) / folios);
	run_metric(r, "pmd_splits", "splits/folio", BETTER_NEITHER,
		   (double)(now.pmd_splits - before->pmd_splits) / folios);
	run_metric(r, "deferred_splits", "folios/folio", BETTER_NEITHER,
		   (double)(now.deferred_splits - before->deferred_splits) / folios);
}

static void teardown(struct run *r)
{
	free(r->private);
	r->private = NULL;
	run_free(r);
}

static const struct bench_prediction predictions[] = {
	{ "what=head", NULL, EXPECT_LOWER,
	  "one PTE instead of every PTE of the folio; no anon_vma lock" },
	{ "order>=4 what=head", "exclusive_ptes", EXPECT_LOWER, "one PTE, not the whole folio" },
	{ "order>=4 what=head", "collateral_faults", EXPECT_LOWER, "no neighbour is converted" },
	{ "order>=4 what=tail", "success", EXPECT_HIGHER, "the rmap walk refuses tail pages" },
	{ "order>=4 what=tail", "deferred_splits", EXPECT_HIGHER,
	  "a page of the folio loses its mapping; under the rmap walk nothing happens" },
	{ "order>=4 what=pages", NULL, EXPECT_LOWER,
	  "every call succeeds; under the rmap walk one of a folio's does" },
	{ "order>=4 what=pages", "success", EXPECT_HIGHER, "the rmap walk refuses tail pages" },
	{ "order>=4 what=range", "success", EXPECT_SAME,
	  "the range call holds the folio's lock after the first page, so it gets one page" },
	{ "order>=4 what=range", "collateral_faults", EXPECT_LOWER, "no neighbour is converted" },
	{ "order=9", "pmd_splits", EXPECT_SAME, "the page lookup splits the mapping" },
	{ "what=head", "deferred_splits", EXPECT_SAME,
	  "in 6.12 either walk removes the rmap of a part of the folio first" },
	{ 0 },
};

const struct bench bench_convert_thp = {
	.name = "convert_thp",
	.question = "What does it take to convert pages of a large folio?",
	.sample_is = "the conversion of one or all pages of one folio",
	.params = { BENCH_VALUES("order", 0, 4, 9),
		    BENCH_LABELS("what", "head", "tail", "pages", "range") },
	.predictions = predictions,
	.pictures = { { BARS, .group = "order" } },
	.decides = "order=9,what=head",
	.setup = setup,
	.sample = sample,
	.check = check,
	.teardown = teardown,
};
