// SPDX-License-Identifier: MIT
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gpu/gpu.h"
#include "lib/args.h"
#include "lib/die.h"
#include "lib/pages.h"

#define OPTION(...) ARG(struct options, __VA_ARGS__)
static const struct arg table[] = {
	OPTION(mode_text, "--mode", "exact|lockstep|parallel|timing",
	       "what a TSC tick is on this machine (default: timing)"),
	OPTION(cases, "--cases", "REGEX", "only cases whose whole name matches (POSIX extended)"),
	OPTION(pages_text, "--pages", "N",
	       "pages that each execution works on, a multiple of 512, 1536 or more (default: 4096)"),
	OPTION(run_text, "--run", "N",
	       "which run of the cases in this boot; from 2 on into <case>.run<N>.json (default: 1)"),
	OPTION(brief, "--brief", NULL,
	       "of cases that have a default selection of parameters, only those"),
	OPTION(counters_text, "--counters", "yes|no",
	       "count events in an execution of its own (default: yes in timing mode, else no)"),
	OPTION(gpu, "--gpu", "auto|cuda|opencl|model",
	       "what gpu_atomic runs on (default: auto, the first of these that is here)"),
	OPTION(out, "--out", "DIR",
	       "write run.json, topology.xml and <case>.json, raw samples included"),
	OPTION(record_env, "--record-env", NULL, "write run.json and topology.xml and run no case"),
	OPTION(record_host, "--record-host", NULL,
	       "print this machine's record as the host of a guest, as JSON, and exit; no root"),
	OPTION(record_gpu, "--record-gpu", NULL,
	       "print what gpu_atomic would run on, as JSON, and exit; no root"),
	OPTION(topology, "--topology", "FILE",
	       "write hwloc's XML of this machine and exit; no root"),
	OPTION(list, "--list", NULL, "print the cases as JSON and exit"),
	OPTION(version, "--version", NULL, "print which dexbench this is and exit"),
	OPTION(help, "--help", NULL, "this text"),
};

#define N_OPTIONS (sizeof(table) / sizeof(table[0]))

static void usage(void)
{
	printf("dexbench: measure the device-exclusive path of the running kernel.\n\n"
	       "Needs root and the dexbench module (make module, insmod build/module/dexbench.ko);\n"
	       "--cases=gpu_atomic needs neither.\n\n");
	args_help(table, N_OPTIONS, 30);
	printf("\nGoogle Benchmark's options follow; iterations are fixed by --pages.\n"
	       "In exact, lockstep and parallel mode its times are 0: an emulated time is none.\n\n");
	fflush(stdout);
}

struct options options_parse(int *argc, char **argv)
{
	struct options o = { 0 };
	int kept = 1;

	for (int i = 1; i < *argc; i++) {
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			usage(); /* and what follows is Google Benchmark's */
		else if (args_take(table, N_OPTIONS, &o, argv[i]))
			continue;
		argv[kept++] = argv[i];
	}
	*argc = kept;
	argv[kept] = NULL;
	return o;
}

/* The positive number that @text is; 0 if it is none. */
static unsigned long positive(const char *text)
{
	unsigned long long n;
	char *end;

	n = strtoull(text, &end, 10);
	return *text < '0' || *text > '9' || *end || n > 1u << 30 ? 0 : n;
}

static size_t parse_pages(const char *text)
{
	size_t pages = text ? positive(text) : 4096;

	if (pages < PAGES_LEAST || pages % PAGES_STEP)
		die_usage("--pages=%s: give a multiple of %d, %d or more", text, PAGES_STEP,
			  PAGES_LEAST);
	return pages;
}

static unsigned int parse_run(const char *text)
{
	unsigned long run = text ? positive(text) : 1;

	if (!run)
		die_usage("--run=%s: give a number, 1 or more", text);
	return (unsigned int)run;
}

static int parse_counters(const char *text, enum mode mode)
{
	if (!text)
		return mode == MODE_TIMING;
	if (strcmp(text, "yes") && strcmp(text, "no"))
		die_usage("--counters=%s: one of yes, no", text);
	return *text == 'y';
}

void options_gpu(const struct options *o)
{
	if (!gpu_select(o->gpu ? o->gpu : "auto"))
		die_usage("--gpu=%s: one of auto, cuda, opencl, model", o->gpu);
}

void options_check(struct options *o)
{
	o->pages = parse_pages(o->pages_text);
	o->run = parse_run(o->run_text);
	o->mode = clock_mode(o->mode_text ? o->mode_text : "timing");
	if (!o->mode)
		die_usage("--mode=%s: one of exact, lockstep, parallel, timing", o->mode_text);
	o->counters = parse_counters(o->counters_text, o->mode);
	options_gpu(o);
	if (o->record_env && !o->out)
		die_usage("--record-env needs --out=DIR");
}
