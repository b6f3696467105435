/* SPDX-License-Identifier: MIT */
/*
 * Results on their way out: collected per case, written as <case>.json, or
 * <case>.run<N>.json from the second run of a boot on
 * (results/schema/case.v1.json), when all is done, or, marked as incomplete,
 * when the program ends early.
 */
#ifndef BENCH_RESULT_H
#define BENCH_RESULT_H

#include <jansson.h>

#include "bench.h"

/* What all files of one program run have in common. */
struct result_common {
	const char *directory;
	enum mode mode;
	size_t pages;	  /* that each execution works on */
	unsigned int run; /* 1, 2, ... in one boot, each a process of its own */
	int cpu, node;	  /* bound and verified; -1: not known */
};

/* Where files go; without this call nothing is written. */
void result_directory(const struct result_common *common);
/* The machine's state (env_state(), taken over) before @bench's first execution,
 * and after each. */
void result_state(const struct bench *bench, json_t *state);
/* @counters: perf_results(), taken over, or NULL. */
void result_add(const struct run *r, json_t *counters);
/* Write every case's file; @complete: all that was asked for is in them. */
void result_write_all(int complete);

/* What the case says of how much it works on, {"name": value}. */
json_t *result_sizes(const struct bench *bench);
/* "name/param:value/..."; to free. */
char *result_name(const struct bench *bench, const int64_t *arg);
/* "1234.5 instructions/page, 4096 of 4096 pages"; to free. */
char *result_summary(const struct run *r);

#endif /* BENCH_RESULT_H */
