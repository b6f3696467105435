// SPDX-License-Identifier: GPL-2.0-only
/* What a revocation waits for: that no engine is in the burst that it was in (engine.c). */
#include "dex.h"

static bool burst_is_over(const struct dex_engine *e, u32 seq)
{
	return smp_load_acquire(&e->seq) != seq;
}

void dex_engines_flush(struct dex_mirror *m)
{
	u32 i, seq;

	/* Pairs with burst_begin() in engine.c. */
	smp_mb();
	for (i = 0; i < max(m->engines, 1U); i++) {
		seq = smp_load_acquire(&m->engine[i].seq);
		while (seq & 1 && !burst_is_over(&m->engine[i], seq))
			cpu_relax();
	}
}
