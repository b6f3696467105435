// SPDX-License-Identifier: MIT
#include "lib/toucher.h"

#include "lib/clock.h"

static void wait_until(const struct toucher *t, uint64_t due)
{
	struct device_job job;

	if (!t->between) {
		while (clock_stamp() < due)
			;
		return;
	}
	job = *t->between;
	job.until = due;
	device_do(t->device, &job);
}

void toucher_run(struct toucher *t)
{
	uint64_t due;

	t->kept = t->revoking = 0;
	t->begin = due = clock_stamp();
	for (size_t i = 0; i < t->touches; i++) {
		struct device_touched touched;

		due += t->period;
		wait_until(t, due);
		touched = device_touch(t->device, t->first + i % t->pages, t->offset, t->touch);
		if (touched.revoked && t->kept < t->room)
			t->ticks[t->kept++] = touched.ticks;
		t->revoking += (size_t)touched.revoked;
	}
	t->end = clock_stamp();
}

uint64_t toucher_added(const struct toucher *t)
{
	return t->touch == DEVICE_WRITE ? t->touches : 0;
}
