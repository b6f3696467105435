// SPDX-License-Identifier: MIT
/*
 * Every request, valid or nearly so, with an argument that may lie anywhere.
 *
 * What comes back is held to dex_uapi*.h: an errno that it does not name for the request, or
 * an answer that cannot be, is a finding.  EINTR never comes back: it is for who is killed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "requests.h"

static bool sane_info(const union argument *a)
{
	return a->info.abi == DEX_ABI_VERSION && a->info.body && a->info.walk &&
	       a->info.max_batch - 1 < DEX_MAX_BATCH;
}

static bool sane_run(const union argument *a)
{
	const struct dex_run *run = &a->run;

	return run->samples == run->count && run->attempted == run->count * run->batch &&
	       run->succeeded <= run->attempted;
}

static bool sane_loop(const union argument *a)
{
	return a->loop.run.samples == a->loop.run.count &&
	       a->loop.run.succeeded <= a->loop.run.count * a->loop.run.batch &&
	       a->loop.iterations <= a->loop.run.count * a->loop.max_iterations;
}

static bool sane_state(const union argument *a)
{
	const struct dex_state *s = &a->state;

	return s->running <= DEX_MAX_ENGINES && s->error <= 0 && s->samples <= DEX_MAX_SAMPLES &&
	       !s->reserved;
}

static bool sane_migrate(const union argument *a)
{
	const struct dex_run *run = &a->migrate.run;

	return run->samples == run->count * DEX_STAGES &&
	       run->attempted == run->count * run->batch && run->succeeded <= run->attempted;
}

static bool sane_frames(const union argument *a)
{
	const struct dex_frames *f = &a->frames;

	return f->pages - 1 < DEX_MAX_PRIVATE && f->used <= f->pages && f->empty <= f->faults;
}

static bool sane_hmm(const union argument *a)
{
	const struct dex_run *run = &a->hmm.run;

	return run->samples == run->count && run->succeeded <= run->count * run->batch &&
	       a->hmm.large <= run->succeeded &&
	       a->hmm.iterations <= run->count * a->hmm.max_iterations;
}

#define COMMON (1ull << 0 | 1ull << EFAULT | 1ull << EINVAL | 1ull << ENOMEM)
#define BIT(n) (1ull << (n))
/* Numbers of 64 and more have a bit of their own. */
#define EOPNOTSUPP_BIT BIT(62)
#define ENOBUFS_BIT    BIT(61)
#define EHWPOISON_BIT  BIT(60)

