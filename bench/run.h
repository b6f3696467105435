/* SPDX-License-Identifier: MIT */
/* What main.c calls to measure; cases see bench.h alone. */
#ifndef BENCH_RUN_H
#define BENCH_RUN_H

#include "bench.h"

/* Fill @r, whose bench, arg, mode, dev and pages are set; r->skip says so if
 * it could not be done.  Dies if the work was not done. */
void run_execute(struct run *r);
void run_release(struct run *r);

#endif /* BENCH_RUN_H */
