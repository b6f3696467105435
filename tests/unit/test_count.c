// SPDX-License-Identifier: MIT
/* Events that the plugin counts, under a QEMU of a few lines and two CPUs. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/stub/fake_qemu.h"
#include "lib/arch/mark.h"
#include "plugin/count.h"
#include "plugin/lines.h"
#include "plugin/qemu_api.h"
#include "tree.h"

#define KERNEL			 0xffffffff81000000u
#define MODULE			 0xffffffffa0000000u
#define USER			 0x555555554000u
#define DOWN_READ		 (KERNEL + 0x600000)
#define SCHEDULE		 (KERNEL + 0x600100)
#define LOCK			 0xffff888012345688u
#define STACK			 0xffff888023456000u
#define OWN			 0xffff888034567000u
#define SYMBOL			 0x1180u

#define RUN_ON(cpu, addr, bytes) fake_run_on(cpu, addr, bytes, sizeof(bytes) - 1)
#define NOP_ON(cpu, addr)	 RUN_ON(cpu, addr, "\x90")
#define LOAD(cpu)		 RUN_ON(cpu, KERNEL + 0x10, "\x48\x8b\x07")
#define LOCKED(cpu)		 RUN_ON(cpu, DOWN_READ + 12, "\xf0\x48\x0f\xc1\x37")

static void stamp_on(unsigned int cpu, uint64_t addr)
{
	RUN_ON(cpu, addr - 3, "\x0f\xae\xe8");
	RUN_ON(cpu, addr, "\x0f\x31");
	RUN_ON(cpu, addr + 2, "\x0f\xae\xe8");
}

static const struct execution *begin(void)
{
	fake_mark(MARK_READY);
	stamp_on(0, MODULE + 0x100);
	stamp_on(0, MODULE + 0x200);
	fake_mark(MARK_BEGIN);
	return &record.execution[record.executions - 1];
}

static int install(void **state)
{
	char text[200];

	(void)state;
	snprintf(text, sizeof(text), "read_lock %lx\nsleep %lx\npercpu 0 2000\n",
		 (unsigned long)DOWN_READ, (unsigned long)SCHEDULE);
	return fake_load(text, "events=on");
}

static int uninstall(void **state)
{
	(void)state;
	tree_remove();
	return 0;
}

/* In the last execution, of all that is not in windows or all that is. */
static uint64_t total(enum event event, enum region region, int inside)
{
	uint64_t sum = 0;

	for (size_t i = counted.first[counted.executions - 1]; i < counted.totals; i++)
		if (counted.total[i].event == event && counted.total[i].region == region)
			sum += inside ? counted.total[i].inside : counted.total[i].outside;
	return sum;
}

static const struct event_count *event_of(const struct execution *e, size_t window,
					  enum event event)
{
	const struct events *all = &record.events[e->happened[window].events];

	for (uint32_t i = 0; i < all->n; i++)
		if (all->event[i].event == event)
			return &all->event[i];
	return NULL;
}

static void lines_follow_who_wrote_and_who_read(void **state)
{
	const uint64_t line = 0x7000000;

	(void)state;
	assert_int_equal(lines_access(0, line, 0), LINE_STAYS); /* nobody wrote it */
	assert_int_equal(lines_access(1, line, 0), LINE_STAYS);
	assert_int_equal(lines_access(0, line + 63, 1), LINE_TAKEN);
	assert_int_equal(lines_access(0, line, 1), LINE_STAYS);
	assert_int_equal(lines_access(0, line + 64, 1), LINE_STAYS); /* another line */
	assert_int_equal(lines_access(1, line, 0), LINE_READ);
	assert_int_equal(lines_access(1, line, 0), LINE_STAYS);
	assert_int_equal(lines_access(0, line, 0), LINE_STAYS); /* it still has it */
	assert_int_equal(lines_access(1, line, 1), LINE_TAKEN);
	assert_int_equal(lines_access(63, line, 1), LINE_WRITTEN);
	assert_int_equal(lines_access(0, line, 0), LINE_READ);
	assert_int_equal(lines_access(1, line, 0), LINE_READ);
	assert_int_equal(lines_access(63, line, 1), LINE_TAKEN);
}

