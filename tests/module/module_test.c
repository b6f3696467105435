// SPDX-License-Identifier: MIT
/*
 * The module's contract, tested inside a guest: every documented error of a
 * request and of a single call, the outcome of good ones against
 * /proc/self/pagemap, and what is left behind by a process that dies.
 *
 * Speaks the raw ABI on purpose: bench/lib/machine/dev.c would not let it be wrong.
 * MODULE_TEST, in the environment or a boot parameter, names one part; default: all.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../kernel-module/dex_uapi.h"
#include "lib/mem/mem.h"
#include "module_test.h"

static int passed, failed;
int fd;
struct dex_sample *samples;
struct dex_info info = { .size = sizeof(info) };

void expect(const char *what, long found, long wanted)
{
	if (found == wanted) {
		passed++;
		return;
	}
	failed++;
	printf("module_test: %s: found %ld, expected %ld\n", what, found, wanted);
}

int try(unsigned long code, void *arg)
{
	return ioctl(fd, code, arg) ? errno : 0;
}

void expect_wrong(unsigned long code, const void *good, size_t size, const struct wrong *w,
		  size_t n)
{
	char request[256];

	for (size_t i = 0; i < n; i++) {
		memcpy(request, good, size);
		memcpy(request + w[i].offset, &w[i].value, w[i].size);
		expect(w[i].what, try(code, request), w[i].error);
	}
}

struct dex_run good_run(const void *start, uint64_t count)
{
	return (struct dex_run){ .size = sizeof(struct dex_run),
				 .start = (uintptr_t)start,
				 .stride = PAGE,
				 .count = count,
				 .batch = 1 };
}

static void refused_requests(void)
{
	struct dex_info short_info = { .size = 4 };
	struct dex_events events = { .size = sizeof(events), .reserved = 1 };
	struct dex_watch watch = { .size = sizeof(watch), .start = 1 };
	char *memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const struct {
		const char *what;
		size_t offset, size;
		uint64_t value;
	} wrong[] = {
#define FIELD(field, value) \
	{ #field, offsetof(struct dex_run, field), sizeof(((struct dex_run *)0)->field), value }
		FIELD(size, 0),
		FIELD(flags, 1),
		FIELD(reserved, 1),
		FIELD(start, 1),
		FIELD(stride, 1),
		FIELD(count, 0),
		FIELD(batch, 0),
		FIELD(batch, DEX_MAX_BATCH + 1),
		FIELD(start, UINT64_MAX & ~(PAGE - 1)),
		FIELD(start, 1ull << 47),
		FIELD(count, UINT64_MAX),
#undef FIELD
	};
	struct dex_run run;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		run = good_run(memory, 1);
		memcpy((char *)&run + wrong[i].offset, &wrong[i].value, wrong[i].size);
		expect(wrong[i].what, try(DEX_IOC_CONVERT, &run), EINVAL);
	}
	run = good_run(memory, 2);
	run.stride = 1ull << 47;
	expect("range past the address space", try(DEX_IOC_CONVERT, &run), EINVAL);
	run = good_run(memory, SAMPLES + 1);
	expect("more samples than buffer", try(DEX_IOC_CONVERT, &run), ENOBUFS);
	run = good_run(memory, 1);
	run.batch = 2;
	expect("GUP of a batch", try(DEX_IOC_GUP, &run), EINVAL);
	expect("batch where there is no range call", try(DEX_IOC_CONVERT, &run),
	       info.max_batch == 1 ? EOPNOTSUPP : 0);
	expect("INFO of another size", try(DEX_IOC_INFO, &short_info), EINVAL);
	expect("EVENTS with reserved set", try(DEX_IOC_EVENTS, &events), EINVAL);
	expect("WATCH unaligned", try(DEX_IOC_WATCH, &watch), EINVAL);
	expect("unknown request", try(_IO('x', 0x7f), NULL), ENOTTY);
	expect("bad pointer", try(DEX_IOC_CONVERT, (void *)1), EFAULT);
	munmap(memory, PAGE);
}

static void refused_mappings(void)
{
	size_t bytes = SAMPLES * sizeof(struct dex_sample);
	int other = open(DEX_DEVICE_PATH, O_RDWR);

	expect("second buffer",
	       mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED ? errno : 0, EBUSY);
	expect("private buffer",
	       mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, other, 0) == MAP_FAILED ? errno : 0,
	       EINVAL);
	expect("too large a buffer",
	       mmap(NULL, (DEX_MAX_SAMPLES + 4096ul) * sizeof(struct dex_sample), PROT_READ,
		    MAP_SHARED, other, 0) == MAP_FAILED
		       ? errno
		       : 0,
	       EINVAL);
	close(other);
}

/* One call on one page of @memory; the sample's errno. */
static int sample_error(void *memory)
{
	struct dex_run run = good_run(memory, 1);

	if (ioctl(fd, DEX_IOC_CONVERT, &run))
		return 1000 + errno;
	expect("a failed page is attempted", (long)run.attempted, 1);
	expect("a failed page is not counted", (long)run.succeeded, samples[0].error ? 0 : 1);
	return -samples[0].error;
}

