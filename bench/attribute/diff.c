// SPDX-License-Identifier: MIT
/* Two kernels' functions beside each other; one that a kernel lacks costs nothing there. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/attribute.h"
#include "lib/core/die.h"

double change_of(const struct change *c)
{
	return c->self[B].insns - c->self[A].insns;
}

static double inclusive_change(const struct change *c)
{
	return c->inclusive[B].insns - c->inclusive[A].insns;
}

static int by_change(const void *a, const void *b)
{
	const struct change *x = a, *y = b;
	double d = fabs(change_of(y)) - fabs(change_of(x));

	if (d == 0)
		d = fabs(inclusive_change(y)) - fabs(inclusive_change(x));
	if (d == 0)
		d = y->self[B].insns - x->self[B].insns;
	return d < 0 ? -1 : d > 0 ? 1 : strcmp(x->name, y->name);
}

static void take(struct change *c, int side, const struct function *f)
{
	c->name = f->name;
	c->self[side] = f->self;
	c->inclusive[side] = f->inclusive;
}

/* Both lists are in the order of names. */
void diff_row(struct row *row)
{
	const struct fold *a = row->fold[A], *b = row->fold[B];
	size_t i = 0, k = 0;

	row->change = xcalloc(a->functions + b->functions + 1, sizeof(*row->change));
	while (i < a->functions || k < b->functions) {
		struct change *c = &row->change[row->changes++];
		int order = i == a->functions	? 1
			    : k == b->functions ? -1
						: strcmp(a->function[i].name, b->function[k].name);

		if (order <= 0)
			take(c, A, &a->function[i++]);
		if (order >= 0)
			take(c, B, &b->function[k++]);
	}
	qsort(row->change, row->changes, sizeof(*row->change), by_change);
}
