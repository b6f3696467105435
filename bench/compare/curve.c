// SPDX-License-Identifier: MIT
/*
 * The distribution of the samples of all boots of a kernel: how many are no larger.
 *
 * Quantised: a point is kept where the share has grown by a STEP-th, or has come a tenth closer
 * to 1, so that a tail of few samples is there; the first and the last value always.
 */
#include <stdlib.h>

#include "compare/cells.h"
#include "lib/core/die.h"

#define STEP   400
#define CLOSER 0.9

static uint32_t *all_samples(const struct cell *cell, size_t *n)
{
	uint32_t *ticks = xcalloc(cell->samples + 1, sizeof(*ticks));

	*n = 0;
	for (size_t b = 0; b < cell->boots; b++)
		for (size_t i = 0; i < cell->boot[b].samples; i++)
			ticks[(*n)++] = cell->boot[b].ticks[i];
	stats_sort(ticks, *n);
	return ticks;
}

static void add(struct curve *c, uint32_t ticks, size_t up_to)
{
	c->ticks = xrealloc(c->ticks, c->points + 1, sizeof(*c->ticks));
	c->up_to = xrealloc(c->up_to, c->points + 1, sizeof(*c->up_to));
	c->ticks[c->points] = ticks;
	c->up_to[c->points++] = up_to;
}

struct curve *curve_of(const struct cell *cell)
{
	struct curve *c = xcalloc(1, sizeof(*c));
	double written = 0;
	size_t n;
	uint32_t *ticks = all_samples(cell, &n);

	/* A tick's worth differs between boots only where a success rate does. */
	c->per_tick = cell->boot[0].per_tick;
	for (size_t i = 0; i < n; i++) {
		double share = (double)(i + 1) / (double)n;

		if (i + 1 < n &&
		    (ticks[i + 1] == ticks[i] || (share - written < 1.0 / STEP &&
						  1 - share > CLOSER * (1 - written) && written)))
			continue;
		written = share;
		add(c, ticks[i], i + 1);
	}
	free(ticks);
	return c;
}