static const struct {
	const char *name;
	unsigned long number;
	size_t size;
	unsigned int weight;
	uint64_t errors;
	void (*draw)(struct hand *h, unsigned int fd, union argument *a);
	bool (*sane)(const union argument *a);
} kinds[REQUESTS] = {
	{ "INFO", DEX_IOC_INFO, sizeof(struct dex_info), 2, COMMON, draw_info, sane_info },
	{ "NOP", DEX_IOC_NOP, 0, 2, BIT(0), draw_nothing, NULL },
	{ "CLOCK", DEX_IOC_CLOCK, sizeof(struct dex_run), 3, COMMON | ENOBUFS_BIT, draw_run,
	  sane_run },
	{ "GUP", DEX_IOC_GUP, sizeof(struct dex_run), 6, COMMON | ENOBUFS_BIT, draw_run, sane_run },
	{ "CONVERT", DEX_IOC_CONVERT, sizeof(struct dex_run), 18,
	  COMMON | ENOBUFS_BIT | EOPNOTSUPP_BIT, draw_run, sane_run },
	{ "PIN", DEX_IOC_PIN, sizeof(struct dex_run), 6, COMMON | ENOBUFS_BIT, draw_run, sane_run },
	{ "UNPIN", DEX_IOC_UNPIN, sizeof(struct dex_run), 6, COMMON | ENOBUFS_BIT, draw_run,
	  sane_run },
	{ "WATCH", DEX_IOC_WATCH, sizeof(struct dex_watch), 6, COMMON | BIT(EBUSY), draw_watch,
	  NULL },
	{ "EVENTS", DEX_IOC_EVENTS, sizeof(struct dex_events), 3, COMMON, draw_events, NULL },
	{ "HOLD", DEX_IOC_HOLD, sizeof(struct dex_hold), 6,
	  COMMON | BIT(EBUSY) | ENOBUFS_BIT | EOPNOTSUPP_BIT | EHWPOISON_BIT, draw_hold, NULL },
	{ "LOOP", DEX_IOC_LOOP, sizeof(struct dex_loop), 8, COMMON | ENOBUFS_BIT, draw_loop,
	  sane_loop },
	{ "DEVICE", DEX_IOC_DEVICE, sizeof(struct dex_device), 10,
	  COMMON | BIT(EBUSY) | BIT(EAGAIN), draw_device, NULL },
	{ "JOB", DEX_IOC_JOB, sizeof(struct dex_job), 18,
	  COMMON | BIT(EBUSY) | BIT(ENODEV) | ENOBUFS_BIT | EOPNOTSUPP_BIT, draw_job, NULL },
	{ "STATE", DEX_IOC_STATE, sizeof(struct dex_state), 10, COMMON | BIT(ENODEV), draw_state,
	  sane_state },
	{ "PRIVATE", DEX_IOC_PRIVATE, sizeof(struct dex_private), 2,
	  COMMON | BIT(EBUSY) | BIT(EAGAIN) | EOPNOTSUPP_BIT, draw_private, NULL },
	{ "MIGRATE", DEX_IOC_MIGRATE, sizeof(struct dex_migrate), 14,
	  COMMON | BIT(ENODEV) | ENOBUFS_BIT | EOPNOTSUPP_BIT, draw_migrate, sane_migrate },
	{ "FRAMES", DEX_IOC_FRAMES, sizeof(struct dex_frames), 2,
	  COMMON | BIT(ENODEV) | EOPNOTSUPP_BIT, draw_frames, sane_frames },
	{ "HMM", DEX_IOC_HMM, sizeof(struct dex_hmm), 10, COMMON | ENOBUFS_BIT | EOPNOTSUPP_BIT,
	  draw_hmm, sane_hmm },
	{ "unknown", 0, 0, 1, COMMON | BIT(ENOTTY), draw_nothing, NULL },
};

const char *request_name(unsigned int kind)
{
	return kinds[kind].name;
}

static uint64_t bit_of(int error)
{
	switch (error) {
	case EOPNOTSUPP:
		return EOPNOTSUPP_BIT;
	case ENOBUFS:
		return ENOBUFS_BIT;
	case EHWPOISON:
		return EHWPOISON_BIT;
	default:
		return error < 60 ? BIT(error) : 0;
	}
}

/* One or a few of its words become odd. */
static void spoil(struct hand *h, union argument *a, size_t size)
{
	for (uint64_t n = under(&h->dice, 3); size && n < 3; n++) {
		size_t at = under(&h->dice, size / 4) * 4;
		uint64_t value = odd_number(&h->dice);

		memcpy((char *)a + at, &value, at + 8 <= size && one_in(&h->dice, 2) ? 8 : 4);
	}
}

/* The other one may be unmapped, read-only, exclusive at this moment, or the kernel's. */
static void *elsewhere(struct hand *h, const union argument *a, size_t size)
{
	struct region r = some_part(h);
	char *page = r.start;

	switch (under(&h->dice, 8)) {
	case 0:
		return NULL;
	case 1:
		return (void *)odd_number(&h->dice);
	case 2:
		return (void *)(0xffff888000000000ull + under(&h->dice, 1 << 20));
	case 3: /* to be cut off by the region's end */
		page += PAGE - size / 2;
		break;
	default:
		page += under(&h->dice, PAGE / 8 - size / 8) * 8;
	}
	for (size_t i = 0; i < size; i++)
		if (!guarded(write_byte, page + i, (unsigned char)((const char *)a)[i]))
			break;
	return page;
}

static unsigned long some_number(struct hand *h)
{
	unsigned long number = kinds[under(&h->dice, REQUESTS - 1)].number;

	return one_in(&h->dice, 2)
		       ? number ^ 1ul << under(&h->dice, 32)
		       : _IOC(under(&h->dice, 4), 'x', under(&h->dice, 256), under(&h->dice, 4096));
}

