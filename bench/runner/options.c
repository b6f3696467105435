// SPDX-License-Identifier: MIT
#include "runner/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gpu/gpu.h"
#include "lib/core/args.h"
#include "lib/core/die.h"
#include "lib/core/pages.h"
#include "runner/cbench/cbench.h"

#define MOST_VCPUS  4096

#define OPTION(...) ARG(struct options, __VA_ARGS__)
static const struct argp_option table[] = {
	ARG_GROUP("What runs"),
	OPTION(mode_text, "mode", "MODE",
	       "exact|lockstep|parallel|timing: what a " ARCH_CLOCK_NAME
	       " tick is on this machine (default: timing)"),
	OPTION(cases, "cases", "REGEX", "only cases whose whole name matches (POSIX extended)"),
	OPTION(pages_text, "pages", "N",
	       "pages that each execution works on, a multiple of 512, 1536 or more (default: 4096)"),
	OPTION(brief, "brief", NULL,
	       "of cases that have a default selection of parameters, only those"),
	OPTION(counters_text, "counters", "yes|no",
	       "count events in an execution of its own (default: yes in timing mode, else no)"),
	OPTION(gpu, "gpu", "DEVICE",
	       "auto|cuda|opencl|model: what gpu_atomic runs on (default: auto, the first of these that is here)"),
	ARG_GROUP("What is written"),
	OPTION(out, "out", "DIR",
	       "write run.json, topology.xml and <case>.json, raw samples included"),
	OPTION(run_text, "run", "N",
	       "which run of the cases in this boot; from 2 on into <case>.run<N>.json (default: 1)"),
	OPTION(record_env, "record-env", NULL, "write run.json and topology.xml and run no case"),
	ARG_GROUP("What is answered without root, and nothing runs"),
	OPTION(list, "list", NULL, "print the cases as JSON"),
	OPTION(record_host, "record-host", NULL,
	       "print this machine's record as the host of a guest, as JSON"),
	OPTION(record_gpu, "record-gpu", NULL, "print what gpu_atomic would run on, as JSON"),
	OPTION(topology, "topology", "FILE", "write hwloc's XML of this machine"),
	OPTION(place, "place", "N",
	       "print where a guest's N CPUs belong on this machine, each on a core of its own, as JSON"),
	ARG_END,
};

/* Google Benchmark prints its options and ends the program. */
static void its_help(void)
{
	char *argv[] = { "dexbench", "--help", NULL };
	int argc = 2;

	putchar('\n');
	fflush(stdout);
	cbench_init(&argc, argv);
}

static const struct args command_line = {
	.program = "dexbench",
	.about = "Measure the device-exclusive path of the running kernel.  Needs root and the "
		 "dexbench module (make module, insmod build/module/dexbench.ko); "
		 "--cases=gpu_atomic needs neither.\v"
		 "Google Benchmark's options follow; iterations are fixed by --pages.  In exact, "
		 "lockstep and parallel mode its times are 0: an emulated time is none.",
	.options = table,
	.more_help = its_help,
};

static int is_its(const char *text)
{
	return !strncmp(text, "--benchmark_", 12) || !strncmp(text, "--v=", 4);
}

/* Its options out of argv, and to it. */
static void give_its(int *argc, char **argv)
{
	char **its = xcalloc((size_t)*argc + 1, sizeof(*its));
	int n = 1, kept = 1;

	its[0] = argv[0];
	for (int i = 1; i < *argc; i++) {
		if (is_its(argv[i]))
			its[n++] = argv[i];
		else
			argv[kept++] = argv[i];
	}
	*argc = kept;
	argv[kept] = NULL;
	if (cbench_init(&n, its))
		die("Google Benchmark: %s", cbench_last_error());
	if (cbench_unknown_argument(n, its))
		die_usage("unknown option %s; --help lists them", cbench_unknown_argument(n, its));
	free(its);
}

struct options options_parse(int argc, char **argv)
{
	struct options o = { 0 };

	give_its(&argc, argv);
	args_parse(&command_line, &o, &argc, argv);
	if (argc > 1)
		die_usage("%s: dexbench takes options alone; --help lists them", argv[1]);
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

unsigned int options_place(const struct options *o)
{
	unsigned long n = positive(o->place);

	if (!n || n > MOST_VCPUS)
		die_usage("--place=%s: give a number of CPUs, 1 to %d", o->place, MOST_VCPUS);
	return (unsigned int)n;
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
