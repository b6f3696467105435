// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages on their way to the region of device-private memory and back.
 *
 * The stamps sit around each of the kernel's calls.  What a driver does between them is in none:
 * it looks for free pages of its memory, and its device copies, which is timed apart.
 */
#include <linux/highmem.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/timex.h>

#include "compat.h"
#include "dex_private.h"

/* A place for each page that can be moved and is not a hole; 0, or why the first has none. */
static int find_places(struct dex_region *r, const struct migrate_vma *args)
{
	unsigned long i;
	int error = 0;

	for (i = 0; i < args->npages; i++) {
		struct page *to = NULL;
		int why = 0;

		if (!(args->src[i] & MIGRATE_PFN_MIGRATE))
			why = -EBUSY;
		else if (!migrate_pfn_to_page(args->src[i]))
			why = -EFAULT;
		else if (!(to = dex_frame(r)))
			why = -ENOMEM;
		args->dst[i] =
			to ? migrate_pfn(page_to_pfn(to)) | (args->src[i] & MIGRATE_PFN_WRITE) : 0;
		error = error ?: why;
	}
	return error;
}

static void copy_out(struct dex_region *r, const struct migrate_vma *args)
{
	unsigned long i;

	for (i = 0; i < args->npages; i++)
		if (args->dst[i])
			memcpy_from_page(dex_memory(r, args->dst[i] >> MIGRATE_PFN_SHIFT),
					 migrate_pfn_to_page(args->src[i]), 0, PAGE_SIZE);
}

/* To bench/plugin no stamp: it takes what is between stamps for the sample, and that is the
 * kernel's work without the copy. */
static u64 other_stamp(void)
{
	rmb();
	return get_cycles();
}

static u32 moved(const struct migrate_vma *args)
{
	unsigned long i;
	u32 n = 0;

	for (i = 0; i < args->npages; i++)
		n += args->dst[i] && args->src[i] & MIGRATE_PFN_MIGRATE;
	return n;
}

static int why_no_mapping(struct vm_area_struct *vma, unsigned long end)
{
	if (!vma || vma->vm_end < end)
		return -EFAULT;
	if (!vma_is_anonymous(vma) || vma->vm_flags & (VM_SPECIAL | VM_SHARED | VM_HUGETLB))
		return -EOPNOTSUPP;
	return 0;
}

/* One migration: how many pages went.  The mmap lock is held. */
static u32 migrate_one(struct dex_file *f, unsigned long addr, u32 batch, struct dex_sample *s)
{
	struct dex_region *r = f->region;
	struct migrate_vma args = {
		.vma = vma_lookup(f->mm, addr),
		.src = r->src,
		.dst = r->dst,
		.start = addr,
		.end = addr + ((unsigned long)batch << PAGE_SHIFT),
		.pgmap_owner = f,
		.flags = MIGRATE_VMA_SELECT_SYSTEM,
	};
	int error = why_no_mapping(args.vma, args.end);
	u32 n = 0;
	u64 t0, t1;

	memset(s, 0, DEX_STAGES * sizeof(*s));
	if (error)
		goto out;
	t0 = dex_stamp();
	error = migrate_vma_setup(&args);
	t1 = dex_stamp();
	if (error)
		goto out;
	dex_record(&s[DEX_STAGE_SETUP], t0, t1, 0, 0);

	error = find_places(r, &args);
	t0 = other_stamp();
	copy_out(r, &args);
	t1 = other_stamp();
	dex_record(&s[DEX_STAGE_COPY], t0, t1, 0, 0);

	t0 = dex_stamp();
	migrate_vma_pages(&args);
	t1 = dex_stamp();
	dex_record(&s[DEX_STAGE_PAGES], t0, t1, 0, 0);
	t0 = dex_stamp();
	migrate_vma_finalize(&args);
	t1 = dex_stamp();
	dex_record(&s[DEX_STAGE_FINALIZE], t0, t1, 0, 0);

	n = moved(&args);
	s->ok = n;
	if (n < batch && !error)
		error = -EBUSY;
out:
	s->error = error;
	return n;
}

/* Chances for other users of the mmap lock between any two migrations. */
int dex_migrate(struct dex_file *f, struct dex_migrate *migrate)
{
	struct dex_run *run = &migrate->run;
	struct dex_sample *s = f->samples;
	unsigned long addr = run->start;
	u64 i;

	run->succeeded = 0;
	for (i = 0; i < run->count && !fatal_signal_pending(current); i++) {
		if (mmap_read_lock_killable(f->mm))
			break;
		run->succeeded += migrate_one(f, addr, run->batch, s);
		mmap_read_unlock(f->mm);
		addr += run->stride;
		s += DEX_STAGES;
		dex_pause();
	}
	run->samples = s - f->samples;
	run->attempted = i * run->batch;
	return i < run->count ? -EINTR : 0;
}

/* A CPU touched a page of the region.  One that another thread is just moving is the kernel's to
 * try again: there is nothing to move, and that is no error. */
vm_fault_t dex_migrate_to_ram(struct vm_fault *vmf)
{
	struct dex_region *r = dex_region_of(dex_page_pagemap(vmf->page));
	unsigned long src = 0, dst = 0;
	struct migrate_vma args = {
		.vma = vmf->vma,
		.src = &src,
		.dst = &dst,
		.start = vmf->address,
		.end = vmf->address + PAGE_SIZE,
		.pgmap_owner = r->pagemap.owner,
		.flags = MIGRATE_VMA_SELECT_DEVICE_PRIVATE,
		.fault_page = vmf->page,
	};
	struct page *to;
	vm_fault_t rc = 0;

	atomic64_inc(&r->faults);
	if (migrate_vma_setup(&args))
		return VM_FAULT_SIGBUS;
	if (!(src & MIGRATE_PFN_MIGRATE)) {
		atomic64_inc(&r->empty);
		goto out;
	}
	to = alloc_page_vma(GFP_HIGHUSER_MOVABLE, vmf->vma, vmf->address);
	if (!to) {
		rc = VM_FAULT_OOM;
		goto out;
	}
	lock_page(to);
	memcpy_to_page(to, 0, dex_memory(r, src >> MIGRATE_PFN_SHIFT), PAGE_SIZE);
	dst = migrate_pfn(page_to_pfn(to)) | (src & MIGRATE_PFN_WRITE);
	migrate_vma_pages(&args);
	if (!(src & MIGRATE_PFN_MIGRATE)) /* another thread that faults holds it */
		atomic64_inc(&r->empty);
out:
	migrate_vma_finalize(&args);
	return rc;
}

/* Whoever has them: pages @from and on of a region that ends. */
void dex_migrate_away(struct dex_region *r, u32 from, u32 pages)
{
	struct page *to;
	u32 i;

	migrate_device_range(r->src, r->first + from, pages);
	for (i = 0; i < pages; i++) {
		r->dst[i] = 0;
		if (!(r->src[i] & MIGRATE_PFN_MIGRATE))
			continue;
		to = alloc_page(GFP_HIGHUSER_MOVABLE | __GFP_NOFAIL);
		lock_page(to);
		memcpy_to_page(to, 0, dex_memory(r, r->first + from + i), PAGE_SIZE);
		r->dst[i] = migrate_pfn(page_to_pfn(to)) | (r->src[i] & MIGRATE_PFN_WRITE);
	}
	migrate_device_pages(r->src, r->dst, pages);
	migrate_device_finalize(r->src, r->dst, pages);
}
