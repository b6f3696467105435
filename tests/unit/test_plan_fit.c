// SPDX-License-Identifier: MIT
/* dex-plan's fit finds the costs that made the points; intervals are what they say. */
#include "tests/unit/near.h"

#include <stdlib.h>

#include "plan/plan.h"

#define BOOTS 4
#define RATES 6

static const double asked[RATES] = { 0, 2.5e-7, 5e-7, 1e-6, 4e-6, INFINITY };
static const char all[RATES];
static const struct misfit none;

static const double costs[N_COSTS] = {
	[ATOMIC] = 50, [DEVICE_FAULT] = 2000, [CPU_FAULT] = 1500, [TOUCH] = 300
};

/* As exact, parallel and lockstep mode measure. */
enum { BESIDE, SERIAL, IN_STEP, N_WAYS };

/* What the model itself says of each rate, for boots whose costs are @boot times as high. */
static struct series made(const double *boot, int way)
{
	struct series s = { .touch = "write",
			    .serial = way == SERIAL,
			    .regular = way != BESIDE,
			    .rates = RATES,
			    .boots = BOOTS,
			    .pages = 16,
			    .burst = 64 };

	s.asked = (double *)(uintptr_t)asked;
	s.point = calloc(RATES * BOOTS, sizeof(*s.point));
	assert_non_null(s.point);
	for (size_t i = 0; i < RATES * BOOTS; i++) {
		struct workload w = fit_workload(&s, asked[i % RATES]);
		double factor = boot[i / RATES], cost[N_COSTS];
		struct answer a;

		for (size_t c = 0; c < N_COSTS; c++)
			cost[c] = costs[c] * factor;
		a = model_answer(cost, &w);
		s.point[i] = (struct point){
			.asked = asked[i % RATES],
			.rate = a.value[RATE],
			.touches = a.value[TOUCHES] * s.pages,
			.conversions = a.value[CONVERSIONS],
			.device_fault = figure_of(asked[i % RATES] > 0 ? 2000 * factor : NAN),
			.cpu_fault = figure_of(asked[i % RATES] > 0 ? 1500 * factor : NAN),
		};
	}
	return s;
}

static const double alike[BOOTS] = { 1, 1, 1, 1 }, unlike[BOOTS] = { 0.97, 1.02, 1.01, 1 };

static void finds_costs(void **state)
{
	(void)state;
	for (int way = 0; way < N_WAYS; way++) {
		struct series s = made(unlike, way);
		struct costs boot[BOOTS];

		assert_true(fit(&s, all, boot));
		for (size_t b = 0; b < BOOTS; b++)
			for (enum cost c = ATOMIC; c <= TOUCH; c++)
				assert_near(boot[b].cost[c].best, costs[c] * unlike[b], 1e-6);
		assert_true(fit_misfit(&s, all).worst < 1e-6);
		free(s.point);
	}
}

/* Every rate that the fit did not see is where the others say. */
static void predicts(void **state)
{
	(void)state;
	for (int way = 0; way < N_WAYS; way++) {
		struct series s = made(alike, way);

		for (size_t i = 0; i < RATES; i++) {
			struct workload w = fit_workload(&s, asked[i]);
			char skip[RATES] = { 0 };
			struct costs boot[BOOTS];

			skip[i] = 1;
			s.point[i].rate *= 3; /* not looked at */
			assert_true(fit(&s, skip, boot));
			s.point[i].rate /= 3;
			if (way != SERIAL && isinf(asked[i]))
				continue; /* only it says what a touch costs besides */
			assert_near(outcome(boot, 1, 1, none, &w).value[RATE].best, s.point[i].rate,
				    1e-6);
		}
		free(s.point);
	}
}

