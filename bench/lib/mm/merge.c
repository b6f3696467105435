// SPDX-License-Identifier: MIT
/* What makes one of many: huge pages of small ones, one page of equal ones. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "lib/core/die.h"
#include "lib/mm/file.h"
#include "lib/mm/states.h"

/* Since 6.1; man madvise(2). */
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

#define THP    "/sys/kernel/mm/transparent_hugepage/"
#define KSM    "/sys/kernel/mm/ksm/"
#define ROUNDS 2 /* the first may have been under way */

static int advise(const struct state *s, int advice)
{
	return madvise(s->mem.start, mem_bytes(&s->mem), advice) ? errno : 0;
}

static void no_huge(struct state *s)
{
	if (advise(s, MADV_NOHUGEPAGE))
		die("madvise(MADV_NOHUGEPAGE): %s", strerror(errno));
}

static const char *allow_huge(struct state *s)
{
	return advise(s, MADV_HUGEPAGE) ? "this kernel has no transparent huge pages" : NULL;
}

static int collapse(struct state *s)
{
	return advise(s, MADV_COLLAPSE);
}

/* In a hurry, and back to what was set. */
static int khugepaged(struct state *s)
{
	char *pause = file_swap(THP "khugepaged/scan_sleep_millisecs", "10");
	char *pages = file_swap(THP "khugepaged/pages_to_scan", "65536");
	char *enabled = file_swap(THP "enabled", "madvise");
	int done = !advise(s, MADV_HUGEPAGE) && file_advances(THP "khugepaged/full_scans", ROUNDS);

	file_restore(THP "enabled", enabled);
	file_restore(THP "khugepaged/pages_to_scan", pages);
	file_restore(THP "khugepaged/scan_sleep_millisecs", pause);
	return done ? 0 : ETIMEDOUT;
}

static const char *can_merge(struct state *s)
{
	struct stat st;

	(void)s;
	return stat(KSM "run", &st)
		       ? "this kernel merges no pages (CONFIG_KSM; kernels/states.config has it)"
		       : NULL;
}

static int merge(struct state *s)
{
	char *pause = file_swap(KSM "sleep_millisecs", "10");
	char *pages = file_swap(KSM "pages_to_scan", "65536");
	char *smart = file_swap(KSM "smart_scan", "0");
	int done = !advise(s, MADV_MERGEABLE) && !file_put(KSM "run", "1") &&
		   file_advances(KSM "full_scans", ROUNDS + 1); /* one to have seen it before */

	file_put(KSM "run", "0");
	file_restore(KSM "smart_scan", smart);
	file_restore(KSM "pages_to_scan", pages);
	file_restore(KSM "sleep_millisecs", pause);
	return done ? 0 : ETIMEDOUT;
}

static void unmerge(struct state *s)
{
	advise(s, MADV_UNMERGEABLE);
}

const struct states_entry states_collapse = {
	.promise = "madvise(2): MADV_COLLAPSE makes huge pages where it can, or says why not",
	.enter = allow_huge,
	.operate = collapse,
	.leave = no_huge,
	.waits = 1, /* it drains other CPUs' lists */
};
const struct states_entry states_khugepaged = {
	.promise = "transhuge.rst: khugepaged makes huge pages where it can, and is not noticed",
	.enter = allow_huge,
	.operate = khugepaged,
	.leave = no_huge,
	.waits = 1,
};
const struct states_entry states_ksm = {
	.promise = "ksm.rst: equal pages become one, and a write takes a copy of it",
	.enter = can_merge,
	.operate = merge,
	.leave = unmerge,
	.waits = 1,
	.pairs = 1,
};
