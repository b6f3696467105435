// SPDX-License-Identifier: MIT
/*
 * The contract of device-private memory: PRIVATE, MIGRATE, FRAMES.
 *
 * Each page has contents of its own, which have to come back from wherever they were.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "leftover.h"
#include "lib/mem/mem.h"
#include "module_test.h"

#define PAGES	 8u
#define CHILDREN 60

static int make(uint32_t pages)
{
	struct dex_private private = { .size = sizeof(private), .pages = pages };

	return try(DEX_IOC_PRIVATE, &private);
}

static struct dex_migrate good_migrate(const struct mem *mem, uint32_t batch)
{
	return (struct dex_migrate){ .size = sizeof(struct dex_migrate),
				     .run = { .size = sizeof(struct dex_run),
					      .start = (uintptr_t)mem->start,
					      .stride = batch * PAGE,
					      .count = mem->pages / batch,
					      .batch = batch } };
}

static struct dex_frames frames(void)
{
	struct dex_frames f = { .size = sizeof(f) };

	expect("FRAMES", try(DEX_IOC_FRAMES, &f), 0);
	return f;
}

static void write_all(const struct mem *mem)
{
	for (size_t i = 0; i < mem->pages * PAGE; i += 8)
		*(uint64_t *)(mem->start + i) = i * 2654435761u;
}

static size_t wrong_words(const struct mem *mem)
{
	size_t wrong = 0;

	for (size_t i = 0; i < mem->pages * PAGE; i += 8)
		wrong += *(uint64_t *)(mem->start + i) != i * 2654435761u;
	return wrong;
}

static size_t present(const struct mem *mem)
{
	return mem_count(mem, MEM_PRESENT);
}

/* One migration of what is left to say: its pages that went, and why not all. */
static void expect_migration(const char *what, struct dex_migrate m, uint64_t moved, int error)
{
	expect(what, try(DEX_IOC_MIGRATE, &m), 0);
	expect(what, (long)m.run.succeeded, (long)moved);
	expect(what, samples[DEX_STAGE_SETUP].ok, (long)moved);
	expect(what, -samples[DEX_STAGE_SETUP].error, error);
}

static void refused(const struct mem *mem)
{
	struct dex_private good = { .size = sizeof(good), .pages = PAGES };
	struct dex_migrate migrate = good_migrate(mem, 1);
	struct dex_frames none = { .size = sizeof(none) };
	const struct wrong wrong[] = {
		WRONG(dex_private, size, 0, EINVAL),
		WRONG(dex_private, flags, 1, EINVAL),
		WRONG(dex_private, pages, DEX_MAX_PRIVATE + 1, EINVAL),
		WRONG(dex_private, pages, UINT32_MAX, EINVAL),
		WRONG(dex_private, reserved, 1, EINVAL),
	};
	const struct wrong wrong_migrate[] = {
		WRONG(dex_migrate, size, 0, EINVAL),
		WRONG(dex_migrate, flags, 1, EINVAL),
		WRONG(dex_migrate, run.size, 0, EINVAL),
		WRONG(dex_migrate, run.start, 1, EINVAL),
		WRONG(dex_migrate, run.start, 1ull << 47, EINVAL),
		WRONG(dex_migrate, run.stride, 1, EINVAL),
		WRONG(dex_migrate, run.count, 0, EINVAL),
		WRONG(dex_migrate, run.count, SAMPLES / DEX_STAGES + 1, ENOBUFS),
		WRONG(dex_migrate, run.count, UINT64_MAX, EINVAL),
		WRONG(dex_migrate, run.batch, 0, EINVAL),
		WRONG(dex_migrate, run.batch, DEX_MAX_BATCH + 1, EINVAL),
	};
	const struct wrong wrong_frames[] = {
		WRONG(dex_frames, size, 0, EINVAL),
		WRONG(dex_frames, reserved, 1, EINVAL),
	};

	expect("MIGRATE: no region", try(DEX_IOC_MIGRATE, &migrate), ENODEV);
	expect("FRAMES: no region", try(DEX_IOC_FRAMES, &none), ENODEV);
	expect("PRIVATE: none to remove", make(0), 0);
	expect_wrong(DEX_IOC_PRIVATE, &good, sizeof(good), wrong, sizeof(wrong) / sizeof(wrong[0]));
	expect("PRIVATE", make(PAGES), 0);
	expect("PRIVATE: a second one", make(PAGES), EBUSY);
	expect_wrong(DEX_IOC_MIGRATE, &migrate, sizeof(migrate), wrong_migrate,
		     sizeof(wrong_migrate) / sizeof(wrong_migrate[0]));
	expect_wrong(DEX_IOC_FRAMES, &none, sizeof(none), wrong_frames,
		     sizeof(wrong_frames) / sizeof(wrong_frames[0]));
	expect("MIGRATE: bad pointer", try(DEX_IOC_MIGRATE, (void *)1), EFAULT);
	expect("no page went", (long)frames().used, 0);
	expect("PRIVATE: remove", make(0), 0);
}

