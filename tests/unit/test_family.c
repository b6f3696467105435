// SPDX-License-Identifier: MIT
/* Children live as long as they must, tell what they saw, and die with one line. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "lib/core/die.h"
#include "lib/mem/family.h"

/* Shared with children, so that they can be watched. */
static volatile int *begun;
static int private_value = 1;

static void count(void *user)
{
	(void)user;
	(*begun)++;
}

static uint64_t tell(void *user)
{
	return *(const unsigned int *)user + (unsigned int)private_value;
}

static void each_begins_before_the_next_and_reports(void **state)
{
	const struct family_job job = { count, tell };
	unsigned int number = 10;
	struct family *f;

	(void)state;
	*begun = 0;
	f = family_start(20, &job, &number);
	assert_int_equal(*begun, 20);
	private_value = 1000; /* theirs is what it was at fork() */
	assert_int_equal(family_end(f), 20 * 11);
	private_value = 1;
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void nobody_is_a_family(void **state)
{
	(void)state;
	assert_int_equal(family_end(family_start(0, NULL, NULL)), 0);
	assert_int_equal(family_end(family_start(2, NULL, NULL)), 0);
	assert_int_equal(family_end(NULL), 0);
}

static void handler(void)
{
	fputs("the parent's handler\n", stderr);
}

static void dies(void *user)
{
	(void)user;
	die("no device");
}

static void is_killed(void *user)
{
	(void)user;
	raise(SIGKILL);
}

static void start_dying(void *begin)
{
	const struct family_job job = { *(void (**)(void *))begin, NULL };

	atexit(handler);
	family_start(3, &job, NULL);
}

static size_t lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/* The handler runs once, in the parent. */
static void a_death_is_one_line(void **state)
{
	void (*begin)(void *) = dies;
	char said[512];

	(void)state;
	assert_int_equal(child_run(start_dying, &begin, said, sizeof(said)), DIE_STATUS);
	assert_non_null(strstr(said, "no device"));
	assert_non_null(strstr(said, "the parent's handler"));
	assert_int_equal(lines(said), 2);
	begin = is_killed;
	assert_int_equal(child_run(start_dying, &begin, said, sizeof(said)), DIE_STATUS);
	assert_non_null(strstr(said, "child 1 of 3 was killed by signal 9"));
	assert_non_null(strstr(said, "before it was ready"));
	assert_int_equal(lines(said), 2);
}

static uint64_t fails(void *user)
{
	(void)user;
	_exit(7);
}

static void end_failing(void *user)
{
	const struct family_job job = { NULL, fails };

	(void)user;
	family_end(family_start(1, &job, NULL));
}

static void a_late_death_is_one_line(void **state)
{
	char said[512];

	(void)state;
	assert_int_equal(child_run(end_failing, NULL, said, sizeof(said)), DIE_STATUS);
	assert_non_null(strstr(said, "child 1 of 1 ended with status 7 when it was told to go"));
	assert_int_equal(lines(said), 1);
}

static int alive; /* write end: in every process that lives */

static void leave_children(void *user)
{
	(void)user;
	family_start(3, NULL, NULL);
	raise(SIGKILL);
}

/* The pipe ends when the last of them is gone. */
static void children_do_not_outlive_a_killed_parent(void **state)
{
	char said[64], byte;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	alive = ends[1];
	assert_int_equal(child_run(leave_children, NULL, said, sizeof(said)), 128 + SIGKILL);
	close(alive);
	assert_int_equal(read(ends[0], &byte, 1), 0);
	close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_begins_before_the_next_and_reports),
		cmocka_unit_test(nobody_is_a_family),
		cmocka_unit_test(a_death_is_one_line),
		cmocka_unit_test(a_late_death_is_one_line),
		cmocka_unit_test(children_do_not_outlive_a_killed_parent),
	};

	begun = mmap(NULL, sizeof(*begun), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
