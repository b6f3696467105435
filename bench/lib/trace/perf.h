/* SPDX-License-Identifier: MIT */
/*
 * Counters around a piece of work, through perf_event_open(2).
 *
 * They count what the calling thread does, in user space and in the kernel. Events of
 * one group are on the processor together, so that their ratios mean something;
 * groups may take turns, which running_pct shows: scaled = value * 100 / running_pct
 * is then an estimate.  What cannot be counted here is null and says why.
 *
 * perf_start() and perf_stop() are system calls, whose ends are counted with the
 * work: a few hundred instructions, once.
 */
#ifndef LIB_PERF_H
#define LIB_PERF_H

#include <jansson.h>
#include <stdint.h>

struct perf;

struct perf *perf_open(void);
void perf_start(struct perf *perf);
void perf_stop(struct perf *perf);

/* name -> {value, scaled, running_pct, per_page, reason}; @pages that the work was. */
json_t *perf_results(struct perf *perf, uint64_t pages);
void perf_close(struct perf *perf);

#endif /* LIB_PERF_H */
