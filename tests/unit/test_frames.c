// SPDX-License-Identifier: MIT
/* Of two pages that fork() made of one the child's is in the lower frame. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "lib/mem/family.h"
#include "lib/mem/frames.h"

#define PAGES 300
#define HOLE  7
#define TRIES 20

static struct mem written(size_t pages)
{
	struct mem mem = mem_reserve(pages);

	for (size_t i = 0; i < pages; i++)
		*(volatile char *)mem_page(&mem, i) = 1;
	return mem;
}

/* What the children keep, by their own look at it. */
static uint64_t frames_of_child(void *user)
{
	struct mem *mem = user;
	uint64_t sum = 0;

	for (size_t i = 0; i < mem->pages; i++)
		sum += mem_frame(mem_page(mem, i));
	return sum;
}

/* How many of a parent's pages are not above their children's. */
static size_t not_above(void)
{
	static const struct family_job job = { .report = frames_of_child };
	struct mem mem = written(PAGES);
	struct family *family;
	size_t before[PAGES], low = 0;
	uint64_t sum = 0;

	madvise(mem_page(&mem, HOLE), mem_page_size(), MADV_DONTNEED);
	frames_low(&mem);
	for (size_t i = 0; i < PAGES; i++)
		sum += before[i] = mem_frame(mem_page(&mem, i));
	family = family_start(2, &job, &mem);
	frames_high(&mem);
	for (size_t i = 0; i < PAGES; i++)
		low += i != HOLE && mem_frame(mem_page(&mem, i)) <= before[i];
	assert_int_equal(mem_frame(mem_page(&mem, HOLE)), 0);
	assert_int_equal(mem_count(&mem, MEM_OWN), PAGES - 1);
	assert_int_equal(family_end(family), 2 * sum);
	mem_free(&mem);
	return low;
}

/* A machine that is at work takes frames in between; a guest at rest does not. */
static void children_have_the_lower(void **state)
{
	struct mem mem = written(1);
	size_t low = mem_frame(mem.start) ? 1 : 0;

	(void)state;
	mem_free(&mem);
	if (!low)
		skip(); /* no right to see frames */
	for (int tries = 0; tries < TRIES && low; tries++)
		low = not_above();
	assert_int_equal(low, 0);
}

static void alone_nothing_is_lost(void **state)
{
	struct mem mem = written(16);
	struct family *family = family_in_front(0, &mem);

	(void)state;
	assert_int_equal(mem_count(&mem, MEM_PRESENT), 16);
	assert_int_equal(family_end(family), 0);
	mem_free(&mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(children_have_the_lower),
		cmocka_unit_test(alone_nothing_is_lost),
	};
	cpu_set_t one;

	/* Each CPU has free pages of its own. */
	CPU_ZERO(&one);
	CPU_SET((size_t)sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
