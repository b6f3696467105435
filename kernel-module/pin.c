// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pins for DMA, as drivers take them: pin_user_pages_fast(), and unpin_user_pages() of what it gave.
 *
 * Unlike the operations of exclusive.c these run without the mmap lock, which the call may take by
 * itself.  FOLL_NOFAULT: what is not present and writable is refused with EFAULT and not faulted in,
 * so that no request waits for a userfaultfd or for a device.  Nothing stays pinned behind a call.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "compat.h"
#include "dex.h"

static __always_inline void record(struct dex_sample *s, u64 t0, u64 t1, int n, u32 batch)
{
	dex_record(s, t0, t1, n < 0 ? n : n < (int)batch ? -EFAULT : 0, max(n, 0));
}

static __always_inline void pin_one(struct dex_file *f, unsigned long addr, u32 batch,
				    struct dex_sample *s)
{
	u64 t0, t1;
	int n;

	t0 = dex_stamp();
	n = pin_user_pages_fast(addr, batch, FOLL_WRITE | DEX_FOLL_NOFAULT, f->pages);
	t1 = dex_stamp();

	if (n > 0)
		unpin_user_pages(f->pages, n);
	record(s, t0, t1, n, batch);
}

static __always_inline void unpin_one(struct dex_file *f, unsigned long addr, u32 batch,
				      struct dex_sample *s)
{
	int n = pin_user_pages_fast(addr, batch, FOLL_WRITE | DEX_FOLL_NOFAULT, f->pages);
	u64 t0, t1;

	t0 = dex_stamp();
	if (n > 0)
		unpin_user_pages(f->pages, n);
	t1 = dex_stamp();
	record(s, t0, t1, n, batch);
}

int dex_pin(struct dex_file *f, struct dex_run *run, bool unpin)
{
	struct dex_sample *s = f->samples;
	struct dex_sample *end = s + run->count;
	unsigned long addr = run->start;

	while (s < end && !fatal_signal_pending(current)) {
		if (unpin)
			unpin_one(f, addr, run->batch, s++);
		else
			pin_one(f, addr, run->batch, s++);
		addr += run->stride;
		dex_pause();
	}
	/* Of pages that were let go nothing is kept. */
	memset(f->pages, 0, run->batch * sizeof(*f->pages));
	run->samples = s - f->samples;
	dex_count_pages(f, run);
	return s < end ? -EINTR : 0;
}
