// SPDX-License-Identifier: MIT
/*
 * Costs of a GPU, in ns, out of what `make gpu` left: times of each page's
 * way to the device and back, and its rates.
 *
 * Staying is memory that is advised to be the CPU's, migrating memory that goes where it is
 * used: the process's own, or else the driver's, never one of each, so that the break-even
 * compares two ways for the same memory.  The CPU is idle in all of them: what waits
 * for whom is the model's to say.
 *
 * A cost is the mean over pages and not their median: a driver that brings pages along
 * with their neighbours is paid by the few that fault.  Its range is that of one visit.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/known.h"
#include "lib/core/die.h"
#include "lib/core/input.h"
#include "lib/core/json.h"
#include "lib/core/samples.h"
#include "plan.h"

#define LOW_END	 0.1
#define HIGH_END 0.9

struct source {
	struct samples *file;
	const char *path, *label;
	json_t *notes; /* NULL: say nothing */
};

static void note(const struct source *s, char *text)
{
	char *line = xasprintf("%s: %s", s->label, text);

	if (s->notes)
		json_array_append_new(s->notes, json_string(line));
	free(line);
	free(text);
}

int gpu_is(const char *directory)
{
	char *path = xasprintf("%s/gpu.json", directory);
	int is = input_exists(path);

	free(path);
	return is;
}

static int has(json_t *object, const char *member, const char *text)
{
	const char *value = json_string_value(json_object_get(object, member));

	return value && !strcmp(value, text);
}

/* The facts of one kind of memory: atomics of many threads on words of their own, to
 * the whole system, since a page that may move needs those; NULL: not tried. */
static json_t *facts_of(const struct source *s, const char *memory)
{
	json_t *result, *params;
	size_t i;

	json_array_foreach(json_need(s->file->root, "results", JSON_ARRAY, s->path), i, result) {
		params = json_object_get(result, "params");
		if (has(params, "memory", memory) && has(params, "scope", "sys") &&
		    has(params, "pattern", "distinct") && has(params, "cpu", "idle"))
			return json_object_get(result, "facts");
	}
	return NULL;
}

static int is_done(json_t *facts)
{
	return has(facts, "end", "done");
}

static struct figure transition(const struct source *s, const char *memory, const char *name)
{
	json_t *facts = facts_of(s, memory), *array = json_object_get(facts, name);
	double sum = 0, low, mean, high;
	uint32_t *ns;
	size_t n;

	if (!is_done(facts) || !json_is_array(array))
		return figure_of(NAN);
	ns = samples_of(s->file, array, &n, s->path);
	if (!n)
		return figure_of(NAN);
	stats_sort(ns, n);
	for (size_t i = 0; i < n; i++)
		sum += ns[i];
	mean = sum / (double)n;
	low = stats_quantile(ns, n, LOW_END);
	high = stats_quantile(ns, n, HIGH_END);
	if (stats_quantile(ns, n, 0.5) < mean / 2)
		note(s,
		     xasprintf(
			     "most pages of %s took far less (%s) than their mean, which a few make: neighbours come along, or some were disturbed; pages visited one by one may cost more",
			     memory, name));
	return (struct figure){ fmin(low, mean), mean, fmax(high, mean) };
}

/* Did it come back by itself?  What the CPU's reads had to end says how long that took. */
static int is_rescued(json_t *launch)
{
	return json_number_value(json_object_get(launch, "rescues")) > 0;
}

/* Of the launches on the largest footprint that found all pages where they belong. */
static struct figure atomic_of(const struct source *s, const char *memory)
{
	json_t *facts = facts_of(s, memory), *list = json_object_get(facts, "launches"), *l;
	struct figure f = { INFINITY, NAN, 0 };
	double atomics = 0, seconds = 0;
	json_int_t pages;
	size_t i;

	if (!is_done(facts) || !json_array_size(list))
		return figure_of(NAN);
	l = json_array_get(list, json_array_size(list) - 1);
	pages = json_need_int(l, "pages", s->path);
	json_array_foreach(list, i, l) {
		double n = json_number_value(json_object_get(l, "atomics"));
		double ns = 1e9 * json_number_value(json_object_get(l, "seconds"));

		if (json_need_int(l, "pages", s->path) != pages ||
		    json_is_true(json_object_get(l, "cold")) || is_rescued(l) || !(n > 0 && ns > 0))
			continue;
		f.low = fmin(f.low, ns / n);
		f.high = fmax(f.high, ns / n);
		atomics += n;
		seconds += ns;
	}
	f.best = atomics > 0 ? seconds / atomics : NAN;
	return atomics > 0 ? f : figure_of(NAN);
}

