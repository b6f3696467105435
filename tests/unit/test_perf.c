// SPDX-License-Identifier: MIT
/*
 * Counters: with fakes at the system calls (ld --wrap) for what this machine may
 * not have, and, where it permits them, with the kernel's own software events.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/machine/proc.h"
#include "lib/trace/perf.h"
#include "tree.h"

#define FIRST_FD 1000

static int faking;
static int refuse_type[PERF_TYPE_RAW + 1]; /* errno for events of that type */
static uint64_t running = 50;		   /* of 100 */
static int opened, leaders, on, off, resets;
static int leader_of[16]; /* by order of opening: file descriptor */

long __real_syscall(long number, ...);
int __real_ioctl(int fd, unsigned long request, ...);
ssize_t __real_read(int fd, void *buffer, size_t n);
long __wrap_syscall(long number, struct perf_event_attr *attr, int pid, int cpu, int group,
		    long flags);
int __wrap_ioctl(int fd, unsigned long request, unsigned long arg);
ssize_t __wrap_read(int fd, void *buffer, size_t n);

long __wrap_syscall(long number, struct perf_event_attr *attr, int pid, int cpu, int group,
		    long flags)
{
	if (!faking)
		return __real_syscall(number, attr, pid, cpu, group, flags);
	assert_int_equal(number, SYS_perf_event_open);
	assert_int_equal(pid, 0);
	assert_int_equal(cpu, -1);
	assert_true(!attr->exclude_kernel && !attr->exclude_user);
	assert_int_equal(attr->disabled, group < 0);
	errno = refuse_type[attr->type];
	if (errno)
		return -1;
	leaders += group < 0;
	leader_of[opened] = group < 0 ? FIRST_FD + opened : group;
	return FIRST_FD + opened++;
}

int __wrap_ioctl(int fd, unsigned long request, unsigned long arg)
{
	if (!faking)
		return __real_ioctl(fd, request, arg);
	assert_int_equal(arg, PERF_IOC_FLAG_GROUP);
	assert_int_equal(leader_of[fd - FIRST_FD], fd);
	on += request == PERF_EVENT_IOC_ENABLE;
	off += request == PERF_EVENT_IOC_DISABLE;
	resets += request == PERF_EVENT_IOC_RESET;
	return 0;
}

/* Each event's value is its file descriptor. */
ssize_t __wrap_read(int fd, void *buffer, size_t n)
{
	uint64_t *out = buffer, members = 0;

	if (!faking)
		return __real_read(fd, buffer, n);
	for (int i = 0; i < opened; i++)
		if (leader_of[i] == fd)
			out[3 + members++] = FIRST_FD + (uint64_t)i;
	out[0] = members;
	out[1] = 100;
	out[2] = running;
	return (ssize_t)(24 + 8 * members);
}

static json_t *count(uint64_t pages)
{
	struct perf *perf = perf_open();
	json_t *results;

	perf_start(perf);
	perf_stop(perf);
	results = perf_results(perf, pages);
	perf_close(perf);
	return results;
}

static json_t *fact(json_t *results, const char *name, const char *what)
{
	json_t *value = json_object_get(json_object_get(results, name), what);

	if (!value)
		fail_msg("no %s of %s", what, name);
	return value;
}

static double number(json_t *results, const char *name, const char *what)
{
	json_t *value = fact(results, name, what);

	assert_true(json_is_number(value));
	return json_number_value(value);
}

static void absent(json_t *results, const char *name, const char *reason)
{
	const char *said = json_string_value(fact(results, name, "reason"));

	assert_true(json_is_null(fact(results, name, "value")));
	assert_true(json_is_null(fact(results, name, "scaled")));
	assert_true(json_is_null(fact(results, name, "per_page")));
	assert_non_null(said);
	if (!strstr(said, reason))
		fail_msg("%s says: %s", name, said);
}

static void put_tracepoints(void)
{
	tree_put("/sys/kernel/tracing/events/tlb/tlb_flush/id", "77\n");
	tree_put("/sys/kernel/tracing/events/lock/contention_begin/id", "78\n");
}

