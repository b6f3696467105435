// SPDX-License-Identifier: MIT
/*
 * Windows of samples that were taken on several CPUs at once, in lockstep mode.
 *
 * A case has its samples member by member, each bound to a CPU of its own, the first to the
 * first; what a member converts before all are ready is not kept.  So the samples are the last
 * windows of each CPU that has any, the same number of each.  A CPU's clock is its own count
 * and the price of its PAUSEs; only where it halted is there more.  Every sample is held to that.
 *
 * What is more is time asleep, and is put where the CPU's task went to sleep; a window with several
 * such places shares it among them evenly.
 */
#include <stdlib.h>
#include <string.h>

#include "attribute/attribute.h"
#include "lib/arch/arch.h"
#include "lib/core/die.h"

#define MOST_CPUS 64

static const struct window_list *windows_of(const struct side *side)
{
	return &side->boot->windows->execution[side->execution].kernel;
}

static const uint32_t *cpus_of(const struct side *side)
{
	return side->boot->windows->execution[side->execution].cpu;
}

/* The last @each windows of one CPU, in their order; false if it has fewer. */
static int keep_last(struct side *side, uint32_t cpu, size_t each, size_t *to)
{
	size_t left = each, at = *to + each;

	for (size_t i = windows_of(side)->n; i-- > 0 && left;)
		if (cpus_of(side)[i] == cpu) {
			side->kept[--at] = i;
			left--;
		}
	*to += each;
	return !left;
}

static int keep_windows(struct side *side, const char **why)
{
	size_t members = 0, to = 0;
	int has[MOST_CPUS] = { 0 };

	for (size_t i = 0; i < windows_of(side)->n; i++) {
		uint32_t cpu = cpus_of(side)[i];

		if (cpu >= MOST_CPUS)
			die_usage("%s/windows.json: a CPU %u; boot again", side->boot->directory,
				  cpu);
		members += !has[cpu];
		has[cpu] = 1;
	}
	*why = "its samples are not the module's, or not of as many from each CPU";
	if (!members || side->samples % members)
		return 0;
	side->kept = xcalloc(side->samples + 1, sizeof(*side->kept));
	for (uint32_t cpu = 0; cpu < MOST_CPUS; cpu++)
		if (has[cpu] && !keep_last(side, cpu, side->samples / members, &to))
			return 0;
	return 1;
}

static const uint32_t *window(const struct side *side, size_t sample)
{
	return windows_of(side)->window + side->kept[sample] * W_FIELDS;
}

/* What the plugin accounts for. */
static double accounted(const struct side *side, size_t sample)
{
	size_t i = side->kept[sample];

	return window(side, sample)[W_TOTAL] +
	       side->boot->pause * side->boot->windows->execution[side->execution].pauses[i];
}

static int is_right(const struct side *side, const uint32_t *ticks)
{
	for (size_t i = 0; i < side->samples; i++) {
		double sum = accounted(side, i);

		if (window(side, i)[W_HALTS] ? sum > ticks[i] : sum != ticks[i])
			return 0;
	}
	return 1;
}

const struct event_list *lockstep_events(const struct side *side, size_t sample)
{
	const struct windows *w = side->boot->windows;

	return &w->events->profile[w->execution[side->execution].happened[side->kept[sample]]];
}

uint32_t event_number(const struct events *e, const char *name)
{
	json_t *item;
	size_t i;

	json_array_foreach(e->names, i, item)
		if (json_is_string(item) && !strcmp(json_string_value(item), name))
			return (uint32_t)i;
	return UINT32_MAX;
}

/* Ticks by the cells of one event in a sample, @each to one of them; how many there were. */
static double spread(const struct side *side, size_t sample, const char *name, double each,
		     double *cell)
{
	const struct event_list *list = lockstep_events(side, sample);
	uint32_t number = event_number(side->boot->windows->events, name);
	double n = 0;

	for (size_t k = 0; k < list->n; k++) {
		const uint32_t *event = list->event + k * E_FIELDS;

		if (event[E_EVENT] != number)
			continue;
		n += event[E_COUNT];
		cell[event[E_CELL]] += each * event[E_COUNT];
	}
	return n;
}

static void add_sample(struct side *side, size_t sample, uint32_t ticks)
{
	double idle = ticks - accounted(side, sample), sleeps;

	windows_add(side, window(side, sample));
	side->unchecked += !!window(side, sample)[W_HALTS];
	side->paused += side->boot->pause *
			spread(side, sample, "pause", side->boot->pause, side->cell_pause);
	side->idle += idle;
	if (idle <= 0)
		return;
	sleeps = spread(side, sample, "sleep", 0, side->cell_asleep);
	if (sleeps > 0)
		spread(side, sample, "sleep", idle / sleeps, side->cell_asleep);
}

int lockstep_side(struct side *side, const uint32_t *ticks, size_t group, const char **why)
{
	size_t cells = side->boot->windows->cells;
	double sum = 0;

	*why = "a sample of it is several calls";
	if (group != 1 || !keep_windows(side, why))
		return 0;
	*why = "its samples are not what lies between the module's stamps";
	if (!is_right(side, ticks))
		return 0;
	side->cell_pause = xcalloc(cells + 1, sizeof(*side->cell_pause));
	side->cell_asleep = xcalloc(cells + 1, sizeof(*side->cell_asleep));
	for (size_t i = 0; i < side->samples; i++) {
		add_sample(side, i, ticks[i]);
		sum += ticks[i];
	}
	side->selected = side->samples;
	side->value = sum;
	side->clock = ARCH_STAMP_INSTRUCTIONS * (double)side->samples;
	return 1;
}
