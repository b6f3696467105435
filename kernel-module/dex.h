/* SPDX-License-Identifier: GPL-2.0-only */
/* What the module's own files share; nothing here is for user space. */
#ifndef DEX_H
#define DEX_H

#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include <asm/barrier.h>
#include <asm/msr.h>

#include "dex_uapi.h"

/* The notifier on one range, and what it has seen. */
struct dex_mirror {
	struct mmu_interval_notifier notifier;
	void *owner;
	spinlock_t lock; /* over count and the notifier's sequence */
	u64 count[DEX_EVENTS][DEX_OWNERS][DEX_EXTENTS];
	bool active;
};

/* One open of the device: one process, one buffer, at most one watch. */
struct dex_file {
	struct mm_struct *mm; /* the opener's, grabbed; compared, never used */
	struct mutex lock;    /* one request at a time */
	struct dex_sample *samples;
	u64 max_samples;
	struct page *pages[DEX_MAX_BATCH];
	struct dex_mirror mirror;
};

/*
 * The clock.  LFENCE on both sides: the read waits for everything before it
 * and nothing after it starts early (Intel SDM volume 2, RDTSC; AMD's LFENCE
 * is dispatch-serialising as Linux sets it up).
 */
static __always_inline u64 dex_stamp(void)
{
	u32 low, high;

	asm volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high) : : "memory");
	return (u64)high << 32 | low;
}

static __always_inline u32 dex_ticks(u64 start, u64 end)
{
	return min_t(u64, end - start, U32_MAX);
}

/* exclusive.c: the operations; @run is validated, f->lock is held. */
int dex_clock(struct dex_file *f, struct dex_run *run);
int dex_gup(struct dex_file *f, struct dex_run *run);
int dex_convert(struct dex_file *f, struct dex_run *run);
u32 dex_max_batch(void);

/* mirror.c: the watch; f->lock is held, the mmap lock is not. */
int dex_mirror_start(struct dex_file *f, u64 start, u64 length);
void dex_mirror_stop(struct dex_file *f);
void dex_mirror_read(struct dex_file *f, struct dex_events *events);

#endif /* DEX_H */
