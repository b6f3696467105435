// SPDX-License-Identifier: MIT
/*
 * Every allocation and every copy of every request fails once: the first, then the second,
 * until the request needs no more (/proc/self/fail-nth, on kernels with DEBUG=1).
 *
 * Each failure has a process of its own, which ends with what it had.  An engine's allocations
 * are those of a job without engines, which the asking thread does.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

#define PAGES	   32u
#define AT	   (1ull << 36) /* regions of a loop are aligned */
#define MOST	   2000u	/* allocations of one request */
#define NOT_FAILED 0
#define FAILED	   1

/* What each needs to exist before; bits. */
enum { FILE_OPEN = 1, BUFFER = 2, DEVICE = 4, ENGINES = 8, JOB = 16, WATCH = 32, REFERENCED = 64 };
enum { REGION = 128 };

struct place {
	struct hand hand;
	struct player player;
	char *pages;
};

static struct dex_device device_of(const struct place *p, unsigned int needs)
{
	return (struct dex_device){ .size = sizeof(struct dex_device),
				    .flags = needs & REFERENCED ? DEX_DEVICE_REFERENCED : 0,
				    .start = (uintptr_t)p->pages,
				    .length = PAGES * PAGE,
				    .engines = needs & ENGINES ? 1 : 0,
				    .granule = 4 };
}

static struct dex_job good_job(void)
{
	return (struct dex_job){ .size = sizeof(struct dex_job),
				 .op = DEX_OP_ADD,
				 .access = DEX_ACCESS_STRIDED,
				 .stride = PAGE,
				 .span = PAGES * PAGE,
				 .count = 2 * PAGES,
				 .operand = 1,
				 .burst = 8,
				 .samples = 4 };
}

static int ask(struct place *p, unsigned long number, void *argument)
{
	return known_request(&p->hand, number, p->player.file[0], argument);
}

static int open_it(struct place *p)
{
	p->player.file[0] = open(DEX_DEVICE_PATH, O_RDWR);
	return p->player.file[0] < 0 ? -1 : 0;
}

static int map_at(struct place *p, size_t bytes, int protection, off_t at)
{
	return mmap(NULL, bytes, protection, MAP_SHARED, p->player.file[0], at) == MAP_FAILED ? -1
											      : 0;
}

static int map_buffer(struct place *p)
{
	return map_at(p, SAMPLES * sizeof(struct dex_sample), PROT_READ | PROT_WRITE, 0);
}

static int map_mirror(struct place *p)
{
	return map_at(p, PAGE, PROT_READ, (off_t)DEX_MIRROR_OFFSET);
}

static int run_of(struct place *p, unsigned long number, uint32_t batch)
{
	struct dex_run run = { .size = sizeof(run),
			       .start = (uintptr_t)p->pages,
			       .stride = batch * PAGE,
			       .count = PAGES / batch,
			       .batch = batch };

	return ask(p, number, &run);
}

static int loop_of(struct place *p, uint32_t pattern, uint32_t batch)
{
	struct dex_loop loop = { .size = sizeof(loop),
				 .flags = DEX_LOOP_CURE,
				 .pattern = pattern,
				 .max_iterations = 8,
				 .run = { .size = sizeof(loop.run),
					  .start = (uintptr_t)p->pages,
					  .stride = batch * PAGE,
					  .count = PAGES / batch,
					  .batch = batch } };

	return ask(p, DEX_IOC_LOOP, &loop);
}

static int make_device(struct place *p, unsigned int needs)
{
	struct dex_device device = device_of(p, needs);

	return ask(p, DEX_IOC_DEVICE, &device);
}

static int info(struct place *p)
{
	struct dex_info i = { .size = sizeof(i) };

	return ask(p, DEX_IOC_INFO, &i);
}

static int nop(struct place *p)
{
	return ask(p, DEX_IOC_NOP, NULL);
}

static int clock_run(struct place *p)
{
	return run_of(p, DEX_IOC_CLOCK, 1);
}

static int gup(struct place *p)
{
	return run_of(p, DEX_IOC_GUP, 1);
}

static int convert(struct place *p)
{
	return run_of(p, DEX_IOC_CONVERT, 1);
}

static int convert_batch(struct place *p)
{
	return run_of(p, DEX_IOC_CONVERT, 16);
}

