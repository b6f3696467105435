// SPDX-License-Identifier: MIT
/* Waits for locks: from recorded lines, and for real where this machine lets us. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/trace/lockwait.h"

#define HEAD "# tracer: nop\n#\n# entries-in-buffer/entries-written: 4/4   #P:2\n"
#define LINE "            dex b-123     [001] ..... "

static void pairs_are_added(void **state)
{
	struct lockwait_sum sum = { 0 };

	(void)state;
	assert_true(lockwait_add(HEAD LINE "1000: contention_begin: 0xffff (flags=READ)\n" LINE
					   "1250: contention_end: 0xffff (ret=0)\n" LINE
					   "2000: contention_begin: 0xffff (flags=MUTEX)\n" LINE
					   "2001: contention_end: 0xffff (ret=0)\n",
				 &sum));
	assert_int_equal(sum.waits, 2);
	assert_int_equal(sum.ticks, 251);
}

static void a_wait_that_began_before_is_none(void **state)
{
	struct lockwait_sum sum = { 0 };

	(void)state;
	assert_true(lockwait_add(LINE "7: contention_end: 0xffff (ret=0)\n" LINE
				      "9: contention_begin: 0xffff (flags=READ)\n",
				 &sum));
	assert_int_equal(sum.waits, 0);
	assert_int_equal(sum.ticks, 0);
}

static void another_line_is_refused(void **state)
{
	struct lockwait_sum sum = { 0 };

	(void)state;
	assert_false(lockwait_add(LINE "7: sched_switch: x\n", &sum));
	assert_false(lockwait_add("x: contention_begin: 0xffff\n", &sum));
}

static atomic_int stop;

static void *map_and_unmap(void *user)
{
	while (!atomic_load(&stop)) {
		void *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

		munmap(p, 1 << 20);
	}
	return user;
}

/* Two threads that want the mmap lock: each must have waited for it. */
static void a_real_wait_is_seen(void **state)
{
	struct lockwait *w = lockwait_start();
	struct lockwait_sum sum;
	pthread_t other;

	(void)state;
	if (!w || sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		print_message("no tracefs with lock:contention_begin here, not root, or one CPU\n");
		skip();
	}
	assert_int_equal(pthread_create(&other, NULL, map_and_unmap, NULL), 0);
	for (int i = 0; i < 20000; i++) {
		void *p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		munmap(p, 4096);
	}
	atomic_store(&stop, 1);
	pthread_join(other, NULL);
	sum = lockwait_stop(w);
	assert_true(sum.waits > 0);
	assert_true(sum.ticks > sum.waits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_are_added),
		cmocka_unit_test(a_wait_that_began_before_is_none),
		cmocka_unit_test(another_line_is_refused),
		cmocka_unit_test(a_real_wait_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
