// SPDX-License-Identifier: MIT
/*
 * A device without a device: threads that have a second mapping of the memory.
 *
 * In system_exclusive memory they speak the kernel's protocol with user space's means: a
 * page that the device uses is PROT_NONE in the CPU's mapping; the CPU's access faults
 * (SIGSEGV), asks for the page, waits until the device has left it and maps it again.
 * What that costs is the price of signals and mprotect(), so nothing of it says anything
 * about a GPU; it runs every line of the harness on any machine.
 */
#define _GNU_SOURCE
#include "gpu/gpu.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/core/die.h"

#define MAX_THREADS 4
#define ADDS	    (1u << 20) /* of a launch, all threads */
#define VISIT	    1024u      /* adds on one page before looking at others */
#define LANES	    32	       /* that an aggregated add stands for */

struct page {
	int lock, wanted, users, exclusive; /* atomics */
};

/* One at a time: a child has one buffer. */
static struct {
	const struct gpu_buffer *buffer;
	uint32_t *words; /* the device's mapping */
	struct page *page;
	int exclusive; /* the protocol is spoken */
} model;

static void lock(struct page *p)
{
	while (__atomic_exchange_n(&p->lock, 1, __ATOMIC_ACQUIRE))
		sched_yield();
}

static void unlock(struct page *p)
{
	__atomic_store_n(&p->lock, 0, __ATOMIC_RELEASE);
}

static void protect(size_t page, int prot)
{
	if (mprotect(model.buffer->cpu + page * GPU_PAGE_WORDS, GPU_PAGE, prot))
		abort(); /* the parent reports the signal */
}

/* The CPU wants a page back. */
static void fault(int number, siginfo_t *info, void *context)
{
	size_t at = (size_t)((char *)info->si_addr - (char *)model.buffer->cpu);
	struct page *p = &model.page[at / GPU_PAGE];

	(void)number;
	(void)context;
	if (at >= model.buffer->bytes) {
		signal(SIGSEGV, SIG_DFL); /* somebody else's: it happens again */
		return;
	}
	__atomic_store_n(&p->wanted, 1, __ATOMIC_SEQ_CST);
	lock(p);
	while (__atomic_load_n(&p->users, __ATOMIC_SEQ_CST))
		sched_yield();
	if (p->exclusive)
		protect(at / GPU_PAGE, PROT_READ | PROT_WRITE);
	p->exclusive = 0;
	__atomic_store_n(&p->wanted, 0, __ATOMIC_SEQ_CST);
	unlock(p);
}

static void enter(size_t page)
{
	struct page *p = &model.page[page];

	if (!model.exclusive)
		return;
	while (__atomic_load_n(&p->wanted, __ATOMIC_SEQ_CST))
		sched_yield();
	lock(p);
	if (!p->exclusive)
		protect(page, PROT_NONE);
	p->exclusive = 1;
	__atomic_fetch_add(&p->users, 1, __ATOMIC_SEQ_CST);
	unlock(p);
}

static void leave(size_t page)
{
	if (model.exclusive)
		__atomic_fetch_sub(&model.page[page].users, 1, __ATOMIC_SEQ_CST);
}

struct worker {
	pthread_t thread;
	const struct gpu_job *job;
	size_t at;	/* the word it begins with */
	uint64_t quota; /* adds */
	uint64_t adds;
};

static void visit(struct worker *w, uint32_t add)
{
	size_t stride = w->job->stride, page = w->at * stride / GPU_PAGE_WORDS;
	size_t step = w->job->pattern == GPU_DISTINCT || w->job->pattern == GPU_SPAN;
	const int *wanted = &model.page[page].wanted;

	enter(page);
	for (size_t i = 0; i < VISIT && w->at * stride / GPU_PAGE_WORDS == page; i++) {
		__atomic_fetch_add(&model.words[w->at * stride], add, __ATOMIC_RELAXED);
		w->adds += add;
		w->at += step;
		if (__atomic_load_n(wanted, __ATOMIC_RELAXED))
			break;
	}
	leave(page);
	w->at %= w->job->words;
}

static void *work(void *user)
{
	struct worker *w = user;
	uint32_t add = w->job->pattern == GPU_AGGREGATED ? LANES : 1;
	double until = gpu_seconds() + GPU_LAUNCH_CAP_NS * 1e-9;

	while (w->adds < w->quota && gpu_seconds() < until)
		visit(w, add);
	return NULL;
}

