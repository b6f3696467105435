/* SPDX-License-Identifier: GPL-2.0-only */
/* What the module's own files share; nothing here is for user space. */
#ifndef DEX_H
#define DEX_H

#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <asm/barrier.h>
#include <asm/msr.h>

#include "dex_uapi.h"

/* The notifier on one range, and what it has seen. */
struct dex_watcher {
	struct mmu_interval_notifier notifier;
	void *owner;
	spinlock_t lock; /* over count and the notifier's sequence */
	u64 count[DEX_EVENTS][DEX_OWNERS][DEX_EXTENTS];
	bool active;
};

/* The folio that is kept locked, if any; the worker unlocks it. */
struct dex_keep {
	struct work_struct work;
	wait_queue_head_t told;
	struct dex_sample *sample;
	struct page *page; /* NULL: none is held */
	ktime_t until;
	u64 start; /* stamp; the sample is the user's to overwrite */
	bool stop;
};

/* One open of the device: one process, one buffer, at most one watch. */
struct dex_file {
	struct mm_struct *mm; /* the opener's, grabbed; compared, never used */
	struct mutex lock;    /* one request at a time */
	struct dex_sample *samples;
	u64 max_samples;
	struct page *pages[DEX_MAX_BATCH];
	struct dex_watcher watcher;
	struct dex_keep keep;
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

static __always_inline void dex_record(struct dex_sample *s, u64 start, u64 end, int error, u32 ok)
{
	s->start = start;
	s->ticks = dex_ticks(start, end);
	s->error = error;
	s->ok = ok;
}

/* exclusive.c: the operations; @run is validated, f->lock is held. */
int dex_clock(struct dex_file *f, struct dex_run *run);
int dex_gup(struct dex_file *f, struct dex_run *run);
int dex_convert(struct dex_file *f, struct dex_run *run);
u32 dex_max_batch(void);
void dex_count_pages(struct dex_file *f, struct dex_run *run);

/*
 * Make @batch pages exclusive and leave them locked in f->pages; the mmap lock is
 * held.  0 if all are exclusive.  dex_let_go() follows in any case.
 */
int dex_take(struct dex_file *f, unsigned long addr, u32 batch);
void dex_let_go(struct dex_file *f, u32 batch);

/* driver.c: the consumers' loops; @loop is validated, f->lock is held. */
int dex_loop(struct dex_file *f, struct dex_loop *loop);

/* hold.c: the folio that stays locked; @hold is validated, f->lock is held. */
void dex_hold_init(struct dex_file *f);
int dex_hold_start(struct dex_file *f, const struct dex_hold *hold);
void dex_hold_stop(struct dex_file *f);

/* watch.c: the watch; f->lock is held, the mmap lock is not. */
int dex_watch_start(struct dex_file *f, u64 start, u64 length);
void dex_watch_stop(struct dex_file *f);
void dex_watch_read(struct dex_file *f, struct dex_events *events);

#endif /* DEX_H */
