// SPDX-License-Identifier: MIT
/*
 * What device memory takes from one device, in the same run as what is compared with it.
 *
 * An atomic is done where the word's cache line lives, in a slice of the L2: one word by
 * one slice, words apart from each other by as many as there are.  How many is nowhere to
 * be read, nor the L2's clock, so both rates are measured: in the device's own memory and at its own
 * scope, that nothing slows down but the L2.  Of footprints that fit it and of
 * distances the best counts: how addresses are spread over slices is not known either.
 *
 * Words of one sector may be added to at once, so only words in sectors of their own
 * tell the number of slices; the ceiling is the best of all.
 */
#include "gpu/gpu.h"

#include <math.h>

#include "lib/core/json.h"

#define SECTOR	   8 /* words; the unit of an L2 */
#define L2_SHARE   4 /* the largest footprint: at most a quarter of it */
#define SMALLEST   (64u << 10)
#define LARGEST	   (16u << 20)
#define STEP	   4 /* from one footprint to the next smaller */
#define FOOTPRINTS 3
#define LAUNCHES   3 /* of each point; the first is for nothing */

static const uint32_t strides[] = { 1, SECTOR, 4 * SECTOR };

#define N_STRIDES (sizeof(strides) / sizeof(strides[0]))

_Static_assert(2 + FOOTPRINTS * N_STRIDES <= GPU_MAX_POINTS, "raise GPU_MAX_POINTS");

const char *gpu_no_ceiling(const struct gpu_ops *ops, const struct gpu_support *s)
{
	if (!ops->strides)
		return gpu_text("%s: no ceiling, its code cannot leave out words", ops->name);
	if (s->l2_bytes < SMALLEST)
		return gpu_text("%s: no ceiling, the device tells of no L2 of %u bytes or more",
				ops->name, SMALLEST);
	return NULL;
}

size_t gpu_ceiling_bytes(const struct gpu_support *s)
{
	size_t bytes = SMALLEST;

	while (bytes * 2 <= s->l2_bytes / L2_SHARE && bytes < LARGEST)
		bytes *= 2;
	return bytes;
}

/* Add @p, with the best rate of its launches; the adds made. */
static uint64_t measure(const struct gpu_ops *ops, const struct gpu_buffer *b,
			struct gpu_outcome *o, struct gpu_point p, const char **why)
{
	struct gpu_job job = {
		.scope = GPU_SCOPE_GPU, .pattern = p.pattern, .words = p.words, .stride = p.stride
	};
	struct gpu_done done;
	uint64_t adds = 0;

	for (int i = 0; i < LAUNCHES && !*why; i++) {
		done = (struct gpu_done){ 0 };
		*why = ops->run(b, &job, &done);
		adds += done.atomics;
		if (i && done.seconds > 0)
			p.rate = fmax(p.rate, (double)done.atomics / done.seconds);
	}
	o->point[o->points++] = p;
	return adds;
}

const char *gpu_ceiling_probe(const struct gpu_ops *ops, const struct gpu_buffer *b,
			      struct gpu_outcome *o)
{
	const char *why = NULL;
	uint64_t before = gpu_sum(ops, b, &why), made = 0, bytes = b->bytes;

	made += measure(ops, b, o, (struct gpu_point){ GPU_SAME, 1, 1, 0 }, &why);
	made += measure(ops, b, o, (struct gpu_point){ GPU_AGGREGATED, 1, 1, 0 }, &why);
	for (size_t i = 0; i < FOOTPRINTS; i++, bytes /= STEP)
		for (size_t k = 0; k < N_STRIDES; k++)
			made += measure(ops, b, o,
					(struct gpu_point){ GPU_DISTINCT,
							    (uint32_t)(bytes / 4 / strides[k]),
							    strides[k], 0 },
					&why);
	if (!why)
		o->lost = (int64_t)(made - (gpu_sum(ops, b, &why) - before));
	if (!why && o->lost)
		why = gpu_text("%lld adds were lost in the device's own memory",
			       (long long)o->lost);
	return why;
}

/* The best of @pattern's points whose words are at least @stride apart. */
static double best(const struct gpu_outcome *probed, enum gpu_pattern pattern, uint32_t stride)
{
	double rate = NAN;

	for (size_t i = 0; probed->end == GPU_DONE && i < probed->points; i++)
		if (probed->point[i].pattern == pattern && probed->point[i].stride >= stride &&
		    probed->point[i].rate > 0)
			rate = fmax(rate, probed->point[i].rate);
	return rate;
}

double gpu_ceiling(const struct gpu_outcome *probed, enum gpu_pattern pattern)
{
	/* Who adds for a whole warp is the same to the L2. */
	return best(probed, pattern == GPU_UNIFORM ? GPU_AGGREGATED : pattern, 1);
}

double gpu_slices(const struct gpu_outcome *probed)
{
	return best(probed, GPU_DISTINCT, SECTOR) / best(probed, GPU_SAME, 1);
}

static json_t *points(const struct gpu_outcome *probed)
{
	json_t *array = json_array();

	for (size_t i = 0; i < probed->points; i++) {
		const struct gpu_point *p = &probed->point[i];

		json_array_append_new(array,
				      json_pack("{s:i, s:i, s:b, s:f}", "words", (int)p->words,
						"stride", (int)p->stride, "aggregated",
						p->pattern == GPU_AGGREGATED, "rate", p->rate));
	}
	return array;
}

json_t *gpu_ceiling_facts(const struct gpu_outcome *probed)
{
	double one = gpu_ceiling(probed, GPU_SAME), hz = probed->support.clock_hz;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "reason",
			 json_string_or_null(probed->end == GPU_DONE ? NULL : probed->reason),
			 "one_word", json_real_or_null(one), "distinct",
			 json_real_or_null(gpu_ceiling(probed, GPU_DISTINCT)), "aggregated",
			 json_real_or_null(gpu_ceiling(probed, GPU_AGGREGATED)), "adds_per_clock",
			 json_real_or_null(hz > 0 ? one / hz : NAN), "slices",
			 json_real_or_null(gpu_slices(probed)), "points", points(probed));
}
