// SPDX-License-Identifier: MIT
/*
 * What a child does: allocate, launch over growing footprints, count what became of it.
 *
 * The smallest footprint comes first, so that what goes wrong goes wrong on one page.
 * Before each footprint the CPU writes to all of it; the launch after that is cold (it
 * pays for every page's way to the device), those that follow are warm.  Sums are taken
 * before and after, also of the launch that is for nothing, and what was added is compared
 * with what arrived: no add of either side is out of account.
 *
 * A launch that came back only because the CPU read its pages (rescue.c) is the last: its
 * time is the wait, and the next one would take as long again.
 */
#include "gpu/gpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/machine/clock.h"

#define WARM_LAUNCHES 3 /* on the largest footprint; 1 on the others */

struct work {
	const struct gpu_ops *ops;
	const struct gpu_request *request;
	struct gpu_outcome *out;
	struct gpu_buffer buffer;
	const char *why;  /* it went wrong */
	uint32_t rescued; /* the latest launch; then it is the last */
};

static void end(struct gpu_outcome *o, enum gpu_end how, const char *why)
{
	snprintf(o->reason, sizeof(o->reason), "%s", why);
	o->end = how;
}

static uint64_t sum(struct work *w)
{
	return gpu_sum(w->ops, &w->buffer, &w->why);
}

/* Write without a change: the CPU has the page. */
static void rewrite(volatile uint32_t *word)
{
	uint32_t value = *word;

	*word = value;
}

static void bring_home(const struct gpu_buffer *b, size_t pages)
{
	for (size_t i = 0; b->cpu && i < pages; i++)
		rewrite(&b->cpu[i * GPU_PAGE_WORDS]);
}

static int is_system(enum gpu_memory memory)
{
	return memory >= GPU_SYSTEM_MIGRATING;
}

/* The device's part of any launch; how often it had to be rescued.  Where a thread adds all
 * the time, the CPU touches the pages anyway. */
static uint32_t run(struct work *w, const struct gpu_job *job, struct gpu_done *done)
{
	size_t pages = (job->words - 1) * job->stride / GPU_PAGE_WORDS + 1;
	struct gpu_rescuer *rescuer = NULL;

	if (is_system(w->buffer.memory) && !w->request->touch)
		rescuer = gpu_rescue_begin(w->buffer.cpu, pages, &w->out->rescues);
	w->why = w->ops->run(&w->buffer, job, done);
	return rescuer ? gpu_rescue_end(rescuer) : 0;
}

static struct gpu_job job_of(const struct gpu_request *r, size_t pages)
{
	int is_span = r->pattern == GPU_SPAN;

	return (struct gpu_job){ .scope = r->scope,
				 .pattern = r->pattern,
				 .words = is_span ? 2 : pages * GPU_PAGE_WORDS,
				 .stride = is_span ? (pages - 1) * GPU_PAGE_WORDS : 1 };
}

static void launch(struct work *w, size_t pages, int cold)
{
	const struct gpu_request *r = w->request;
	struct gpu_job job = job_of(r, pages);
	struct gpu_launch *l = &w->out->launch[w->out->launches];
	struct gpu_toucher *toucher = NULL;
	struct gpu_done done = { 0 };
	uint64_t begin;

	*l = (struct gpu_launch){ .pages = (uint32_t)pages, .cold = cold };
	if (r->touch)
		toucher = gpu_touch_begin(w->buffer.cpu, job.words, r->pattern);
	begin = clock_stamp();
	l->rescues = w->rescued = run(w, &job, &done);
	l->ticks = clock_ticks(begin, clock_stamp());
	if (toucher)
		l->cpu_adds = gpu_touch_end(toucher, &l->cpu_seconds);
	l->atomics = done.atomics;
	l->seconds = done.seconds;
	if (!w->why)
		w->out->launches++;
}

static void account(struct work *w, size_t first, uint64_t before)
{
	uint64_t made = 0, arrived = sum(w) - before;

	for (size_t i = first; i < w->out->launches; i++)
		made += w->out->launch[i].atomics + w->out->launch[i].cpu_adds;
	w->out->lost += (int64_t)(made - arrived);
}

