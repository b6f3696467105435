/* SPDX-License-Identifier: MIT */
/* dexbench's command line: its own options, and Google Benchmark's, which go there. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <stddef.h>

#include "lib/machine/clock.h"

struct options {
	const char *cases, *out, *topology, *place;		  /* as given, or NULL */
	const char *list, *record_env, *record_host, *record_gpu; /* flags: set or NULL */
	const char *brief;					  /* likewise */
	const char *mode_text, *pages_text, *run_text, *counters_text, *gpu;
	/* What these texts say; options_check() fills it. */
	enum mode mode;
	size_t pages;
	unsigned int run;
	int counters;
};

/* Ours as they are given; dies of what neither we nor Google Benchmark know. */
struct options options_parse(int argc, char **argv);

/* --place's N. */
unsigned int options_place(const struct options *o);

/* Choose what --gpu says, or die. */
void options_gpu(const struct options *o);

/* Die on what cannot be, before anything is touched. */
void options_check(struct options *o);

#endif /* BENCH_OPTIONS_H */
