// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/trace/perf.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/core/die.h"
#include "lib/machine/proc.h"

#define TRACING "/sys/kernel/tracing/events/"
/* Where older set-ups have it. */
#define DEBUG_TRACING "/sys/kernel/debug/tracing/events/"

#define LOAD_MISS(cache)                                                  \
	(PERF_COUNT_HW_CACHE_##cache | PERF_COUNT_HW_CACHE_OP_READ << 8 | \
	 PERF_COUNT_HW_CACHE_RESULT_MISS << 16)

/*
 * A new group begins where the number changes.  The last group is switched on
 * last and off first, so that it holds the least of the others' switching.
 */
static const struct event {
	const char *name;
	int group;
	uint32_t type;
	uint64_t config;
	const char *tracepoint; /* its number is the config */
} events[] = {
	{ "tlb_flushes", 0, PERF_TYPE_TRACEPOINT, 0, "tlb/tlb_flush" },
	{ "lock_contentions", 0, PERF_TYPE_TRACEPOINT, 0, "lock/contention_begin" },
	{ "page_faults", 1, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS, NULL },
	{ "context_switches", 1, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES, NULL },
	{ "cache_misses", 2, PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES, NULL },
	{ "dtlb_load_misses", 3, PERF_TYPE_HW_CACHE, LOAD_MISS(DTLB), NULL },
	{ "itlb_load_misses", 3, PERF_TYPE_HW_CACHE, LOAD_MISS(ITLB), NULL },
	{ "cycles", 4, PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, NULL },
	{ "instructions", 4, PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, NULL },
};

#define N_EVENTS (sizeof(events) / sizeof(events[0]))
#define N_GROUPS 5

struct perf {
	struct counter {
		int fd;
		char *reason; /* why there is none */
	} counter[N_EVENTS];
	int leader[N_GROUPS]; /* file descriptor; -1: nothing of it can be counted */
};

/* What a group's leader reads as, with the read_format below. */
struct reading {
	uint64_t n, enabled, running;
	uint64_t value[N_EVENTS];
};

static char *not_permitted(void)
{
	json_t *level = proc_number("/proc/sys/kernel/perf_event_paranoid");
	char *reason = xasprintf(
		"not permitted (kernel.perf_event_paranoid is %lld); run as root, or in a container with CAP_PERFMON",
		(long long)json_integer_value(level));

	json_decref(level);
	return reason;
}

static char *why_not(const struct event *event, int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
		return not_permitted();
	case ENOENT:
	case ENODEV:
	case EOPNOTSUPP:
		if (event->type == PERF_TYPE_TRACEPOINT)
			return xstrdup(
				"the kernel has no perf events for tracepoints (CONFIG_EVENT_TRACING)");
		return xstrdup(
			"no counter for it in this processor's PMU; a guest has a PMU only if its hypervisor gives it one (KVM: -cpu host,pmu=on)");
	case ENOSYS:
		return xstrdup("a kernel without CONFIG_PERF_EVENTS");
	case EBUSY:
		return xstrdup(
			"somebody else holds the PMU; end other profilers, or sysctl kernel.nmi_watchdog=0");
	default:
		return xasprintf("perf_event_open: %s", strerror(error));
	}
}

/* The number of a tracepoint, or 0 with the reason. */
static uint64_t tracepoint_id(const char *name, char **reason)
{
	static const char *const roots[] = { TRACING, DEBUG_TRACING };
	uint64_t id = 0;
	json_t *mounted;

	for (size_t i = 0; !id && i < 2; i++) {
		char *path = xasprintf("%s%s/id", roots[i], name);
		json_t *number = proc_number(path);

		id = (uint64_t)json_integer_value(number);
		json_decref(number);
		free(path);
	}
	if (id)
		return id;
	mounted = proc_matches("/sys/kernel/{,debug/}tracing/events");
	*reason =
		json_is_null(mounted)
			? xstrdup("no tracefs; mount -t tracefs trace /sys/kernel/tracing (as root, CONFIG_TRACING)")
			: xasprintf("this kernel has no tracepoint %s", name);
	json_decref(mounted);
	return 0;
}

