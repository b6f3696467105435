// SPDX-License-Identifier: MIT
/*
 * The ways to share memory with a device, side by side: leave it where it is and make pages exclusive,
 * migrate them to and fro, or pin them, so that nothing faults.  Of each the same model says what is
 * reached of what was asked for, and what that costs the CPU; and of staying, what would have to change.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"
#include "plan.h"

#define LEAST_FACTOR 1e-9 /* of the touches that were asked for */
#define HALVINGS     60

static void means(const struct plan_kernel *k, double *cost)
{
	for (size_t i = 0; i < N_COSTS; i++) {
		cost[i] = 0;
		for (size_t b = 0; b < k->boots; b++)
			cost[i] += k->boot[b].cost[i].best / (double)k->boots;
	}
}

/* The lesser of the two shares: a device that works while the CPU stands still is no answer. */
static double reached(const struct workload *w, double atomics, double touches)
{
	double share = atomics / (w->pages * w->atomics);

	return w->touches > 0 ? fmin(share, touches / (w->pages * w->touches)) : share;
}

static void set(struct way *way, const struct workload *w, const double *cost)
{
	struct answer a = model_answer(cost, w);

	way->known = 1;
	way->atomics = a.value[RATE];
	way->touches = a.value[TOUCHES] * w->pages;
	way->conversions = a.value[CONVERSIONS];
	way->lost = a.value[CPU_LOST] * w->threads;
	way->handler = a.value[HANDLER];
	way->limit = way->handler > 0.95	     ? LIMIT_HANDLER
		     : way->lost > 0.99 * w->threads ? LIMIT_CPU
		     : a.limit == BY_DEMAND	     ? LIMIT_NONE
		     : a.limit == BY_DEVICE_FAULTS   ? LIMIT_FAULTS
						     : LIMIT_ATOMICS;
	way->reached = reached(w, way->atomics, way->touches);
}

/* A page that goes to the device and back, instead of being made exclusive and taken back. */
static void set_migrate(struct way *way, const struct workload *w, const double *cost)
{
	static const enum cost needed[] = { MIGRATE_IN, MIGRATE_BACK, ATOMIC_LOCAL };
	double other[N_COSTS] = { 0 };

	for (size_t i = 0; i < 3; i++)
		if (isnan(cost[needed[i]])) {
			way->missing = request_cost_option(needed[i]);
			return;
		}
	other[ATOMIC] = cost[ATOMIC_LOCAL];
	other[DEVICE_FAULT] = cost[MIGRATE_IN];
	other[CPU_FAULT] = cost[MIGRATE_BACK];
	other[TOUCH] = cost[TOUCH];
	set(way, w, other);
	way->copied = 2 * way->conversions * PLAN_PAGE;
}

/* Nothing faults; both have the page at once. */
static void set_pin(struct way *way, const struct workload *w, const double *cost)
{
	double most = w->engines / cost[ATOMIC];

	way->known = 1;
	way->atomics = fmin(w->pages * w->atomics, most);
	way->touches = w->pages * w->touches;
	way->limit = way->atomics < w->pages * w->atomics ? LIMIT_ATOMICS : LIMIT_NONE;
	way->reached = reached(w, way->atomics, way->touches);
}

static double staying(const double *cost, const struct workload *w)
{
	struct way way = { 0 };

	set(&way, w, cost);
	return way.reached;
}

/* The largest share of the touches with which staying is enough; NAN: with none. */
static double touches_borne(const double *cost, const struct workload *w)
{
	double low = log(LEAST_FACTOR), high = 0;

	for (int i = 0; i < HALVINGS; i++) {
		struct workload fewer = *w;

		fewer.touches *= exp((low + high) / 2);
		if (staying(cost, &fewer) >= PLAN_ENOUGH)
			low = (low + high) / 2;
		else
			high = (low + high) / 2;
	}
	return low > log(LEAST_FACTOR) ? exp(low) : NAN;
}

/* If one fault took so many pages at the price of one; 0: not with a huge page either. */
static unsigned int granule_borne(const double *cost, const struct workload *w)
{
	for (unsigned int pages = 2; pages <= 512; pages *= 2) {
		struct workload larger = *w;

		larger.pages = ceil(w->pages / pages);
		larger.atomics *= w->pages / larger.pages;
		larger.touches *= w->pages / larger.pages;
		if (staying(cost, &larger) >= PLAN_ENOUGH)
			return pages;
	}
	return 0;
}

/* So many devices, each with a handler of its own and a part of the memory; 0: 64 are too few. */
static unsigned int devices_borne(const double *cost, const struct workload *w)
{
	for (unsigned int devices = 2; devices <= 64; devices *= 2) {
		struct workload part = *w;

		part.pages = ceil(w->pages / devices);
		part.threads = w->threads / devices;
		if (staying(cost, &part) >= PLAN_ENOUGH)
			return devices;
	}
	return 0;
}

struct ways ways_of(const struct plan_kernel *k, const struct workload *w)
{
	struct ways ways = { .fewer_touches = 1 };

	means(k, ways.cost);
	set(&ways.way[IN_PLACE], w, ways.cost);
	set_migrate(&ways.way[MIGRATING], w, ways.cost);
	set_pin(&ways.way[PINNED], w, ways.cost);
	if (ways.way[IN_PLACE].reached >= PLAN_ENOUGH)
		return ways;
	ways.fewer_touches = touches_borne(ways.cost, w);
	ways.granule = granule_borne(ways.cost, w);
	ways.devices = devices_borne(ways.cost, w);
	return ways;
}

static int is_enough(const struct way *way)
{
	return way->known && way->reached >= PLAN_ENOUGH;
}

/* Of two that are enough, the one that costs the CPU less. */
enum choice ways_choice(const struct ways *ways)
{
	const struct way *stay = &ways->way[IN_PLACE], *migrate = &ways->way[MIGRATING];

	if (is_enough(stay) && is_enough(migrate))
		return stay->lost + stay->handler <= migrate->lost + migrate->handler
			       ? CHOOSE_IN_PLACE
			       : CHOOSE_MIGRATING;
	if (is_enough(stay))
		return CHOOSE_IN_PLACE;
	if (is_enough(migrate))
		return CHOOSE_MIGRATING;
	return migrate->known ? CHOOSE_NEITHER : CHOOSE_UNKNOWN;
}
