// SPDX-License-Identifier: MIT
/*
 * What a probe costs.  A system call that does not exist ends in a function of two
 * instructions ("return -ENOSYS"): with a probe there the call takes longer by the
 * probe, and between its entry and its return lies nothing but the probes.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <unistd.h>

#include "lib/arch/arch.h"
#include "lib/machine/clock.h"
#include "lib/trace/trace.h"

#define CALLS	  100
#define WARM_UP	  20
#define UNREACHED "a missing system call does not end in " ARCH_NO_SYSCALL_FUNCTION "() here"

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Sorts. */
static uint32_t median(uint32_t *v, uint32_t *spread)
{
	uint32_t wide;

	qsort(v, CALLS, sizeof(*v), by_size);
	wide = v[CALLS - 1 - CALLS / 10] - v[CALLS / 10];
	*spread = wide > *spread ? wide : *spread;
	return v[CALLS / 2];
}

static uint32_t call_ticks(uint32_t *spread)
{
	uint32_t ticks[CALLS];

	for (int i = -WARM_UP; i < CALLS; i++) {
		uint64_t start = clock_stamp();

		syscall(ARCH_NO_SYSCALL);
		ticks[i < 0 ? 0 : i] = clock_ticks(start, clock_stamp());
	}
	return median(ticks, spread);
}

/* What a call costs with one probe more. */
static int measure_hit(struct trace_cost *cost, const char **why)
{
	static const struct trace_probe probe = { "entry", ARCH_NO_SYSCALL_FUNCTION,
						  ARCH_FIRST_ARGUMENT, 0 };
	uint32_t without = call_ticks(&cost->spread);
	struct trace *t = trace_open(&probe, 1, why);
	size_t n;

	if (!t)
		return 0;
	trace_on(t);
	cost->hit = call_ticks(&cost->spread) - without;
	trace_off(t);
	free(trace_read(t, &n));
	trace_close(t);
	*why = n == WARM_UP + CALLS ? NULL : UNREACHED;
	return !*why;
}

static int measure_pair(struct trace_cost *cost, const char **why)
{
	static const struct trace_probe probe[] = { { "entry", ARCH_NO_SYSCALL_FUNCTION, NULL, 0 },
						    { "leave", ARCH_NO_SYSCALL_FUNCTION, NULL,
						      1 } };
	struct trace *t = trace_open(probe, 2, why);
	struct trace_event *event;
	uint32_t ticks[CALLS];
	size_t n;

	if (!t)
		return 0;
	trace_on(t);
	for (int i = 0; i < CALLS; i++)
		syscall(ARCH_NO_SYSCALL);
	trace_off(t);
	event = trace_read(t, &n);
	trace_close(t);
	for (size_t i = 0; i < CALLS; i++)
		ticks[i] =
			2 * i + 1 < n ? (uint32_t)(event[2 * i + 1].ticks - event[2 * i].ticks) : 0;
	free(event);
	cost->pair = median(ticks, &cost->spread) - ARCH_NO_SYSCALL_INSTRUCTIONS;
	return 1;
}

int trace_cost(struct trace_cost *cost, const char **why)
{
	*cost = (struct trace_cost){ 0 };
	return measure_hit(cost, why) && measure_pair(cost, why);
}
