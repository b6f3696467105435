// SPDX-License-Identifier: MIT
/*
 * What of bench/gpu/ needs no device: the rule of soundness, the reading of pagemap, the
 * refusal of memory that may have large folios, percentiles, the CPU's thread.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gpu/gpu.h"

#define PRESENT	   (1ull << 63)
#define SWAPPED	   (1ull << 62)
#define GUARD	   102 /* MADV_GUARD_INSTALL, Linux 6.13 */
#define GUARD_TYPE 31  /* of the swap entries that are markers */

/* What becomes of the advice against huge pages: taken, lost, or given too late, when there
 * are some, mapped whole or (SPLIT) page by page, which smaps does not show. */
static enum { TAKEN, LOST, LATE, SPLIT } advice_is;
int __real_madvise(void *at, size_t bytes, int advice);
int __wrap_madvise(void *at, size_t bytes, int advice);

int __wrap_madvise(void *at, size_t bytes, int advice)
{
	if (advice_is == LOST)
		return 0;
	if (advice_is == LATE || advice_is == SPLIT) {
		assert_int_equal(__real_madvise(at, bytes, MADV_HUGEPAGE), 0);
		memset(at, 1, bytes);
	}
	for (size_t i = 0; advice_is == SPLIT && i < bytes / (2 << 20); i++) {
		char *page = (char *)at + (i * 2 << 20);

		assert_int_equal(mprotect(page, GPU_PAGE, PROT_READ), 0);
		assert_int_equal(mprotect(page, GPU_PAGE, PROT_READ | PROT_WRITE), 0);
	}
	return __real_madvise(at, bytes, advice);
}

static int sound(struct gpu_support s, enum gpu_memory memory, enum gpu_scope scope, int touch)
{
	struct gpu_request r = { .memory = memory, .scope = scope, .touch = touch };

	return gpu_sound(&s, &r);
}

static const struct gpu_support nothing,
	hmm = { .pageable = 1, .concurrent = 1 },
	ats = { .pageable = 1, .host_tables = 1, .concurrent = 1, .host_atomics = 1 };

static void one_side_alone_is_sound(void **state)
{
	(void)state;
	for (int m = GPU_DEVICE; m <= GPU_SYSTEM_EXCLUSIVE; m++)
		for (int s = GPU_SCOPE_GPU; s <= GPU_SCOPE_SYS; s++)
			assert_true(sound(nothing, (enum gpu_memory)m, (enum gpu_scope)s, 0));
}

static void both_sides_need_the_widest_scope(void **state)
{
	(void)state;
	for (int m = GPU_DEVICE; m <= GPU_SYSTEM_EXCLUSIVE; m++) {
		assert_false(sound(ats, (enum gpu_memory)m, GPU_SCOPE_GPU, 1));
		assert_false(sound(nothing, (enum gpu_memory)m, GPU_SCOPE_SYS, 1));
	}
}

static void attributes_decide(void **state)
{
	(void)state;
	assert_false(sound(hmm, GPU_PINNED, GPU_SCOPE_SYS, 1));
	assert_true(sound(ats, GPU_PINNED, GPU_SCOPE_SYS, 1));
	for (int m = GPU_MANAGED_MIGRATING; m <= GPU_SYSTEM_EXCLUSIVE; m++) {
		assert_true(sound(hmm, (enum gpu_memory)m, GPU_SCOPE_SYS, 1));
		assert_true(sound(ats, (enum gpu_memory)m, GPU_SCOPE_SYS, 1));
	}
}