static void *map(int prot, int flags, int file, size_t bytes)
{
	return mmap(NULL, bytes, prot, flags, file, 0);
}

static void refused_pages(void)
{
	int file = memfd_create("file", 0);
	void *m;

	expect("memfd", ftruncate(file, (off_t)PAGE), 0);
	m = map(PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, PAGE);
	expect("MAP_SHARED", sample_error(m), EOPNOTSUPP);
	m = map(PROT_READ | PROT_WRITE, MAP_SHARED, file, PAGE);
	expect("shared file", sample_error(m), EOPNOTSUPP);
	m = map(PROT_READ | PROT_WRITE, MAP_PRIVATE, file, PAGE);
	expect("private file becomes anonymous", sample_error(m), 0);
	m = map(PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, PAGE);
	expect("read-only", sample_error(m), EFAULT);
	munmap(m, PAGE);
	expect("unmapped", sample_error(m), EFAULT);
	close(file);
}

static void refused_hugetlb(void)
{
	size_t bytes = (size_t)2 << 20;
	FILE *f = fopen("/proc/sys/vm/nr_hugepages", "w");
	void *m;

	if (f) {
		fputs("1\n", f);
		fclose(f);
	}
	m = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, bytes);
	if (m == MAP_FAILED) {
		printf("module_test: hugetlb: no huge page to be had: %s\n", strerror(errno));
		failed++;
		return;
	}
	*(volatile char *)m = 1;
	expect("hugetlb", sample_error(m), EOPNOTSUPP);
	munmap(m, bytes);
}

/* A tail page of a huge page: the rmap walk refuses it, a folio walk converts
 * it alone. */
static void huge_page(void)
{
	size_t bytes = (size_t)2 << 20;
	char *m = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 2 * bytes);
	char *huge = (char *)(((uintptr_t)m + bytes - 1) & ~(bytes - 1));
	struct mem mem = { .start = huge, .pages = 512 };
	int refused = info.walk == DEX_WALK_RMAP;

	expect("MADV_HUGEPAGE", madvise(huge, bytes, MADV_HUGEPAGE), 0);
	memset(huge, 3, bytes);
	expect("tail page", sample_error(huge + 5 * PAGE), refused ? EBUSY : 0);
	expect("exclusive of the huge page", (long)mem_exclusive(&mem), !refused);
	expect("content of the tail page", huge[5 * PAGE], 3);
	expect("head page", sample_error(huge), 0);
	expect("exclusive with the head", (long)mem_exclusive(&mem), refused ? 512 : 1);
	for (size_t i = 0; i < 512; i++)
		huge[i * PAGE]++;
	expect("content of the head", huge[0], 4);
	expect("none exclusive after the touches", (long)mem_exclusive(&mem), 0);
	munmap(m, 2 * bytes);
}

