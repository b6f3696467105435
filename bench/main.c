// SPDX-License-Identifier: MIT
/*
 * dexbench: the command line, and every case as a Google Benchmark.
 *
 * Google Benchmark chooses what runs and prints; each execution is one fixed
 * amount of work (run.c), whose samples go to our own files (result.c).
 * Nothing is measured here.
 */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cbench/cbench.h"
#include "lib/die.h"
#include "lib/env.h"
#include "lib/json.h"
#include "lib/topo.h"
#include "list.h"
#include "result.h"
#include "run.h"

#define X(name) extern const struct bench bench_##name;
BENCH_LIST(X)
#undef X

#define X(name) &bench_##name,
static const struct bench *const benches[] = { BENCH_LIST(X) };
#undef X

#define N_BENCHES (sizeof(benches) / sizeof(benches[0]))
/* The longest range that a case works in, and three samples of it: a timer
 * interrupt that falls into one of them must not be the median. */
#define LONGEST	  512
#define MIN_PAGES (3 * LONGEST)

struct options {
	const char *mode, *cases, *out, *pages, *run, *topology;
	const char *list, *record_env, *record_host; /* flags: set or NULL */
};

static const struct {
	const char *name, *value, *help;
	size_t offset;
} option_table[] = {
#define OPTION(field, name, value, help)                           \
	{                                                          \
		name, value, help, offsetof(struct options, field) \
	}
	OPTION(mode, "--mode", "exact|parallel|timing",
	       "what a TSC tick is on this machine (default: timing)"),
	OPTION(cases, "--cases", "REGEX", "only cases whose whole name matches (POSIX extended)"),
	OPTION(pages, "--pages", "N",
	       "pages that each execution works on, a multiple of 512, 1536 or more (default: 4096)"),
	OPTION(run, "--run", "N",
	       "which run of the cases in this boot; from 2 on into <case>.run<N>.json (default: 1)"),
	OPTION(out, "--out", "DIR",
	       "write run.json, topology.xml and <case>.json, raw samples included"),
	OPTION(record_env, "--record-env", NULL, "write run.json and topology.xml and run no case"),
	OPTION(record_host, "--record-host", NULL,
	       "print this machine's record as the host of a guest, as JSON, and exit; no root"),
	OPTION(topology, "--topology", "FILE",
	       "write hwloc's XML of this machine and exit; no root"),
	OPTION(list, "--list", NULL, "print the cases as JSON and exit"),
#undef OPTION
};

/* One combination of one case's parameters, registered as a benchmark. */
struct execution {
	const struct bench *bench;
	int64_t arg[BENCH_MAX_PARAMS];
	enum mode mode;
	struct dev *dev;
	int node;
	size_t pages;
};

static void usage(void)
{
	printf("dexbench: measure the device-exclusive path of the running kernel.\n\n"
	       "Needs root and the dexbench module (make module, insmod build/module/dexbench.ko).\n\n");
	for (size_t i = 0; i < sizeof(option_table) / sizeof(option_table[0]); i++) {
		char *left =
			xasprintf("%s%s%s", option_table[i].name, option_table[i].value ? "=" : "",
				  option_table[i].value ? option_table[i].value : "");

		printf("  %-30s %s\n", left, option_table[i].help);
		free(left);
	}
	printf("\nGoogle Benchmark's options follow; iterations are fixed by --pages.\n"
	       "In exact and parallel mode its times are 0: an emulated time is none.\n\n");
	fflush(stdout);
}

/* Take our options out of argv; Google Benchmark gets the rest. */
static struct options parse(int *argc, char **argv)
{
	struct options o = { 0 };
	int kept = 1;

