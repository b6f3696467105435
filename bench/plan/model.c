// SPDX-License-Identifier: MIT
/*
 * The model: one number is sought, the transitions per unit of time, at which what
 * it leaves of the device's and the CPU's time brings about just as many.
 *
 * More transitions leave fewer atomics and fewer touches, and fewer of those cause
 * fewer transitions: the difference falls throughout, so there is one solution and halving
 * finds it.  Equations, assumptions and their sources: METHODOLOGY.md, "Capacity planning".
 */
#include <math.h>

#include "plan.h"

#define HALVINGS 100

struct state {
	double conversions, atomics, touches; /* per unit, of all pages */
	double stalled;			      /* engines, on average; serial: 0 */
};

/* How long the device waits, on average, for a page that the CPU is taking back: it
 * comes to the page within @sweep, evenly or at random. */
static double waiting(double f, double sweep, int random)
{
	if (f <= 0)
		return 0;
	if (random)
		return sweep > 0 ? f + sweep * expm1(-f / sweep) : f;
	return sweep > f ? f * f / (2 * sweep) : f - sweep / 2;
}

static double device_fault(const double *cost, const struct workload *w)
{
	return cost[DEVICE_FAULT] + cost[SHARER] * w->sharers;
}

/* How long one device fault keeps its engine, and the handler. */
static double service(const double *cost, const struct workload *w)
{
	double fastest = fmin(w->engines / cost[ATOMIC], w->pages * w->atomics);

	if (w->serial || !w->waits)
		return device_fault(cost, w);
	return device_fault(cost, w) + waiting(cost[CPU_FAULT], w->pages / fastest, w->random);
}

/* Atomics in front of each touch: a burst that comes to a missing page starts anew
 * behind its fault, and the page is anywhere on the way around. */
static double turn(const struct workload *w)
{
	double reached = fmin(w->pages, w->burst);

	return w->burst + reached / w->pages * (reached - 1) / 2;
}

/* One stream: the touches come first, but the device gets its turn before each. */
static void serial(const double *cost, const struct workload *w, double c, struct state *s)
{
	double left = 1 - s->conversions * (c + cost[CPU_FAULT]), a = cost[ATOMIC];
	double demand = w->pages * w->atomics, most = left / (cost[TOUCH] + turn(w) * a);

	if (turn(w) * most > demand)
		most = (left - demand * a) / cost[TOUCH];
	s->touches = fmin(w->pages * w->touches, most);
	s->atomics = fmin(demand, (left - s->touches * cost[TOUCH]) / a);
	s->stalled = 0;
}

/* Engines beside the CPU.  The time in a device fault includes the queue for the
 * one handler, by Bard's and Schweitzer's approximation. */
static void beside(const double *cost, const struct workload *w, double c, struct state *s)
{
	double others = (w->engines - 1) / w->engines;
	double left = w->threads - s->conversions * cost[CPU_FAULT];

	s->stalled = s->conversions * c / (1 - s->conversions * c * others);
	s->atomics = fmin(w->pages * w->atomics, (w->engines - s->stalled) / cost[ATOMIC]);
	s->touches = fmin(w->pages * w->touches, left > 0 ? left / cost[TOUCH] : 0);
}

/* Transitions that such rates bring about; @held: a page is in neither's hands so long. */
static double caused(const struct workload *w, const struct state *s, double held)
{
	double visits = s->atomics / w->pages, touches = s->touches / w->pages;

	if (!(visits > 0) || !(touches > 0))
		return 0;
	if (w->random)
		return w->pages / (1 / touches + 1 / visits + held);
	return w->pages * fmin(fmin(touches, visits), 1 / held);
}

static struct state solve(const double *cost, const struct workload *w, double c)
{
	double f = cost[CPU_FAULT], low = 0, high = w->engines / cost[ATOMIC];
	double held = device_fault(cost, w) + f; /* the wait is part of the CPU's fault */
	struct state s = { 0 };

	high = fmin(high, w->serial ? 1 / (c + f) : fmin(1 / c, w->threads / f));
	for (int i = 0; i < HALVINGS; i++) {
		s.conversions = (low + high) / 2;
		(w->serial ? serial : beside)(cost, w, c, &s);
		if (caused(w, &s, held) > s.conversions)
			low = s.conversions;
		else
			high = s.conversions;
	}
	s.conversions = low;
	return s;
}

static void find_limit(const double *cost, const struct workload *w, double c,
		       const struct state *s, struct answer *a)
{
	double f = cost[CPU_FAULT];

	a->share[BY_ATOMICS] = s->atomics * cost[ATOMIC] / w->engines;
	a->share[BY_DEVICE_FAULTS] = w->serial ? s->conversions * c : s->stalled / w->engines;
	a->share[BY_CPU] = w->serial ? s->conversions * f + s->touches * cost[TOUCH] : 0;
	a->limit = BY_ATOMICS;
	for (enum limit i = BY_DEVICE_FAULTS; i <= BY_CPU; i++)
		if (a->share[i] > a->share[a->limit])
			a->limit = i;
	if (s->atomics >= w->pages * w->atomics * (1 - 1e-9))
		a->limit = BY_DEMAND;
}

enum advice model_break_even(const double *cost, double sharers, double *atomics)
{
	double stay = cost[DEVICE_FAULT] + cost[SHARER] * sharers + cost[CPU_FAULT];
	double more = cost[MIGRATE_IN] + cost[MIGRATE_BACK] - stay; /* per visit */
	double less = cost[ATOMIC] - cost[ATOMIC_LOCAL];	    /* per atomic */

	*atomics = NAN;
	if (isnan(more) || isnan(less))
		return UNKNOWN;
	if (more >= 0 && less <= 0)
		return STAY;
	if (more <= 0 && less >= 0)
		return MIGRATE;
	*atomics = more / less;
	return less > 0 ? MIGRATE_ABOVE : MIGRATE_BELOW;
}

struct answer model_answer(const double *cost, const struct workload *w)
{
	double c = service(cost, w), f = cost[CPU_FAULT];
	struct state s = solve(cost, w, c);
	struct answer a = { 0 };

	a.value[RATE] = s.atomics;
	a.value[CONVERSIONS] = s.conversions;
	a.value[TOUCHES] = s.touches / w->pages;
	a.value[CPU_LOST] = s.conversions * f / w->threads;
	a.value[HANDLER] = s.conversions * c;
	a.value[PER_VISIT] = s.conversions > 0 ? s.atomics / s.conversions : NAN;
	a.advice = model_break_even(cost, w->sharers, &a.value[BREAK_EVEN]);
	find_limit(cost, w, c, &s, &a);
	return a;
}
