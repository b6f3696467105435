// SPDX-License-Identifier: GPL-2.0-only
/*
 * hmm_range_fault() as drivers call it (Documentation/mm/hmm.rst): read the notifier's sequence,
 * look the pages up, and under the driver's lock see whether anything came between; if so, again.
 * What is exclusive, or in the memory of another device, is faulted back on the way, which
 * invalidates: such a call needs a second pass.  Since 7.3 the kernel has that loop itself.
 *
 * No page is kept: what is found is a number of a frame, good until the notifier says otherwise.
 */
#include <linux/hmm.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "dex.h"

/* What a driver keeps of the range that it mirrors. */
struct mirror {
	struct mmu_interval_notifier notifier;
	struct dex_file *f;
	spinlock_t lock; /* over what the device's page tables say */
	struct hmm_range range;
};

static bool invalidate(struct mmu_interval_notifier *notifier,
		       const struct mmu_notifier_range *range, unsigned long seq)
{
	struct mirror *m = container_of(notifier, struct mirror, notifier);

	spin_lock(&m->lock);
	mmu_interval_set_seq(notifier, seq);
	spin_unlock(&m->lock);
	return true;
}

static const struct mmu_interval_notifier_ops mirror_ops = {
	.invalidate = invalidate,
};

static int fault_locked(struct mirror *m)
{
	int rc;

	m->range.notifier_seq = mmu_interval_read_begin(&m->notifier);
	if (mmap_read_lock_killable(m->f->mm))
		return -EINTR;
	rc = hmm_range_fault(&m->range);
	mmap_read_unlock(m->f->mm);
	return rc;
}

#ifdef DEX_HAVE_HMM_UNLOCKED
#define UNLOCKED true
static int fault_unlocked(struct mirror *m)
{
	return hmm_range_fault_unlocked_timeout(&m->range,
						msecs_to_jiffies(HMM_RANGE_DEFAULT_TIMEOUT));
}
#else
#define UNLOCKED false
static int fault_unlocked(struct mirror *m)
{
	return -EOPNOTSUPP;
}
#endif

/* One pass: 0 if the device could be told of the pages, -EBUSY to start over. */
static int iterate(struct mirror *m, u32 flags)
{
	int rc = flags & DEX_HMM_UNLOCKED ? fault_unlocked(m) : fault_locked(m);

	if (rc)
		return rc;
	spin_lock(&m->lock);
	if (mmu_interval_read_retry(&m->notifier, m->range.notifier_seq))
		rc = -EBUSY;
	spin_unlock(&m->lock);
	return rc;
}

static int look_up(struct mirror *m, struct dex_hmm *hmm)
{
	u32 i;
	int rc = -EBUSY;

	for (i = 0; rc == -EBUSY && i < hmm->max_iterations; i++) {
		if (fatal_signal_pending(current))
			return -EINTR;
		rc = iterate(m, hmm->flags);
		hmm->iterations++;
		cond_resched();
	}
	return rc;
}

static u32 count_found(const struct mirror *m, struct dex_hmm *hmm)
{
	unsigned long wanted = HMM_PFN_VALID | (hmm->flags & DEX_HMM_WRITE ? HMM_PFN_WRITE : 0);
	u32 i, n = 0;

	for (i = 0; i < hmm->run.batch; i++) {
		unsigned long pfn = m->range.hmm_pfns[i];

		if ((pfn & wanted) != wanted)
			continue;
		n++;
		hmm->large += hmm_pfn_to_map_order(pfn) > 0;
	}
	return n;
}

static int one(struct mirror *m, struct dex_hmm *hmm, u64 addr, struct dex_sample *s)
{
	u64 t0, t1, end = addr + ((u64)hmm->run.batch << PAGE_SHIFT);
	int rc = dex_check_userfaultfd(m->f, addr, end);

	if (rc == -EINTR)
		return rc;
	if (rc) {
		dex_record(s, dex_stamp(), dex_stamp(), rc, 0);
		return 0;
	}
	m->range.start = addr;
	m->range.end = end;
	memset(m->range.hmm_pfns, 0, hmm->run.batch * sizeof(*m->range.hmm_pfns));
	t0 = dex_stamp();
	rc = look_up(m, hmm);
	t1 = dex_stamp();
	dex_record(s, t0, t1, rc, rc ? 0 : count_found(m, hmm));
	return fatal_signal_pending(current) ? -EINTR : 0;
}

static int run_all(struct mirror *m, struct dex_hmm *hmm)
{
	struct dex_run *run = &hmm->run;
	u64 addr = run->start;
	int rc = 0;

	for (run->samples = 0; run->samples < run->count; run->samples++) {
		rc = one(m, hmm, addr, &m->f->samples[run->samples]);
		if (rc)
			break;
		addr += run->stride;
		dex_pause();
	}
	dex_count_pages(m->f, run);
	return rc;
}

static int mirror_and_run(struct dex_file *f, struct dex_hmm *hmm)
{
	const struct dex_run *run = &hmm->run;
	u64 length = (run->count - 1) * run->stride + ((u64)run->batch << PAGE_SHIFT);
	struct mirror m = { .f = f };
	int rc;

	m.range.notifier = &m.notifier;
	m.range.dev_private_owner = f;
	m.range.default_flags = (hmm->flags & DEX_HMM_FAULT ? HMM_PFN_REQ_FAULT : 0) |
				(hmm->flags & DEX_HMM_WRITE ? HMM_PFN_REQ_WRITE : 0);
	m.range.hmm_pfns = kcalloc(run->batch, sizeof(*m.range.hmm_pfns), GFP_KERNEL_ACCOUNT);
	if (!m.range.hmm_pfns)
		return -ENOMEM;
	spin_lock_init(&m.lock);
	rc = dex_insert(f, &m.notifier, run->start, length, &mirror_ops);
	if (!rc) {
		rc = run_all(&m, hmm);
		mmu_interval_notifier_remove(&m.notifier);
	}
	kfree(m.range.hmm_pfns);
	return rc;
}

long dex_hmm_ioctl(struct dex_file *f, void __user *arg)
{
	struct dex_hmm hmm;
	int rc;

	if (copy_from_user(&hmm, arg, sizeof(hmm)))
		return -EFAULT;
	if (hmm.size != sizeof(hmm) || hmm.reserved || !hmm.max_iterations ||
	    hmm.max_iterations > DEX_MAX_LOOPS ||
	    hmm.flags & ~(DEX_HMM_FAULT | DEX_HMM_WRITE | DEX_HMM_UNLOCKED) ||
	    (hmm.flags & DEX_HMM_WRITE && !(hmm.flags & DEX_HMM_FAULT)))
		return -EINVAL;
	rc = dex_check_run(f, &hmm.run);
	if (rc)
		return rc;
	if (hmm.flags & DEX_HMM_UNLOCKED && !UNLOCKED)
		return -EOPNOTSUPP;
	hmm.iterations = hmm.large = 0;
	rc = mirror_and_run(f, &hmm);
	if ((!rc || rc == -EINTR) && copy_to_user(arg, &hmm, sizeof(hmm)))
		return -EFAULT;
	return rc;
}
