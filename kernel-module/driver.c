// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the two consumers handle an atomic fault of their device.
 *
 * nouveau (nouveau_svm.c, nouveau_atomic_range_fault()): one page; a fresh interval
 * notifier for exactly that page; read_begin, convert, the driver's lock,
 * read_retry, until nothing came between.
 * UVM (uvm_hmm.c, hmm_block_atomic_fault_locked()): a region of pages; the
 * notifier of its 2 MiB block lasts; a flag of the block instead of the sequence;
 * every folio stays locked until the end; any page missing or any invalidation
 * starts over.
 *
 * Either filters out the EXCLUSIVE event of its own conversion and nothing else.  A
 * page that is exclusive already is faulted back inside the conversion, whose
 * event has no owner: the loop invalidates itself, for ever.  Real loops
 * give up after 1 s (nouveau) or never (UVM); ours counts.  The cure, in front of
 * each iteration: fault the page in before the sequence is read.
 *
 * No device is programmed.  One block's notifier exists at a time, where UVM has one
 * for each block of the process.
 */
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>

#include "dex.h"

#define UVM_BLOCK SZ_2M /* UVM_VA_BLOCK_SIZE, whatever the processor's huge pages are */

/* What a driver keeps: of one fault (nouveau) or of one block (UVM). */
struct driver {
	struct mmu_interval_notifier notifier;
	struct dex_file *f;
	struct mutex lock; /* over what the device's page tables say */
	bool changed;	   /* since an iteration began */
	bool attached;	   /* UVM: to @block */
	u64 block;
};

static bool invalidate(struct mmu_interval_notifier *notifier,
		       const struct mmu_notifier_range *range, unsigned long seq)
{
	struct driver *d = container_of(notifier, struct driver, notifier);

	if (range->event == MMU_NOTIFY_EXCLUSIVE && range->owner == d->f)
		return true;
	if (mmu_notifier_range_blockable(range))
		mutex_lock(&d->lock);
	else if (!mutex_trylock(&d->lock))
		return false;
	mmu_interval_set_seq(notifier, seq);
	d->changed = true;
	mutex_unlock(&d->lock);
	return true;
}

static const struct mmu_interval_notifier_ops driver_ops = {
	.invalidate = invalidate,
};

static int attach(struct driver *d, u64 start, u64 length)
{
	return dex_insert(d->f, &d->notifier, start, length, &driver_ops);
}

static unsigned long begin(struct driver *d, u32 pattern)
{
	if (pattern == DEX_PATTERN_NOUVEAU)
		return mmu_interval_read_begin(&d->notifier);
	mutex_lock(&d->lock);
	d->changed = false;
	mutex_unlock(&d->lock);
	return 0;
}

/* Under d->lock, which holds the next invalidation off. */
static bool collided(struct driver *d, u32 pattern, unsigned long seq)
{
	if (pattern == DEX_PATTERN_NOUVEAU)
		return mmu_interval_read_retry(&d->notifier, seq);
	return d->changed;
}

/* One pass: 0 if the device could be given the pages, -EAGAIN to start over. */
static int iterate(struct driver *d, const struct dex_loop *loop, unsigned long addr)
{
	struct dex_file *f = d->f;
	u32 batch = loop->run.batch;
	unsigned long seq;
	int rc = 0;

	if (loop->flags & DEX_LOOP_CURE)
		rc = dex_fault_in(f->mm, addr, batch);
	if (rc)
		return rc;
	seq = begin(d, loop->pattern);
	if (mmap_read_lock_killable(f->mm))
		return -EINTR;
	rc = dex_take(f, f->pages, addr, batch);
	mmap_read_unlock(f->mm);
	if (!rc) {
		mutex_lock(&d->lock);
		rc = collided(d, loop->pattern, seq) ? -EAGAIN : 0;
		mutex_unlock(&d->lock);
	}
	dex_let_go(f->pages, batch);
	/* UVM starts over where a page is missing, nouveau gives up. */
	return rc == -EBUSY && loop->pattern == DEX_PATTERN_UVM ? -EAGAIN : rc;
}

/* The errno of the fault, or -EBUSY if the iterations did not do. */
static int handle(struct driver *d, struct dex_loop *loop, unsigned long addr)
{
	u32 i;
	int rc;

	for (i = 0; i < loop->max_iterations; i++) {
		rc = iterate(d, loop, addr);
		loop->iterations++;
		if (rc != -EAGAIN)
			return rc;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return -EBUSY;
}

/* A notifier from here to there is part of a nouveau fault, and so of its time. */
static int nouveau_fault(struct driver *d, struct dex_loop *loop, u64 addr, struct dex_sample *s)
{
	u64 t0 = dex_stamp();
	int error, rc;

	rc = attach(d, addr, PAGE_SIZE);
	if (rc)
		return rc;
	error = handle(d, loop, addr);
	mmu_interval_notifier_remove(&d->notifier);
	dex_record(s, t0, dex_stamp(), error, error ? 0 : 1);
	return 0;
}

static void detach_block(struct driver *d)
{
	if (d->attached)
		mmu_interval_notifier_remove(&d->notifier);
	d->attached = false;
}

static int uvm_fault(struct driver *d, struct dex_loop *loop, u64 addr, struct dex_sample *s)
{
	u64 t0, block = ALIGN_DOWN(addr, UVM_BLOCK);
	int error, rc;

	if (!d->attached || d->block != block) {
		detach_block(d);
		rc = attach(d, block, UVM_BLOCK);
		if (rc)
			return rc;
		d->attached = true;
		d->block = block;
	}
	t0 = dex_stamp();
	error = handle(d, loop, addr);
	dex_record(s, t0, dex_stamp(), error, error ? 0 : loop->run.batch);
	return 0;
}

/* Outside the fault's time, which no real driver spends on that. */
static int refused(struct driver *d, u64 addr, u32 batch, struct dex_sample *s)
{
	int rc = dex_check_userfaultfd(d->f, addr, addr + ((u64)batch << PAGE_SHIFT));

	if (rc == -EOPNOTSUPP)
		dex_record(s, dex_stamp(), dex_stamp(), rc, 0);
	return rc;
}

int dex_loop(struct dex_file *f, struct dex_loop *loop)
{
	struct driver d = { .f = f };
	struct dex_run *run = &loop->run;
	u64 addr = run->start;
	int rc = 0;

	mutex_init(&d.lock);
	loop->iterations = 0;
	for (run->samples = 0; !rc && run->samples < run->count; addr += run->stride) {
		struct dex_sample *s = &f->samples[run->samples];

		rc = refused(&d, addr, run->batch, s);
		if (rc == -EOPNOTSUPP)
			rc = 0;
		else if (!rc && loop->pattern == DEX_PATTERN_NOUVEAU)
			rc = nouveau_fault(&d, loop, addr, s);
		else if (!rc)
			rc = uvm_fault(&d, loop, addr, s);
		if (!rc && fatal_signal_pending(current))
			rc = -EINTR;
		else if (!rc)
			run->samples++;
		dex_pause();
	}
	detach_block(&d);
	dex_count_pages(f, run);
	return rc;
}
