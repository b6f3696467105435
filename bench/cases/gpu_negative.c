// SPDX-License-Identifier: MIT
/*
 * What becomes of a device that adds to memory that cannot be device-exclusive?
 *
 * Memory shared by mapping, a file's, and huge pages of hugetlbfs: a driver may refuse
 * them, end the context of who uses them, or do the adds by other means.  Which of these
 * it was is the result; none of them is an error of the run.  Each execution is a child of its own
 * under a watchdog, on one word.  A sample is one launch, where it worked.
 *
 * It is for who asks for it by name alone: a driver that neither refuses nor ends may
 * hang.  What the case cannot show: rates; several pages; anything about a GPU when the
 * backend is a CPU.
 */
#include "bench.h"
#include "gpu/gpu.h"

enum { MEMORY, SCOPE };

static void setup(struct run *r)
{
	if (r->mode != MODE_TIMING)
		r->skip = "a device takes time, which there is none of; MODE=timing";
}

static void report(struct run *r, const struct gpu_outcome *o)
{
	run_metric(r, "worked", "", BETTER_NEITHER, 1);
	run_metric(r, "lost_updates", "atomics", BETTER_NEITHER, (double)o->lost);
	for (size_t i = 0; i < o->launches; i++)
		run_add(r, o->launch[i].ticks, 0);
}

static void sample(struct run *r)
{
	static const char *const outcomes[] = {
		[GPU_DONE] = "worked", [GPU_UNAVAILABLE] = "refused", [GPU_FAILED] = "context lost"
	};
	struct gpu_request request = { .memory = (enum gpu_memory)(GPU_SHARED + r->arg[MEMORY]),
				       .scope = (enum gpu_scope)r->arg[SCOPE],
				       .pattern = GPU_SAME,
				       .pages = 1 };
	struct gpu_outcome *o;

	if (r->warm_up) /* the child warms up itself */
		return;
	o = gpu_execute(&request);
	r->facts = gpu_facts(o, &request);
	json_object_set_new(r->facts, "outcome", json_string(outcomes[o->end]));
	if (o->end == GPU_DONE)
		report(r, o);
	else
		r->skip = json_string_value(json_object_get(r->facts, "reason"));
	gpu_release(o);
}

const struct bench bench_gpu_negative = {
	.name = "gpu_negative",
	.question = "What becomes of a device that adds to memory that cannot be exclusive?",
	.sample_is = "one launch of the device, until its counts are back",
	.modes = IN_TIMING,
	.device = gpu_describe,
	.params = { BENCH_LABELS("memory", "shared", "file", "hugetlb"),
		    BENCH_LABELS("scope", "gpu", "sys") },
	.setup = setup,
	.sample = sample,
};
