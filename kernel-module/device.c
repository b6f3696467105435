// SPDX-License-Identifier: GPL-2.0-only
/*
 * The software device as a whole: its page table (mirror.c) and its engines (engine.c), from
 * when a file asks for them to when the last who looks at them has gone.
 */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "dex.h"

int dex_mirror_mmap(struct dex_mirror *m, struct vm_area_struct *vma)
{
	unsigned long bytes = vma->vm_end - vma->vm_start;

	if (!(vma->vm_flags & VM_SHARED) || vma->vm_flags & VM_WRITE ||
	    bytes > PAGE_ALIGN(m->pages * sizeof(*m->entries)))
		return -EINVAL;
	return dex_map(vma, m->entries, false);
}

static bool device_is_valid(const struct dex_device *d)
{
	u64 pages = d->length >> PAGE_SHIFT;

	return !(d->flags & ~DEX_DEVICE_REFERENCED) &&
	       (!(d->flags & DEX_DEVICE_REFERENCED) || pages <= DEX_MAX_REFERENCED) &&
	       IS_ALIGNED(d->start | d->length, PAGE_SIZE) && pages <= DEX_MAX_MIRROR &&
	       d->start <= TASK_SIZE - d->length && d->engines <= DEX_MAX_ENGINES &&
	       (d->engines || !d->cpu) && is_power_of_2(d->granule) && d->granule <= DEX_MAX_BATCH;
}

static void drop_references(struct dex_mirror *m)
{
	u64 i;

	for (i = 0; i < m->pages; i++)
		if (m->table[i])
			put_page(virt_to_page(m->table[i]));
}

static void free_tables(struct dex_mirror *m)
{
	vfree(m->entries);
	vfree(m->table);
	kvfree(m);
}

struct dex_mirror *dex_mirror_get(struct dex_file *f)
{
	struct dex_mirror *m;

	spin_lock(&f->mirror_lock);
	m = f->mirror;
	if (m)
		refcount_inc(&m->users);
	spin_unlock(&f->mirror_lock);
	return m;
}

void dex_mirror_put(struct dex_mirror *m)
{
	if (refcount_dec_and_test(&m->users))
		free_tables(m);
}

/* What the tables take, and the pages that references may keep. */
static u64 charge_of(const struct dex_mirror *m)
{
	u64 tables = PFN_UP(m->pages * sizeof(*m->table)) + PFN_UP(m->pages * sizeof(*m->entries));

	return tables + (m->flags & DEX_DEVICE_REFERENCED ? m->pages : 0);
}

static struct dex_mirror *allocate(struct dex_file *f, const struct dex_device *device)
{
	struct dex_mirror *m = kvzalloc(sizeof(*m), GFP_KERNEL_ACCOUNT);

	if (!m)
		return NULL;
	m->f = f;
	refcount_set(&m->users, 1);
	m->start = device->start;
	m->pages = device->length >> PAGE_SHIFT;
	m->flags = device->flags;
	m->granule = device->granule;
	spin_lock_init(&m->lock);
	mutex_init(&m->service);
	m->table = dex_alloc(m->pages * sizeof(*m->table));
	m->entries = dex_alloc(m->pages * sizeof(*m->entries));
	if (m->table && m->entries)
		return m;
	free_tables(m);
	return NULL;
}

struct dex_mirror *dex_mirror_new(struct dex_file *f, const struct dex_device *device)
{
	struct dex_mirror *m;
	int rc;

	if (!device_is_valid(device))
		return ERR_PTR(-EINVAL);
	m = allocate(f, device);
	if (!m)
		return ERR_PTR(-ENOMEM);
	rc = dex_charge(f, charge_of(m));
	if (rc)
		goto err_free;
	rc = dex_engines_start(m, device->engines, device->cpu);
	if (rc)
		goto err_uncharge;
	rc = dex_insert(f, &m->notifier, m->start, device->length, &dex_mirror_ops);
	if (rc)
		goto err_stop;
	return m;

err_stop:
	dex_engines_stop(m);
err_uncharge:
	dex_uncharge(f, charge_of(m));
err_free:
	free_tables(m);
	return ERR_PTR(rc);
}

/* First the users of entries, then what clears them, then what they lie in. */
void dex_mirror_free(struct dex_mirror *m)
{
	if (!m)
		return;
	dex_engines_stop(m);
	WRITE_ONCE(m->gone, true);
	wake_up_all(&m->done);
	mmu_interval_notifier_remove(&m->notifier);
	if (m->flags & DEX_DEVICE_REFERENCED)
		drop_references(m);
	dex_uncharge(m->f, charge_of(m));
	dex_mirror_put(m);
}
