// SPDX-License-Identifier: MIT
/* Arguments that dex_uapi.h allows, drawn so that most requests get far. */
#include "requests.h"

/* Small, as a rule: long requests are for a few. */
static uint64_t few(struct dice *d, uint64_t most)
{
	return 1 + under(d, one_in(d, 256) ? most : most < 16 ? most : 16);
}

void draw_info(struct hand *h, unsigned int fd, union argument *a)
{
	(void)h;
	(void)fd;
	a->info.size = sizeof(a->info);
}

void draw_run(struct hand *h, unsigned int fd, union argument *a)
{
	struct dex_run *run = &a->run;

	(void)fd;
	run->size = sizeof(*run);
	run->start = (uintptr_t)some_page(h);
	run->stride = PAGE * under(&h->dice, 3);
	run->count = few(&h->dice, SAMPLES);
	run->batch = one_in(&h->dice, 2) ? 1 : (uint32_t)few(&h->dice, DEX_MAX_BATCH);
}

void draw_watch(struct hand *h, unsigned int fd, union argument *a)
{
	struct region r = some_part(h);

	(void)fd;
	a->watch.size = sizeof(a->watch);
	if (one_in(&h->dice, 2))
		return;
	a->watch.start = (uintptr_t)r.start;
	a->watch.length = r.bytes;
}

void draw_events(struct hand *h, unsigned int fd, union argument *a)
{
	(void)h;
	(void)fd;
	a->events.size = sizeof(a->events);
}

void draw_hold(struct hand *h, unsigned int fd, union argument *a)
{
	struct dex_hold *hold = &a->hold;

	(void)fd;
	hold->size = sizeof(*hold);
	if (one_in(&h->dice, 4))
		return;
	hold->start = (uintptr_t)some_page(h);
	hold->ns = 1 + (uint32_t)under(&h->dice, one_in(&h->dice, 64) ? DEX_MAX_HOLD_NS : 300000);
	hold->sample = (uint32_t)under(&h->dice, SAMPLES);
}

void draw_loop(struct hand *h, unsigned int fd, union argument *a)
{
	struct dex_loop *loop = &a->loop;
	union argument run = { .size = 0 };
	uint64_t bytes;

	draw_run(h, fd, &run);
	loop->run = run.run;
	loop->size = sizeof(*loop);
	loop->flags = one_in(&h->dice, 2) ? DEX_LOOP_CURE : 0;
	loop->pattern = one_in(&h->dice, 2) ? DEX_PATTERN_NOUVEAU : DEX_PATTERN_UVM;
	loop->max_iterations = (uint32_t)few(&h->dice, DEX_MAX_LOOPS);
	loop->run.batch = loop->pattern == DEX_PATTERN_UVM ? 1u << under(&h->dice, 6) : 1;
	bytes = loop->run.batch * PAGE;
	loop->run.start -= loop->run.start % bytes;
	loop->run.stride = bytes * under(&h->dice, 3);
}

void draw_device(struct hand *h, unsigned int fd, union argument *a)
{
	struct dex_device *device = &a->device;
	struct region r = some_part(h);

	device->size = sizeof(*device);
	if (one_in(&h->dice, 3))
		return;
	device->flags = one_in(&h->dice, 8) ? DEX_DEVICE_REFERENCED : 0;
	device->start = (uintptr_t)r.start;
	device->length = r.bytes;
	device->engines = (uint32_t)under(&h->dice, 3);
	device->cpu = device->engines == 1 ? (uint32_t)under(&h->dice, 2) : 0;
	device->granule = 1u << under(&h->dice, one_in(&h->dice, 16) ? 10 : 4);
	h->p->device[fd] = *device;
}

void draw_job(struct hand *h, unsigned int fd, union argument *a)
{
	const struct dex_device *device = &h->p->device[fd];
	struct dex_job *job = &a->job;
	uint64_t slots;

	job->size = sizeof(*job);
	job->flags = (uint32_t)under(&h->dice, 2);
	job->op = 1 + (uint32_t)under(&h->dice, 3);
	job->access = 1 + (uint32_t)under(&h->dice, 4);
	job->stride = 8u << under(&h->dice, 12);
	slots = device->length / job->stride;
	job->span = job->stride * (job->access == DEX_ACCESS_ONE ? 1
				   : slots			 ? 1 + under(&h->dice, slots)
								 : 1);
	if (device->length > job->span)
		job->offset = under(&h->dice, device->length - job->span) / 8 * 8;
	job->count = one_in(&h->dice, 4) ? UINT64_MAX : few(&h->dice, 100000);
	/* One without an end is for who stops it, or kills. */
	job->until = one_in(&h->dice, 64) ? 0 : __builtin_ia32_rdtsc() + under(&h->dice, 2000000);
	job->operand = odd_number(&h->dice);
	job->seed = roll(&h->dice);
	job->burst = 1 + (uint32_t)under(&h->dice, one_in(&h->dice, 8) ? DEX_MAX_BURST : 64);
	job->samples = (uint32_t)under(&h->dice, 16);
}

void draw_state(struct hand *h, unsigned int fd, union argument *a)
{
	(void)fd;
	a->state.size = sizeof(a->state);
	a->state.flags = (uint32_t)under(&h->dice, 4);
}

/* A region, as a rule: to make or remove one takes long. */
void draw_private(struct hand *h, unsigned int fd, union argument *a)
{
	(void)fd;
	a->private.size = sizeof(a->private);
	if (!one_in(&h->dice, 4))
		a->private.pages = (uint32_t)few(&h->dice, 512);
}

void draw_migrate(struct hand *h, unsigned int fd, union argument *a)
{
	union argument run = { .size = 0 };

	draw_run(h, fd, &run);
	a->migrate.size = sizeof(a->migrate);
	a->migrate.run = run.run;
	a->migrate.run.count = few(&h->dice, SAMPLES / DEX_STAGES);
}

void draw_frames(struct hand *h, unsigned int fd, union argument *a)
{
	(void)h;
	(void)fd;
	a->frames.size = sizeof(a->frames);
}

void draw_hmm(struct hand *h, unsigned int fd, union argument *a)
{
	union argument run = { .size = 0 };
	static const uint32_t flags[] = { 0, DEX_HMM_FAULT, DEX_HMM_FAULT | DEX_HMM_WRITE };

	draw_run(h, fd, &run);
	a->hmm.size = sizeof(a->hmm);
	a->hmm.flags = flags[under(&h->dice, 3)] | (one_in(&h->dice, 3) ? DEX_HMM_UNLOCKED : 0);
	a->hmm.max_iterations = (uint32_t)few(&h->dice, DEX_MAX_LOOPS);
	a->hmm.run = run.run;
}

void draw_nothing(struct hand *h, unsigned int fd, union argument *a)
{
	(void)h;
	(void)fd;
	(void)a;
}
