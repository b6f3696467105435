// SPDX-License-Identifier: MIT
/*
 * Do truncate and hole punch wait for pinned pages of a dax file?
 *
 * Pages of an FS-DAX file are its blocks.  If they were given back while somebody has a reference,
 * a device would read or write another file's; so the file system waits until their counts say that they
 * are idle, and what that count is changed in 6.15 (dax.c).  Here vmsplice() puts 16 of 512 pages into
 * a pipe, a child truncates the file before them or punches them out, and the pipe is read 200 ms later.
 *
 * Asserted is, each by itself: the call has not returned by then (waits); the pipe has what was in the
 * pages, although another file took all free space meanwhile (pinned); the pages are gone afterwards
 * (gone); all others hold what they held (kept).
 *
 * One sample is one check and always 1.  It cannot show a write of a device that comes late.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "lib/core/die.h"
#include "lib/mem/checks.h"
#include "lib/mem/dax.h"

#define FILE_PAGES 512
#define AT	   32
#define PINNED	   16	 /* as many as a pipe holds */
#define SPACE	   16384 /* pages that the other file takes at most */

enum { TRUNCATE, PUNCH };
enum { WAITS, IN_PIPE, GONE, KEPT };

/* By what is asserted, then by op. */
static const int wanted[][2] = {
	[WAITS] = { 1, 1 },
	[IN_PIPE] = { PINNED, PINNED },
	[GONE] = { FILE_PAGES - AT, PINNED },
	[KEPT] = { AT, FILE_PAGES - PINNED },
};

static struct dax own;
static size_t before; /* pages of the file that lie before the region */

static off_t place(size_t page)
{
	return (off_t)((before + page) * mem_page_size());
}

static int give_back(int64_t op)
{
	if (op == TRUNCATE)
		return ftruncate(own.fd, place(AT));
	return fallocate(own.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, place(AT),
			 (off_t)(PINNED * mem_page_size()));
}

/* It has not ended after 200 ms; its status is kept for checks_child(). */
static int is_waiting(pid_t child)
{
	siginfo_t info = { 0 };

	for (int i = 0; i < 200 && !info.si_pid && !usleep(1000); i++)
		waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT);
	return !info.si_pid;
}

static size_t count_gone(int64_t op)
{
	if (op == PUNCH)
		return dax_holding(own.fd, before + AT, PINNED, 0, 0);
	return (size_t)(place(FILE_PAGES) - lseek(own.fd, 0, SEEK_END)) / mem_page_size();
}

/* Behind a truncated file there is nothing. */
static size_t count_kept(void)
{
	size_t behind = AT + PINNED;

	return dax_holding(own.fd, before, AT, 0, 1) +
	       dax_holding(own.fd, before + behind, FILE_PAGES - behind, (int)behind, 1);
}

static double observe(struct run *r)
{
	struct mem pinned = { .start = mem_page(&own.mem, AT), .pages = PINNED };
	int ends[2], other = -1;
	size_t seen[4];
	pid_t child;

	dax_pin(&pinned, ends);
	child = fork();
	if (!child)
		_exit(give_back(r->arg[0]) ? errno : 0);
	seen[WAITS] = (size_t)is_waiting(child);
	if (r->arg[1] == IN_PIPE)
		other = dax_take_space(SPACE);
	seen[IN_PIPE] = dax_unpin(&pinned, ends, AT, 1);
	if (checks_child(child))
		die("dax_pinned: the call failed");
	seen[GONE] = count_gone(r->arg[0]);
	seen[KEPT] = count_kept();
	if (other >= 0)
		close(other);
	return (double)seen[r->arg[1]];
}

static void setup(struct run *r)
{
	r->pages = FILE_PAGES;
	before = !r->arg[2];
	r->skip = dax_region(&own, DAX_FILE, (int)r->arg[2], FILE_PAGES);
	if (r->skip)
		return;
	checks_number(&own.mem);
	if (ftruncate(own.fd, place(FILE_PAGES))) /* nothing lies behind the region */
		die("ftruncate: %s", strerror(errno));
}

static void sample(struct run *r)
{
	run_assert(r, &(struct bench_assertion){ observe, wanted[r->arg[1]][r->arg[0]], "" });
}

static void teardown(struct run *r __attribute__((unused)))
{
	dax_free(&own);
}

static const struct bench_prediction predictions[] = {
	{ "", "pass", EXPECT_SAME, "no exclusive entry is in it, and the walk is not called" },
	{ 0 },
};

const struct bench bench_dax_pinned = {
	.name = "dax_pinned",
	.question = "Do truncate and hole punch wait for pinned pages of a dax file?",
	.sample_is = "one check, always 1; its outcome is in the metrics",
	.params = { BENCH_LABELS("op", "truncate", "punch"),
		    BENCH_LABELS("asserts", "waits", "pinned", "gone", "kept"),
		    BENCH_LABELS("mapped", "pte", "pmd") },
	.predictions = predictions,
	.pictures = { { BARS, "semantics", "pass", .beside = "observed" } },
	.needs = { .fsdax = 1 },
	.setup = setup,
	.sample = sample,
	.teardown = teardown,
};
