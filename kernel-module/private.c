// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file's region of device-private memory: page frames that no CPU reaches, behind them
 * kernel memory that stands for the device's, and the requests that concern them.
 *
 * A page of it belongs to whoever has it mapped, which after a fork may be a process that
 * never opened the device.  The region ends only when all of its pages came back, so that
 * nobody is left with a page whose driver is gone.
 */
#include <linux/bitmap.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "compat.h"
#include "dex_private.h"

static atomic_t regions = ATOMIC_INIT(0);

struct page *dex_frame(struct dex_region *r)
{
	u32 i = find_next_zero_bit(r->used, r->pages, r->next);
	struct page *page;

	if (i >= r->pages)
		i = find_first_zero_bit(r->used, r->pages);
	if (i >= r->pages)
		return NULL;
	set_bit(i, r->used);
	r->next = i + 1;
	page = pfn_to_page(r->first + i);
	dex_frame_init(page, &r->pagemap);
	return page;
}

/* From any context, with a page table's lock held for instance. */
static void freed(DEX_FREED *what)
{
	struct page *page = dex_freed_page(what);
	struct dex_region *r = dex_region_of(dex_page_pagemap(page));

	clear_bit(page_to_pfn(page) - r->first, r->used);
}

static const struct dev_pagemap_ops ops = {
	.dex_frame_freed = freed,
	.migrate_to_ram = dex_migrate_to_ram,
};

/* A page that is in somebody's hands at this moment, a fault's for instance, is met next time. */
static void empty(struct dex_region *r)
{
	u32 i;

	for (;;) {
		for (i = 0; i < r->pages; i += DEX_MAX_BATCH) {
			u32 pages = min(r->pages - i, DEX_MAX_BATCH);

			if (find_next_bit(r->used, i + pages, i) < i + pages)
				dex_migrate_away(r, i, pages);
			cond_resched();
		}
		if (bitmap_empty(r->used, r->pages))
			break;
		schedule_timeout_uninterruptible(1);
	}
}

static int request_frames(struct dex_region *r, void *owner)
{
	struct resource *frames;
	void *mapped;

	frames = request_free_mem_region(&iomem_resource, (u64)r->pages << PAGE_SHIFT, "dexbench");
	if (IS_ERR(frames))
		return PTR_ERR(frames);
	r->pagemap.type = MEMORY_DEVICE_PRIVATE;
	r->pagemap.range.start = frames->start;
	r->pagemap.range.end = frames->end;
	r->pagemap.nr_range = 1;
	r->pagemap.ops = &ops;
	r->pagemap.owner = owner;
	mapped = memremap_pages(&r->pagemap, NUMA_NO_NODE);
	if (IS_ERR(mapped)) {
		release_mem_region(frames->start, resource_size(frames));
		return PTR_ERR(mapped);
	}
	r->first = PHYS_PFN(r->pagemap.range.start);
	return 0;
}

static void return_frames(struct dex_region *r)
{
	empty(r);
	memunmap_pages(&r->pagemap);
	release_mem_region(r->pagemap.range.start, range_len(&r->pagemap.range));
}

static struct dex_region *region_new(struct dex_file *f, u32 pages)
{
	struct dex_region *r = kvzalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);
	int rc = -ENOMEM;

	if (!r)
		return ERR_PTR(rc);
	r->pages = pages;
	r->used = bitmap_zalloc(pages, GFP_KERNEL_ACCOUNT);
	if (!r->used)
		goto err_free;
	rc = dex_charge(f, pages + DEX_FRAME_STRUCTS);
	if (rc)
		goto err_used;
	r->memory = dex_alloc((u64)pages << PAGE_SHIFT);
	if (!r->memory) {
		rc = -ENOMEM;
		goto err_uncharge;
	}
	rc = request_frames(r, f);
	if (rc)
		goto err_memory;
	return r;

err_memory:
	vfree(r->memory);
err_uncharge:
	dex_uncharge(f, pages + DEX_FRAME_STRUCTS);
err_used:
	bitmap_free(r->used);
err_free:
	kvfree(r);
	return ERR_PTR(rc);
}

void dex_private_free(struct dex_file *f)
{
	struct dex_region *r = f->region;

	if (!r)
		return;
	f->region = NULL;
	return_frames(r);
	vfree(r->memory);
	dex_uncharge(f, r->pages + DEX_FRAME_STRUCTS);
	bitmap_free(r->used);
	kvfree(r);
	atomic_dec(&regions);
}

static int private_new(struct dex_file *f, u32 pages)
{
	struct dex_region *r;

	if (f->region)
		return -EBUSY;
	if (!atomic_add_unless(&regions, 1, DEX_MAX_REGIONS))
		return -EAGAIN;
	r = region_new(f, pages);
	if (IS_ERR(r)) {
		atomic_dec(&regions);
		return PTR_ERR(r);
	}
	f->region = r;
	return 0;
}

static long ioc_private(struct dex_file *f, void __user *arg)
{
	struct dex_private private;

	if (copy_from_user(&private, arg, sizeof(private)))
		return -EFAULT;
	if (private.size != sizeof(private) || private.flags || private.reserved ||
	    private.pages > DEX_MAX_PRIVATE)
		return -EINVAL;
	if (private.pages)
		return private_new(f, private.pages);
	dex_private_free(f);
	return 0;
}

static long ioc_migrate(struct dex_file *f, void __user *arg)
{
	struct dex_migrate migrate;
	int rc;

	if (copy_from_user(&migrate, arg, sizeof(migrate)))
		return -EFAULT;
	if (migrate.size != sizeof(migrate) || migrate.flags)
		return -EINVAL;
	rc = dex_check_run(f, &migrate.run);
	if (rc)
		return rc;
	if (migrate.run.count > f->max_samples / DEX_STAGES)
		return -ENOBUFS;
	if (!f->region)
		return -ENODEV;
	rc = dex_migrate(f, &migrate);
	if ((!rc || rc == -EINTR) && copy_to_user(arg, &migrate, sizeof(migrate)))
		return -EFAULT;
	return rc;
}

static long ioc_frames(struct dex_file *f, void __user *arg)
{
	struct dex_region *r = f->region;
	struct dex_frames frames;

	if (copy_from_user(&frames, arg, sizeof(frames)))
		return -EFAULT;
	if (frames.size != sizeof(frames) || frames.reserved)
		return -EINVAL;
	if (!r)
		return -ENODEV;
	frames.pages = r->pages;
	frames.used = bitmap_weight(r->used, r->pages);
	frames.empty = atomic64_read(&r->empty); /* first: no more of them than of all */
	smp_rmb();
	frames.faults = atomic64_read(&r->faults);
	return copy_to_user(arg, &frames, sizeof(frames)) ? -EFAULT : 0;
}

long dex_private_ioctl(struct dex_file *f, unsigned int cmd, void __user *arg)
{
	switch (cmd) {
	case DEX_IOC_PRIVATE:
		return ioc_private(f, arg);
	case DEX_IOC_MIGRATE:
		return ioc_migrate(f, arg);
	default:
		return ioc_frames(f, arg);
	}
}