static void groups_are_read_and_scaled(void **state)
{
	json_t *r;

	(void)state;
	put_tracepoints();
	r = count(10);
	assert_int_equal(json_object_size(r), 9);
	assert_int_equal(leaders, 5);
	assert_true(on == 5 && off == 5 && resets == 5);
	/* The second of the last group that is opened: instructions after cycles. */
	assert_true(number(r, "instructions", "value") == number(r, "cycles", "value") + 1);
	assert_true(number(r, "cycles", "scaled") == 2 * number(r, "cycles", "value"));
	assert_true(number(r, "cycles", "running_pct") == 50);
	assert_true(number(r, "cycles", "per_page") == number(r, "cycles", "scaled") / 10);
	assert_true(json_is_null(fact(r, "cycles", "reason")));
	json_decref(r);
}

static void without_a_pmu_the_rest_counts(void **state)
{
	json_t *r;

	(void)state;
	put_tracepoints();
	refuse_type[PERF_TYPE_HARDWARE] = ENOENT;
	refuse_type[PERF_TYPE_HW_CACHE] = EOPNOTSUPP;
	r = count(0);
	absent(r, "cycles", "pmu=on");
	absent(r, "itlb_load_misses", "pmu=on");
	assert_true(number(r, "page_faults", "value") >= FIRST_FD);
	assert_true(json_is_null(fact(r, "page_faults", "per_page")));
	assert_true(number(r, "tlb_flushes", "value") >= FIRST_FD);
	json_decref(r);
}

static void what_is_refused_says_why(void **state)
{
	static const struct {
		int error;
		const char *reason;
	} known[] = {
		{ EACCES, "perf_event_paranoid is 4" },	  { EPERM, "run as root" },
		{ ENOSYS, "without CONFIG_PERF_EVENTS" }, { EBUSY, "nmi_watchdog" },
		{ EINVAL, "Invalid argument" },
	};

	(void)state;
	tree_put("/proc/sys/kernel/perf_event_paranoid", "4\n");
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		json_t *r;

		opened = 0;
		refuse_type[PERF_TYPE_HARDWARE] = known[i].error;
		r = count(1);
		absent(r, "instructions", known[i].reason);
		json_decref(r);
	}
}

static void tracepoints_need_tracefs(void **state)
{
	json_t *r = count(1);

	(void)state;
	absent(r, "tlb_flushes", "mount -t tracefs");
	json_decref(r);
	/* A kernel before 5.19: the first of the group is there, the second is not. */
	tree_put("/sys/kernel/tracing/events/tlb/tlb_flush/id", "77\n");
	opened = 0;
	r = count(1);
	absent(r, "lock_contentions", "no tracepoint lock/contention_begin");
	assert_true(number(r, "tlb_flushes", "value") == FIRST_FD);
	json_decref(r);
}

static void what_never_ran_is_no_zero(void **state)
{
	json_t *r;

	(void)state;
	running = 0;
	r = count(1);
	absent(r, "cycles", "never got a counter");
	json_decref(r);
}

/* The real kernel: as many faults as pages touched, and a switch for a sleep. */
static void real_software_events(void **state)
{
	enum { PAGES = 100 };
	struct perf *perf;
	json_t *r;
	char *map;

	(void)state;
	faking = 0;
	proc_root = "";
	map = mmap(NULL, PAGES * 4096ul, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		   0);
	madvise(map, PAGES * 4096ul, MADV_NOHUGEPAGE);
	perf = perf_open();
	perf_start(perf);
	for (int i = 0; i < PAGES; i++)
		*(volatile char *)(map + i * 4096l) = 1;
	usleep(1000);
	perf_stop(perf);
	r = perf_results(perf, PAGES);
	perf_close(perf);
	munmap(map, PAGES * 4096ul);
	if (json_is_null(fact(r, "page_faults", "value"))) {
		print_message("skipped: %s\n", json_string_value(fact(r, "page_faults", "reason")));
		json_decref(r);
		skip();
	}
	assert_in_range((uint64_t)number(r, "page_faults", "value"), PAGES, PAGES + 20);
	assert_true(number(r, "context_switches", "value") >= 1);
	assert_true(number(r, "page_faults", "running_pct") == 100);
	json_decref(r);
}

static int setup(void **state)
{
	(void)state;
	proc_root = tree_make();
	memset(refuse_type, 0, sizeof(refuse_type));
	opened = leaders = on = off = resets = 0;
	running = 50;
	faking = 1;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	faking = 0;
	tree_remove();
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(groups_are_read_and_scaled), TEST(without_a_pmu_the_rest_counts),
		TEST(what_is_refused_says_why),	  TEST(tracepoints_need_tracefs),
		TEST(what_never_ran_is_no_zero),  TEST(real_software_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