/* Neighbours share a sector: they are a ceiling, and say nothing of slices. */
static void ceilings(void **state)
{
	struct gpu_outcome o = { .points = 5,
				 .point = { { GPU_SAME, 1, 1, 2e9 },
					    { GPU_AGGREGATED, 1, 1, 60e9 },
					    { GPU_DISTINCT, 64, 1, 200e9 },
					    { GPU_DISTINCT, 64, 8, 100e9 },
					    { GPU_DISTINCT, 64, 32, 90e9 } } };

	(void)state;
	assert_true(gpu_ceiling(&o, GPU_SAME) == 2e9);
	assert_true(gpu_ceiling(&o, GPU_UNIFORM) == 60e9);
	assert_true(gpu_ceiling(&o, GPU_AGGREGATED) == 60e9);
	assert_true(gpu_ceiling(&o, GPU_DISTINCT) == 200e9);
	assert_true(gpu_slices(&o) == 50);
	o.end = GPU_FAILED;
	assert_true(isnan(gpu_ceiling(&o, GPU_SAME)) && isnan(gpu_slices(&o)));
}

static void the_ceiling_s_memory(void **state)
{
	(void)state;
	assert_int_equal(gpu_ceiling_bytes(&(struct gpu_support){ .l2_bytes = 50u << 20 }),
			 8 << 20);
	assert_int_equal(gpu_ceiling_bytes(&(struct gpu_support){ .l2_bytes = 1u << 30 }),
			 16 << 20);
	assert_int_equal(gpu_ceiling_bytes(&(struct gpu_support){ .l2_bytes = 1 }), 64 << 10);
}

/* The entry of a page that has gone: swap type and offset. */
static uint64_t gone(unsigned int type, uint64_t frame)
{
	return SWAPPED | type | frame << 5;
}

static void where_a_page_went(void **state)
{
	const uint64_t was = PRESENT | 0x1234;

	(void)state;
	assert_int_equal(gpu_where(was, was), GPU_PRESENT);
	assert_int_equal(gpu_where(was, PRESENT | 0x1235), GPU_OTHER);
	assert_int_equal(gpu_where(was, gone(30, 0x1234)), GPU_EXCLUSIVE);
	assert_int_equal(gpu_where(was, gone(29, 0x1234)), GPU_EXCLUSIVE);
	assert_int_equal(gpu_where(was, gone(28, 0x9999)), GPU_MIGRATED);
	assert_int_equal(gpu_where(was, gone(3, 0x1234)), GPU_OTHER); /* a swap file's */
	assert_int_equal(gpu_where(was, 0), GPU_OTHER);
	assert_int_equal(gpu_where(PRESENT, gone(30, 0)), GPU_OTHER); /* not root */
	assert_int_equal(gpu_where(gone(30, 1), was), GPU_OTHER);
}

/* Pages that stay, and one that becomes a marker: the kernel's own special entry. */
static void real_pages(void **state)
{
	struct gpu_buffer b = { .bytes = 8 * GPU_PAGE };
	struct gpu_frames *before;
	struct gpu_path path;
	int guarded;

	(void)state;
	if (geteuid())
		skip();
	assert_null(gpu_system_map(&b));
	path = gpu_frames_compare(gpu_frames_take(b.cpu, 8));
	assert_true(path.known);
	assert_int_equal(path.present, 8);
	assert_int_equal(path.exclusive + path.migrated + path.other + path.types, 0);
	before = gpu_frames_take(b.cpu, 8);
	guarded = !__real_madvise(b.cpu, GPU_PAGE, GUARD); /* an older kernel has none */
	path = gpu_frames_compare(before);
	assert_int_equal(path.types, guarded ? 1u << GUARD_TYPE : 0);
	assert_int_equal(path.present, guarded ? 7 : 8);
	assert_int_equal(path.exclusive, 0);
	gpu_system_unmap(&b);
}

static void memory_without_advice_is_refused(void **state)
{
	struct gpu_buffer b = { .bytes = 4 * GPU_PAGE };
	const char *why;

	(void)state;
	if (access("/sys/kernel/mm/transparent_hugepage", F_OK))
		skip();
	advice_is = LOST;
	why = gpu_system_map(&b);
	advice_is = TAKEN;
	assert_non_null(why);
	assert_non_null(strstr(why, "without MADV_NOHUGEPAGE"));
	assert_null(b.cpu);
}

