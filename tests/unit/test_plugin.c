// SPDX-License-Identifier: MIT
/* The plugin under a QEMU of a few lines: it executes what a test says, one by one. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/stub/fake_qemu.h"
#include "lib/arch/mark.h"
#include "plugin/qemu_api.h"
#include "plugin/record.h"
#include "tree.h"

#define KERNEL		 0xffffffff81000000u
#define MODULE		 0xffffffffa0000000u
#define USER		 0x555555554000u
#define FAULT		 (KERNEL + 0x400000)
#define TRAP		 (KERNEL + 0x400100)
#define INTERRUPT	 (KERNEL + 0x400200)
#define AFTER		 (KERNEL + 0x500000)
#define FROM		 (KERNEL + 0x500100)
#define TO		 (KERNEL + 0x500200)

#define RUN(addr, bytes) fake_run(addr, bytes, sizeof(bytes) - 1)
#define NOP(addr)	 RUN(addr, "\x90")
#define CALL(addr)	 RUN(addr, "\xe8\0\0\0\0")
#define RET(addr)	 RUN(addr, "\xc3")
#define IRET(addr)	 RUN(addr, "\x48\xcf")

/* LFENCE, RDTSC, LFENCE, the RDTSC at @addr. */
static void stamp(uint64_t addr)
{
	RUN(addr - 3, "\x0f\xae\xe8");
	RUN(addr, "\x0f\x31");
	RUN(addr + 2, "\x0f\xae\xe8");
}

static const struct execution *begin(void)
{
	fake_mark(MARK_READY);
	for (int i = 0; i < 2; i++) { /* the warm-up */
		stamp(MODULE + 0x100 + 0x100 * i);
		stamp(USER + 0x1000 + 0x100 * i);
	}
	fake_mark(MARK_BEGIN);
	return &record.execution[record.executions - 1];
}

static void open_one(void)
{
	stamp(MODULE + 0x100);
}

/* The only window of @space, closed now. */
static const struct window *close_one(const struct execution *e, enum space space)
{
	stamp((space == IN_KERNEL ? MODULE : USER + 0xf00) + 0x200);
	fake_mark(MARK_END);
	assert_int_equal(e->space[space].n, 1);
	return e->space[space].window;
}

/* How often @addr was counted in a window, on a path of @depth entries whose last is at @site. */
static uint32_t times(const struct window *w, uint64_t addr, size_t depth, uint64_t site)
{
	const struct profile *p = &record.profile[w->profile];
	uint32_t sum = 0;

	for (uint32_t i = 0; i < p->cells; i++) {
		const struct cell *c = &record.cell[p->cell[i].cell];
		size_t d = 0;

		if (record.insn[c->insn]->addr != addr)
			continue;
		for (uint32_t n = c->node; n; n = record.node[n].parent)
			d++;
		if (d == depth && (!depth || record.node[c->node].site == site))
			sum += p->cell[i].count.insns;
	}
	return sum;
}

static int install(void **state)
{
	char text[400];

	(void)state;
	snprintf(text, sizeof(text),
		 "fault %lx\ntrap %lx\ninterrupt %lx\nafter %lx\nfrom %lx\nto %lx\nmodules %lx\n",
		 (unsigned long)FAULT, (unsigned long)TRAP, (unsigned long)INTERRUPT,
		 (unsigned long)AFTER, (unsigned long)FROM, (unsigned long)TO,
		 (unsigned long)MODULE);
	return fake_load(text, "cache=on");
}

static int uninstall(void **state)
{
	(void)state;
	tree_remove();
	return 0;
}

static void nothing_is_watched_before_the_mark(void **state)
{
	(void)state;
	NOP(KERNEL);
	assert_int_equal(fake_now.insn.n, 0);
	fake_mark(MARK_READY);
	fake_mark(MARK_READY);
	assert_int_equal(fake_resets, 1);
	NOP(KERNEL);
	assert_int_equal(fake_now.insn.n, 1);
}

