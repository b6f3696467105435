// SPDX-License-Identifier: MIT
/* dex-plan's model: where it has a closed form, its limits, its directions, break-even. */
#include "tests/unit/near.h"

#include <string.h>

#include "plan/plan.h"

#define A    50.0
#define C    2000.0
#define F    1500.0
#define U    300.0
#define MANY 1e5

static const double costs[N_COSTS] = {
	[ATOMIC] = A,	[DEVICE_FAULT] = C, [CPU_FAULT] = F,	  [TOUCH] = U,
	[SHARER] = 400, [MIGRATE_IN] = NAN, [MIGRATE_BACK] = NAN, [ATOMIC_LOCAL] = NAN
};

/* Touches per page; all pages together get 16 times that. */
static struct workload with_touches(double touches, int serial)
{
	return (struct workload){ .pages = 16,
				  .engines = 1,
				  .threads = 1,
				  .atomics = INFINITY,
				  .touches = touches,
				  .burst = 64,
				  .serial = serial };
}

static double value(const struct workload *w, enum output output)
{
	return model_answer(costs, w).value[output];
}

static void nobody_touches(void **state)
{
	(void)state;
	for (int serial = 0; serial < 2; serial++) {
		struct workload w = with_touches(0, serial);
		struct answer a = model_answer(costs, &w);

		assert_near(a.value[RATE], 1 / A, 1e-9);
		assert_true(a.value[CONVERSIONS] == 0 && a.value[CPU_LOST] == 0);
		assert_near(a.value[PER_VISIT], NAN, 0);
		assert_int_equal(a.limit, BY_ATOMICS);
		w.atomics = 0.5 / A / 16;
		a = model_answer(costs, &w);
		assert_near(a.value[RATE], 0.5 / A, 1e-9);
		assert_int_equal(a.limit, BY_DEMAND);
	}
}

/* Each touch takes a page, and the device's time is what transitions leave. */
static void paced(void **state)
{
	const double all = 1e-4; /* touches per unit, of all pages */
	struct workload w = with_touches(all / 16, 0);

	(void)state;
	assert_near(value(&w, CONVERSIONS), all, 1e-9);
	assert_near(value(&w, RATE), (1 - all * C) / A, 1e-9);
	assert_near(value(&w, CPU_LOST), all * F, 1e-9);
	assert_near(value(&w, HANDLER), all * C, 1e-9);
	assert_near(value(&w, PER_VISIT), (1 - all * C) / A / all, 1e-9);
	w.threads = 2;
	assert_near(value(&w, CPU_LOST), all * F / 2, 1e-9);
	w = with_touches(all / 16, 1);
	assert_near(value(&w, CONVERSIONS), all, 1e-9);
	assert_near(value(&w, RATE), (1 - all * (C + F + U)) / A, 1e-9);
	assert_int_equal(model_answer(costs, &w).limit, BY_ATOMICS);
}

/* The device gets its burst and no more. */
static void saturated_serial(void **state)
{
	struct workload w = with_touches(INFINITY, 1);
	const double turn = 64 + 15 / 2.0; /* half of the way around, the fault, a burst */
	double cycle = C + F + U + turn * A;
	struct answer a = model_answer(costs, &w);

	(void)state;
	assert_near(a.value[RATE], turn / cycle, 1e-9);
	assert_near(a.value[CONVERSIONS], 1 / cycle, 1e-9);
	assert_near(a.value[TOUCHES], 1 / cycle / 16, 1e-9);
	assert_near(a.share[BY_ATOMICS] + a.share[BY_DEVICE_FAULTS] + a.share[BY_CPU], 1, 1e-9);
	w.burst = 1;
	assert_int_equal(model_answer(costs, &w).limit, BY_DEVICE_FAULTS);
	w.burst = 64;
	w.atomics = 8 / cycle / 16; /* less than the bursts that it could have */
	assert_near(value(&w, RATE), 8 / cycle, 1e-9);
	assert_int_equal(model_answer(costs, &w).limit, BY_DEMAND);
}

/* A touch as soon as the last one is done: threads are faulting or touching. */
static void saturated_beside(void **state)
{
	double cost[N_COSTS], each;
	struct workload w = with_touches(INFINITY, 0);
	struct answer a;

	(void)state;
	memcpy(cost, costs, sizeof(cost));
	cost[CPU_FAULT] = 4000; /* the device is back before the CPU is */
	a = model_answer(cost, &w);
	each = 4000 + U;
	assert_near(a.value[CONVERSIONS], 1 / each, 1e-9);
	assert_near(a.value[RATE], (1 - C / each) / A, 1e-9);
	/* The other way round each of the device's visits is a fault. */
	cost[CPU_FAULT] = 100;
	cost[TOUCH] = 10;
	a = model_answer(cost, &w);
	assert_near(a.value[RATE], 1 / (A + C), 1e-6);
	assert_near(a.value[CONVERSIONS], 1 / (A + C), 1e-6);
	assert_int_equal(a.limit, BY_DEVICE_FAULTS);
}

