// SPDX-License-Identifier: MIT
/*
 * dexbench: the command line, and every case as a Google Benchmark.
 *
 * Google Benchmark chooses what runs and prints; each execution is one fixed
 * amount of work (run.c), whose samples go to our own files (result.c).
 * Nothing is measured here.
 */
#include <errno.h>
#include <regex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gpu/gpu.h"
#include "lib/core/die.h"
#include "lib/core/json.h"
#include "lib/machine/env.h"
#include "lib/machine/topo.h"
#include "lib/workers/team.h"
#include "list.h"
#include "runner/cbench/cbench.h"
#include "runner/describe.h"
#include "runner/options.h"
#include "runner/result.h"
#include "runner/run.h"

#define X(name) extern const struct bench bench_##name;
BENCH_LIST(X)
#undef X

#define X(name) &bench_##name,
static const struct bench *const benches[] = { BENCH_LIST(X) };
#undef X

#define N_BENCHES (sizeof(benches) / sizeof(benches[0]))
/* One combination of one case's parameters, registered as a benchmark. */
struct execution {
	const struct bench *bench;
	int64_t arg[BENCH_MAX_PARAMS];
	enum mode mode;
	struct dev *dev;
	int node;
	size_t pages;
	unsigned int number; /* of the run */
	int counters, brief;
};

static void execute(cbench_state *st, void *user)
{
	const struct execution *e = user;
	struct run r = { .bench = e->bench,
			 .mode = e->mode,
			 .dev = e->dev,
			 .node = e->node,
			 .pages = e->pages,
			 .number = e->number };
	double seconds = 0;
	json_t *counters = NULL;
	char *summary;

	memcpy(r.arg, e->arg, sizeof(r.arg));
	result_state(e->bench, env_state());
	run_execute(&r);
	if (e->counters && !r.skip && !e->bench->device)
		counters = run_count(&r);
	result_add(&r, counters);
	result_state(e->bench, env_state());
	if (r.skip) {
		cbench_skip(st, r.skip);
		run_release(&r);
		return;
	}
	for (size_t i = 0; e->dev && e->mode == MODE_TIMING && i < r.samples; i++)
		seconds += r.ticks[i] / (dev_info(e->dev)->clock_khz * 1e3);
	/* An iteration is an attempt, of which there may be more or less than pages. */
	while (cbench_keep_running_batch(st, r.attempted ? (int64_t)r.attempted : 1))
		cbench_set_iteration_time(st, seconds);
	summary = result_summary(&r);
	cbench_label(st, summary);
	cbench_counter(st, "pages_ok", (double)r.succeeded);
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
	/* One, of which the execution makes as many as it has attempts. */
	if (!cbench_use_manual_time(cbench_iterations(b, 1)))
		die("cannot register %s: %s", name, cbench_last_error());
	free(name);
}

/* Every combination of the parameters from the @i-th on. */
static void register_all(struct execution *e, size_t i)
{
	const struct bench_param *p = &e->bench->params[i];

	if (i == BENCH_MAX_PARAMS || !p->name) {
		if (!e->brief || !e->bench->brief || e->bench->brief(e->arg))
			register_one(e);
		return;
	}
	for (size_t k = 0; k < p->n; k++) {
		e->arg[i] = p->values[k];
		register_all(e, i + 1);
	}
}

/* The cases that @pattern names, or all that need the module, and how many; *@module:
 * one of them does. */
static size_t match(const char *pattern, const struct bench *matching[N_BENCHES], int *module)
{
	char *whole = xasprintf("^(%s)$", pattern ? pattern : ".*");
	size_t n = 0;
	regex_t re;

	if (regcomp(&re, whole, REG_EXTENDED | REG_NOSUB))
		die_usage("--cases=%s: not a regular expression", pattern);
	for (size_t i = 0; i < N_BENCHES; i++) {
		if (regexec(&re, benches[i]->name, 0, NULL, 0) || (!pattern && benches[i]->device))
			continue;
		matching[n++] = benches[i];
		*module |= !benches[i]->device;
	}
	regfree(&re);
	free(whole);
	return n;
}

