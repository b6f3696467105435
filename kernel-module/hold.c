// SPDX-License-Identifier: GPL-2.0-only
/*
 * A folio that stays locked, as it is while a driver programs its device.
 *
 * A CPU that touches the page waits for the lock in remove_device_exclusive_entry().
 * The request returns with the folio locked and a worker unlocks it: the
 * toucher may be the same thread, and a process that dies leaves nothing locked,
 * because the worker needs nobody (a folio's lock belongs to no task).  One folio
 * a file, DEX_MAX_HOLD_NS at the most.
 */
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/pagemap.h>

#include "dex.h"

static void let_go(struct work_struct *work)
{
	struct dex_keep *k = container_of(work, struct dex_keep, work);
	ktime_t left = ktime_sub(k->until, ktime_get());
	struct page *page = k->page;

	if (ktime_to_ns(left) > 0)
		wait_event_hrtimeout(k->told, READ_ONCE(k->stop), left);
	/* Before the unlocking: who is woken by it reads the sample and asks again. */
	WRITE_ONCE(k->sample->ticks, dex_ticks(k->start, dex_stamp()));
	WRITE_ONCE(k->page, NULL);
	unlock_page(page);
	put_page(page);
}

void dex_hold_init(struct dex_file *f)
{
	INIT_WORK(&f->keep.work, let_go);
	init_waitqueue_head(&f->keep.told);
}

int dex_hold_start(struct dex_file *f, const struct dex_hold *hold)
{
	struct dex_keep *k = &f->keep;
	int rc;

	if (READ_ONCE(k->page))
		return -EBUSY;
	flush_work(&k->work);
	rc = dex_check_userfaultfd(f, hold->start, hold->start + PAGE_SIZE);
	if (rc)
		return rc;
	if (mmap_read_lock_killable(f->mm))
		return -EINTR;
	rc = dex_take(f, f->pages, hold->start, 1);
	mmap_read_unlock(f->mm);
	if (rc) {
		dex_let_go(f->pages, 1);
		return rc;
	}
	k->page = f->pages[0];
	f->pages[0] = NULL;
	k->until = ktime_add_ns(ktime_get(), hold->ns);
	k->stop = false;
	k->sample = &f->samples[hold->sample];
	k->start = dex_stamp();
	*k->sample = (struct dex_sample){ .start = k->start, .ok = 1 };
	schedule_work(&k->work);
	return 0;
}

void dex_hold_stop(struct dex_file *f)
{
	WRITE_ONCE(f->keep.stop, true);
	wake_up(&f->keep.told);
	flush_work(&f->keep.work);
}