/* How many pages went that way, where pagemap could tell; -1: it could not. */
static json_int_t went(const struct source *s, const char *memory, const char *way)
{
	json_t *path = json_object_get(facts_of(s, memory), "path");

	return json_is_object(path) ? json_need_int(path, way, s->path) : -1;
}

static void set_staying(const struct source *s, const char *memory, struct figure *cost)
{
	cost[ATOMIC] = atomic_of(s, memory);
	cost[DEVICE_FAULT] = transition(s, memory, "first_ns");
	cost[CPU_FAULT] = transition(s, memory, "touch_ns");
	if (!went(s, memory, "exclusive"))
		note(s,
		     xasprintf(
			     "no page of %s was device-exclusive: staying is what the driver did instead",
			     memory));
}

static int is_known(const struct source *s, const char *memory)
{
	struct source silent = *s;
	struct figure cost[N_COSTS];

	silent.notes = NULL;
	set_staying(&silent, memory, cost);
	return !isnan(cost[ATOMIC].best + cost[DEVICE_FAULT].best + cost[CPU_FAULT].best);
}

static void set_migrating(const struct source *s, const char *memory, struct figure *cost)
{
	cost[ATOMIC_LOCAL] = atomic_of(s, "device");
	if (!went(s, memory, "migrated")) {
		note(s, xasprintf("no page of %s migrated, so migrating has no cost here", memory));
		return;
	}
	cost[MIGRATE_IN] = transition(s, memory, "first_ns");
	cost[MIGRATE_BACK] = transition(s, memory, "touch_ns");
}

/* What is no GPU says so in its own file. */
static void say_device(const struct source *s, const char *stays, const char *moves)
{
	json_t *device = json_object_get(s->file->root, "device");
	const char *name = json_string_value(json_object_get(device, "device"));
	int is_gpu = !has(device, "backend", "model") &&
		     !json_is_true(json_object_get(device, "is_cpu"));

	note(s, xasprintf("%s%s; staying is memory %s, migrating %s", name ? name : "a device",
			  is_gpu ? "" : ", which is no GPU", stays, moves));
}

static const char *reason_of(json_t *facts)
{
	const char *reason = json_string_value(json_object_get(facts, "reason"));

	if (json_number_value(json_object_get(facts, "rescues")) > 0)
		return "a launch came back only after the CPU had read its pages";
	return reason		? reason
	       : is_done(facts) ? "its pages were not timed one by one"
				: "not measured";
}

static struct source read_source(const char *directory, const char *label, json_t *notes)
{
	struct source s = { .path = xasprintf("%s/%s.json", directory, known_telling("device")),
			    .label = label,
			    .notes = notes };

	input_within(directory);
	s.file = samples_read(s.path, "dexbench.case.v1");
	return s;
}

struct costs gpu_costs(const char *directory, const char *label, json_t *notes, char **why)
{
	struct source s = read_source(directory, label, notes);
	json_t *own = facts_of(&s, "system_exclusive"), *drivers = facts_of(&s, "managed_cpu");
	int system = is_known(&s, "system_exclusive") || !is_known(&s, "managed_cpu");
	const char *stays = system ? "system_exclusive" : "managed_cpu";
	const char *moves = system ? "system_migrating" : "managed_migrating";
	struct costs c;

	for (size_t i = 0; i < N_COSTS; i++)
		c.cost[i] = figure_of(i == TOUCH || i == SHARER ? 0 : NAN);
	if (!has(s.file->root, "mode", "timing"))
		die_usage("%s: not of mode timing, so it holds no times; make gpu", s.path);
	say_device(&s, stays, moves);
	set_staying(&s, stays, c.cost);
	set_migrating(&s, moves, c.cost);
	*why = xasprintf("system_exclusive: %s; managed_cpu: %s", reason_of(own),
			 reason_of(drivers));
	samples_free(s.file);
	free((char *)s.path);
	return c;
}