static void print_result(const struct cbench_result *r)
{
	/* The library appends how it ran, which is the same for all. */
	const char *end = strstr(r->name, "/manual_time");
	size_t length = end ? (size_t)(end - r->name) : strlen(r->name);

	printf("%-32.*s %s\n", (int)length, r->name, r->skipped ? r->skipped : r->label);
	fflush(stdout);
}

/* @timed: ticks of the module are time. */
static void run_all(enum mode mode, int timed)
{
	int64_t n;

	cbench_add_context("dexbench_mode", clock_mode_name(mode));
	n = timed ? cbench_run(0, NULL) : cbench_run(CBENCH_NO_TIME, print_result);
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
		print_json(describe(benches, N_BENCHES));
	if (o->record_host)
		print_json(env_host());
	if (o->record_gpu) {
		options_gpu(o);
		print_json(gpu_describe());
	}
	if (o->topology)
		topo_write(o->topology);
	if (o->place)
		print_json(topo_place(options_place(o)));
	return o->list || o->record_host || o->record_gpu || o->topology || o->place;
}

static void open_device(struct execution *e)
{
	const char *why = NULL;

	if (geteuid())
		die_usage("not root: the module takes requests from root alone");
	e->dev = dev_open(e->pages, &why);
	if (!e->dev)
		die_usage("%s", why);
	if (e->mode == MODE_TIMING && !dev_info(e->dev)->clock_khz)
		die_usage("timing mode: the kernel could not calibrate its " ARCH_CLOCK_NAME
			  ", so ticks are no time");
}

static struct options parse_all(int argc, char **argv)
{
	struct options o = options_parse(argc, argv);

	if (answer(&o))
		exit(0);
	options_check(&o);
	return o;
}

/* Results are more than what is said of them: a reader that goes away ends neither the
 * measurement nor its files, only the hope for status 0. */
static struct options begin(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	die_of_lost_output();
	return parse_all(argc, argv);
}

static void go_there(struct team_member *m)
{
	topo_bind(m->core);
}

/*
 * We may have been on another CPU before we were bound to ours, and that one, while it idles, keeps our
 * address space: then every change of a page asks which CPUs are to be told, which is 324
 * instructions a conversion on 7.3, told or not.  So all others get another address space, and
 * a second to forget ours (mm_cpumask, that is trimmed late since 6.14).
 */
static void settle(void)
{
	struct team_member m = { 0 };

	for (m.core = 1; m.core < topo_cores(); m.core++)
		team_child(go_there, &m);
	if (topo_cores() > 1)
		usleep(1100000);
}

int main(int argc, char **argv)
{
	struct options o = begin(argc, argv);
	struct execution e = { .mode = o.mode,
			       .pages = o.pages,
			       .number = o.run,
			       .counters = o.counters,
			       .brief = !!o.brief };
	struct result_common common = {
		.directory = o.out, .mode = o.mode, .pages = o.pages, .run = o.run
	};
	const struct bench *matching[N_BENCHES];
	int module = !!o.record_env;
	size_t n = match(o.cases, matching, &module);

	if (!n)
		die_usage("--cases=%s: no case matches; --list shows them", o.cases);
	if (module)
		open_device(&e);
	clock_require(e.mode);
	if (o.out && mkdir(o.out, 0777) && errno != EEXIST)
		die_usage("--out=%s: cannot create it: %s", o.out, strerror(errno));
	common.cpu = topo_bind(0);
	common.node = e.node = topo_node(common.cpu);
	if (o.out)
		write_record(&o, e.mode, e.dev ? dev_info(e.dev) : NULL);
	if (o.record_env)
		return 0;
	for (size_t i = 0; i < n; i++) {
		e.bench = matching[i];
		register_all(&e, 0);
	}
	if (o.out)
		result_directory(&common);
	if (e.dev)
		settle();
	run_all(e.mode, e.dev && e.mode == MODE_TIMING);
	result_write_all(1);
	if (e.dev)
		dev_close(e.dev);
	return 0;
}
