// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/trace/lockwait.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/arch/arch.h"
#include "lib/core/die.h"
#include "lib/machine/proc.h"

#define TRACING "/sys/kernel/tracing"

struct lockwait {
	char *instance;
};

static int put(const struct lockwait *w, const char *file, const char *text)
{
	char *path = xasprintf("%s/%s", w->instance, file);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	free(path);
	return n == (ssize_t)strlen(text);
}

static void end(struct lockwait *w)
{
	rmdir(w->instance);
	free(w->instance);
	free(w);
}

struct lockwait *lockwait_start(void)
{
	struct lockwait *w = xcalloc(1, sizeof(*w));
	char *me = xasprintf("%d", gettid());
	int good;

	w->instance = xasprintf("%s" TRACING "/instances/dexbench-wait-%s", proc_root, me);
	good = (!mkdir(w->instance, 0700) || errno == EEXIST) && put(w, "tracing_on", "0") &&
	       put(w, "trace_clock", ARCH_TRACE_CLOCK) && put(w, "set_event_pid", me) &&
	       put(w, "events/lock/contention_begin/enable", "1") &&
	       put(w, "events/lock/contention_end/enable", "1") && put(w, "tracing_on", "1");
	free(me);
	if (good)
		return w;
	end(w);
	return NULL;
}

/* "<comm>-<pid> [cpu] flags ticks: contention_begin: ..." */
static int parse(const char *line, const char *what, uint64_t *ticks)
{
	const char *at = strstr(line, what), *number = at;

	if (!at)
		return 0;
	while (number > line && number[-1] >= '0' && number[-1] <= '9')
		number--;
	return number < at && sscanf(number, "%" SCNu64, ticks) == 1;
}

int lockwait_add(const char *text, struct lockwait_sum *sum)
{
	char *copy = xstrdup(text), *rest = copy, *line;
	uint64_t begin = 0, ticks;
	int good = 1;

	while (good && (line = strsep(&rest, "\n"))) {
		if (*line == '#' || !*line)
			continue;
		if (parse(line, ": contention_begin: ", &ticks)) {
			begin = ticks;
		} else if (!parse(line, ": contention_end: ", &ticks)) {
			good = 0;
		} else if (begin) { /* else it began before we listened */
			sum->waits++;
			sum->ticks += ticks - begin;
			begin = 0;
		}
	}
	free(copy);
	return good;
}

/* The whole file into *@text, to free. */
static void read_whole(const char *path, char **text)
{
	FILE *f = fopen(path, "re");
	size_t room = 0;

	*text = NULL;
	if (!f || getdelim(text, &room, '\0', f) < 0)
		die("%s: %s", path, strerror(errno));
	fclose(f);
}

static void refuse_losses(const char *text)
{
	const char *at = strstr(text, "entries-written: ");
	size_t kept, written;

	if (!at || sscanf(at, "entries-written: %zu/%zu", &kept, &written) != 2 || kept != written)
		die("the trace of lock contentions is not whole; use fewer --pages");
}

struct lockwait_sum lockwait_stop(struct lockwait *w)
{
	struct lockwait_sum sum = { 0 };
	char *path, *text;

	put(w, "tracing_on", "0");
	path = xasprintf("%s/trace", w->instance);
	read_whole(path, &text);
	refuse_losses(text);
	if (!lockwait_add(text, &sum))
		die("%s: not what tracefs writes", path);
	put(w, "events/lock/contention_begin/enable", "0");
	put(w, "events/lock/contention_end/enable", "0");
	free(text);
	free(path);
	end(w);
	return sum;
}