static int watch(struct place *p)
{
	struct dex_watch w = { .size = sizeof(w), .start = (uintptr_t)p->pages, .length = PAGE };

	return ask(p, DEX_IOC_WATCH, &w);
}

static int unwatch(struct place *p)
{
	struct dex_watch w = { .size = sizeof(w) };

	return ask(p, DEX_IOC_WATCH, &w);
}

static int events(struct place *p)
{
	struct dex_events e = { .size = sizeof(e) };

	return ask(p, DEX_IOC_EVENTS, &e);
}

static int hold(struct place *p)
{
	struct dex_hold h = { .size = sizeof(h), .start = (uintptr_t)p->pages, .ns = 1000 };

	return ask(p, DEX_IOC_HOLD, &h);
}

static int nouveau(struct place *p)
{
	return loop_of(p, DEX_PATTERN_NOUVEAU, 1);
}

static int uvm(struct place *p)
{
	return loop_of(p, DEX_PATTERN_UVM, 16);
}

static int device(struct place *p)
{
	return make_device(p, 0);
}

static int device_engines(struct place *p)
{
	return make_device(p, ENGINES);
}

static int no_device(struct place *p)
{
	struct dex_device none = { .size = sizeof(none) };

	return ask(p, DEX_IOC_DEVICE, &none);
}

static int job(struct place *p)
{
	struct dex_job j = good_job();

	return ask(p, DEX_IOC_JOB, &j);
}

static int state(struct place *p)
{
	struct dex_state s = { .size = sizeof(s), .flags = DEX_STATE_STOP | DEX_STATE_WAIT };

	return ask(p, DEX_IOC_STATE, &s);
}

static int region_of(struct place *p, uint32_t pages)
{
	struct dex_private private = { .size = sizeof(private), .pages = pages };

	return ask(p, DEX_IOC_PRIVATE, &private);
}

static int region(struct place *p)
{
	return region_of(p, PAGES);
}

static int no_region(struct place *p)
{
	return region_of(p, 0);
}

static int migrate(struct place *p)
{
	struct dex_migrate m = { .size = sizeof(m),
				 .run = { .size = sizeof(m.run),
					  .start = (uintptr_t)p->pages,
					  .stride = 16 * PAGE,
					  .count = PAGES / 16,
					  .batch = 16 } };

	return ask(p, DEX_IOC_MIGRATE, &m);
}

static int close_it(struct place *p)
{
	return close(p->player.file[0]);
}

static int touch_pages(struct place *p)
{
	return guarded(write_byte, p->pages, 1) ? 0 : -1;
}

static const struct step {
	const char *name;
	unsigned int needs;
	int (*make)(struct place *p);
} steps[] = {
	{ "open", 0, open_it },
	{ "mmap", FILE_OPEN, map_buffer },
	{ "mmap_table", FILE_OPEN | DEVICE, map_mirror },
	{ "INFO", FILE_OPEN, info },
	{ "NOP", FILE_OPEN, nop },
	{ "CLOCK", FILE_OPEN | BUFFER, clock_run },
	{ "GUP", FILE_OPEN | BUFFER, gup },
	{ "CONVERT", FILE_OPEN | BUFFER, convert },
	{ "CONVERT_batch", FILE_OPEN | BUFFER, convert_batch },
	{ "WATCH", FILE_OPEN, watch },
	{ "WATCH_none", FILE_OPEN | WATCH, unwatch },
	{ "EVENTS", FILE_OPEN | WATCH, events },
	{ "HOLD", FILE_OPEN | BUFFER, hold },
	{ "LOOP_nouveau", FILE_OPEN | BUFFER, nouveau },
	{ "LOOP_uvm", FILE_OPEN | BUFFER, uvm },
	{ "DEVICE", FILE_OPEN, device },
	{ "DEVICE_engines", FILE_OPEN, device_engines },
	{ "DEVICE_none", FILE_OPEN | BUFFER | DEVICE | ENGINES | JOB, no_device },
	{ "JOB", FILE_OPEN | BUFFER | DEVICE, job },
	{ "JOB_engines", FILE_OPEN | BUFFER | DEVICE | ENGINES, job },
	{ "JOB_referenced", FILE_OPEN | BUFFER | DEVICE | REFERENCED, job },
	{ "STATE", FILE_OPEN | BUFFER | DEVICE | ENGINES | JOB, state },
	{ "PRIVATE", FILE_OPEN, region },
	{ "PRIVATE_none", FILE_OPEN | REGION, no_region },
	{ "MIGRATE", FILE_OPEN | BUFFER | REGION, migrate },
	{ "touch", FILE_OPEN | BUFFER | DEVICE | ENGINES | JOB | WATCH, touch_pages },
	{ "close", FILE_OPEN | BUFFER | DEVICE | ENGINES | JOB | WATCH, close_it },
};
#define STEPS (sizeof(steps) / sizeof(steps[0]))

