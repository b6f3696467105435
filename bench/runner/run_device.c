// SPDX-License-Identifier: MIT
/*
 * What the cases on the software device keep and check alike.
 */
#include "bench.h"
#include "lib/core/die.h"
#include "lib/core/spread.h"
#include "lib/workers/device.h"
#include "lib/workers/toucher.h"

void run_device(struct run *r, size_t pages, struct device_shape shape)
{
	shape.mem = &r->mem;
	run_some_pages(r, pages);
	r->private = device_new(r->dev, &shape, &r->skip);
}

void run_device_free(struct run *r)
{
	device_free(r->private);
	r->private = NULL;
	run_free(r);
}

void run_spread(struct run *r, const char *const name[4], uint32_t *ticks, size_t n)
{
	struct spread s;

	if (!n)
		return;
	s = spread_of(ticks, n);
	/* What an interrupt met, in exact mode: shown, and no ground for a verdict. */
	enum better tail = r->mode == MODE_EXACT ? BETTER_NEITHER : BETTER_LOWER;

	run_metric(r, name[0], "ticks", BETTER_LOWER, s.p50);
	run_metric(r, name[1], "ticks", tail, s.p90);
	run_metric(r, name[2], "ticks", tail, s.p99);
	run_metric(r, name[3], "ticks", BETTER_NEITHER, s.max);
}

void run_device_faults(struct run *r, const struct device_work *work)
{
	static const char *const names[] = { "to_device_p50", "to_device_p90", "to_device_p99",
					     "to_device_max" };

	for (size_t i = 0; i < work->samples && r->samples < r->pages; i++)
		run_add(r, work->sample[i], 0);
	run_spread(r, names, work->sample, work->samples);
	if (work->faults)
		run_metric(r, "retries", "passes/fault", BETTER_LOWER,
			   (double)work->retries / (double)work->faults);
}

void run_device_rate(struct run *r, const struct device_work *work)
{
	int unjudged = r->bench->rate_unjudged & 1 << r->mode;

	run_metric(r, "device_rate", "atomics/Ktick", unjudged ? BETTER_NEITHER : BETTER_HIGHER,
		   1e3 * (double)work->atomics / (double)work->ticks);
}

void run_touches(struct run *r, const struct toucher *t, size_t pages)
{
	static const char *const names[] = { "to_cpu_p50", "to_cpu_p90", "to_cpu_p99",
					     "to_cpu_max" };

	run_metric(r, "touch_rate", "touches/page/Mtick", BETTER_NEITHER,
		   1e6 * (double)t->touches / (double)pages / (double)(t->end - t->begin));
	run_metric(r, "revoking", "of touches", BETTER_NEITHER,
		   (double)t->revoking / (double)t->touches);
	run_spread(r, names, t->ticks, t->kept);
}

void run_check_device(struct run *r, size_t pages, uint64_t added)
{
	struct device *device = r->private;

	run_check_pages(r, pages);
	if (device_mapped(device) != pages)
		die("%s: %zu entries of the device are valid, expected %zu; no result is written",
		    r->bench->name, device_mapped(device), pages);
	run_metric(r, "lost", "updates", BETTER_LOWER, device_must_add_up(device, added));
}