static void how_memory_is_reached(void **state)
{
	(void)state;
#define REACH(bytes) decode_reach((const uint8_t *)(bytes), sizeof(bytes) - 1)
	assert_int_equal(REACH("\x48\x8b\x07"), 0);
	assert_int_equal(REACH("\xf0\x48\x0f\xc1\x37"), REACH_LOCKED);
	assert_int_equal(REACH("\x48\x87\x07"), REACH_LOCKED);
	assert_int_equal(REACH("\x65\xff\x05\x61\x8c\xf8\x7e"), REACH_PERCPU);
	assert_int_equal(REACH("\x65\xff\x35\x61\x8c\xf8\x7e"), REACH_PERCPU | REACH_STACK);
	assert_int_equal(REACH("\x41\x54"), REACH_STACK);
	assert_int_equal(REACH("\xe8\0\0\0\0"), REACH_STACK);
#define RELATIVE(bytes) decode_relative((const uint8_t *)(bytes), sizeof(bytes) - 1)
	assert_int_equal(RELATIVE("\x65\xff\x05\x61\x8c\xf8\x7e"), 0x7ef88c61);
	assert_int_equal(RELATIVE("\x65\x48\x0f\xc1\x05\x10\0\0\0"), 0x10);
	assert_int_equal(RELATIVE("\x48\x8b\x07"), 0);
	assert_int_equal(decode((const uint8_t *)"\xf3\x90", 2), K_PAUSE);
	assert_int_equal(decode((const uint8_t *)"\x90", 1), K_OTHER);
}

/* Two at once, each with what its own CPU did. */
static void each_cpu_has_its_window(void **state)
{
	const struct execution *e = begin();

	(void)state;
	stamp_on(0, MODULE + 0x100);
	stamp_on(1, MODULE + 0x100);
	NOP_ON(0, KERNEL);
	RUN_ON(1, KERNEL, "\xf3\x90");
	RUN_ON(1, KERNEL, "\xf3\x90");
	stamp_on(1, MODULE + 0x200);
	NOP_ON(1, KERNEL);
	stamp_on(0, MODULE + 0x200);
	RUN_ON(1, KERNEL, "\xf3\x90");
	fake_mark(MARK_END);
	assert_int_equal(e->space[IN_KERNEL].n, 2);
	assert_int_equal(e->space[IN_KERNEL].window[0].total, 3 + 2);
	assert_int_equal(e->space[IN_KERNEL].window[1].total, 3 + 1);
	assert_true(e->happened[0].cpu == 1 && e->happened[0].pauses == 2);
	assert_true(e->happened[1].cpu == 0 && e->happened[1].pauses == 0);
	assert_int_equal(event_of(e, 0, EV_PAUSE)->n, 2);
	assert_null(event_of(e, 1, EV_PAUSE));
	assert_int_equal(total(EV_PAUSE, AT_NOWHERE, 1), 2);
	assert_int_equal(total(EV_PAUSE, AT_NOWHERE, 0), 1);
}

static void sleep_on(unsigned int cpu)
{
	RUN_ON(cpu, KERNEL + 0x20, "\xe8\0\0\0\0");
	NOP_ON(cpu, SCHEDULE);
	RUN_ON(cpu, SCHEDULE + 1, "\xc3");
}

/* With its path in a window, with its caller in the sum; outside of the marks not at all. */
static void a_function_is_counted_where_it_begins(void **state)
{
	const struct execution *e = begin();
	const struct event_count *slept;

	(void)state;
	stamp_on(0, MODULE + 0x100);
	sleep_on(0);
	sleep_on(1);
	stamp_on(0, MODULE + 0x200);
	fake_mark(MARK_END);
	sleep_on(0);
	slept = event_of(e, 0, EV_SLEEP);
	assert_int_equal(slept->n, 1);
	assert_int_equal(record.node[record.cell[slept->cell].node].site, KERNEL + 0x20);
	assert_int_equal(record.insn[record.cell[slept->cell].insn]->addr, SCHEDULE);
	assert_int_equal(counted.total[counted.totals - 1].from, KERNEL + 0x20);
	assert_int_equal(total(EV_SLEEP, AT_NOWHERE, 1), 1);
	assert_int_equal(total(EV_SLEEP, AT_NOWHERE, 0), 1);
}

/* Not the CPU's own counter, nor the stack. */
static void a_lock_is_what_its_function_reaches(void **state)
{
	const struct execution *e = begin();
	const struct place *place;

	(void)state;
	stamp_on(0, MODULE + 0x100);
	RUN_ON(0, DOWN_READ, "\x65\xff\x05\0\0\0\0");
	fake_access(0, OWN, 1);
	RUN_ON(0, DOWN_READ + 8, "\x53");
	fake_access(0, STACK + 8, 1);
	LOCKED(0);
	fake_access(0, LOCK, 0);
	RUN_ON(0, DOWN_READ, "\x65\xff\x05\0\0\0\0"); /* one that is not seen to take it */
	stamp_on(0, MODULE + 0x200);
	fake_mark(MARK_END);
	assert_int_equal(event_of(e, 0, EV_READ_LOCK)->n, 1);
	place = &counted.place[event_of(e, 0, EV_READ_LOCK)->place];
	assert_true(place->region == AT_DIRECT && place->addr == LOCK);
	assert_int_equal(total(EV_READ_LOCK, AT_DIRECT, 1), 1);
	assert_int_equal(total(EV_READ_LOCK, AT_NOWHERE, 0), 1);
}