/* A hole in the middle: the pages around it are converted all the same. */
static void partial_range(void)
{
	struct mem mem = mem_base_pages(8);
	struct dex_run run = good_run(mem.start, 8);

	munmap(mem_page(&mem, 3), PAGE);
	expect("range with a hole", try(DEX_IOC_CONVERT, &run), 0);
	expect("hole: attempted", (long)run.attempted, 8);
	expect("hole: succeeded", (long)run.succeeded, 7);
	expect("hole: its sample", samples[3].error, -EFAULT);
	expect("hole: the next sample", samples[4].error, 0);
	expect("hole: exclusive in pagemap", (long)mem_exclusive(&mem), 7);
	mem_free(&mem);
}

static uint64_t events_of(int event, int owner)
{
	struct dex_events e = { .size = sizeof(e) };

	if (ioctl(fd, DEX_IOC_EVENTS, &e))
		return UINT64_MAX;
	return e.count[event][owner][DEX_EXTENT_PAGE];
}

static void round_trip(void)
{
	struct mem mem = mem_base_pages(64);
	struct dex_watch watch = { .size = sizeof(watch),
				   .start = (uintptr_t)mem.start,
				   .length = 64 * PAGE };
	struct dex_run run = good_run(mem.start, 64);
	int kept = 0, back = info.body == DEX_BODY_RANGE ? DEX_EVENT_EXCLUSIVE : DEX_EVENT_CLEAR;

	for (size_t i = 0; i < 64; i++)
		*mem_page(&mem, i) = (char)i;
	expect("WATCH", try(DEX_IOC_WATCH, &watch), 0);
	expect("second WATCH", try(DEX_IOC_WATCH, &watch), EBUSY);
	expect("CONVERT", try(DEX_IOC_CONVERT, &run), 0);
	expect("succeeded", (long)run.succeeded, 64);
	expect("exclusive in pagemap", (long)mem_exclusive(&mem), 64);
	expect("own EXCLUSIVE events", (long)events_of(DEX_EVENT_EXCLUSIVE, DEX_OWNER_SELF), 64);
	for (size_t i = 0; i < 64; i++)
		kept += *mem_page(&mem, i) == (char)i;
	expect("contents kept", kept, 64);
	expect("none exclusive after the touch", (long)mem_exclusive(&mem), 0);
	expect("fault-back events", (long)events_of(back, DEX_OWNER_NONE), 64);
	watch.length = 0;
	expect("WATCH off", try(DEX_IOC_WATCH, &watch), 0);
	mem_free(&mem);
}

/* Pins of present pages, and what refuses them without a fault; none is left, or the conversion
 * that follows would not be. */
static void pins(void)
{
	struct mem mem = mem_base_pages(8);
	struct dex_run run = good_run(mem.start, 2);

	run.batch = 4;
	run.stride = 4 * PAGE;
	expect("PIN of batches", try(DEX_IOC_PIN, &run), 0);
	expect("pinned", (long)run.succeeded, 8);
	expect("UNPIN of batches", try(DEX_IOC_UNPIN, &run), 0);
	expect("unpinned", (long)run.succeeded, 8);
	expect("PIN of more than a batch", (run.batch = DEX_MAX_BATCH + 1, try(DEX_IOC_PIN, &run)),
	       EINVAL);
	run = good_run(mem.start, 8);
	expect("CONVERT after pins", try(DEX_IOC_CONVERT, &run), 0);
	expect("all can be exclusive", (long)run.succeeded, 8);
	run.batch = 8;
	run.count = 1;
	expect("PIN of exclusive pages", try(DEX_IOC_PIN, &run), 0);
	expect("its sample", samples[0].error, -EFAULT);
	expect("no fault was taken for it", (long)mem_exclusive(&mem), 8);
	madvise(mem.start, mem_bytes(&mem), MADV_DONTNEED);
	*mem_page(&mem, 0) = 1;
	expect("PIN of one present page and a hole", try(DEX_IOC_PIN, &run), 0);
	expect("pages of it", samples[0].ok, 1);
	expect("the hole's error", samples[0].error, -EFAULT);
	expect("nothing was faulted in", (long)mem_count(&mem, MEM_PRESENT), 1);
	mem_free(&mem);
}

