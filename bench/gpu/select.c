// SPDX-License-Identifier: MIT
/*
 * Which device: the one that was asked for, or the first that can be had.
 *
 * Probing is done once, in children; why the others were not taken is a fact of the
 * result.
 */
#include "gpu/gpu.h"

#include <string.h>

#include "lib/core/die.h"

static const struct gpu_ops *const backends[] = { &gpu_cuda, &gpu_opencl, &gpu_model };

#define N_BACKENDS (sizeof(backends) / sizeof(backends[0]))

static const char *asked = "auto";
static const struct gpu_ops *selected; /* NULL: not yet probed */
static json_t *description;
static struct gpu_outcome
	*broken; /* the probe of the one that was asked for, if it cannot be had */

int gpu_select(const char *name)
{
	int known = !strcmp(name, "auto");

	for (size_t i = 0; i < N_BACKENDS; i++)
		known |= !strcmp(name, backends[i]->name);
	asked = name;
	return known;
}

/* 1 if it can be had; what it says, or why not, is kept. */
static int probe(const struct gpu_ops *ops, json_t *refused)
{
	struct gpu_outcome *o = gpu_child(ops, NULL);
	int here = o->end == GPU_DONE;

	if (here)
		description = json_loads(o->description, 0, NULL);
	else
		json_object_set_new(refused, ops->name, json_string(o->reason));
	if (here || !strcmp(asked, "auto"))
		gpu_release(o);
	else
		broken = o;
	return here;
}

static void choose(void)
{
	int any = !strcmp(asked, "auto");
	json_t *refused = json_object();

	for (size_t i = 0; i < N_BACKENDS && !selected; i++)
		if ((any || !strcmp(asked, backends[i]->name)) && probe(backends[i], refused))
			selected = backends[i];
	/* One that cannot be had says why in every execution, without being tried again: it
	 * may take minutes to say it. */
	for (size_t i = 0; i < N_BACKENDS && !selected; i++)
		if (!strcmp(asked, backends[i]->name))
			selected = backends[i];
	if (!selected)
		die("no backend for --gpu=%s", asked);
	if (!description)
		description = json_object();
	json_object_set_new(description, "backend", json_string(selected->name));
	json_object_set_new(description, "asked", json_string(asked));
	json_object_set_new(description, "refused", refused);
}

const char *gpu_selected(void)
{
	if (!selected)
		choose();
	return selected->name;
}

json_t *gpu_describe(void)
{
	gpu_selected();
	return json_incref(description);
}

struct gpu_outcome *gpu_execute(const struct gpu_request *request)
{
	struct gpu_outcome *o;

	gpu_selected();
	if (!broken)
		return gpu_child(selected, request);
	o = gpu_outcome_new();
	*o = *broken;
	return o;
}

const struct gpu_outcome *gpu_execute_ceiling(void)
{
	static const struct gpu_request request = { .memory = GPU_DEVICE, .ceiling = 1 };
	static const struct gpu_outcome *probed;

	if (!probed)
		probed = gpu_execute(&request);
	return probed;
}
