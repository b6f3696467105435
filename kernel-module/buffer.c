// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a file maps: the sample buffer, which user space may write, and the device's page
 * table, which it may not.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "dex.h"

static u64 pages_of(const struct dex_file *f)
{
	return PFN_UP(f->max_samples * sizeof(struct dex_sample));
}

void dex_buffer_free(struct dex_file *f)
{
	if (!f->samples)
		return;
	dex_uncharge(f, pages_of(f));
	vfree(f->samples);
}

static int map_mirror(struct dex_file *f, struct vm_area_struct *vma)
{
	struct dex_mirror *m = dex_mirror_get(f);
	int rc;

	if (!m)
		return -ENODEV;
	rc = dex_mirror_mmap(m, vma);
	dex_mirror_put(m);
	return rc;
}

static int map_buffer(struct dex_file *f, struct vm_area_struct *vma)
{
	unsigned long bytes = vma->vm_end - vma->vm_start;
	void *buffer = dex_alloc(bytes);
	int rc;

	if (!buffer)
		return -ENOMEM;
	rc = dex_charge_locked(f, PFN_UP(bytes));
	if (rc)
		goto err_free;
	rc = dex_map(vma, buffer, true);
	if (rc)
		goto err_uncharge;
	f->max_samples = bytes / sizeof(struct dex_sample);
	smp_store_release(&f->samples, buffer);
	return 0;

err_uncharge:
	dex_uncharge_locked(f, PFN_UP(bytes));
err_free:
	vfree(buffer);
	return rc;
}

int dex_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct dex_file *f = file->private_data;

	/*
	 * Not f->lock: a request holds it while it takes the mmap lock, which
	 * is held here.  The opener's mmap lock itself makes this the only mmap.
	 */
	if (f->mm != current->mm)
		return -EPERM;
	if (vma->vm_pgoff == DEX_MIRROR_OFFSET >> PAGE_SHIFT)
		return map_mirror(f, vma);
	if (vma->vm_pgoff || !(vma->vm_flags & VM_SHARED) ||
	    vma->vm_end - vma->vm_start > DEX_MAX_SAMPLES * sizeof(struct dex_sample))
		return -EINVAL;
	return f->samples ? -EBUSY : map_buffer(f, vma);
}