static void open_one(const struct event *event, struct counter *counter, int leader)
{
	struct perf_event_attr attr = {
		.type = event->type,
		.size = sizeof(attr),
		.config = event->config,
		.disabled = leader < 0,
		.exclude_hv = 1,
		.read_format = PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED |
			       PERF_FORMAT_TOTAL_TIME_RUNNING,
	};

	counter->fd = -1;
	if (event->tracepoint) {
		attr.config = tracepoint_id(event->tracepoint, &counter->reason);
		if (!attr.config)
			return;
	}
	counter->fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, leader, PERF_FLAG_FD_CLOEXEC);
	if (counter->fd < 0)
		counter->reason = why_not(event, errno);
}

struct perf *perf_open(void)
{
	struct perf *perf = xcalloc(1, sizeof(*perf));

	for (int g = 0; g < N_GROUPS; g++)
		perf->leader[g] = -1;
	for (size_t i = 0; i < N_EVENTS; i++) {
		int *leader = &perf->leader[events[i].group];

		open_one(&events[i], &perf->counter[i], *leader);
		if (*leader < 0)
			*leader = perf->counter[i].fd;
	}
	return perf;
}

static void switch_group(const struct perf *perf, int group, unsigned long request)
{
	int leader = perf->leader[group];

	if (leader >= 0 && ioctl(leader, request, PERF_IOC_FLAG_GROUP))
		die("perf group %d: %s", group, strerror(errno));
}

void perf_start(struct perf *perf)
{
	for (int g = 0; g < N_GROUPS; g++)
		switch_group(perf, g, PERF_EVENT_IOC_RESET);
	for (int g = 0; g < N_GROUPS; g++)
		switch_group(perf, g, PERF_EVENT_IOC_ENABLE);
}

void perf_stop(struct perf *perf)
{
	for (int g = N_GROUPS - 1; g >= 0; g--)
		switch_group(perf, g, PERF_EVENT_IOC_DISABLE);
}

static json_t *absent(const char *reason)
{
	return json_pack("{s:n, s:n, s:n, s:n, s:s}", "value", "scaled", "running_pct", "per_page",
			 "reason", reason);
}

static json_t *counted(uint64_t value, const struct reading *r, uint64_t pages)
{
	double part = r->enabled ? (double)r->running / (double)r->enabled : 0;
	double scaled = part > 0 ? (double)value / part : 0;

	if (part <= 0)
		return absent(
			"it never got a counter: all are taken; end other profilers, or sysctl kernel.nmi_watchdog=0");
	return json_pack("{s:I, s:f, s:f, s:o, s:n}", "value", (json_int_t)value, "scaled", scaled,
			 "running_pct", 100 * part, "per_page",
			 pages ? json_real(scaled / (double)pages) : json_null(), "reason");
}

/* The values of one group, in the order in which its events were opened. */
static void add_group(struct perf *perf, int group, uint64_t pages, json_t *results)
{
	struct reading r = { 0 };
	size_t k = 0;

	if (perf->leader[group] >= 0 && read(perf->leader[group], &r, sizeof(r)) < 24)
		die("reading perf group %d: %s", group, strerror(errno));
	for (size_t i = 0; i < N_EVENTS; i++) {
		const struct counter *c = &perf->counter[i];

		if (events[i].group != group)
			continue;
		json_object_set_new(results, events[i].name,
				    c->fd < 0 ? absent(c->reason)
					      : counted(r.value[k++], &r, pages));
	}
	if (k != r.n)
		die("perf group %d has %llu values, expected %zu", group, (unsigned long long)r.n,
		    k);
}

json_t *perf_results(struct perf *perf, uint64_t pages)
{
	json_t *results = json_object();

	for (int g = N_GROUPS - 1; g >= 0; g--)
		add_group(perf, g, pages, results);
	return results;
}

void perf_close(struct perf *perf)
{
	/* Leaders come before their members; the kernel copes with either order. */
	for (size_t i = 0; i < N_EVENTS; i++) {
		if (perf->counter[i].fd >= 0)
			close(perf->counter[i].fd);
		free(perf->counter[i].reason);
	}
	free(perf);
}