/* Where @pages pages from @first on are; NULL where the tables do not tell. */
static struct gpu_frames *frames_before(const struct work *w, size_t first, size_t pages)
{
	if (!w->ops->in_page_tables || !is_system(w->buffer.memory))
		return NULL;
	return gpu_frames_take(w->buffer.cpu + first * GPU_PAGE_WORDS, pages);
}

static void footprint(struct work *w, size_t pages, int warm)
{
	uint64_t before = sum(w);
	size_t first = w->out->launches;
	struct gpu_frames *frames;

	bring_home(&w->buffer, pages);
	frames = frames_before(w, 0, pages);
	for (int i = 0; i <= warm && !w->why && !w->rescued; i++)
		launch(w, pages, !i);
	if (frames)
		w->out->path = gpu_frames_compare(frames);
	if (!w->why)
		account(w, first, before);
}

/* Each page's way there and back: the device twice, then the CPU once. */
static void stamps(struct work *w, size_t pages)
{
	struct gpu_outcome *o = w->out;
	size_t n = pages < GPU_MAX_STAMPS ? pages : GPU_MAX_STAMPS;
	struct gpu_job job = { .scope = w->request->scope,
			       .pattern = GPU_STAMPED,
			       .words = n * GPU_PAGE_WORDS,
			       .stride = 1,
			       .first = o->first_ns,
			       .second = o->second_ns };
	uint64_t before = sum(w), arrived;
	struct gpu_done done = { 0 };
	uint32_t rescued;

	bring_home(&w->buffer, n);
	rescued = run(w, &job, &done);
	if (w->why)
		return;
	o->stamped = done.stamped && !rescued;
	o->stamps = o->stamped ? (uint32_t)n : 0;
	for (size_t i = 0; w->buffer.cpu && !rescued && i < n; i++) {
		double begin = gpu_seconds();

		rewrite(&w->buffer.cpu[i * GPU_PAGE_WORDS]);
		o->touch_ns[i] = (uint32_t)((gpu_seconds() - begin) * 1e9);
		o->touches = (uint32_t)i + 1;
	}
	arrived = sum(w) - before;
	o->lost += (int64_t)(done.atomics - arrived);
}

/* The CPU reads the pages between the first and the last. */
static void read_between(const struct gpu_buffer *b, struct gpu_span *s, uint32_t *ns)
{
	const volatile uint32_t *words = b->cpu;

	for (size_t i = 0; i < s->timed; i++) {
		double begin = gpu_seconds();

		(void)words[(i + 1) * GPU_PAGE_WORDS];
		ns[i] = (uint32_t)((gpu_seconds() - begin) * 1e9);
	}
}

/* The device on two pages, the CPU on those between: which had the device taken, too? */
static void span(struct work *w, size_t pages)
{
	size_t between = pages - 2, first = w->out->launches;
	struct gpu_span *s = &w->out->span[w->out->spans];
	uint64_t before = sum(w);
	struct gpu_frames *frames;

	bring_home(&w->buffer, pages);
	frames = frames_before(w, 1, between);
	launch(w, pages, 1);
	if (frames)
		s->path = w->out->path = gpu_frames_compare(frames);
	if (w->why)
		return;
	s->pages = (uint32_t)pages;
	if (!w->rescued)
		s->timed = (uint32_t)(between < GPU_MAX_STAMPS ? between : GPU_MAX_STAMPS);
	read_between(&w->buffer, s, s->read_ns);
	read_between(&w->buffer, s, s->again_ns);
	w->out->spans++;
	account(w, first, before);
}

/* All in one block of 2 MiB: a driver's range of faults does not go beyond. */
static void spans(struct work *w)
{
	static const size_t pages[GPU_MAX_SPANS] = { 4, 32, 256, 512 };

	for (size_t i = 0; i < GPU_MAX_SPANS && !w->why && !w->rescued; i++)
		if (pages[i] <= w->request->pages)
			span(w, pages[i]);
}

/* Once for nothing: the first launch loads code, however long that takes.  Its time does not
 * count, its adds do. */
