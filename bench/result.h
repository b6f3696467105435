/* SPDX-License-Identifier: MIT */
/*
 * Results on their way out: collected per case, written as <case>.json
 * (results/schema/case.v1.json) when all is done, or, marked as incomplete,
 * when the program ends early.
 */
#ifndef BENCH_RESULT_H
#define BENCH_RESULT_H

#include "bench.h"

/* Where files go; without this call nothing is written. */
void result_directory(const char *directory, enum mode mode, size_t pages);
void result_add(const struct run *r);
/* Write every case's file; @complete: all that was asked for is in them. */
void result_write_all(int complete);

/* "name/param:value/..."; to free. */
char *result_name(const struct bench *bench, const int64_t *arg);
/* "1234.5 instructions/page, 4096 of 4096 pages"; to free. */
char *result_summary(const struct run *r);

#endif /* BENCH_RESULT_H */