static void complain(const char *what, unsigned int kind, int error, const struct hand *h)
{
	dprintf(1, "fuzz: %s: %s, %s, in round %llu\n", kinds[kind].name, what, strerror(error),
		(unsigned long long)h->p->round);
}

static void judge(struct hand *h, unsigned int kind, int error, const union argument *a)
{
	add(&tally->requests, 1);
	add(&tally->said[kind][error < (int)MAX_ERRNO ? error : 0], 1);
	if (!(kinds[kind].errors & bit_of(error))) {
		add(&tally->undocumented, 1);
		complain("an errno that is not documented", kind, error, h);
	}
	if (!error && a && kinds[kind].sane && !kinds[kind].sane(a)) {
		add(&tally->nonsense, 1);
		complain("an answer that cannot be", kind, error, h);
	}
}

/* A number made of another by one bit may be the same request of another size, or none. */
static void unknown_request(struct hand *h, int fd, union argument *a)
{
	unsigned long number = some_number(h);
	int error;

	for (unsigned int i = 0; i < REQUESTS - 1; i++)
		if (number == kinds[i].number)
			return;
	error = ioctl(fd, number, a) ? errno : 0;
	if (error != EBADF)
		judge(h, REQUESTS - 1, error, NULL);
}

/* A number that a thread closed meanwhile is nobody's, or another kind of file's. */
static bool others(int error)
{
	return error == EBADF || error == ENOTTY;
}

int request(struct hand *h, unsigned int kind, int fd)
{
	union argument own = { .size = 0 };
	void *a = &own;
	int error;

	kinds[kind].draw(h, (unsigned int)fd, &own);
	if (one_in(&h->dice, 4))
		spoil(h, &own, kinds[kind].size);
	if (kind == REQUESTS - 1) {
		unknown_request(h, h->p->file[fd], &own);
		return 0;
	}
	if (one_in(&h->dice, 12))
		a = elsewhere(h, &own, kinds[kind].size);
	error = ioctl(h->p->file[fd], kinds[kind].number, a) ? errno : 0;
	if (!others(error))
		judge(h, kind, error, a == &own ? &own : NULL);
	return error ? -1 : 0;
}

int known_request(struct hand *h, unsigned long number, int file, void *argument)
{
	unsigned int kind = 0;
	int error = ioctl(file, number, argument) ? errno : 0;

	while (kinds[kind].number != number)
		kind++;
	judge(h, kind, error, NULL);
	return error ? -1 : 0;
}

static unsigned int some_kind(struct hand *h)
{
	unsigned int kind = 0, all = 0, at;

	for (unsigned int i = 0; i < REQUESTS; i++)
		all += kinds[i].weight;
	for (at = (unsigned int)under(&h->dice, all); at >= kinds[kind].weight; kind++)
		at -= kinds[kind].weight;
	return kind;
}

int some_request(struct hand *h)
{
	return request(h, some_kind(h), (int)under(&h->dice, FILES));
}

int foreign_request(struct hand *h)
{
	union argument own = { .size = 0 };
	unsigned int kind = (unsigned int)under(&h->dice, REQUESTS - 1);
	int fd = (int)under(&h->dice, FILES), error;

	kinds[kind].draw(h, (unsigned int)fd, &own);
	error = ioctl(h->p->file[fd], kinds[kind].number, &own) ? errno : 0;
	if (others(error))
		return -1;
	add(&tally->requests, 1);
	add(&tally->said[kind][error], 1);
	if (error == EPERM)
		return 0;
	add(&tally->undocumented, 1);
	complain("another process's file should say EPERM", kind, error, h);
	return -1;
}

/* Opened with a buffer, as a rule. */
int open_file(struct hand *h)
{
	uint64_t fd = under(&h->dice, FILES);
	int old = h->p->file[fd], new = open(DEX_DEVICE_PATH, O_RDWR | O_CLOEXEC);

	h->p->file[fd] = new;
	if (old >= 0)
		close(old);
	if (new >= 0 && !one_in(&h->dice, 16))
		mmap(NULL, SAMPLES * sizeof(struct dex_sample), PROT_READ | PROT_WRITE, MAP_SHARED,
		     new, 0);
	return new < 0 ? -1 : 0;
}
