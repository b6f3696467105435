// SPDX-License-Identifier: MIT
#include "lib/workers/toucher.h"

#include "lib/machine/clock.h"

/* Not a pause: an emulator's CPUs meet at a lock in one, as they do at the clock. */
static void rest(void)
{
	for (volatile int i = 0; i < 100; i++)
		;
}

static void wait_until(const struct toucher *t, uint64_t due)
{
	struct device_job job;

	if (!t->between && !t->period)
		return;
	if (!t->between) {
		while (clock_stamp() < due)
			rest();
		return;
	}
	job = *t->between;
	job.until = due;
	device_do(t->device, &job);
}

void toucher_run(struct toucher *t)
{
	uint64_t due;

	t->kept = t->revoking = t->revoked = 0;
	t->begin = due = clock_stamp();
	for (size_t i = 0; i < t->touches; i++) {
		struct device_touched touched;

		due += t->period;
		wait_until(t, due);
		if (t->idle)
			continue;
		touched = device_touch(t->device, t->first + i % t->pages, t->offset, t->touch);
		if (touched.ticks && touched.revoked && t->kept < t->room)
			t->ticks[t->kept++] = touched.ticks;
		t->revoking += touched.revoked > 0;
		t->revoked += touched.revoked;
	}
	t->end = clock_stamp();
}

struct device_work toucher_play(struct toucher *t, const struct device_job *job)
{
	struct device_work work;

	if (device_engines(t->device)) {
		device_start(t->device, job);
		toucher_run(t);
		device_stop(t->device);
		return device_work(t->device);
	}
	t->between = job;
	toucher_run(t);
	work = device_work(t->device);
	work.ticks = t->end - t->begin;
	return work;
}

uint64_t toucher_added(const struct toucher *t)
{
	return !t->idle && t->touch == DEVICE_WRITE ? t->touches : 0;
}