static const char *run_threads(const struct gpu_job *job, struct gpu_done *done)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = cpus < MAX_THREADS ? (size_t)cpus : MAX_THREADS;
	struct worker worker[MAX_THREADS] = { 0 };
	double begin = gpu_seconds();

	for (size_t i = 0; i < n; i++) {
		worker[i].job = job;
		worker[i].quota = ADDS / n;
		if (job->pattern == GPU_DISTINCT || job->pattern == GPU_SPAN)
			worker[i].at = i * job->words / n;
		if (pthread_create(&worker[i].thread, NULL, work, &worker[i]))
			die("no thread for the model's device");
	}
	for (size_t i = 0; i < n; i++) {
		pthread_join(worker[i].thread, NULL);
		done->atomics += worker[i].adds;
	}
	done->seconds = gpu_seconds() - begin;
	return NULL;
}

static void stamp(size_t page, uint32_t *ns)
{
	double begin = gpu_seconds();

	enter(page);
	__atomic_fetch_add(&model.words[page * GPU_PAGE_WORDS], 1, __ATOMIC_RELAXED);
	leave(page);
	*ns = (uint32_t)((gpu_seconds() - begin) * 1e9);
}

static const char *run(const struct gpu_buffer *b, const struct gpu_job *job, struct gpu_done *done)
{
	size_t pages = job->words / GPU_PAGE_WORDS;

	(void)b;
	if (job->pattern != GPU_STAMPED)
		return run_threads(job, done);
	for (size_t i = 0; i < pages; i++)
		stamp(i, &job->first[i]);
	for (size_t i = 0; i < pages; i++)
		stamp(i, &job->second[i]);
	done->atomics = 2 * pages;
	done->stamped = 1;
	return NULL;
}

static const char *map_twice(struct gpu_buffer *b)
{
	int fd = memfd_create("dexbench-model", MFD_CLOEXEC), prot = PROT_READ | PROT_WRITE;

	if (fd < 0 || ftruncate(fd, (off_t)b->bytes))
		return gpu_text("memfd of %zu bytes: %s", b->bytes, strerror(errno));
	model.words = mmap(NULL, b->bytes, prot, MAP_SHARED | MAP_POPULATE, fd, 0);
	if (b->memory != GPU_DEVICE)
		b->cpu = mmap(NULL, b->bytes, prot, MAP_SHARED | MAP_POPULATE, fd, 0);
	close(fd);
	if (model.words == MAP_FAILED || b->cpu == MAP_FAILED)
		return gpu_text("mapping %zu bytes: %s", b->bytes, strerror(errno));
	return NULL;
}

static const char *allocate(struct gpu_buffer *b)
{
	struct sigaction action = { .sa_sigaction = fault, .sa_flags = SA_SIGINFO | SA_NODEFER };
	const char *why;

	if (b->memory != GPU_DEVICE && b->memory != GPU_PINNED && b->memory != GPU_SYSTEM_EXCLUSIVE)
		return "the model moves no memory";
	why = map_twice(b);
	if (why)
		return why;
	model.buffer = b;
	model.exclusive = b->memory == GPU_SYSTEM_EXCLUSIVE;
	model.page = xcalloc(b->bytes / GPU_PAGE, sizeof(*model.page));
	if (model.exclusive)
		sigaction(SIGSEGV, &action, NULL);
	return NULL;
}

static const char *read_words(const struct gpu_buffer *b, uint32_t *into)
{
	memcpy(into, model.words, b->bytes);
	return NULL;
}

static void free_buffer(struct gpu_buffer *b)
{
	signal(SIGSEGV, SIG_DFL);
	munmap(model.words, b->bytes);
	if (b->cpu)
		munmap(b->cpu, b->bytes);
	free(model.page);
}

static const char *probe(void)
{
	return NULL;
}

static json_t *describe(void)
{
	return json_pack("{s:s, s:i}", "device", "model: threads of this process", "lanes", LANES);
}

static struct gpu_support support(void)
{
	return (struct gpu_support){
		.pageable = 1, .host_atomics = 1, .system_scope = 1, .simd = LANES
	};
}

static void close_model(void)
{
}

const struct gpu_ops gpu_model = {
	.name = "model",
	.strides = 1,
	.probe = probe,
	.describe = describe,
	.support = support,
	.allocate = allocate,
	.run = run,
	.read = read_words,
	.free = free_buffer,
	.close = close_model,
};
