// SPDX-License-Identifier: MIT
/*
 * A pool of pages, sorted by their frames.  Giving one back makes its frame the next that
 * this CPU hands out (lists of free pages are last in, first out), so that a page which is
 * written right behind that has it.  Each page is looked at all the same.
 *
 * The pool is in the program's data: a mapping of its own would leave the tree of
 * mappings in another shape, and every conversion 2 instructions dearer.
 */
#include "lib/mem/frames.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/core/die.h"

#define MOST_PAGES 2048

/* The kernel holds on to the last few pages that were touched (its LRU batches), and what
 * else runs takes a frame now and then. */
#define SLACK 256

static char memory[(MOST_PAGES + 1) << 12];

struct framed {
	char *page;
	size_t frame;
};

static struct {
	struct framed page[MOST_PAGES]; /* the lowest frame first */
	size_t low, high;
} pool;

static int by_frame(const void *a, const void *b)
{
	const struct framed *x = a, *y = b;

	return (x->frame > y->frame) - (x->frame < y->frame);
}

static void give_back(void *page, size_t bytes)
{
	if (madvise(page, bytes, MADV_DONTNEED))
		die("madvise(MADV_DONTNEED): %s", strerror(errno));
}

static struct mem memory_pages(void)
{
	uintptr_t start = ((uintptr_t)memory + mem_page_size() - 1) & ~(mem_page_size() - 1);

	return (struct mem){ .start = (char *)start,
			     .pages = ((uintptr_t)memory + sizeof(memory) - start) /
				      mem_page_size() };
}

static void fill_pool(size_t pages)
{
	struct mem m = memory_pages();

	if (pages > m.pages || pages > MOST_PAGES)
		die("%zu page frames asked for, there are %zu", pages, m.pages);
	for (size_t i = 0; i < pages; i++) {
		char *page = mem_page(&m, i);

		*(volatile char *)page = 1;
		pool.page[i] = (struct framed){ page, mem_frame(page) };
	}
	pool.low = 0;
	pool.high = pages - SLACK / 2;
	qsort(pool.page, pool.high, sizeof(*pool.page), by_frame);
}

void frames_forget(void)
{
	struct mem m = memory_pages();

	give_back(m.start, mem_bytes(&m));
}

void frames_low(const struct mem *mem)
{
	fill_pool(2 * mem_count(mem, MEM_PRESENT) + SLACK);
	for (size_t i = 0; i < mem->pages; i++) {
		char *page = mem_page(mem, i);

		if (!mem_frame(page))
			continue;
		give_back(page, mem_page_size());
		give_back(pool.page[pool.low++].page, mem_page_size());
		*(volatile char *)page = 1;
	}
}

static void write_high(char *page)
{
	size_t shared = mem_frame(page);

	do {
		give_back(page, mem_page_size());
		if (pool.high > pool.low)
			give_back(pool.page[--pool.high].page, mem_page_size());
		*(volatile char *)page = 1;
	} while (mem_frame(page) < shared && pool.high > pool.low);
}

void frames_high(const struct mem *mem)
{
	for (size_t i = 0; i < mem->pages; i++)
		if (mem_frame(mem_page(mem, i)))
			write_high(mem_page(mem, i));
	frames_forget();
}
