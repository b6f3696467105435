// SPDX-License-Identifier: GPL-2.0-only
/*
 * The software device's page table, kept as a GPU driver keeps its own.
 *
 * An entry is valid only while its page is device-exclusive.  A device fault
 * makes it so: read-begin, convert, program the entry under the driver's lock if
 * nothing came between (read-retry), or start over.  When a CPU touches the page the
 * notifier clears the entry and waits until no engine uses what it saw before,
 * and only then does the kernel give the page back.
 *
 * The first pass converts at once.  Later ones fault the pages in beforehand: what an
 * unlucky pass left exclusive would otherwise be undone after read-begin, and that
 * pass invalidate itself (driver.c).
 *
 * DEX_DEVICE_REFERENCED holds a reference instead and is never revoked: the
 * control that shows what exclusivity is for.
 */
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include "compat.h"
#include "dex.h"

/* Under m->lock. */
static void set_entry(struct dex_mirror *m, u64 i, char *address)
{
	WRITE_ONCE(m->table[i], address);
	WRITE_ONCE(m->entries[i].mapped, !!address);
}

/* Under m->lock: [start, end) is clipped to the device's range. */
static void clear_entries(struct dex_mirror *m, u64 start, u64 end)
{
	u64 first = start > m->start ? (start - m->start) >> PAGE_SHIFT : 0;
	/* Up to ULONG_MAX when the process ends: no rounding up. */
	u64 last = min(((end - 1 - m->start) >> PAGE_SHIFT) + 1, m->pages);

	for (; first < last; first++) {
		if (!m->table[first])
			continue;
		set_entry(m, first, NULL);
		m->entries[first].revoked++;
		m->revoked++;
	}
}

static bool invalidate(struct mmu_interval_notifier *notifier,
		       const struct mmu_notifier_range *range, unsigned long seq)
{
	struct dex_mirror *m = container_of(notifier, struct dex_mirror, notifier);

	if (range->event == MMU_NOTIFY_EXCLUSIVE && range->owner == m->f)
		return true;
	/* Spinlocks, so it never blocks and any context will do. */
	spin_lock(&m->lock);
	mmu_interval_set_seq(notifier, seq);
	if (!(m->flags & DEX_DEVICE_REFERENCED))
		clear_entries(m, range->start, range->end);
	spin_unlock(&m->lock);
	/* Also if another invalidation cleared the entries: it may still be waiting. */
	dex_engines_flush(m);
	return true;
}

const struct mmu_interval_notifier_ops dex_mirror_ops = {
	.invalidate = invalidate,
};

/* Under m->lock; a page of a larger folio was let go of already. */
static int program(struct dex_mirror *m, u64 first, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (!m->batch[i])
			return -EOPNOTSUPP;
	for (i = 0; i < n; i++)
		set_entry(m, first + i, page_address(m->batch[i]));
	return 0;
}

/* One pass: 0 if the entries are valid, -EAGAIN if something came between. */
static int map_exclusive(struct dex_mirror *m, u64 first, u32 n)
{
	struct mm_struct *mm = m->f->mm;
	unsigned long seq;
	int rc;

	seq = mmu_interval_read_begin(&m->notifier);
	if (mmap_read_lock_killable(mm))
		return -EINTR;
	rc = dex_take(m->f, m->batch, m->start + (first << PAGE_SHIFT), n);
	mmap_read_unlock(mm);
	if (!rc) {
		spin_lock(&m->lock);
		if (mmu_interval_read_retry(&m->notifier, seq))
			rc = -EAGAIN;
		else
			rc = program(m, first, n);
		spin_unlock(&m->lock);
	}
	dex_let_go(m->batch, n);
	/* A page that somebody holds locked or maps at this moment. */
	return rc == -EBUSY ? -EAGAIN : rc;
}

/* Entries that are valid stay so, with the reference that they have. */
static int map_referenced(struct dex_mirror *m, u64 first, u32 n)
{
	struct mm_struct *mm = m->f->mm;
	struct page *page;
	u64 addr = m->start + (first << PAGE_SHIFT);
	long got = 1;

	if (mmap_read_lock_killable(mm))
		return -EINTR;
	for (; n && got == 1; n--, first++, addr += PAGE_SIZE) {
		if (m->table[first])
			continue;
		got = dex_owner_ends(m->f) ? -ESRCH : dex_gup_remote(mm, addr, FOLL_WRITE, &page);
		if (got != 1)
			continue;
		spin_lock(&m->lock);
		set_entry(m, first, page_address(page));
		spin_unlock(&m->lock);
	}
	mmap_read_unlock(mm);
	return got == 1 ? 0 : got < 0 ? got : -EFAULT;
}

static int map_granule(struct dex_mirror *m, u64 first, u32 n)
{
	u32 pass;
	int rc;

	if (m->flags & DEX_DEVICE_REFERENCED)
		return map_referenced(m, first, n);
	for (pass = 0; pass < DEX_MAX_LOOPS; pass++) {
		rc = pass ? dex_fault_in(m->f->mm, m->start + (first << PAGE_SHIFT), n) : 0;
		if (!rc)
			rc = map_exclusive(m, first, n);
		if (rc != -EAGAIN)
			return rc;
		m->retries++;
		if (fatal_signal_pending(current) || READ_ONCE(m->stop))
			return -EINTR;
		if (dex_owner_ends(m->f))
			return -ESRCH;
		if (freezing(current)) /* not here, with m->service held */
			return -EAGAIN;
		cond_resched();
	}
	return -EBUSY;
}

/* Under m->service.  The address space may be gone: an engine outlives a process
 * that is killed until its file is closed. */
static int serve(struct dex_mirror *m, u64 i, u64 begin)
{
	u64 first = ALIGN_DOWN(i, m->granule);
	int rc;

	if (dex_owner_ends(m->f) || !mmget_not_zero(m->f->mm))
		return -ESRCH;
	rc = map_granule(m, first, min_t(u64, m->granule, m->pages - first));
	mmput(m->f->mm);
	if (rc)
		return rc;
	m->faults++;
	if (m->samples < m->job.samples)
		dex_record(&m->f->samples[m->samples++], begin, dex_stamp(), 0, 1);
	return 0;
}

int dex_mirror_fault(struct dex_mirror *m, u64 i)
{
	u64 begin = dex_stamp();
	int rc;

	if (mutex_lock_killable(&m->service))
		return -EINTR;
	rc = READ_ONCE(m->table[i]) ? 0 : serve(m, i, begin);
	mutex_unlock(&m->service);
	return rc;
}