/* As many as the two readings differ by: LFENCE, what is measured, LFENCE and RDTSC. */
static void a_window_is_what_the_clock_counts(void **state)
{
	const struct execution *e = begin();
	const struct window *w;

	(void)state;
	NOP(KERNEL); /* before */
	open_one();
	for (int i = 0; i < 10; i++)
		NOP(KERNEL);
	w = close_one(e, IN_KERNEL);
	assert_int_equal(w->total, 3 + 10);
	assert_int_equal(times(w, KERNEL, 0, 0), 10);
	assert_int_equal(w->interrupts + w->halts, 0);
}

static void paths_are_the_places_of_calls(void **state)
{
	const struct execution *e = begin();
	const struct window *w;

	(void)state;
	open_one();
	CALL(KERNEL + 0x10); /* of f, which jumps to g, which calls h */
	NOP(KERNEL + 0x100);
	NOP(KERNEL + 0x200);
	CALL(KERNEL + 0x210);
	RET(KERNEL + 0x300); /* a jump by a return: nobody called it from there */
	RET(KERNEL + 0x400);
	NOP(KERNEL + 0x215);
	RET(KERNEL + 0x216);
	NOP(KERNEL + 0x15);
	w = close_one(e, IN_KERNEL);
	assert_int_equal(w->total, 3 + 9);
	assert_int_equal(times(w, KERNEL + 0x200, 1, KERNEL + 0x10), 1);
	assert_int_equal(times(w, KERNEL + 0x400, 2, KERNEL + 0x210), 1);
	assert_int_equal(times(w, KERNEL + 0x215, 1, KERNEL + 0x10), 1);
	assert_int_equal(times(w, KERNEL + 0x15, 0, 0), 1);
}

/* The clock does not count an instruction that did not end. */
static void a_fault_s_instruction_counts_once(void **state)
{
	const struct execution *e = begin();
	const struct window *w;

	(void)state;
	stamp(USER + 0x1000);
	NOP(USER + 0x10);
	NOP(FAULT);
	CALL(FAULT + 1);
	RET(KERNEL + 0x100);
	IRET(FAULT + 6);
	NOP(USER + 0x10);
	w = close_one(e, IN_USER);
	assert_int_equal(w->total, 3 + 5);
	assert_int_equal(times(w, USER + 0x10, 0, 0), 1);
	assert_int_equal(times(w, FAULT, 1, USER + 0x10), 1);
	assert_int_equal(times(w, KERNEL + 0x100, 2, FAULT + 1), 1);
}

/* Between a return and where it returns to, and between a call and the function. */
static void interrupts_are_told_apart(void **state)
{
	const struct execution *e = begin();
	const struct window *w;

	(void)state;
	open_one();
	CALL(KERNEL + 0x10);
	NOP(INTERRUPT);
	IRET(INTERRUPT + 1);
	NOP(KERNEL + 0x100);
	RET(KERNEL + 0x101);
	NOP(INTERRUPT);
	CALL(INTERRUPT + 0x10);
	RET(KERNEL + 0x300);
	IRET(INTERRUPT + 0x15);
	NOP(KERNEL + 0x15);
	w = close_one(e, IN_KERNEL);
	assert_int_equal(w->total, 3 + 10);
	assert_int_equal(w->interrupts, 2);
	assert_int_equal(times(w, KERNEL + 0x100, 1, KERNEL + 0x10), 1);
	assert_int_equal(times(w, INTERRUPT, 1, 0), 2);
	assert_int_equal(times(w, KERNEL + 0x15, 0, 0), 1);
}

static void a_request_has_windows_in_it(void **state)
{
	const struct execution *e = begin();
	const struct window *w;

	(void)state;
	stamp(USER + 0x1000);
	RUN(USER + 0x20, "\x0f\x05");
	NOP(KERNEL);
	open_one();
	stamp(MODULE + 0x200);
	RUN(KERNEL + 1, "\x48\x0f\x07");
	NOP(USER + 0x22);
	w = close_one(e, IN_USER);
	assert_int_equal(e->space[IN_KERNEL].n, 1);
	assert_int_equal(w->inner, 1);
	assert_int_equal(times(w, KERNEL, 1, USER + 0x20), 1);
	assert_int_equal(times(w, USER + 0x22, 0, 0), 1);
}