	for (int i = 1; i < *argc; i++) {
		size_t k, n = sizeof(option_table) / sizeof(option_table[0]);

		for (k = 0; k < n; k++) {
			size_t len = strlen(option_table[k].name);
			char want = option_table[k].value ? '=' : '\0';

			if (!strncmp(argv[i], option_table[k].name, len) && argv[i][len] == want) {
				*(const char **)((char *)&o + option_table[k].offset) =
					argv[i] + len + (want != '\0');
				break;
			}
		}
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			usage();
		if (k == n)
			argv[kept++] = argv[i];
	}
	*argc = kept;
	argv[kept] = NULL;
	return o;
}

static json_t *list_cases(void)
{
	json_t *list = json_array();

	for (size_t i = 0; i < N_BENCHES; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:b}", "case", benches[i]->name,
					"question", benches[i]->question, "sample",
					benches[i]->sample_is, "control", benches[i]->control));
	return list;
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

	if (pages < MIN_PAGES || pages % LONGEST)
		die_usage("--pages=%s: give a multiple of %d, %d or more", text, LONGEST,
			  MIN_PAGES);
	return pages;
}

static unsigned int parse_run(const char *text)
{
	unsigned long run = text ? positive(text) : 1;

	if (!run)
		die_usage("--run=%s: give a number, 1 or more", text);
	return (unsigned int)run;
}

static void execute(cbench_state *st, void *user)
{
	const struct execution *e = user;
	struct run r = { .bench = e->bench,
			 .mode = e->mode,
			 .dev = e->dev,
			 .node = e->node,
			 .pages = e->pages };
	double seconds = 0;
	char *summary;

	memcpy(r.arg, e->arg, sizeof(r.arg));
	result_state(e->bench, env_state());
	run_execute(&r);
	result_add(&r);
	result_state(e->bench, env_state());
	if (r.skip) {
		cbench_skip(st, r.skip);
		run_release(&r);
		return;
	}
	for (size_t i = 0; e->mode == MODE_TIMING && i < r.samples; i++)
		seconds += r.ticks[i] / (dev_info(e->dev)->tsc_khz * 1e3);
	while (cbench_keep_running_batch(st, (int64_t)e->pages))
		cbench_set_iteration_time(st, seconds);
	summary = result_summary(&r);
	cbench_label(st, summary);
	cbench_counter(st, "pages_ok", (double)r.succeeded, CBENCH_COUNTER_PLAIN);
	free(summary);
	run_release(&r);
}

static void register_one(const struct execution *e)
{
	struct execution *copy = xcalloc(1, sizeof(*copy));
	char *name = result_name(e->bench, e->arg);
	cbench_bench *b;

	*copy = *e;
	b = cbench_register(name, execute, copy);
	if (!cbench_use_manual_time(cbench_iterations(b, (int64_t)e->pages)))
		die("cannot register %s: %s", name, cbench_last_error());
	free(name);
}

/* Every combination of the parameters from the @i-th on. */
static void register_all(struct execution *e, size_t i)
{
	const struct bench_param *p = &e->bench->params[i];

	if (i == BENCH_MAX_PARAMS || !p->name) {
		register_one(e);
		return;
	}
	for (size_t k = 0; k < p->n; k++) {
		e->arg[i] = p->values[k];
		register_all(e, i + 1);
	}
}

static size_t register_matching(const char *pattern, struct execution *e)
{
	char *whole = xasprintf("^(%s)$", pattern ? pattern : ".*");
	size_t n = 0;
	regex_t re;

	if (regcomp(&re, whole, REG_EXTENDED | REG_NOSUB))
		die_usage("--cases=%s: not a regular expression", pattern);
	for (size_t i = 0; i < N_BENCHES; i++) {
		if (regexec(&re, benches[i]->name, 0, NULL, 0))
			continue;
		e->bench = benches[i];
		register_all(e, 0);
		n++;
	}
	regfree(&re);
	free(whole);
	return n;
}

static void print_result(const struct cbench_result *r, void *user)
{
	/* The library appends how it ran, which is the same for all. */
	const char *end = strstr(r->name, "/iterations:");
	size_t length = end ? (size_t)(end - r->name) : strlen(r->name);

	(void)user;
	printf("%-32.*s %s\n", (int)length, r->name,
	       r->outcome == CBENCH_OK ? r->label : r->message);
	fflush(stdout);
}

