// SPDX-License-Identifier: MIT
/*
 * A workload in the planner's units, as in "--size=64MiB --atomics=10M/s --touches=8x1M/s": bytes, and
 * rates per second of all of it.  Costs that were counted are instructions, which become time only by a
 * clock that somebody names; none is guessed.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"
#include "plan.h"

#define MOST 1e15

static const struct {
	const char *name;
	double factor;
} bytes[] = { { "B", 1 },
	      { "KiB", 1024 },
	      { "MiB", 1048576 },
	      { "GiB", 1073741824 },
	      { "TiB", 1099511627776 } },
  times[] = { { "", 1 }, { "k", 1e3 }, { "M", 1e6 }, { "G", 1e9 } };

/* A number without a sign or letters, and where it ends: "0x1" ends before the x. */
static double plain(const char *text, const char **end)
{
	size_t n = strspn(text, "0123456789.");
	char *digits = xasprintf("%.*s", (int)n, text), *rest;
	double value = strtod(digits, &rest);

	*end = n && !*rest ? text + n : text;
	free(digits);
	return value;
}

static double size_of(const char *option, const char *text)
{
	const char *end;
	double value = plain(text, &end);

	for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++)
		if (end > text && !strcmp(end, bytes[i].name) && value * bytes[i].factor >= 1 &&
		    value * bytes[i].factor <= MOST)
			return value * bytes[i].factor;
	die_usage("%s=%s: give bytes, as in 64MiB (B, KiB, MiB, GiB, TiB)", option, text);
}

/* "10M/s"; a second. */
static double rate_of(const char *option, const char *whole, const char *text)
{
	const char *end;
	double value = plain(text, &end);

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		size_t n = strlen(times[i].name);

		if (end > text && !strncmp(end, times[i].name, n) && !strcmp(end + n, "/s") &&
		    value >= 0 && value * times[i].factor <= MOST)
			return value * times[i].factor;
	}
	die_usage("%s=%s: beside --size it is a rate of all of it, as in %s (k, M or G)", option,
		  whole, !strcmp(option, "--touches") ? "8x1M/s" : "10M/s");
}

/* "8x1M/s" of eight threads, each so many; "8M/s" of all. */
static double touches_of(const char *text, double *threads)
{
	const char *end;
	double n = plain(text, &end);

	if (end == text || *end != 'x')
		return rate_of("--touches", text, text);
	if (n != floor(n) || !(n >= 1 && n <= 1e6))
		die_usage("--touches=%s: a whole number of threads stands before the x", text);
	*threads = n;
	return n * rate_of("--touches", text, end + 1);
}

/* Units of a cost in a ns. */
static double per_ns_of(const struct request *r, const char *unit)
{
	char *end;
	double value = r->per_ns ? strtod(r->per_ns, &end) : NAN;

	if (r->per_ns && (end == r->per_ns || *end || !(value > 0 && value <= 1000)))
		die_usage(
			"--instructions-per-ns=%s: give a number above 0, say 3 for 3 GHz at one instruction a cycle",
			r->per_ns);
	if (!strcmp(unit, "ns") && r->per_ns)
		die_usage("--instructions-per-ns=%s: the costs are in ns and need no clock",
			  r->per_ns);
	if (!strcmp(unit, "ns"))
		return 1;
	if (strcmp(unit, "instructions"))
		die_usage(
			"--size=%s: costs in %s of an emulator are no time; give results of MODE=timing, or of exact mode with --instructions-per-ns=N",
			r->size, unit);
	if (!r->per_ns)
		die_usage(
			"--size=%s: the costs are counts of instructions, and rates a second need a clock; give --instructions-per-ns=N of the machine you plan for, or results of MODE=timing",
			r->size);
	return value;
}

struct workload request_units(const struct request *r, const char *unit, double *per_ns)
{
	double threads = r->threads ? request_count("--threads", r->threads, 1, 1) : 0;
	double named = threads ? threads : 1, size = size_of("--size", r->size);
	double set = r->working_set ? size_of("--working-set", r->working_set) : size;
	double second;
	struct workload w = {
		.engines = request_count("--engines", r->engines, 1, 1),
		.sharers = request_count("--sharers", r->sharers, 0, 0),
		.burst = 1,
		.random = !r->arrivals || request_random(r),
		.touch = request_touch(r),
	};

	if (r->pages)
		die_usage("--size=%s and --pages=%s: both say how much is shared; give one",
			  r->size, r->pages);
	if (set > size)
		die_usage("--working-set=%s: it is a part of --size=%s", r->working_set, r->size);
	if (!r->atomics || !r->touches)
		die_usage(
			"%s is missing: what is the workload? for example --size=64MiB --atomics=10M/s --touches=8x1M/s",
			r->atomics ? "--touches" : "--atomics");
	if (r->device && strcmp(r->device, "beside"))
		die_usage("--device=%s: --size plans for a device beside the CPU", r->device);
	*per_ns = per_ns_of(r, unit);
	second = 1e9 * *per_ns;
	w.pages = ceil(set / PLAN_PAGE);
	w.atomics = rate_of("--atomics", r->atomics, r->atomics) / second / w.pages;
	w.touches = touches_of(r->touches, &named) / second / w.pages;
	if (threads && named != threads)
		die_usage("--threads=%s and --touches=%s: they name different numbers of threads",
			  r->threads, r->touches);
	if (!(w.atomics > 0))
		die_usage("--atomics=%s: the device has nothing to do", r->atomics);
	w.threads = named;
	return w;
}