/* Whatever is asked, an answer comes back and it is a documented one. */
static void random_requests(void)
{
	static const unsigned long codes[] = { DEX_IOC_CLOCK, DEX_IOC_GUP, DEX_IOC_CONVERT,
					       DEX_IOC_WATCH, DEX_IOC_PIN, DEX_IOC_UNPIN };
	struct mem mem = mem_base_pages(16);
	uint32_t state = 1;
	int strange = 0;

	for (int i = 0; i < 20000; i++) {
		struct dex_run run = good_run(mem.start, 1);
		uint64_t *words = (uint64_t *)&run;
		struct dex_watch off = { .size = sizeof(off) };
		int error;

		for (int k = 0; k < 3; k++)
			words[1 + odd_number(&state) % 4] = odd_number(&state);
		if (i % 2)
			run.start = (uintptr_t)mem.start;
		error = try(codes[(state >> 16) % 6], &run);
		strange += error && error != EINVAL && error != ENOBUFS && error != EOPNOTSUPP &&
			   error != EBUSY;
		try(DEX_IOC_WATCH, &off);
	}
	expect("undocumented errors of random requests", strange, 0);
	mem_free(&mem);
}

/* Convert for ever, until killed. */
static void convert_for_ever(int ready)
{
	struct mem mem = mem_base_pages(2048);
	struct dex_run run = good_run(mem.start, 2048);

	fd = open(DEX_DEVICE_PATH, O_RDWR);
	samples = mmap(NULL, SAMPLES * sizeof(*samples), PROT_READ, MAP_SHARED, fd, 0);
	for (int first = 1;; first = 0) {
		if (ioctl(fd, DEX_IOC_CONVERT, &run))
			_exit(1);
		if (first && write(ready, "x", 1) != 1)
			_exit(1);
	}
}

static void test_requests(void)
{
	refused_requests();
	refused_mappings();
	refused_pages();
	refused_hugetlb();
	huge_page();
	partial_range();
	round_trip();
	pins();
	random_requests();
	killed("killed while converting", convert_for_ever);
}

static const struct {
	const char *name;
	void (*test)(void);
} parts[] = {
	{ "requests", test_requests }, { "other", test_other },	  { "hold", test_hold },
	{ "loop", test_loop },	       { "device", test_device }, { "revoke", test_revoke },
	{ "owner", test_owner },       { "cgroup", test_cgroup }, { "private", test_private },
	{ "hmm", test_hmm },	       { "leave", test_leave },
};

int main(void)
{
	const char *only = getenv("MODULE_TEST");
	struct dex_run run = good_run(NULL, 1);

	fd = open(DEX_DEVICE_PATH, O_RDWR | O_CLOEXEC);
	expect("open", fd < 0, 0);
	expect("no buffer yet", try(DEX_IOC_CLOCK, &run), ENOBUFS);
	samples = mmap(NULL, SAMPLES * sizeof(*samples), PROT_READ, MAP_SHARED, fd, 0);
	expect("buffer", samples == MAP_FAILED, 0);
	expect("INFO", try(DEX_IOC_INFO, &info), 0);
	expect("ABI", info.abi, DEX_ABI_VERSION);
	expect("CLOCK", try(DEX_IOC_CLOCK, &run), 0);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!only || !strcmp(only, parts[i].name))
			parts[i].test();
	printf("module_test: %d passed, %d failed\n", passed, failed);
	return failed != 0;
}