/* One page: it is converted or taken back all the time. */
static void one_page(void **state)
{
	struct workload w = with_touches(INFINITY, 0);
	struct answer a;

	(void)state;
	w.pages = 1;
	w.waits = 1;
	a = model_answer(costs, &w);
	assert_true(a.value[CONVERSIONS] <= 1 / (C + F));
	assert_true(a.value[RATE] * A < 0.05);
}

/* Without contention: mean times to a touch, to a visit, and between the two. */
static void at_random(void **state)
{
	struct workload w = with_touches(1e-7, 0);

	(void)state;
	w.random = 1;
	w.atomics = 3e-7;
	assert_near(value(&w, CONVERSIONS), 16 / (1e7 + 1e7 / 3 + C + F), 1e-9);
	w.atomics = 1e-3; /* a visit soon after each touch */
	assert_near(value(&w, CONVERSIONS), 16e-7, 1e-3);
}

/* Engines that all wait for the one handler. */
static void handler_is_full(void **state)
{
	struct workload w = with_touches(1e-2, 0);
	struct answer a;

	(void)state;
	w.engines = 8;
	w.threads = 64;
	a = model_answer(costs, &w);
	assert_true(a.value[HANDLER] > 0.9 && a.value[HANDLER] <= 1);
	assert_int_equal(a.limit, BY_DEVICE_FAULTS);
	assert_near(a.share[BY_ATOMICS] + a.share[BY_DEVICE_FAULTS], 1, 1e-9);
}

/* Over five decades of touches, each way of running and each number of pages. */
static void directions(void **state)
{
	static const double pages[] = { 1, 16, MANY };

	(void)state;
	for (unsigned int i = 0; i < 2 * 2 * COUNT(pages); i++) {
		struct workload w = with_touches(0, i & 1);
		double last = INFINITY, converted = 0;

		w.random = i >> 1 & 1;
		w.waits = !w.serial;
		w.pages = pages[i >> 2];
		for (double touches = 1e-7; touches < 1e-1; touches *= 1.5) {
			struct answer a;

			w.touches = touches / w.pages;
			a = model_answer(costs, &w);
			assert_true(a.value[RATE] <= last * (1 + 1e-9) && a.value[RATE] > 0);
			assert_true(a.value[CONVERSIONS] >= converted * (1 - 1e-9));
			assert_true(a.value[TOUCHES] <= w.touches * (1 + 1e-9));
			assert_true(a.value[CONVERSIONS] <=
				    a.value[TOUCHES] * w.pages * (1 + 1e-6));
			assert_true(a.value[CPU_LOST] <= 1 && a.value[HANDLER] <= 1 + 1e-9);
			last = a.value[RATE];
			converted = a.value[CONVERSIONS];
		}
	}
}

static void more_sharers(void **state)
{
	(void)state;
	for (int serial = 0; serial < 2; serial++) {
		struct workload w = with_touches(1e-5, serial);
		double last = INFINITY;

		for (w.sharers = 0; w.sharers <= 64; w.sharers += 4) {
			assert_true(value(&w, RATE) < last);
			last = value(&w, RATE);
		}
	}
}

/* What migrating costs more a visit, and saves on each atomic. */
static void break_even(void **state)
{
	static const struct {
		double migrate, local;
		enum advice advice;
		double at;
	} rows[] = {
		{ 23500, 10, MIGRATE_ABOVE, 500 }, { 23500, 50, STAY, NAN },
		{ 23500, 70, STAY, NAN },	   { 3500, 50, STAY, NAN },
		{ 3400, 50, MIGRATE, NAN },	   { 1500, 10, MIGRATE, NAN },
		{ 1500, 70, MIGRATE_BELOW, 100 },  { NAN, 10, UNKNOWN, NAN },
		{ 23500, NAN, UNKNOWN, NAN },
	};
	double cost[N_COSTS], at;

	(void)state;
	memcpy(cost, costs, sizeof(cost));
	for (size_t i = 0; i < COUNT(rows); i++) {
		cost[MIGRATE_IN] = rows[i].migrate - 500;
		cost[MIGRATE_BACK] = 500;
		cost[ATOMIC_LOCAL] = rows[i].local;
		assert_int_equal(model_break_even(cost, 0, &at), rows[i].advice);
		assert_near(at, rows[i].at, 1e-12);
	}
	/* Sharers make staying dearer: 400 each. */
	cost[MIGRATE_IN] = 23000;
	cost[ATOMIC_LOCAL] = 10;
	assert_int_equal(model_break_even(cost, 10, &at), MIGRATE_ABOVE);
	assert_near(at, 400, 1e-12);
	assert_int_equal(model_break_even(cost, 50, &at), MIGRATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_touches),   cmocka_unit_test(paced),
		cmocka_unit_test(saturated_serial), cmocka_unit_test(saturated_beside),
		cmocka_unit_test(one_page),	    cmocka_unit_test(at_random),
		cmocka_unit_test(handler_is_full),  cmocka_unit_test(directions),
		cmocka_unit_test(more_sharers),	    cmocka_unit_test(break_even),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
