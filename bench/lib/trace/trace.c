// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/trace/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/arch/arch.h"
#include "lib/core/die.h"
#include "lib/machine/clock.h"
#include "lib/machine/proc.h"

#define GROUP	     "dexbench"
#define OPTIMIZATION "/proc/sys/debug/kprobes-optimization"
#define MAX_PROBES   8
#define TEXT_STEP    ((size_t)1 << 20)

struct trace {
	struct trace_probe probe[MAX_PROBES];
	size_t probes;
	char *root, *instance;	/* of tracefs */
	char *events;		/* root/kprobe_events */
	char *undo[MAX_PROBES]; /* what to write there to remove an event */
	size_t defined;
	int optimized; /* kprobes were turned into jumps before us */
};

/* The set that exists, for those who end the program. */
static struct trace *live;
static char reason[256];

static const int deadly[] = { SIGHUP, SIGINT, SIGTERM };

/* Write a short text in one go; errno, or 0.  For signal handlers too. */
static int put(const char *path, const char *text, int flags)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags), error = 0;

	if (fd < 0)
		return errno;
	if (*text && write(fd, text, strlen(text)) < 0)
		error = errno;
	close(fd);
	return error;
}

/* Allocates nothing, so that a signal handler may call it. */
static void remove_live(void)
{
	struct trace *t = live;

	if (!t)
		return;
	live = NULL;
	rmdir(t->instance);
	for (size_t i = 0; i < t->defined; i++)
		put(t->events, t->undo[i], O_APPEND);
	if (t->optimized)
		put(OPTIMIZATION, "1", 0);
}

static void on_signal(int signal)
{
	remove_live();
	raise(signal); /* the default, restored by SA_RESETHAND */
}

static void guard(void)
{
	static int done;
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };

	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		sigaction(deadly[i], &action, NULL);
	if (!done)
		atexit(remove_live);
	done = 1;
}

static int set(const struct trace *t, const char *file, const char *text)
{
	char *path = xasprintf("%s/%s", t->instance, file);
	int error = put(path, text, *text ? 0 : O_TRUNC);

	free(path);
	return error;
}

static char *find_root(void)
{
	static const char *const roots[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };

	for (size_t i = 0; i < 2; i++) {
		char *root = xasprintf("%s%s", proc_root, roots[i]);
		char *events = xasprintf("%s/kprobe_events", root);
		int found = !access(events, W_OK);

		free(events);
		if (found)
			return root;
		free(root);
	}
	return NULL;
}

static const char *why_not(const struct trace_probe *p, int error)
{
	snprintf(reason, sizeof(reason), "%s cannot be probed: %s", p->symbol,
		 error == ENOENT || error == EADDRNOTAVAIL
			 ? "this kernel has no such function, or several"
		 : error == EINVAL ? "the kernel forbids it, or patches the place itself"
				   : strerror(error));
	return reason;
}

/* 0, or errno; what a killed program left under the name goes first. */
static int define(struct trace *t, const struct trace_probe *p)
{
	char *undo = xasprintf("-:" GROUP "/%s\n", p->name);
	char *text = xasprintf("%c:" GROUP "/%s %s%s%s%s\n", p->at_return ? 'r' : 'p', p->name,
			       p->symbol, p->arg ? " a=" : "", p->arg ? p->arg : "",
			       p->arg ? ":x64" : "");
	int error;

	put(t->events, undo, O_APPEND);
	error = put(t->events, text, O_APPEND);
	free(text);
	if (error) {
		free(undo);
		return error;
	}
	t->undo[t->defined++] = undo;
	text = xasprintf("events/" GROUP "/%s/enable", p->name);
	error = set(t, text, "1");
	free(text);
	return error;
}

/* The reason why the set could not be had, or NULL. */
static const char *set_up(struct trace *t)
{
	if (mkdir(t->instance, 0700) && errno != EEXIST) {
		snprintf(reason, sizeof(reason), "%s: %s", t->instance, strerror(errno));
		return reason;
	}
	if (set(t, "tracing_on", "0") || set(t, "trace_clock", ARCH_TRACE_CLOCK))
		return "the kernel's tracing has no " ARCH_CLOCK_NAME
		       " clock (trace_clock " ARCH_TRACE_CLOCK ")";
	for (size_t i = 0; i < t->probes; i++) {
		int error = define(t, &t->probe[i]);

		if (error)
			return why_not(&t->probe[i], error);
	}
	return NULL;
}

static void release(struct trace *t)
{
	for (size_t i = 0; i < t->defined; i++)
		free(t->undo[i]);
	free(t->root);
	free(t->instance);
	free(t->events);
	free(t);
}