static void loads_and_stores_are_counted(void **state)
{
	const struct execution *e = begin();
	const struct profile *p;
	uint32_t loads = 0, stores = 0;

	(void)state;
	open_one();
	NOP(KERNEL);
	fake_now.insn.access(0, 0, 0x1000, fake_now.insn.access_user);
	fake_now.insn.access(0, 0, 0x1010, fake_now.insn.access_user);
	fake_now.insn.access(0, 1, 0x1040, fake_now.insn.access_user);
	p = &record.profile[close_one(e, IN_KERNEL)->profile];
	for (uint32_t i = 0; i < p->cells; i++) {
		loads += p->cell[i].count.loads;
		stores += p->cell[i].count.stores;
	}
	assert_true(loads == 2 && stores == 1);
	assert_int_equal(p->touches, 2); /* lines */
}

static void equal_windows_share_a_profile(void **state)
{
	const struct execution *e = begin();

	(void)state;
	for (int i = 0; i < 3; i++) {
		open_one();
		for (int k = 0; k < (i == 2 ? 2 : 1); k++)
			NOP(KERNEL + 0x700);
		stamp(MODULE + 0x200);
	}
	fake_mark(MARK_END);
	assert_int_equal(e->space[IN_KERNEL].n, 3);
	assert_int_equal(e->space[IN_KERNEL].window[0].profile,
			 e->space[IN_KERNEL].window[1].profile);
	assert_int_not_equal(e->space[IN_KERNEL].window[0].profile,
			     e->space[IN_KERNEL].window[2].profile);
}

/* From one entry to the other, without the probes in between. */
static void a_span_leaves_probes_out(void **state)
{
	const struct execution *e = begin();
	const struct window *span;

	(void)state;
	open_one();
	NOP(FROM); /* not after what it must be after */
	NOP(AFTER);
	RUN(FROM, "\xcc");
	NOP(TRAP);
	IRET(TRAP + 1);
	NOP(MODULE + 0x5000); /* the copy of the instruction */
	RUN(MODULE + 0x5001, "\xcc");
	NOP(TRAP);
	IRET(TRAP + 1);
	NOP(FROM + 1);
	NOP(TO);
	assert_int_equal(close_one(e, IN_KERNEL)->total, 3 + 11);
	assert_int_equal(e->space[IN_SPAN].n, 1);
	span = e->space[IN_SPAN].window;
	assert_true(span->total == 2 && span->inner == 0);
	assert_int_equal(times(span, FROM, 0, 0), 1);
	assert_int_equal(times(span, FROM + 1, 0, 0), 1);
}

/* Other LFENCEs and RDTSCs, of which there are some in every kernel. */
static void half_a_stamp_is_none(void **state)
{
	const struct execution *e = begin();

	(void)state;
	for (int i = 0; i < 3; i++) {
		RUN(KERNEL + 0x800, "\x0f\x31");
		RUN(KERNEL + 0x802, "\x0f\xae\xe8");
		RUN(KERNEL + 0x900, "\x0f\xae\xe8");
		RUN(KERNEL + 0x903, "\x0f\x31");
		NOP(KERNEL + 0x905);
	}
	fake_mark(MARK_END);
	assert_int_equal(e->space[IN_KERNEL].n, 0);
}

static void arguments_are_checked(void **state)
{
	char said[256];

	(void)state;
	assert_int_equal(fake_load_alone("colour=blue", 1, said, sizeof(said)), 3);
	assert_string_equal(said, "dexplugin: cannot use the argument colour=blue\n");
	assert_int_equal(fake_load_alone("entries=/dev/null", 1, said, sizeof(said)), 3);
	assert_int_equal(fake_load_alone("probe=on", 1, said, sizeof(said)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_watched_before_the_mark),
		cmocka_unit_test(a_window_is_what_the_clock_counts),
		cmocka_unit_test(paths_are_the_places_of_calls),
		cmocka_unit_test(a_fault_s_instruction_counts_once),
		cmocka_unit_test(interrupts_are_told_apart),
		cmocka_unit_test(a_request_has_windows_in_it),
		cmocka_unit_test(loads_and_stores_are_counted),
		cmocka_unit_test(equal_windows_share_a_profile),
		cmocka_unit_test(a_span_leaves_probes_out),
		cmocka_unit_test(half_a_stamp_is_none),
		cmocka_unit_test(arguments_are_checked),
	};

	return cmocka_run_group_tests(tests, install, uninstall);
}