static void warm_up(struct work *w)
{
	uint64_t before = sum(w);

	if (!w->why)
		launch(w, 1, 1);
	if (!w->why)
		account(w, 0, before);
	w->out->launches = 0;
	w->rescued = 0;
}

static void footprints(struct work *w)
{
	size_t pages = 1, most = w->request->pattern == GPU_DISTINCT ? w->request->pages : 1;

	for (; !w->why && !w->rescued; pages *= 16) {
		pages = pages < most ? pages : most;
		footprint(w, pages, pages == most ? WARM_LAUNCHES : 1);
		if (pages == most)
			break;
	}
	if (!w->why && !w->rescued && w->request->pattern == GPU_DISTINCT)
		stamps(w, most);
}

static void measure(struct work *w)
{
	warm_up(w);
	if (w->request->pattern == GPU_SPAN)
		spans(w);
	else
		footprints(w);
}

/* JSON that its parent can read, or nothing. */
static void describe(const struct gpu_ops *ops, struct gpu_outcome *o)
{
	json_t *facts = ops->describe();
	char *text = json_dumps(facts, JSON_COMPACT);

	if (text && strlen(text) < sizeof(o->description))
		memcpy(o->description, text, strlen(text) + 1);
	free(text);
	json_decref(facts);
	o->support = ops->support();
}

/* NULL, or why the device cannot do what is asked, whatever the memory. */
static const char *refuse(const struct work *w)
{
	if (w->request->ceiling)
		return gpu_no_ceiling(w->ops, &w->out->support);
	if (w->request->scope == GPU_SCOPE_SYS && !w->out->support.system_scope)
		return "its code has no scope beyond the device";
	if (w->request->pattern == GPU_SPAN && !w->ops->strides)
		return "its code cannot leave out the pages between";
	return NULL;
}

static const char *allocate(struct work *w)
{
	if (w->request->memory < GPU_SHARED)
		return w->ops->allocate(&w->buffer);
	if (!w->ops->in_page_tables || !w->out->support.pageable)
		return "the device does not reach pageable memory";
	return gpu_negative_map(&w->buffer);
}

static void release(struct work *w)
{
	if (w->request->memory < GPU_SHARED)
		w->ops->free(&w->buffer);
	else
		gpu_negative_unmap(&w->buffer);
}

/* The same of memory that is there. */
static const char *refuse_memory(const struct work *w)
{
	int is_span = w->request->pattern == GPU_SPAN;

	if ((w->request->touch || is_span) && !w->buffer.cpu)
		return "the CPU cannot touch this memory";
	if (w->request->touch && is_span)
		return "the CPU has to leave the pages between alone";
	return NULL;
}

static void work_on(struct work *w)
{
	const char *refused;

	w->why = refuse(w);
	w->buffer.memory = w->request->memory;
	w->buffer.bytes = w->request->ceiling ? gpu_ceiling_bytes(&w->out->support)
					      : w->request->pages * GPU_PAGE;
	if (!w->why)
		w->why = allocate(w);
	if (w->why) {
		end(w->out, GPU_UNAVAILABLE, w->why);
		return;
	}
	refused = refuse_memory(w);
	if (refused) {
		end(w->out, GPU_UNAVAILABLE, refused);
	} else {
		if (w->request->ceiling)
			w->why = gpu_ceiling_probe(w->ops, &w->buffer, w->out);
		else
			measure(w);
		end(w->out, w->why ? GPU_FAILED : GPU_DONE, w->why ? w->why : "");
	}
	if (!w->why)
		release(w);
}

int gpu_prepare(const struct gpu_ops *ops, struct gpu_outcome *o)
{
	const char *why = ops->probe();

	if (why)
		end(o, GPU_UNAVAILABLE, why);
	else
		describe(ops, o);
	return !why;
}

void gpu_work(const struct gpu_ops *ops, const struct gpu_request *r, struct gpu_outcome *o)
{
	struct work w = { .ops = ops, .request = r, .out = o };

	if (r)
		work_on(&w);
	else
		end(o, GPU_DONE, "");
	if (o->end != GPU_FAILED)
		ops->close();
}
