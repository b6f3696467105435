// SPDX-License-Identifier: MIT
/*
 * Every allocation and every copy of every request fails once: the first, then the second,
 * until the request needs no more (/proc/self/fail-nth, on kernels with DEBUG=1).
 *
 * Each failure has a process of its own, which ends with what it had.  An engine's allocations
 * are those of a job without engines, which the asking thread does.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "steps.h"

#define MOST	   2000u /* allocations of one request */
#define NOT_FAILED 0
#define FAILED	   1

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
	for (unsigned int i = 0; i < n_steps; i++)
		failed |= fail_each(i);
	return failed;
}

void put_points(FILE *f)
{
	if (!options.failures)
		return;
	fprintf(f, ", \"failures\": {");
	for (unsigned int i = 0; i < n_steps; i++)
		fprintf(f, "\"%s\": %llu%s", steps[i].name, (unsigned long long)tally->points[i],
			i + 1 < n_steps ? ", " : "}");
}