static void run_all(enum mode mode)
{
	struct cbench_options options = { .size = sizeof(options) };
	int64_t n;

	if (mode != MODE_TIMING) {
		options.flags = CBENCH_NO_TIME;
		options.report = print_result;
	}
	cbench_add_context("dexbench_mode", clock_mode_name(mode));
	n = cbench_run(&options);
	if (n < 0)
		die("Google Benchmark: %s", cbench_last_error());
	if (!n)
		die_usage("no case matches --benchmark_filter; --benchmark_list_tests shows them");
	cbench_shutdown();
}

static char *log_path;

static void write_log(void)
{
	env_write_log(log_path);
}

/*
 * One record a directory: a guest writes it before the first case, and its log
 * itself when the last has ended; on bare metal the first program does both, the
 * log also if a case ends it early.
 */
static void write_record(const struct options *o, enum mode mode, const struct dev_info *info)
{
	char *path = xasprintf("%s/run.json", o->out);
	char *topology = xasprintf("%s/topology.xml", o->out);
	struct stat st;

	if (o->record_env || stat(path, &st)) {
		json_write_new(env_record(mode, info), path);
		topo_write(topology);
		if (!o->record_env) {
			log_path = xasprintf("%s/dmesg.txt", o->out);
			atexit(write_log);
		}
	}
	free(topology);
	free(path);
}

static void print_json(json_t *root)
{
	json_dumpf(root, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(root);
}

/* What needs neither root nor the module; false if it was not asked for. */
static int answer(const struct options *o)
{
	if (o->list)
		print_json(list_cases());
	if (o->record_host)
		print_json(env_machine());
	if (o->topology)
		topo_write(o->topology);
	return o->list || o->record_host || o->topology;
}

/* Die on what cannot be, before anything is touched. */
static void check_options(const struct options *o, struct execution *e)
{
	e->pages = parse_pages(o->pages);
	e->mode = clock_mode(o->mode ? o->mode : "timing");
	if (!e->mode)
		die_usage("--mode=%s: one of exact, parallel, timing", o->mode);
	if (o->record_env && !o->out)
		die_usage("--record-env needs --out=DIR");
	if (geteuid())
		die_usage("not root: the module takes requests from root alone");
}

static void open_device(struct execution *e)
{
	const char *why = NULL;

	e->dev = dev_open(e->pages, &why);
	if (!e->dev)
		die_usage("%s", why);
	clock_require(e->mode);
	if (e->mode == MODE_TIMING && !dev_info(e->dev)->tsc_khz)
		die_usage(
			"timing mode: the kernel could not calibrate its TSC, so ticks are no time");
}

int main(int argc, char **argv)
{
	struct options o = parse(&argc, argv);
	struct result_common common = { .directory = o.out, .run = parse_run(o.run) };
	struct execution e = { 0 };
	const char *unknown;

	if (answer(&o))
		return 0;
	if (cbench_init(&argc, argv))
		die("Google Benchmark: %s", cbench_last_error());
	unknown = cbench_unknown_argument(argc, argv);
	if (unknown)
		die_usage("unknown option %s; --help lists them", unknown);
	check_options(&o, &e);
	open_device(&e);
	common.cpu = topo_bind(0);
	common.node = e.node = topo_node(common.cpu);
	common.mode = e.mode;
	common.pages = e.pages;
	if (o.out)
		write_record(&o, e.mode, dev_info(e.dev));
	if (o.record_env)
		return 0;
	if (!register_matching(o.cases, &e))
		die_usage("--cases=%s: no case matches; --list shows them", o.cases);
	if (o.out)
		result_directory(&common);
	run_all(e.mode);
	result_write_all(1);
	dev_close(e.dev);
	return 0;
}