/* A kernel that has no huge page to give has nothing to refuse. */
static void refused_with(int how, const char *text)
{
	struct gpu_buffer b = { .bytes = 8 << 20 };
	const char *why;

	if (access("/sys/kernel/mm/transparent_hugepage", F_OK) || geteuid())
		skip();
	advice_is = how;
	why = gpu_system_map(&b);
	advice_is = TAKEN;
	if (!why) {
		gpu_system_unmap(&b);
		skip();
	}
	assert_non_null(strstr(why, text));
}

static void huge_pages_are_refused(void **state)
{
	(void)state;
	refused_with(LATE, "kB of huge pages, with MADV_NOHUGEPAGE");
}

static void large_folios_are_refused(void **state)
{
	(void)state;
	refused_with(SPLIT, "kpageflags: the memory has large folios");
}

static void memory_is_zero_and_aligned(void **state)
{
	struct gpu_buffer b = { .bytes = 4 * GPU_PAGE };

	(void)state;
	assert_null(gpu_system_map(&b));
	assert_int_equal((uintptr_t)b.cpu % (2u << 20), 0);
	for (size_t i = 0; i < b.bytes / 4; i++)
		assert_int_equal(b.cpu[i], 0);
	gpu_system_unmap(&b);
}

static void percentiles(void **state)
{
	const uint32_t ns[] = { 30, 10, 20, 40 };

	(void)state;
	assert_true(gpu_percentile(ns, 4, 50) == 20);
	assert_true(gpu_percentile(ns, 4, 90) == 40);
	assert_true(gpu_percentile(ns, 4, 100) == 40);
	assert_true(gpu_percentile(ns, 1, 1) == 30);
	assert_true(isnan(gpu_percentile(ns, 0, 50)));
}

static void rates(void **state)
{
	struct gpu_outcome o = { .launches = 5,
				 .launch = { { .pages = 1, .cold = 1, .atomics = 9, .seconds = 9 },
					     { .pages = 1, .atomics = 90, .seconds = 1 },
					     { .pages = 16, .cold = 1, .atomics = 5, .seconds = 5 },
					     { .pages = 16, .atomics = 30, .seconds = 1 },
					     { .pages = 16, .atomics = 30, .seconds = 2 } } };

	(void)state;
	assert_true(gpu_rate(&o, 0) == 20);
	assert_true(gpu_rate(&o, 1) == 1);
	assert_true(isnan(gpu_cpu_rate(&o)));
	o.launches = 0;
	assert_true(isnan(gpu_rate(&o, 0)));
}

static void the_cpu_counts_its_adds(void **state)
{
	uint32_t words[2 * GPU_PAGE_WORDS] = { 0 };
	uint64_t adds, sum = 0;
	double seconds;

	(void)state;
	adds = gpu_touch_end(gpu_touch_begin(words, 2 * GPU_PAGE_WORDS, GPU_SAME), &seconds);
	assert_true(adds > 0 && words[0] == adds && seconds > 0);
	words[0] = 0;
	adds = gpu_touch_end(gpu_touch_begin(words, 2 * GPU_PAGE_WORDS, GPU_DISTINCT), &seconds);
	for (size_t i = 0; i < 2 * GPU_PAGE_WORDS; i++)
		sum += words[i];
	assert_true(sum == adds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_side_alone_is_sound),
		cmocka_unit_test(both_sides_need_the_widest_scope),
		cmocka_unit_test(attributes_decide),
		cmocka_unit_test(ceilings),
		cmocka_unit_test(the_ceiling_s_memory),
		cmocka_unit_test(where_a_page_went),
		cmocka_unit_test(real_pages),
		cmocka_unit_test(memory_without_advice_is_refused),
		cmocka_unit_test(huge_pages_are_refused),
		cmocka_unit_test(large_folios_are_refused),
		cmocka_unit_test(memory_is_zero_and_aligned),
		cmocka_unit_test(percentiles),
		cmocka_unit_test(rates),
		cmocka_unit_test(the_cpu_counts_its_adds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
