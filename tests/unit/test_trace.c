// SPDX-License-Identifier: MIT
/* The text of tracefs: what is an event, what is not, and where there is none. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "child.h"
#include "lib/machine/proc.h"
#include "lib/trace/trace.h"
#include "tree.h"

static const struct trace_probe probes[] = { { "entry", "f", NULL, 0 }, { "lock", "g", "%di", 0 } };

static int parse(const char *line, struct trace_event *event)
{
	memset(event, 0x55, sizeof(*event));
	return trace_parse(line, probes, 2, event);
}

static void events_are_read(void **state)
{
	struct trace_event e;

	(void)state;
	assert_int_equal(
		parse("        dexbench-61      [000] d.... 123456789012: entry: (f+0x0/0x190)",
		      &e),
		1);
	assert_true(e.probe == 0 && e.ticks == 123456789012ull && e.arg == 0);
	assert_int_equal(
		parse(" a [1] b(c)-7   [001] ...1.       42: lock: (g+0x0/0x50) a=0xffff888003c0ff08",
		      &e),
		1);
	assert_true(e.probe == 1 && e.ticks == 42 && e.arg == 0xffff888003c0ff08ull);
	assert_int_equal(parse("  dexbench-61      [000] d....  7: entry: (h+0x12/0x190 <- f)", &e),
			 1);
	assert_true(e.probe == 0 && e.ticks == 7);
}

static void comments_are_not(void **state)
{
	struct trace_event e;

	(void)state;
	assert_int_equal(parse("# tracer: nop", &e), 0);
	assert_int_equal(parse("", &e), 0);
}

static void anything_else_is_refused(void **state)
{
	static const char *const lines[] = {
		"CPU:0 [LOST 5 EVENTS]",
		"  dexbench-61 [000] d.... 7: other: (f+0x0/0x190)",
		"  dexbench-61 [000] d.... 7.5: entry: (f+0x0/0x190)",
		"  dexbench-61 [000] d.... 7: entry: (f+0x0/0x190",
		"  dexbench-61 [000] d.... 7: entry: (f+0x0/0x190) a=0x1",
		"  dexbench-61 [000] d.... 7: entry: b (f+0x0/0x190)",
		"  dexbench-61 [000] d.... 7: lock: (g+0x0/0x50)",
		"  dexbench-61 [000] d.... 7: lock: (g+0x0/0x50) a=0x1 b=0x2",
		"  dexbench-61 [000] d.... 7: lock: (g+0x0/0x50) a=(fault)",
		"  dexbench-61 d.... 7: entry: (f+0x0/0x190)",
	};
	struct trace_event e;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (parse(lines[i], &e) != -1)
			fail_msg("taken for an event: %s", lines[i]);
}

/* A kernel without is a reason, not an error. */
static void without_tracefs(void **state)
{
	const char *why = NULL;
	struct trace_cost cost;

	(void)state;
	assert_null(trace_open(probes, 2, &why));
	assert_non_null(strstr(why, "no kprobe events"));
	why = NULL;
	assert_false(trace_cost(&cost, &why));
	assert_non_null(why);
}

/* A tracefs that gives no TSC clock: told so, and nothing stays open. */
static void without_the_clock(void **state)
{
	const char *why = NULL;

	(void)state;
	tree_put("/sys/kernel/tracing/kprobe_events", "");
	tree_put("/sys/kernel/tracing/instances/other/tracing_on", "1");
	for (int i = 0; i < 2; i++) {
		assert_null(trace_open(probes, 2, &why));
		assert_non_null(strstr(why, "no TSC clock"));
	}
}

static void too_many(void *arg)
{
	const char *why;

	trace_open(probes, 9, arg ? arg : &why);
}

static void one_set_at_a_time(void **state)
{
	char said[256];

	(void)state;
	assert_int_equal(child_run(too_many, NULL, said, sizeof(said)), 2);
	assert_non_null(strstr(said, "at most 8 probes"));
}

static int make(void **state)
{
	(void)state;
	proc_root = tree_make();
	return 0;
}

static int clean(void **state)
{
	(void)state;
	tree_remove();
	proc_root = "";
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_read),
		cmocka_unit_test(comments_are_not),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test_setup_teardown(without_tracefs, make, clean),
		cmocka_unit_test_setup_teardown(without_the_clock, make, clean),
		cmocka_unit_test(one_set_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