/* There and back, by a touch of each page. */
static void round_trip(const struct mem *mem, uint32_t batch)
{
	struct dex_migrate m = good_migrate(mem, batch);
	struct dex_frames after;

	write_all(mem);
	expect("PRIVATE", make(PAGES), 0);
	expect("MIGRATE", try(DEX_IOC_MIGRATE, &m), 0);
	expect("MIGRATE: samples", (long)m.run.samples, (long)(m.run.count * DEX_STAGES));
	expect("MIGRATE: all", (long)m.run.succeeded, PAGES);
	expect("MIGRATE: a time for the copy", samples[DEX_STAGE_COPY].ticks > 0, 1);
	expect("MIGRATE: none is present", (long)present(mem), 0);
	expect("MIGRATE: each is a special entry", (long)mem_exclusive(mem), PAGES);
	expect("FRAMES: used", (long)frames().used, PAGES);
	expect("contents came back", (long)wrong_words(mem), 0);
	after = frames();
	expect("FRAMES: pages", (long)after.pages, PAGES);
	expect("FRAMES: none used", (long)after.used, 0);
	expect("FRAMES: faults", (long)after.faults, PAGES);
	expect("FRAMES: none for nothing", (long)after.empty, 0);
	expect("PRIVATE: remove", make(0), 0);
}

/* Whoever removes the region takes nothing from who has pages in it. */
static void removed(const struct mem *mem)
{
	struct dex_migrate m = good_migrate(mem, PAGES);
	int go[2], done = pipe(go);
	char c = 0;
	pid_t pid;

	write_all(mem);
	expect("removed: PRIVATE", make(PAGES), 0);
	expect("removed: MIGRATE", try(DEX_IOC_MIGRATE, &m), 0);
	pid = fork();
	if (!pid) {
		close(go[1]);
		_exit(read(go[0], &c, 1) == 1 && !wrong_words(mem) ? 0 : 1);
	}
	expect("removed: while a child has them", make(0), 0);
	expect("removed: a pipe", done || write(go[1], "x", 1) != 1, 0);
	expect("removed: the child's contents", child_status(pid), 0);
	expect("removed: contents", (long)wrong_words(mem), 0);
	close(go[0]);
	close(go[1]);
}

static void not_all(const struct mem *mem)
{
	struct mem hole = mem_reserve(PAGES);
	struct mem shared = { .pages = PAGES };
	struct dex_migrate m;

	for (size_t i = 0; i < PAGES; i++)
		if (i != 2)
			*mem_page(&hole, i) = 1;
	expect("not all: PRIVATE", make(PAGES - 1), 0);
	expect_migration("a hole", good_migrate(&hole, PAGES), PAGES - 1, EFAULT);
	expect_migration("already there", good_migrate(&hole, PAGES), 0, EBUSY);
	mem_free(&hole);
	expect("none is used after munmap", (long)frames().used, 0);
	expect_migration("a region that is full", good_migrate(mem, PAGES), PAGES - 1, ENOMEM);
	write_all(mem);

	shared.start =
		mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	m = good_migrate(&shared, PAGES);
	expect_migration("shared memory", m, 0, EOPNOTSUPP);
	munmap(shared.start, PAGES * PAGE);
	expect_migration("nothing mapped", m, 0, EFAULT);
	mprotect(mem->start, PAGE, PROT_READ);
	expect_migration("two mappings", good_migrate(mem, PAGES), 0, EFAULT);
	mprotect(mem->start, PAGE, PROT_READ | PROT_WRITE);
	expect("not all: remove", make(0), 0);
}