struct trace *trace_open(const struct trace_probe *probes, size_t n, const char **why)
{
	struct trace *t = xcalloc(1, sizeof(*t));

	if (live || n > MAX_PROBES)
		die("trace: one set of at most %d probes at a time", MAX_PROBES);
	memcpy(t->probe, probes, n * sizeof(*probes));
	t->probes = n;
	t->root = find_root();
	if (!t->root) {
		*why = "no kprobe events: mount -t tracefs trace /sys/kernel/tracing as root, on a kernel with CONFIG_KPROBE_EVENTS";
		release(t);
		return NULL;
	}
	t->instance = xasprintf("%s/instances/" GROUP, t->root);
	t->events = xasprintf("%s/kprobe_events", t->root);
	rmdir(t->instance);
	live = t;
	guard();
	t->optimized = json_integer_value(proc_number(OPTIMIZATION)) == 1;
	if (t->optimized)
		put(OPTIMIZATION, "0", 0);
	*why = set_up(t);
	if (!*why)
		return t;
	trace_close(t);
	return NULL;
}

void trace_close(struct trace *t)
{
	if (!t)
		return;
	remove_live();
	release(t);
}

static void require(const struct trace *t, const char *file, const char *text)
{
	int error = set(t, file, text);

	if (error)
		die("%s/%s: %s", t->instance, file, strerror(error));
}

void trace_on(struct trace *t)
{
	require(t, "trace", "");
	require(t, "tracing_on", "1");
}

void trace_off(struct trace *t)
{
	require(t, "tracing_on", "0");
}

/* " [cpu] flags ticks: name: (where)", from " [" on; @name takes 32.  What follows the
 * parenthesis, or NULL. */
static const char *parse_place(const char *cpu, uint64_t *ticks, char *name)
{
	unsigned int number;
	char flags[16];
	const char *end;
	int used = 0;

	if (sscanf(cpu, " [%u] %15s %" SCNu64 ": %31[a-z0-9]: (%n", &number, flags, ticks, name,
		   &used) != 4 ||
	    !used)
		return NULL;
	end = strchr(cpu + used, ')');
	return end ? end + 1 : NULL;
}

/* "<comm>-<pid> [cpu] ...", where a process may be called anything. */
int trace_parse(const char *line, const struct trace_probe *probes, size_t n,
		struct trace_event *event)
{
	const char *cpu = line, *rest = NULL;
	char name[32];
	int used = 0;

	if (*line == '#' || !*line)
		return 0;
	while (!rest && (cpu = strstr(cpu + 1, " [")))
		rest = parse_place(cpu, &event->ticks, name);
	if (!rest)
		return -1;
	for (event->probe = 0; event->probe < n; event->probe++)
		if (!strcmp(name, probes[event->probe].name))
			break;
	if (event->probe == n)
		return -1;
	event->arg = 0;
	if (!probes[event->probe].arg)
		return *rest ? -1 : 1;
	return sscanf(rest, " a=0x%" SCNx64 "%n", &event->arg, &used) == 1 && !rest[used] ? 1 : -1;
}

static char *read_text(const struct trace *t)
{
	char *path = xasprintf("%s/trace", t->instance), *text = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0, room = 0;
	ssize_t n = 1;

	while (fd >= 0 && n > 0) {
		if (room - length < 2) {
			room += TEXT_STEP;
			text = xrealloc(text, room, 1);
		}
		n = read(fd, text + length, room - length - 1);
		length += n > 0 ? (size_t)n : 0;
	}
	if (fd < 0 || n < 0)
		die("%s: %s", path, strerror(errno));
	close(fd);
	free(path);
	text[length] = '\0';
	return text;
}

/* "# entries-in-buffer/entries-written: 6/6   #P:1" */
static size_t entries(const char *text)
{
	const char *at = strstr(text, "entries-written: ");
	size_t kept, written;

	if (!at || sscanf(at, "entries-written: %zu/%zu", &kept, &written) != 2)
		die("the trace has no count of its entries");
	if (kept != written)
		die("the trace holds %zu of %zu events; trace less at once", kept, written);
	return written;
}

struct trace_event *trace_read(struct trace *t, size_t *n)
{
	char *text = read_text(t), *rest = text, *line;
	size_t expected = entries(text);
	struct trace_event *event = xcalloc(expected + 1, sizeof(*event));

	for (*n = 0; (line = strsep(&rest, "\n"));) {
		int found = trace_parse(line, t->probe, t->probes, &event[*n]);

		if (found < 0 || *n + (size_t)found > expected)
			die("not an event of ours in the trace: \"%.80s\"", line);
		*n += (size_t)found;
	}
	if (*n != expected)
		die("%zu of %zu events could be read from the trace", *n, expected);
	free(text);
	return event;
}
