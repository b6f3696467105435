/* SPDX-License-Identifier: MIT */
#ifndef COMPARE_CELLS_H
#define COMPARE_CELLS_H

#include "results/table.h"

/* Of every row on every kernel: what its boots say together. */
void cells_finish(struct table *t);

/* curve.c: how the samples of all boots lie, which are kept; quantised as its head says. */
struct curve *curve_of(const struct cell *cell);

#endif /* COMPARE_CELLS_H */