static void too_few(void **state)
{
	struct series s = made(alike, SERIAL);
	struct costs boot[BOOTS];
	char skip[RATES] = { 0, 1, 1, 1, 1, 1 };

	(void)state;
	assert_false(fit(&s, skip, boot));
	s.serial = 0;
	assert_false(fit(&s, skip, boot));
	s.serial = 1;
	assert_near(fit_misfit(&s, skip).worst, NAN, 0);
	skip[1] = 0;
	assert_true(fit(&s, skip, boot));
	free(s.point);
}

/* One rate 20 % off is seen when it is predicted from the others. */
static void misfit(void **state)
{
	struct series s = made(alike, SERIAL);

	(void)state;
	for (size_t b = 0; b < BOOTS; b++)
		s.point[b * RATES + 5].rate *= 1.2;
	assert_true(fit_misfit(&s, all).worst > 0.05);
	free(s.point);
}

static struct misfit share(double worst)
{
	return (struct misfit){ .worst = worst };
}

static struct workload some_work(void)
{
	return (struct workload){ .pages = 16,
				  .engines = 1,
				  .threads = 1,
				  .atomics = INFINITY,
				  .touches = 1e-6,
				  .waits = 0 };
}

/* Costs that are 10 % dearer are answers that are: boots' spread is the answer's. */
static void spread_of_boots(void **state)
{
	struct series s = made(unlike, BESIDE);
	struct costs boot[BOOTS];
	struct workload w = some_work();
	double rate[BOOTS], t = 3.182446305284263; /* 95 %, 3 degrees of freedom */
	double mean = 0, sd = 0;
	struct outcome o;

	(void)state;
	assert_true(fit(&s, all, boot));
	for (size_t b = 0; b < BOOTS; b++) {
		rate[b] = log(outcome(&boot[b], 1, 1, none, &w).value[RATE].best);
		mean += rate[b] / BOOTS;
	}
	for (size_t b = 0; b < BOOTS; b++)
		sd += (rate[b] - mean) * (rate[b] - mean) / (BOOTS - 1);
	sd = sqrt(sd);
	o = outcome(boot, BOOTS, 0, share(0.01), &w);
	assert_near(o.value[RATE].best, exp(mean), 1e-9);
	assert_near(o.value[RATE].high, exp(mean + t * sd * sqrt(1 + 1.0 / BOOTS)) + 0.01 / 50,
		    1e-9);
	assert_near(o.value[RATE].low, exp(mean - t * sd * sqrt(1 + 1.0 / BOOTS)) - 0.01 / 50,
		    1e-9);
	o = outcome(boot, 1, 0, none, &w);
	assert_near(o.value[RATE].low, NAN, 0);
	free(s.point);
}

/* The ends of the costs make the ends of the answer. */
static void ranges_of_costs(void **state)
{
	struct workload w = some_work();
	struct costs by_hand = { 0 };
	struct outcome o;

	(void)state;
	by_hand.cost[ATOMIC] = (struct figure){ 40, 50, 60 };
	by_hand.cost[DEVICE_FAULT] = (struct figure){ 1000, 2000, 3000 };
	by_hand.cost[CPU_FAULT] = figure_of(1500);
	by_hand.cost[MIGRATE_IN] = (struct figure){ 0, 10000, 10000 };
	by_hand.cost[MIGRATE_BACK] = figure_of(0);
	by_hand.cost[ATOMIC_LOCAL] = figure_of(10);
	o = outcome(&by_hand, 1, 1, none, &w);
	assert_near(o.value[RATE].low, (1 - 16e-6 * 3000) / 60, 1e-9);
	assert_near(o.value[RATE].best, (1 - 16e-6 * 2000) / 50, 1e-9);
	assert_near(o.value[RATE].high, (1 - 16e-6 * 1000) / 40, 1e-9);
	assert_near(o.value[CPU_LOST].low, 16e-6 * 1500, 1e-9);
	assert_near(o.value[CPU_LOST].high, 16e-6 * 1500, 1e-9);
	/* Migrating may cost nothing, and then it is always better. */
	assert_near(o.value[BREAK_EVEN].best, 6500 / 40.0, 1e-9);
	assert_true(o.advice_differs && isnan(o.value[BREAK_EVEN].low));
	by_hand.cost[MIGRATE_IN].low = 10000;
	o = outcome(&by_hand, 1, 1, none, &w);
	assert_false(o.advice_differs);
	assert_near(o.value[BREAK_EVEN].low, 5500 / 50.0, 1e-9);
	assert_near(o.value[BREAK_EVEN].high, 7500 / 30.0, 1e-9);
}

