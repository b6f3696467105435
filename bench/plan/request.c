// SPDX-License-Identifier: MIT
/* What was typed into numbers: the workload, and figures given by hand. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/known.h"
#include "lib/core/die.h"
#include "plan.h"

#define MOST 1e15

const char *request_cost_option(enum cost cost)
{
	static const char *const option[] = {
		[ATOMIC] = "--atomic-cost",	   [DEVICE_FAULT] = "--device-fault",
		[CPU_FAULT] = "--cpu-fault",	   [TOUCH] = "--touch-cost",
		[SHARER] = "--sharer-slope",	   [MIGRATE_IN] = "--migrate-in",
		[MIGRATE_BACK] = "--migrate-back", [ATOMIC_LOCAL] = "--atomic-cost-local",
	};

	return option[cost];
}

/* "LOW:BEST:HIGH", or one number for all three. */
struct figure request_figure(const char *option, const char *text)
{
	double v[3] = { 0 };
	const char *at = text;
	size_t n = 0;

	do {
		char *end;

		v[n++] = strtod(at, &end);
		if (end == at || (*end && *end != ':'))
			n = 4;
		at = end + (*end == ':');
		if (*end == ':' && !*at)
			n = 4;
	} while (n < 3 && *at);
	if (n == 1)
		v[1] = v[2] = v[0];
	if ((n != 1 && n != 3) || *at || !(v[0] >= 0 && v[0] <= v[1] && v[1] <= v[2]) ||
	    !(v[2] <= MOST))
		die_usage("%s=%s: give a number from 0 on, or LOW:BEST:HIGH", option, text);
	return (struct figure){ v[0], v[1], v[2] };
}

static double number(const char *option, const char *text, double least, const char *wanted)
{
	char *end;
	double value = strtod(text, &end);

	if (!*text || *end || !(value >= least && value <= MOST))
		die_usage("%s=%s: give %s", option, text, wanted);
	return value;
}

/* A whole number, @usual if it was not given. */
double request_count(const char *option, const char *text, double least, double usual)
{
	double value = text ? number(option, text, least, "a whole number") : usual;

	if (value != floor(value) || value > 1e9)
		die_usage("%s=%s: give a whole number up to 1e9", option, text);
	return value;
}

static double rate(const char *option, const char *text, double window)
{
	if (!text || !strcmp(text, "saturated"))
		return INFINITY;
	return number(option, text, 0, "a rate from 0 on, or saturated") / window;
}

/* Is @text the second of two words?  NULL: the first. */
static int second(const char *option, const char *text, const char *one, const char *two)
{
	if (text && strcmp(text, one) && strcmp(text, two))
		die_usage("%s=%s: one of %s, %s", option, text, one, two);
	return text && !strcmp(text, two);
}

static void only_one(const char *option, double value)
{
	if (value != 1)
		die_usage(
			"%s=%.0f: CPU and device are one stream of instructions here; --device=beside takes them apart",
			option, value);
}

const char *request_touch(const struct request *r)
{
	return second("--touch", r->touch, "write", "read") ? "read" : "write";
}

int request_random(const struct request *r)
{
	return second("--arrivals", r->arrivals, "regular", "random");
}

/* As it was measured. */
static double usual_burst(void)
{
	json_t *sizes = known_of(known_telling("touches"), "sizes");

	return json_number_value(json_object_get(sizes, "burst"));
}

struct workload request_workload(const struct request *r, double window, int serial)
{
	struct workload w = {
		.engines = request_count("--engines", r->engines, 1, 1),
		.threads = request_count("--threads", r->threads, 1, 1),
		.sharers = request_count("--sharers", r->sharers, 0, 0),
		.burst = request_count("--burst", r->burst, 1, usual_burst()),
		.atomics = rate("--atomics", r->atomics, window),
		.serial = r->device ? !second("--device", r->device, "serial", "beside") : serial,
		.touch = request_touch(r),
	};

	if (!r->pages || !r->touches)
		die_usage("%s missing: what is the workload? --help lists its options",
			  r->pages     ? "--touches is"
			  : r->touches ? "--pages is"
				       : "--pages and --touches are");
	w.pages = request_count("--pages", r->pages, 1, 1);
	w.touches = rate("--touches", r->touches, window);
	if (!(w.atomics > 0))
		die_usage("--atomics=%s: the device has nothing to do", r->atomics);
	w.random = r->arrivals ? request_random(r) : !w.serial;
	if (w.serial) {
		only_one("--engines", w.engines);
		only_one("--threads", w.threads);
	}
	return w;
}
