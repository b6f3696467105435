// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a file has to do with the process that opened it: whose memory it takes and looks
 * at, whose signals end a request, and whose end ends the engines.
 *
 * Memory that stays is charged twice: to the memory cgroup, as any that the kernel takes
 * for a process, and to VmLck, where RLIMIT_MEMLOCK bounds it for who has no CAP_IPC_LOCK.
 */
#include <linux/capability.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/signal.h>
#include <linux/userfaultfd_k.h>
#include <linux/vmalloc.h>

#include "compat.h"
#include "dex.h"

int dex_interrupted(void)
{
	return fatal_signal_pending(current) ? -EINTR : -ERESTARTNOINTR;
}

/* The first notifier of an address space gives up for any signal, before it did anything. */
int dex_insert(struct dex_file *f, struct mmu_interval_notifier *notifier, u64 start, u64 length,
	       const struct mmu_interval_notifier_ops *ops)
{
	int rc = mmu_interval_notifier_insert(notifier, f->mm, start, length, ops);

	return rc == -EINTR ? dex_interrupted() : rc;
}

/*
 * From the moment that somebody (the OOM killer, too) decides it: the memory is there for
 * a while longer, and to fault more of it in would be in the way.
 */
bool dex_owner_ends(const struct dex_file *f)
{
	return READ_ONCE(f->owner->signal->flags) & SIGNAL_GROUP_EXIT;
}

/*
 * Under the mmap lock: does userfaultfd wait for missing pages in any of it?  Nobody could be
 * waited for here, and a kernel with CONFIG_DEBUG_VM would complain of that.  Write protection
 * alone is no such wait.
 */
bool dex_userfaultfd(struct mm_struct *mm, u64 start, u64 end)
{
	struct vm_area_struct *vma;

	do {
		vma = find_vma(mm, start);
		if (!vma || vma->vm_start >= end)
			return false;
		if (userfaultfd_missing(vma) || userfaultfd_minor(vma))
			return true;
		start = vma->vm_end;
	} while (start < end);
	return false;
}

/* The same by itself: 0, -EINTR or -EOPNOTSUPP. */
int dex_check_userfaultfd(struct dex_file *f, u64 start, u64 end)
{
	bool some;

	if (mmap_read_lock_killable(f->mm))
		return -EINTR;
	some = dex_userfaultfd(f->mm, start, end);
	mmap_read_unlock(f->mm);
	return some ? -EOPNOTSUPP : 0;
}

/* Under the mmap lock for writing. */
int dex_charge_locked(struct dex_file *f, u64 pages)
{
	return __account_locked_vm(f->mm, pages, true, current, capable(CAP_IPC_LOCK));
}

void dex_uncharge_locked(struct dex_file *f, u64 pages)
{
	__account_locked_vm(f->mm, pages, false, current, true);
}

int dex_charge(struct dex_file *f, u64 pages)
{
	return account_locked_vm(f->mm, pages, true);
}

/* The address space may be gone; its structure is not. */
void dex_uncharge(struct dex_file *f, u64 pages)
{
	account_locked_vm(f->mm, pages, false);
}

void *dex_alloc(u64 bytes)
{
	return __vmalloc(PAGE_ALIGN(bytes), GFP_KERNEL_ACCOUNT | __GFP_ZERO);
}

/* remap_vmalloc_range() wants vmalloc_user()'s memory, which is nobody's. */
int dex_map(struct vm_area_struct *vma, void *memory, bool writable)
{
	unsigned long addr;
	int rc = 0;

	for (addr = vma->vm_start; !rc && addr < vma->vm_end;
	     addr += PAGE_SIZE, memory += PAGE_SIZE)
		rc = vm_insert_page(vma, addr, vmalloc_to_page(memory));
	dex_vma_flags(vma, VM_DONTEXPAND | VM_DONTDUMP, writable ? 0 : VM_MAYWRITE);
	return rc;
}
