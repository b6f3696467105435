// SPDX-License-Identifier: GPL-2.0-only
/*
 * The timed operations.
 *
 * The stamps sit around the kernel's call alone.  What a driver must do after
 * it (unlock and put the folio) comes after the second stamp; the mmap lock is
 * taken once for a chunk of pages, so that little but the measured call runs
 * per page.  A folio is unlocked before the next one is taken: holding two
 * pages of one large folio would wait for ourselves.
 *
 * Outcomes go into the sample; nothing is copied, printed or computed here.
 */
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched/signal.h>

#include "compat.h"
#include "dex.h"

/* Pages between two chances for other users of the mmap lock. */
#define CHUNK_PAGES 512U

#ifdef DEX_HAVE_RANGE

u32 dex_max_batch(void)
{
	return DEX_MAX_BATCH;
}

/* The range call gives no reason for a NULL page; the VMA gives most of it. */
static noinline int why_not(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	if (!vma || vma->vm_start > addr)
		return -EFAULT;
	if (vma->vm_flags & (VM_SHARED | VM_HUGETLB))
		return -EOPNOTSUPP;
	return -EBUSY;
}

static __always_inline void convert_one(struct dex_file *f, unsigned long addr, u32 batch,
					struct dex_sample *s)
{
	unsigned long end = addr + ((unsigned long)batch << PAGE_SHIFT);
	struct mm_struct *mm = f->mm;
	int error = 0;
	u64 t0, t1;
	long i, n;
	u32 ok = 0;

	t0 = dex_stamp();
	n = make_device_exclusive_range(mm, addr, end, f->pages, f);
	t1 = dex_stamp();

	for (i = 0; i < n; i++) {
		if (f->pages[i]) {
			unlock_page(f->pages[i]);
			put_page(f->pages[i]);
			ok++;
		} else if (!error) {
			error = why_not(mm, addr + (i << PAGE_SHIFT));
		}
	}
	if (unlikely(n < (long)batch) && !error)
		error = n < 0 ? n : -EFAULT;
	dex_record(s, t0, t1, error, ok);
}

int dex_take(struct dex_file *f, struct page **pages, unsigned long addr, u32 batch)
{
	unsigned long end = addr + ((unsigned long)batch << PAGE_SHIFT);
	long i, n;

	memset(pages, 0, batch * sizeof(*pages));
	n = make_device_exclusive_range(f->mm, addr, end, pages, f);
	if (n < 0)
		return n;
	for (i = 0; i < batch; i++)
		if (!pages[i])
			return i < n ? why_not(f->mm, addr + (i << PAGE_SHIFT)) : -EFAULT;
	return 0;
}

#else /* DEX_HAVE_SINGLE */

u32 dex_max_batch(void)
{
	return 1;
}

static __always_inline void convert_one(struct dex_file *f, unsigned long addr, u32 batch,
					struct dex_sample *s)
{
	struct folio *folio;
	struct page *page;
	u64 t0, t1;

	t0 = dex_stamp();
	page = make_device_exclusive(f->mm, addr, f, &folio);
	t1 = dex_stamp();

	if (IS_ERR(page)) {
		dex_record(s, t0, t1, PTR_ERR(page), 0);
		return;
	}
	folio_unlock(folio);
	folio_put(folio);
	dex_record(s, t0, t1, 0, 1);
}

/*
 * All stay locked to the end, as in UVM (uvm_hmm.c, hmm_block_atomic_fault_locked()),
 * but a large folio: its next page would wait for ourselves.
 */
int dex_take(struct dex_file *f, struct page **pages, unsigned long addr, u32 batch)
{
	struct folio *folio;
	struct page *page;
	u32 i;

	memset(pages, 0, batch * sizeof(*pages));
	for (i = 0; i < batch; i++, addr += PAGE_SIZE) {
		page = make_device_exclusive(f->mm, addr, f, &folio);
		if (IS_ERR(page))
			return PTR_ERR(page);
		pages[i] = page;
		if (batch > 1 && folio_test_large(folio)) {
			folio_unlock(folio);
			folio_put(folio);
			pages[i] = NULL;
		}
	}
	return 0;
}