static void prepare(struct place *p, unsigned int needs)
{
	p->pages = mmap((void *)AT, PAGES * PAGE, PROT_READ | PROT_WRITE,
			MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (needs & REGION) /* what is not there does not migrate */
		memset(p->pages, 1, PAGES * PAGE);
	if ((needs & FILE_OPEN && open_it(p)) || (needs & BUFFER && map_buffer(p)) ||
	    (needs & DEVICE && make_device(p, needs)) || (needs & JOB && job(p)) ||
	    (needs & REGION && region(p)) || (needs & WATCH && watch(p))) {
		dprintf(1, "fuzz: cannot prepare for a failure: %s\n", strerror(errno));
		_exit(2);
	}
}

/* In a process of its own: its status says whether something failed. */
static void fail_once(const struct step *step, unsigned int n)
{
	struct place p = { .player = { .round = n, .uffd = -1 } };
	int nth, written;
	char text[16];

	p.hand.p = &p.player;
	guard_signals();
	prepare(&p, step->needs);
	nth = open("/proc/self/fail-nth", O_RDWR);
	written = snprintf(text, sizeof(text), "%u", n);
	if (nth < 0 || pwrite(nth, text, (size_t)written, 0) != written)
		_exit(2);
	step->make(&p);
	/* What is left of the count: 0 if it came that far.  Reading it has a copy of its own. */
	memset(text, 0, sizeof(text));
	if (pread(nth, text, sizeof(text) - 1, 0) < 1)
		*text = '1';
	pwrite(nth, "0", 1, 0);
	_exit(atoi(text) ? NOT_FAILED : FAILED);
}

static int fail_each(unsigned int i)
{
	unsigned int n;
	int status = 0;

	for (n = 1; n < MOST; n++) {
		pid_t pid = fork();

		if (!pid)
			fail_once(&steps[i], n);
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return 1;
		if (!WIFEXITED(status) || WEXITSTATUS(status) != FAILED)
			break;
	}
	tally->points[i] = n - 1;
	add(&tally->injected, n - 1);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_FAILED)
		return 0;
	printf("fuzz: %s, failure %u: ended with status %#x\n", steps[i].name, n,
	       (unsigned int)status);
	add(&tally->crashed, 1);
	return 1;
}

/* Quietly: what the kernel says of each failure would look like a complaint. */
static void set_up(const char *what)
{
	static const char *const settings[][2] = { { "verbose", "0" },
						   { "ignore-gfp-wait", "N" },
						   { "ignore-gfp-highmem", "N" },
						   { "min-order", "0" },
						   { "cache-filter", "N" } };
	char path[128];

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", what, settings[i][0]);
		say(path, settings[i][1]);
	}
}

int failures(void)
{
	int failed = 0;

	if (!machine_has("fault injection")) {
		printf("fuzz: this kernel injects no failures; DEBUG=1 builds one that does\n");
		return 1;
	}
	/* The log has what vmalloc says of each; the console would take seconds for it. */
	say("/proc/sys/kernel/printk", "1");
	set_up("failslab");
	set_up("fail_page_alloc");
	set_up("fail_usercopy");
	for (unsigned int i = 0; i < STEPS; i++)
		failed |= fail_each(i);
	return failed;
}

void put_points(FILE *f)
{
	if (!options.failures)
		return;
	fprintf(f, ", \"failures\": {");
	for (unsigned int i = 0; i < STEPS; i++)
		fprintf(f, "\"%s\": %llu%s", steps[i].name, (unsigned long long)tally->points[i],
			i + 1 < STEPS ? ", " : "}");
}