/* What is asked for is the most that is predicted. */
static void demand_is_an_end(void **state)
{
	struct workload w = some_work();
	struct costs by_hand = { 0 };

	(void)state;
	by_hand.cost[ATOMIC] = figure_of(50);
	w.atomics = 1e-4;
	assert_near(outcome(&by_hand, 1, 1, share(0.01), &w).value[RATE].high, 16e-4, 1e-9);
	assert_near(outcome(&by_hand, 1, 1, share(0.01), &w).value[RATE].low, 16e-4 - 0.01 / 50,
		    1e-9);
	assert_true(outcome(&by_hand, 1, 1, share(0.5), &w).value[RATE].low == 0);
}

/* Boots that differ by a factor say nothing of a stalled rate's logarithm; what no device
 * passes is known all the same. */
static void capacity_is_an_end(void **state)
{
	static const double apart[BOOTS] = { 0.5, 1, 1.5, 2 };
	struct series s = made(apart, BESIDE);
	struct costs boot[BOOTS];
	struct workload w = some_work();
	struct misfit m = { .worst = 0.2, .idle = 0.01 };
	struct figure idle, busy;

	(void)state;
	assert_true(fit(&s, all, boot));
	w.touches = 0;
	idle = outcome(boot, BOOTS, 0, none, &w).value[RATE];
	w.touches = 2e-5;
	busy = outcome(boot, BOOTS, 0, m, &w).value[RATE];
	assert_true(busy.low == 0 && busy.best < 0.5 * idle.best);
	/* The mean of 1 / 50a. */
	assert_near(busy.high, idle.high + 0.01 / (50 * 1.25), 1e-9);
	w.touches = 1e-6;
	assert_near(outcome(boot, BOOTS, 0, none, &w).value[CONVERSIONS].high, 16e-6, 1e-9);
	assert_near(outcome(boot, BOOTS, 0, none, &w).value[TOUCHES].high, 1e-6, 1e-9);
	free(s.point);
}

/* In step a rate at which repeated faults take all time is no part of the fit, and not expected
 * to be where the others say. */
static void frail_is_apart(void **state)
{
	struct series s = made(alike, IN_STEP);
	struct costs boot[BOOTS];

	(void)state;
	for (size_t b = 0; b < BOOTS; b++) {
		s.point[b * RATES + 5].device_fault = figure_of(20000);
		s.point[b * RATES + 4].rate /= 10;
	}
	assert_near(fit_repeated(&s), 20000, 1e-9);
	assert_true(fit_frail(&s, asked[4]) && fit_frail(&s, INFINITY));
	assert_false(fit_frail(&s, asked[3]));
	assert_true(fit(&s, all, boot));
	assert_near(boot[0].cost[DEVICE_FAULT].best, costs[DEVICE_FAULT], 1e-6);
	assert_true(fit_misfit(&s, all).worst < 1e-6);
	s.regular = 0;
	assert_false(fit_frail(&s, asked[4]));
	assert_true(fit_misfit(&s, all).worst > 0.05);
	free(s.point);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_costs),	    cmocka_unit_test(predicts),
		cmocka_unit_test(too_few),	    cmocka_unit_test(misfit),
		cmocka_unit_test(spread_of_boots),  cmocka_unit_test(ranges_of_costs),
		cmocka_unit_test(demand_is_an_end), cmocka_unit_test(capacity_is_an_end),
		cmocka_unit_test(frail_is_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
