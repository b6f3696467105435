// SPDX-License-Identifier: MIT
/*
 * The windows that belong to the samples of one result, and whether they agree.
 *
 * Executions are matched by their order: dexbench marks each one whose samples it keeps, and
 * writes its results in the same order.  Samples that the module took have windows of the
 * kernel; others have windows of user space, but for those in which a window of the
 * module's lies: they are requests, which are timed for another purpose.  A case that has
 * its samples from probes ("probe_overhead") has spans of the kernel's windows.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/attribute.h"
#include "lib/arch/arch.h"
#include "lib/core/bounds.h"
#include "lib/core/die.h"
#include "lib/core/fields.h"
#include "lib/core/input.h"
#include "lib/core/json.h"
#include "lib/core/samples.h"
#include "stats/stats.h"

/* Exact, or lockstep with events; only there a tick is an instruction, or one's price is known. */
static void must_have_mode(const struct traced *boot)
{
	const char *mode = json_need_string(boot->file->root, "mode", boot->path);

	if (strcmp(mode, boot->is_lockstep ? "lockstep" : "exact"))
		die_usage("%s: of %s mode, and attribute.json says %s; boot again", boot->path,
			  mode, boot->is_lockstep ? "lockstep" : "exact");
	if (boot->is_lockstep && !boot->windows->events)
		die_usage("%s/windows.json: no events, which lockstep mode needs; boot again",
			  boot->directory);
}

struct traced *boot_read(const char *directory, const char *name, const char *spec,
			 const char *case_name, json_t *lockstep)
{
	struct traced *boot = xcalloc(1, sizeof(*boot));
	char *path;

	boot->spec = spec;
	boot->directory = xasprintf("%s/%s", directory, name);
	path = xasprintf("%s/run.json", boot->directory);
	boot->run = json_read(path, "dexbench.run.v1");
	free(path);
	path = xasprintf("%s/symbols.txt", boot->directory);
	boot->symbols = symbols_read(path);
	free(path);
	path = xasprintf("%s/objects.txt", boot->directory);
	if (lockstep && input_exists(path))
		boot->objects = symbols_read(path);
	free(path);
	path = xasprintf("%s/windows.json", boot->directory);
	boot->windows = windows_read(path);
	free(path);
	boot->path = xasprintf("%s/%s.json", boot->directory, case_name);
	boot->file = samples_read(boot->path, "dexbench.case.v1");
	boot->is_lockstep = !!lockstep;
	boot->pause = json_number_value(json_object_get(lockstep, "pause"));
	must_have_mode(boot);
	return boot;
}

static int is_skipped(json_t *result)
{
	return json_is_string(json_object_get(result, "skipped"));
}

/* What was skipped has no marked execution. */
static size_t execution_of(const struct traced *boot, json_t *results, size_t i)
{
	size_t k = 0;

	for (size_t j = 0; j < i; j++)
		k += !is_skipped(json_array_get(results, j));
	if (k >= boot->windows->executions)
		die_usage("%s/windows.json: %zu executions, fewer than results in %s; boot again",
			  boot->directory, boot->windows->executions, boot->path);
	return k;
}

/* One for each of the kernel's windows: its span, or nothing. */
static struct window_list spans_of(const struct traced *boot, size_t execution)
{
	const struct window_list *all = &boot->windows->execution[execution].span;
	size_t n = boot->windows->execution[execution].kernel.n;
	struct window_list list = { xcalloc(n * W_FIELDS + 1, sizeof(*list.window)), n };

	for (size_t i = 0; i < n; i++)
		list.window[i * W_FIELDS + W_PROFILE] = NO_PROFILE;
	for (size_t i = 0; i < all->n; i++) {
		const uint32_t *w = all->window + i * W_FIELDS;
		size_t to = (size_t)w[W_INNER] * W_FIELDS;

		if (w[W_INNER] >= n || list.window[to + W_PROFILE] != NO_PROFILE)
			die_usage(
				"%s/windows.json: two spans in one window; a lock taken twice is not attributed",
				boot->directory);
		memcpy(list.window + to, w, W_FIELDS * sizeof(*w));
	}
	return list;
}

/* The windows that may be samples, in a list of its own. */
static struct window_list windows_of(const struct traced *boot, size_t execution, json_t *result)
{
	int is_module = json_is_integer(json_object_get(result, "request_ticks"));
	const struct window_list *all = is_module ? &boot->windows->execution[execution].kernel
						  : &boot->windows->execution[execution].user;
	struct window_list list = { xcalloc(all->n * W_FIELDS + 1, sizeof(*list.window)), 0 };

	for (size_t i = 0; i < all->n; i++) {
		const uint32_t *w = all->window + i * W_FIELDS;

		if (w[W_INNER])
			continue;
		memcpy(list.window + W_FIELDS * list.n++, w, W_FIELDS * sizeof(*w));
	}
	return list;
}

/* What the plugin counted in a sample of @group windows; those in which the CPU halted. */
static uint64_t counted(const uint32_t *window, size_t group, uint64_t *halts)
{
	uint64_t sum = 0;

	*halts = 0;
	for (size_t i = 0; i < group; i++, window += W_FIELDS) {
		sum += window[W_TOTAL];
		*halts += window[W_HALTS];
	}
	return sum;
}