/* What the device has to itself is not taken from it. */
static void exclusive(const struct mem *mem)
{
	struct dex_run run = good_run(mem->start, 1);

	write_all(mem);
	expect("exclusive: CONVERT", try(DEX_IOC_CONVERT, &run), 0);
	expect("exclusive: PRIVATE", make(PAGES), 0);
	expect_migration("exclusive", good_migrate(mem, PAGES), PAGES - 1, EBUSY);
	expect("exclusive: the others went", (long)frames().used, PAGES - 1);
	run.start += PAGE;
	expect("private: CONVERT", try(DEX_IOC_CONVERT, &run), 0);
	expect("private: came back for it", (long)frames().used, PAGES - 2);
	expect("exclusive: contents", (long)wrong_words(mem), 0);
	expect("exclusive: remove", make(0), 0);
}

static void too_many_regions(void)
{
	int file[DEX_MAX_REGIONS], own = fd;

	for (size_t i = 0; i < DEX_MAX_REGIONS; i++) {
		fd = file[i] = open(DEX_DEVICE_PATH, O_RDWR);
		expect("a region of many", make(1), 0);
	}
	fd = own;
	expect("one region too many", make(1), EAGAIN);
	for (size_t i = 0; i < DEX_MAX_REGIONS; i++)
		close(file[i]);
	expect("one of them is free", make(1), 0);
	expect("and removed", make(0), 0);
}

static void random_migrations(const struct mem *mem)
{
	uint32_t seed = 5;
	int strange = 0;

	expect("random: PRIVATE", make(PAGES / 2), 0);
	for (int i = 0; i < 2000; i++) {
		struct dex_migrate m = good_migrate(mem, 1 + (uint32_t)(odd_number(&seed) % 8));
		uint64_t *words = (uint64_t *)&m;
		int error;

		words[odd_number(&seed) % (sizeof(m) / 8)] = odd_number(&seed);
		error = try(DEX_IOC_MIGRATE, &m);
		strange += error && error != EINVAL && error != ENOBUFS;
		*mem_page(mem, (size_t)odd_number(&seed) % PAGES) = 1;
	}
	expect("undocumented errors of random migrations", strange, 0);
	expect("random: remove", make(0), 0);
}

/* In a child: a region, its pages in it, a buffer. */
static int move_there(const struct mem *mem)
{
	struct dex_private private = { .size = sizeof(private), .pages = PAGES };
	struct dex_migrate m = good_migrate(mem, PAGES);

	fd = open(DEX_DEVICE_PATH, O_RDWR);
	return mmap(NULL, SAMPLES * sizeof(*samples), PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED ||
	       ioctl(fd, DEX_IOC_PRIVATE, &private) || ioctl(fd, DEX_IOC_MIGRATE, &m);
}

static void work_for_ever(int ready)
{
	struct mem mem = mem_base_pages(PAGES);
	struct dex_migrate m = good_migrate(&mem, 1);

	if (move_there(&mem) || write(ready, "x", 1) != 1)
		_exit(1);
	for (m.run.count = SAMPLES / DEX_STAGES, m.run.stride = 0;;) {
		++*(volatile char *)mem.start;
		ioctl(fd, DEX_IOC_MIGRATE, &m);
	}
}

static int left(const struct mem *mem)
{
	pid_t pid = fork();

	if (!pid)
		_exit(move_there(mem));
	return child_status(pid) != 0;
}

/* A region that is left keeps its page structures, and after a few there are no more to be had. */
static void leave(const struct mem *mem)
{
	struct leftover before;
	int failed = 0;

	for (int i = 0; i < CHILDREN / 5; i++)
		failed += left(mem);
	before = leftover_now();
	for (int i = 0; i < CHILDREN; i++)
		failed += left(mem);
	expect("children with regions", failed, 0);
	expect("nothing is left of their regions", leftover_since(&before), 0);
}

void test_private(void)
{
	struct mem mem = mem_base_pages(PAGES);

	if (make(1) == EOPNOTSUPP) {
		printf("module_test: skipped: no device-private memory for a module in this kernel\n");
		return;
	}
	expect("PRIVATE: remove the first", make(0), 0);
	refused(&mem);
	round_trip(&mem, 1);
	round_trip(&mem, PAGES);
	removed(&mem);
	not_all(&mem);
	exclusive(&mem);
	too_many_regions();
	random_migrations(&mem);
	killed("killed while pages migrate", work_for_ever);
	leave(&mem);
	mem_free(&mem);
}
