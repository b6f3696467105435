// SPDX-License-Identifier: MIT
/*
 * How many atomic adds a second does a device make, in which memory, against whom?
 *
 * One sample is one launch, by the CPU's clock from the call until the device's counts are back;
 * rates are by the device's own clock where it has one.  The memory is the device's, the host's, or
 * one that moves between them; the CPU is idle or adds to the same words.  Every add is counted on
 * both sides; the sum must be theirs where the device's attributes promise it, else what is lost is
 * a result.  A launch that the CPU had to end (rescues) is a sample with an error, and in no rate.
 *
 * Each execution is a child of its own (bench/gpu/), which may die without harm to the
 * others.  What the case cannot show: the share of one cause in a rate (faults, bus, caches);
 * anything about a GPU when the backend is the model or a CPU; anything of kernels: no module.
 */
#include <errno.h>
#include <math.h>

#include "bench.h"
#include "gpu/gpu.h"
#include "lib/core/die.h"

enum { MEMORY, SCOPE, PATTERN, CPU };
enum { TOUCHING, IDLE }; /* of CPU; touches end a driver's endless retries, so they come first */

static struct gpu_request request_of(const struct run *r)
{
	size_t pages = 1;

	while (pages * 2 <= r->pages && pages < GPU_MAX_PAGES)
		pages *= 2;
	return (struct gpu_request){ .memory = (enum gpu_memory)r->arg[MEMORY],
				     .scope = (enum gpu_scope)r->arg[SCOPE],
				     .pattern = (enum gpu_pattern)r->arg[PATTERN],
				     .touch = r->arg[CPU] == TOUCHING,
				     .pages = pages };
}

static void metric(struct run *r, const char *name, const char *unit, enum better better,
		   double value)
{
	if (!isnan(value))
		run_metric(r, name, unit, better, value);
}

static void report_path(struct run *r, const struct gpu_path *p)
{
	if (!p->known)
		return;
	metric(r, "path_exclusive", "pages", BETTER_NEITHER, p->exclusive);
	metric(r, "path_migrated", "pages", BETTER_NEITHER, p->migrated);
	metric(r, "path_present", "pages", BETTER_NEITHER, p->present);
}

/* The way to the device and back, one page at a time. */
static void report_stamps(struct run *r, const struct gpu_outcome *o)
{
	metric(r, "first_p50", "ns", BETTER_LOWER, gpu_percentile(o->first_ns, o->stamps, 50));
	metric(r, "first_p90", "ns", BETTER_LOWER, gpu_percentile(o->first_ns, o->stamps, 90));
	metric(r, "first_p99", "ns", BETTER_LOWER, gpu_percentile(o->first_ns, o->stamps, 99));
	metric(r, "first_max", "ns", BETTER_LOWER, gpu_percentile(o->first_ns, o->stamps, 100));
	metric(r, "second_p50", "ns", BETTER_LOWER, gpu_percentile(o->second_ns, o->stamps, 50));
	metric(r, "touch_p50", "ns", BETTER_LOWER, gpu_percentile(o->touch_ns, o->touches, 50));
	metric(r, "touch_p90", "ns", BETTER_LOWER, gpu_percentile(o->touch_ns, o->touches, 90));
	metric(r, "touch_p99", "ns", BETTER_LOWER, gpu_percentile(o->touch_ns, o->touches, 99));
}

static void report_rates(struct run *r, const struct gpu_outcome *o, enum gpu_pattern pattern)
{
	double ceiling = gpu_ceiling(gpu_execute_ceiling(), pattern);

	metric(r, "atomics_rate", "atomics/s", BETTER_HIGHER, gpu_rate(o, 0));
	metric(r, "cold_rate", "atomics/s", BETTER_HIGHER, gpu_rate(o, 1));
	metric(r, "cpu_rate", "atomics/s", BETTER_NEITHER, gpu_cpu_rate(o));
	metric(r, "ceiling", "atomics/s", BETTER_NEITHER, ceiling);
	metric(r, "of_ceiling", "", BETTER_HIGHER, gpu_rate(o, 0) / ceiling);
}

/* The pages between the two, in the widest span. */
static void report_span(struct run *r, const struct gpu_outcome *o)
{
	const struct gpu_span *s = &o->span[o->spans - 1];

	metric(r, "between", "pages", BETTER_NEITHER, s->pages - 2);
	metric(r, "read_p50", "ns", BETTER_LOWER, gpu_percentile(s->read_ns, s->timed, 50));
	metric(r, "again_p50", "ns", BETTER_LOWER, gpu_percentile(s->again_ns, s->timed, 50));
}

static void report(struct run *r, const struct gpu_outcome *o, const struct gpu_request *request)
{
	if (o->spans)
		report_span(r, o);
	else
		report_rates(r, o, request->pattern);
	metric(r, "rescues", "", BETTER_LOWER, o->rescues);
	metric(r, "lost_updates", "atomics", BETTER_LOWER, (double)o->lost);
	metric(r, "predicted_sound", "", BETTER_NEITHER, gpu_sound(&o->support, request));
	report_path(r, &o->path);
	report_stamps(r, o);
	for (size_t i = 0; i < o->launches; i++) {
		r->pages_per_sample = o->launch[i].pages;
		run_add(r, o->launch[i].ticks, o->launch[i].rescues ? ETIMEDOUT : 0);
	}
	r->pages_per_sample = 1;
}

static void setup(struct run *r)
{
	if (r->mode != MODE_TIMING)
		r->skip = "a device takes time, which there is none of; MODE=timing";
}

static void sample(struct run *r)
{
	struct gpu_request request = request_of(r);
	const struct gpu_outcome *ceiling;
	struct gpu_outcome *o;

	if (r->warm_up) /* the child warms up itself */
		return;
	ceiling = gpu_execute_ceiling();
	o = gpu_execute(&request);
	r->facts = gpu_facts(o, &request);
	json_object_set_new(r->facts, "ceiling", gpu_ceiling_facts(ceiling));
	if (o->end == GPU_DONE && o->lost && gpu_sound(&o->support, &request))
		die("gpu_atomic: %lld adds were lost in %s memory at scope %s, where the device's attributes promise that none is",
		    (long long)o->lost, gpu_memory_name(request.memory),
		    gpu_scope_name(request.scope));
	if (o->end == GPU_DONE)
		report(r, o, &request);
	else
		r->skip = json_string_value(json_object_get(r->facts, "reason"));
	gpu_release(o);
}

const struct bench bench_gpu_atomic = {
	.name = "gpu_atomic",
	.question = "How many atomic adds a second does a device make in shared memory?",
	.sample_is = "one launch of the device, until its counts are back",
	.modes = IN_TIMING,
	.device = gpu_describe,
	.params = { BENCH_LABELS("memory", "device", "pinned", "managed_migrating", "managed_cpu",
				 "system_migrating", "system_exclusive"),
		    BENCH_LABELS("scope", "gpu", "sys"),
		    BENCH_LABELS("pattern", "same", "uniform", "distinct", "aggregated", "span"),
		    BENCH_LABELS("cpu", "touching", "idle") },
	.tells = "device",
	.pictures = { { OF_DEVICE } },
	.setup = setup,
	.sample = sample,
};
