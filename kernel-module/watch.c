// SPDX-License-Identifier: GPL-2.0-only
/*
 * The watch: an MMU interval notifier on one range, as a driver keeps it.
 *
 * It counts events and moves the sequence number like a driver that would
 * have to drop device mappings; the events of its own conversions are
 * filtered out first, or every conversion would invalidate itself.
 */
#include <linux/mm.h>

#include "dex.h"

static enum dex_event event_kind(enum mmu_notifier_event event)
{
	switch (event) {
	case MMU_NOTIFY_UNMAP:
		return DEX_EVENT_UNMAP;
	case MMU_NOTIFY_CLEAR:
		return DEX_EVENT_CLEAR;
	case MMU_NOTIFY_PROTECTION_VMA:
	case MMU_NOTIFY_PROTECTION_PAGE:
		return DEX_EVENT_PROTECTION;
	case MMU_NOTIFY_SOFT_DIRTY:
		return DEX_EVENT_SOFT_DIRTY;
	case MMU_NOTIFY_RELEASE:
		return DEX_EVENT_RELEASE;
	case MMU_NOTIFY_MIGRATE:
		return DEX_EVENT_MIGRATE;
	case MMU_NOTIFY_EXCLUSIVE:
		return DEX_EVENT_EXCLUSIVE;
	default:
		return DEX_EVENT_OTHER;
	}
}

static enum dex_owner event_owner(const struct mmu_notifier_range *range, const void *self)
{
	/* Only these two events carry an owner; elsewhere the field is stale. */
	if (range->event != MMU_NOTIFY_EXCLUSIVE && range->event != MMU_NOTIFY_MIGRATE)
		return DEX_OWNER_NONE;
	if (!range->owner)
		return DEX_OWNER_NONE;
	return range->owner == self ? DEX_OWNER_SELF : DEX_OWNER_OTHER;
}

static enum dex_extent event_extent(const struct mmu_notifier_range *range)
{
	unsigned long bytes = range->end - range->start;

	if (bytes <= PAGE_SIZE)
		return DEX_EXTENT_PAGE;
	return bytes < PMD_SIZE ? DEX_EXTENT_PTES : DEX_EXTENT_PMD;
}

static bool invalidate(struct mmu_interval_notifier *notifier,
		       const struct mmu_notifier_range *range, unsigned long seq)
{
	struct dex_watcher *w = container_of(notifier, struct dex_watcher, notifier);
	enum dex_owner owner = event_owner(range, w->owner);

	/* A spinlock, so it never blocks and any context will do. */
	spin_lock(&w->lock);
	w->count[event_kind(range->event)][owner][event_extent(range)]++;
	if (owner != DEX_OWNER_SELF)
		mmu_interval_set_seq(notifier, seq);
	spin_unlock(&w->lock);
	return true;
}

static const struct mmu_interval_notifier_ops watch_ops = {
	.invalidate = invalidate,
};

int dex_watch_start(struct dex_file *f, u64 start, u64 length)
{
	struct dex_watcher *w = &f->watcher;
	int rc;

	if (w->active)
		return -EBUSY;
	spin_lock_init(&w->lock);
	memset(w->count, 0, sizeof(w->count));
	w->owner = f;
	rc = dex_insert(f, &w->notifier, start, length, &watch_ops);
	w->active = !rc;
	return rc;
}

void dex_watch_stop(struct dex_file *f)
{
	if (!f->watcher.active)
		return;
	mmu_interval_notifier_remove(&f->watcher.notifier);
	f->watcher.active = false;
}

void dex_watch_read(struct dex_file *f, struct dex_events *events)
{
	struct dex_watcher *w = &f->watcher;

	memset(events->count, 0, sizeof(events->count));
	if (!w->active)
		return;
	spin_lock(&w->lock);
	memcpy(events->count, w->count, sizeof(w->count));
	memset(w->count, 0, sizeof(w->count));
	spin_unlock(&w->lock);
}