#endif

void dex_let_go(struct page **pages, u32 batch)
{
	u32 i;

	for (i = 0; i < batch; i++) {
		if (!pages[i])
			continue;
		unlock_page(pages[i]);
		put_page(pages[i]);
		pages[i] = NULL;
	}
}

int dex_fault_in(struct mm_struct *mm, unsigned long addr, u32 batch)
{
	struct page *page;
	long n = 1;
	u32 i;

	if (mmap_read_lock_killable(mm))
		return -EINTR;
	for (i = 0; i < batch && n == 1; i++, addr += PAGE_SIZE) {
		n = dex_gup_remote(mm, addr, FOLL_WRITE | FOLL_SPLIT_PMD, &page);
		if (n == 1)
			put_page(page);
	}
	mmap_read_unlock(mm);
	return n == 1 ? 0 : n < 0 ? n : -EFAULT;
}

/* The first half of a conversion: the same lookup, nothing converted. */
static __always_inline void gup_one(struct dex_file *f, unsigned long addr, u32 batch,
				    struct dex_sample *s)
{
	struct page *page;
	u64 t0, t1;
	long n;

	t0 = dex_stamp();
	n = dex_gup_remote(f->mm, addr, FOLL_WRITE | FOLL_SPLIT_PMD, &page);
	t1 = dex_stamp();

	if (n == 1)
		put_page(page);
	dex_record(s, t0, t1, n == 1 ? 0 : n < 0 ? n : -EFAULT, n == 1);
}

static __always_inline void clock_one(struct dex_file *f, unsigned long addr, u32 batch,
				      struct dex_sample *s)
{
	u64 t0 = dex_stamp();

	dex_record(s, t0, dex_stamp(), 0, 1);
}

void dex_count_pages(struct dex_file *f, struct dex_run *run)
{
	u64 i;

	run->attempted = run->samples * run->batch;
	run->succeeded = 0;
	for (i = 0; i < run->samples; i++)
		run->succeeded += f->samples[i].ok;
}

typedef void operation(struct dex_file *, unsigned long, u32, struct dex_sample *);

/* Under the mmap lock.  Inlined into each caller, so that @one is a loop body and no pointer. */
static __always_inline void run_chunk(struct dex_file *f, const struct dex_run *run,
				      unsigned long addr, struct dex_sample *s,
				      struct dex_sample *stop, operation *one)
{
	u64 bytes = (u64)run->batch << PAGE_SHIFT;
	bool some = dex_userfaultfd(f->mm, addr, addr + (stop - s - 1) * run->stride + bytes);

	for (; s < stop; s++, addr += run->stride) {
		if (unlikely(some) && dex_userfaultfd(f->mm, addr, addr + bytes))
			dex_record(s, dex_stamp(), dex_stamp(), -EOPNOTSUPP, 0);
		else
			one(f, addr, run->batch, s);
	}
}

static __always_inline int run_samples(struct dex_file *f, struct dex_run *run, operation *one)
{
	u64 chunk = max(CHUNK_PAGES / run->batch, 1U);
	struct dex_sample *s = f->samples;
	struct dex_sample *end = s + run->count;
	unsigned long addr = run->start;

	while (s < end) {
		struct dex_sample *stop = min(end, s + chunk);

		if (mmap_read_lock_killable(f->mm))
			break;
		run_chunk(f, run, addr, s, stop, one);
		mmap_read_unlock(f->mm);
		addr += (stop - s) * run->stride;
		s = stop;
		if (fatal_signal_pending(current))
			break;
		dex_pause();
	}
	run->samples = s - f->samples;
	dex_count_pages(f, run);
	return s < end ? -EINTR : 0;
}

int dex_clock(struct dex_file *f, struct dex_run *run)
{
	return run_samples(f, run, clock_one);
}

int dex_gup(struct dex_file *f, struct dex_run *run)
{
	return run_samples(f, run, gup_one);
}

int dex_convert(struct dex_file *f, struct dex_run *run)
{
	return run_samples(f, run, convert_one);
}
