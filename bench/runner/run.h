/* SPDX-License-Identifier: MIT */
/* What main.c calls to measure; cases see bench.h alone. */
#ifndef BENCH_RUN_H
#define BENCH_RUN_H

#include <jansson.h>

#include "bench.h"

/* Fill @r, whose bench, arg, mode, dev and pages are set; r->skip says so if
 * it could not be done.  Dies if the work was not done. */
void run_execute(struct run *r);
/* The same work once more, with counters: perf_results().  What it samples is
 * thrown away, so that @r's samples know nothing of counters. */
json_t *run_count(const struct run *r);
void run_release(struct run *r);

#endif /* BENCH_RUN_H */
