// SPDX-License-Identifier: MIT
#include "lib/workers/residence.h"

#include "lib/machine/clock.h"

/* A device without engines is given the caller, for a burst at least; one with them has its own. */
static void work_until(const struct residence *r, uint64_t due)
{
	struct device_job job = *r->job;

	if (device_engines(r->device)) {
		while (clock_stamp() < due)
			for (volatile int i = 0; i < 100; i++)
				;
		return;
	}
	job.until = due;
	device_do(r->device, &job);
}

/* Until the device has had the page for its time. */
static void put_off(struct residence *r, size_t page)
{
	uint64_t over = r->since[page] + r->lasts[page];

	if (clock_stamp() >= over) {
		r->lasts[page] = r->least;
		return;
	}
	work_until(r, over);
	r->put_off++;
	if (r->lasts[page] < r->most)
		r->lasts[page] *= 2;
}

static void touch(struct residence *r, size_t page)
{
	uint64_t asked = clock_stamp(), waited;

	if (r->least)
		put_off(r, page);
	r->revoked += device_touch(r->device, page, 0, DEVICE_WRITE).revoked;
	r->end = r->since[page] = clock_stamp();
	waited = r->end - asked;
	r->waited += waited;
	if (waited > r->longest)
		r->longest = waited;
}

/* Who was put off does not catch up: the next page is due when this one was had, or later. */
static void run(struct residence *r)
{
	uint64_t due;

	r->begin = r->end = due = clock_stamp();
	for (size_t i = 0; i < r->pages; i++) {
		r->since[i] = r->begin;
		r->lasts[i] = r->least;
	}
	for (size_t i = 0; i < r->touches; i++) {
		due = due + r->period > r->end ? due + r->period : r->end;
		work_until(r, due);
		touch(r, i % r->pages);
	}
}

struct device_work residence_play(struct residence *r)
{
	struct device_work work;

	r->revoked = r->put_off = r->waited = r->longest = 0;
	if (device_engines(r->device)) {
		device_start(r->device, r->job);
		run(r);
		device_stop(r->device);
		return device_work(r->device);
	}
	run(r);
	work = device_work(r->device);
	work.ticks = r->end - r->begin;
	return work;
}