/*
 * May a sample of @ticks have @sum counted instructions?  A halted CPU has ticks besides; probes
 * are taken off by what one costs elsewhere, so that a part of one may be left.
 */
static int is_plausible(const struct side *side, uint32_t ticks, uint64_t sum, uint64_t halts)
{
	if (side->probe_ticks > 0)
		return fabs((double)ticks - (double)sum) < side->probe_ticks;
	return halts ? sum <= ticks : sum == ticks;
}

/* Each sample, not only those that are looked at: one that differs is a fault of the tool. */
static void check(struct side *side, const uint32_t *window, const uint32_t *ticks, size_t group)
{
	for (size_t i = 0; i < side->samples; i++) {
		uint64_t halts, sum = counted(window + i * group * W_FIELDS, group, &halts);

		side->unchecked += !!halts;
		if (!is_plausible(side, ticks[i], sum, halts))
			die_usage(
				"%s: sample %zu is %u instructions, the plugin counted %llu, %lld too %s; the attribution would be wrong",
				side->boot->path, i, ticks[i], (unsigned long long)sum,
				llabs((long long)(sum - ticks[i])),
				sum > ticks[i] ? "many" : "few");
	}
}

/* The samples that have the median, all their windows. */
static void select_windows(struct side *side, const uint32_t *window, const uint32_t *ticks,
			   uint32_t median, size_t group)
{
	for (size_t i = 0; i < side->samples; i++) {
		uint64_t halts, sum = counted(window + i * group * W_FIELDS, group, &halts);

		if (ticks[i] != median)
			continue;
		side->selected++;
		*(side->probe_ticks > 0 ? &side->probes : &side->idle) +=
			(double)ticks[i] - (double)sum;
		side->clock += side->probe_ticks > 0 ? 0 : ARCH_STAMP_INSTRUCTIONS * (double)group;
		for (size_t k = 0; k < group; k++)
			windows_add(side, window + (i * group + k) * W_FIELDS);
	}
}

static uint32_t median_of(const uint32_t *ticks, size_t n)
{
	uint32_t *copy = xcalloc(n, sizeof(*copy)), median;

	memcpy(copy, ticks, n * sizeof(*copy));
	median = stats_median_low(copy, n);
	free(copy);
	return median;
}

static int has_value(const struct traced *boot, json_t *result, const char **why)
{
	*why = json_string_value(json_object_get(result, "skipped"));
	if (!*why && !json_need_int(result, "ok", boot->path))
		*why = "nothing succeeded, so there is no cost of a success";
	if (!*why && !isnan(fields_metric(result, "pass")))
		*why = "it asserts and measures nothing, so there is no cost to attribute";
	return !*why;
}

/* What compare divides by: pages of a sample that succeeded. */
static double operations(json_t *result, const char *path)
{
	return (double)json_need_int(result, "pages_per_sample", path) *
	       (double)json_need_int(result, "ok", path) /
	       (double)json_need_int(result, "attempted", path);
}

/* Of exact mode: the samples that have the median. */
static void exact_side(struct side *side, const uint32_t *ticks, size_t group)
{
	const struct traced *boot = side->boot;
	uint32_t median = median_of(ticks, side->samples);
	struct window_list list = side->probe_ticks > 0
					  ? spans_of(boot, side->execution)
					  : windows_of(boot, side->execution, side->result);

	if (list.n != side->samples * group)
		die_usage(
			"%s: %zu samples of %zu pairs of stamps, but the plugin saw %zu; its samples are not what lies between stamps",
			boot->path, side->samples, group, list.n);
	check(side, list.window, ticks, group);
	select_windows(side, list.window, ticks, median, group);
	side->value = (double)side->selected * median;
	free(list.window);
}

int side_of(const struct traced *boot, size_t i, struct side *side, const char **why)
{
	json_t *results = json_need(boot->file->root, "results", JSON_ARRAY, boot->path);
	json_t *result = json_array_get(results, i);
	size_t group;
	uint32_t *ticks;

	*side = (struct side){ .boot = boot, .result = result };
	if (!has_value(boot, result, why))
		return 0;
	group = (size_t)bounds_int(result, "stamps_per_sample", 1, BOUNDS_PAGES, boot->path);
	ticks = samples_of(boot->file, json_need(result, "ticks", JSON_ARRAY, boot->path),
			   &side->samples, boot->path);
	bounds_samples(result, ticks, side->samples, boot->path);
	side->execution = execution_of(boot, results, i);
	if (!isnan(fields_metric(result, "probe_overhead")))
		side->probe_ticks = fields_metric(result, "probe_overhead");
	side->cell = xcalloc(boot->windows->cells + 1, sizeof(*side->cell));
	side->profile = xcalloc(boot->windows->profiles + 1, sizeof(*side->profile));
	if (!boot->is_lockstep)
		exact_side(side, ticks, group);
	else if (!lockstep_side(side, ticks, group, why))
		return 0;
	side->divisor = (double)side->selected * operations(result, boot->path);
	side->value /= side->divisor;
	side->idle /= side->divisor;
	side->paused /= side->divisor;
	side->probes /= side->divisor;
	side->clock /= side->divisor;
	return 1;
}
