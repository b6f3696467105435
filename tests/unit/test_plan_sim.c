// SPDX-License-Identifier: MIT
/*
 * dex-plan's model against a simulation of its assumptions, event by event: what the
 * equations say of averages must come out of single touches, atomics and faults.
 *
 * The simulation knows no rate of transitions: a page has who holds it, an engine and
 * a CPU thread have what they do next.
 */
#include "tests/unit/near.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <stdlib.h>

#include "plan/plan.h"

#define MAX_ENGINES 8
#define MAX_PAGES   4096
#define LONG	    4e8 /* units */

struct page {
	double mapped;	 /* from when on the device may use it; INFINITY: the CPU's */
	double cpu_done; /* until when the CPU takes it back */
};

struct sim {
	const double *cost;
	const struct workload *w;
	struct page page[MAX_PAGES];
	gsl_rng *rng;
	double handler_free;
	double atomics, conversions, touches;
};

static struct sim *new_sim(const double *cost, const struct workload *w)
{
	struct sim *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->cost = cost;
	s->w = w;
	s->rng = gsl_rng_alloc(gsl_rng_mt19937);
	return s;
}

static void free_sim(struct sim *s)
{
	gsl_rng_free(s->rng);
	free(s);
}

static size_t some_page(const struct sim *s, size_t *next)
{
	size_t pages = (size_t)s->w->pages;

	return s->w->random ? gsl_rng_uniform_int(s->rng, pages) : (*next)++ % pages;
}

/* The CPU's touch of @page at @now: when it is done. */
static double touch(struct sim *s, struct page *page, double now)
{
	s->touches++;
	now += s->cost[TOUCH];
	if (page->mapped > now - s->cost[TOUCH])
		return now;
	s->conversions++;
	page->mapped = INFINITY;
	page->cpu_done = now + s->cost[CPU_FAULT];
	return page->cpu_done;
}

/* An engine's atomic on @page at @now: when it is done. */
static double atomic(struct sim *s, struct page *page, double now)
{
	if (isinf(page->mapped)) {
		now = fmax(now, s->handler_free);
		if (s->w->waits)
			now = fmax(now, page->cpu_done);
		now += s->cost[DEVICE_FAULT];
		s->handler_free = page->mapped = now;
	}
	s->atomics++;
	return fmax(now, page->mapped) + s->cost[ATOMIC];
}

/* From when a touch was due to when the next one is. */
static double gap(const struct sim *s)
{
	double mean = 1 / (s->w->touches * s->w->pages);

	return s->w->random ? gsl_ran_exponential(s->rng, mean) : mean;
}

static void run_beside(struct sim *s)
{
	double engine[MAX_ENGINES] = { 0 }, due = gap(s), cpu = due;
	size_t engines = (size_t)s->w->engines, visit[MAX_ENGINES] = { 0 }, touched = 0;

	for (;;) {
		size_t e = 0;

		for (size_t i = 1; i < engines; i++)
			if (engine[i] < engine[e])
				e = i;
		if (fmin(engine[e], cpu) > LONG)
			return;
		if (cpu <= engine[e]) {
			double done = touch(s, &s->page[some_page(s, &touched)], cpu);

			due += gap(s);
			cpu = fmax(due, done);
		} else {
			engine[e] = atomic(s, &s->page[some_page(s, &visit[e])], engine[e]);
		}
	}
}

/* Until so many atomics were done with no fault in between. */
static double burst(struct sim *s, double now, size_t *visit)
{
	for (size_t left = (size_t)s->w->burst; left; left--) {
		struct page *page = &s->page[some_page(s, visit)];

		if (isinf(page->mapped))
			left = (size_t)s->w->burst;
		now = atomic(s, page, now);
	}
	return now;
}

static void run_serial(struct sim *s)
{
	double now = 0, due = 0, period = isinf(s->w->touches) ? 0 : gap(s);
	size_t visit = 0, touched = 0;

	while (now < LONG / 10) {
		due += period;
		visit = 0;
		do
			now = burst(s, now, &visit);
		while (now < due);
		now = touch(s, &s->page[some_page(s, &touched)], now);
	}
}

/* What was counted, per unit, is what the model says. */
static void assert_same(struct sim *s, double duration, double tolerance)
{
	struct answer a = model_answer(s->cost, s->w);

	assert_near(a.value[RATE], s->atomics / duration, tolerance);
	assert_near(a.value[CONVERSIONS], s->conversions / duration, tolerance);
	assert_near(a.value[TOUCHES], s->touches / duration / s->w->pages, tolerance);
	free_sim(s);
}

static const double costs[N_COSTS] = {
	[ATOMIC] = 50, [DEVICE_FAULT] = 2000, [CPU_FAULT] = 1500, [TOUCH] = 300
};

static struct workload workload_of(double pages, double all_touches)
{
	return (struct workload){ .pages = pages,
				  .engines = 1,
				  .threads = 1,
				  .atomics = INFINITY,
				  .touches = all_touches / pages,
				  .burst = 64,
				  .waits = 1 };
}

static void serial(void **state)
{
	static const double rates[] = { 1e-6, 1e-5, 3e-5, 1e-4, 1.3e-4, INFINITY };

	(void)state;
	for (size_t i = 0; i < COUNT(rates); i++) {
		struct workload w = workload_of(16, rates[i]);
		struct sim *s;

		w.serial = 1;
		s = new_sim(costs, &w);
		run_serial(s);
		assert_same(s, LONG / 10, 0.002);
	}
}

/* Regular on both sides, an engine that one fault has kept does not come to the next page
 * at an even distance: the fuller the handler, the more the model is too hopeful. */
static void beside(void **state)
{
	static const double rates[] = { 1.0173e-6, 1.0173e-5, 3.0519e-5, 1.0173e-4, 2.0346e-4 };
	static const double tolerance[] = { 0.005, 0.005, 0.005, 0.05, 0.11 };

	(void)state;
	for (size_t i = 0; i < COUNT(rates); i++) {
		struct workload w = workload_of(16, rates[i]);
		struct sim *s = new_sim(costs, &w);

		run_beside(s);
		assert_same(s, LONG, tolerance[i]);
	}
}

static void at_random(void **state)
{
	static const double rates[] = { 1e-5, 3e-5, 1e-4 };

	(void)state;
	for (size_t i = 0; i < COUNT(rates); i++) {
		struct workload w = workload_of(1024, rates[i]);
		struct sim *s;

		w.random = 1;
		s = new_sim(costs, &w);
		run_beside(s);
		assert_same(s, LONG, 0.03);
	}
}

/* Engines queue for the handler. */
static void engines(void **state)
{
	static const double rates[] = { 3e-5, 1e-4, 2e-4 };

	(void)state;
	for (size_t i = 0; i < COUNT(rates); i++) {
		struct workload w = workload_of(MAX_PAGES, rates[i]);
		struct sim *s;

		w.random = 1;
		w.engines = 4;
		s = new_sim(costs, &w);
		run_beside(s);
		assert_same(s, LONG, 0.03);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(serial),
		cmocka_unit_test(beside),
		cmocka_unit_test(at_random),
		cmocka_unit_test(engines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
