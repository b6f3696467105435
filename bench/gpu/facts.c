// SPDX-License-Identifier: MIT
#include "gpu/gpu.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"
#include "lib/core/json.h"
#include "lib/core/spread.h"

const char *gpu_memory_name(enum gpu_memory memory)
{
	static const char *const names[] = {
		[GPU_DEVICE] = "device",
		[GPU_PINNED] = "pinned",
		[GPU_MANAGED_MIGRATING] = "managed_migrating",
		[GPU_MANAGED_CPU] = "managed_cpu",
		[GPU_SYSTEM_MIGRATING] = "system_migrating",
		[GPU_SYSTEM_EXCLUSIVE] = "system_exclusive",
		[GPU_SHARED] = "shared",
		[GPU_FILE] = "file",
		[GPU_HUGETLB] = "hugetlb",
	};

	return names[memory];
}

const char *gpu_scope_name(enum gpu_scope scope)
{
	return scope == GPU_SCOPE_SYS ? "sys" : "gpu";
}

/* All adds over all of the time of the launches that are meant and came back by themselves. */
static double rate_of(const struct gpu_outcome *o, uint32_t pages, int cold)
{
	double atomics = 0, seconds = 0;

	for (size_t i = 0; i < o->launches; i++) {
		if (o->launch[i].pages != pages || o->launch[i].cold != cold ||
		    o->launch[i].rescues)
			continue;
		atomics += (double)o->launch[i].atomics;
		seconds += o->launch[i].seconds;
	}
	return seconds > 0 ? atomics / seconds : NAN;
}

double gpu_rate(const struct gpu_outcome *o, int cold)
{
	return o->launches ? rate_of(o, o->launch[o->launches - 1].pages, cold) : NAN;
}

double gpu_cpu_rate(const struct gpu_outcome *o)
{
	double adds = 0, seconds = 0;

	for (size_t i = 0; i < o->launches; i++) {
		adds += (double)o->launch[i].cpu_adds;
		seconds += o->launch[i].cpu_seconds;
	}
	return seconds > 0 ? adds / seconds : NAN;
}

double gpu_percentile(const uint32_t *ns, size_t n, size_t percent)
{
	uint32_t *copy, value;

	if (!n)
		return NAN;
	copy = xcalloc(n, sizeof(*copy));
	memcpy(copy, ns, n * sizeof(*copy));
	value = spread_quantile(copy, n, percent);
	free(copy);
	return value;
}

static json_t *launches(const struct gpu_outcome *o)
{
	json_t *array = json_array();

	for (size_t i = 0; i < o->launches; i++) {
		const struct gpu_launch *l = &o->launch[i];

		json_array_append_new(array,
				      json_pack("{s:i, s:b, s:I, s:o, s:I, s:o, s:I, s:i}", "pages",
						(int)l->pages, "cold", l->cold, "atomics",
						(json_int_t)l->atomics, "seconds",
						json_real_or_null(l->seconds), "cpu_adds",
						(json_int_t)l->cpu_adds, "cpu_seconds",
						json_real_or_null(l->cpu_seconds), "ticks",
						(json_int_t)l->ticks, "rescues", (int)l->rescues));
	}
	return array;
}

static json_t *path(const struct gpu_path *p)
{
	json_t *types;

	if (!p->known)
		return json_null();
	types = json_array();
	for (int t = 0; t < 32; t++)
		if (p->types & 1u << t)
			json_array_append_new(types, json_integer(t));
	return json_pack("{s:i, s:i, s:i, s:i, s:o}", "exclusive", (int)p->exclusive, "migrated",
			 (int)p->migrated, "present", (int)p->present, "other", (int)p->other,
			 "swap_types", types);
}

static json_t *numbers(const uint32_t *value, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, json_integer(value[i]));
	return array;
}

static json_t *spans(const struct gpu_outcome *o)
{
	json_t *array = json_array();

	for (size_t i = 0; i < o->spans; i++) {
		const struct gpu_span *s = &o->span[i];

		json_array_append_new(array, json_pack("{s:i, s:o, s:o, s:o}", "pages",
						       (int)s->pages, "path", path(&s->path),
						       "read_ns", numbers(s->read_ns, s->timed),
						       "again_ns", numbers(s->again_ns, s->timed)));
	}
	return array;
}

json_t *gpu_facts(const struct gpu_outcome *o, const struct gpu_request *r)
{
	static const char *const ends[] = {
		[GPU_DONE] = "done", [GPU_UNAVAILABLE] = "unavailable", [GPU_FAILED] = "failed"
	};

	return json_pack("{s:s, s:o, s:b, s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "end",
			 ends[o->end], "reason",
			 json_string_or_null(o->end == GPU_DONE ? NULL : o->reason),
			 "predicted_sound", gpu_sound(&o->support, r), "lost_updates",
			 o->end == GPU_DONE ? json_integer(o->lost) : json_null(), "rescues",
			 (int)o->rescues, "launches", launches(o), "path", path(&o->path), "spans",
			 spans(o), "first_ns", numbers(o->first_ns, o->stamps), "second_ns",
			 numbers(o->second_ns, o->stamps), "touch_ns",
			 numbers(o->touch_ns, o->touches));
}