static void a_locked_instruction_takes_the_line_at_once(void **state)
{
	const struct execution *e = begin();

	(void)state;
	LOCKED(1);
	fake_access(1, LOCK + 0x1000, 1);
	stamp_on(0, MODULE + 0x100);
	LOCKED(0);
	fake_access(0, LOCK + 0x1000, 0);
	fake_access(0, LOCK + 0x1000, 1);
	LOAD(0);
	fake_access(0, FAKE_DEVICE, 0);
	stamp_on(0, MODULE + 0x200);
	LOAD(1);
	fake_access(1, LOCK + 0x1008, 0);
	fake_mark(MARK_END);
	assert_int_equal(event_of(e, 0, EV_LINE_WRITTEN)->n, 1);
	assert_int_equal(counted.place[event_of(e, 0, EV_LINE_WRITTEN)->place].addr,
			 (LOCK + 0x1000) / 64 * 64);
	assert_int_equal(total(EV_LINE_WRITTEN, AT_DIRECT, 1), 1);
	assert_int_equal(total(EV_LINE_TAKEN, AT_DIRECT, 1), 0);
	assert_int_equal(total(EV_LINE_READ, AT_DIRECT, 0), 1);
}

/* CPU 0 reads what CPU 1 has just written there. */
static void pass_on(uint64_t addr)
{
	RUN_ON(1, KERNEL + 0x30, "\x48\x89\x07");
	fake_access(1, addr, 1);
	LOAD(0);
	fake_access(0, addr, 0);
}

static void lines_lie_somewhere(void **state)
{
	char variable[] = "\x65\x48\x8b\x05\0\0\0\0";
	int32_t relative = (int32_t)(SYMBOL - (KERNEL + 0x40 + 8));

	(void)state;
	begin();
	memcpy(variable + 4, &relative, sizeof(relative));
	RUN_ON(1, KERNEL + 0x40, variable);
	fake_access(1, OWN + 0x10000 + SYMBOL, 0);
	RUN_ON(1, KERNEL + 0x50, "\x53");
	fake_access(1, STACK + 0x2000, 1);
	pass_on(OWN + 0x10000 + 0x80);
	pass_on(OWN + 0x10000 + 0x4000 + 0x80);
	pass_on(STACK + 0x2040);
	RUN_ON(1, KERNEL + 0x60, "\x65\x48\x8b\x00"); /* which becomes CPU 1's own memory */
	fake_access(1, STACK + 0x2100, 0);
	pass_on(STACK + 0x2080);
	pass_on(0xffffea0000001000u);
	pass_on(KERNEL + 0x900000);
	pass_on(USER + 0x40);
	fake_mark(MARK_END);
	assert_int_equal(total(EV_LINE_READ, AT_PERCPU, 0), 1);
	assert_int_equal(total(EV_LINE_READ, AT_DIRECT, 0), 1);
	assert_int_equal(total(EV_LINE_READ, AT_STACK, 0), 1);
	assert_int_equal(total(EV_LINE_READ, AT_CPUMEM, 0), 1);
	assert_int_equal(total(EV_LINE_READ, AT_PAGES, 0), 1);
	assert_int_equal(total(EV_LINE_READ, AT_KERNEL, 0), 1);
	assert_int_equal(total(EV_LINE_READ, AT_USER, 0), 1);
}

static void cpus_are_as_many_as_a_line_has_bits(void **state)
{
	char said[256];

	(void)state;
	assert_int_equal(fake_load_alone("out=/dev/null", 65, said, sizeof(said)), 3);
	assert_string_equal(said, "dexplugin: for a machine of up to 64 CPUs\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_follow_who_wrote_and_who_read),
		cmocka_unit_test(how_memory_is_reached),
		cmocka_unit_test(each_cpu_has_its_window),
		cmocka_unit_test(a_function_is_counted_where_it_begins),
		cmocka_unit_test(a_lock_is_what_its_function_reaches),
		cmocka_unit_test(a_locked_instruction_takes_the_line_at_once),
		cmocka_unit_test(lines_lie_somewhere),
		cmocka_unit_test(cpus_are_as_many_as_a_line_has_bits),
	};

	return cmocka_run_group_tests(tests, install, uninstall);
}
