/* SPDX-License-Identifier: MIT */
/*
 * Who takes the anon_vma root lock for reading, and for how long?  Kprobes on
 * folio_lock_anon_vma_read(), the trylock in it, and the unlock of the same lock.
 *
 * Held is from the entry of the trylock to the entry of the unlock, each a few
 * instructions in front of the atomic that does it, less what the probes in between
 * cost.  Where the trylock fails, the wait counts as held, too: this is for one CPU
 * with nobody else at the lock.
 */
#ifndef LIB_HOLD_H
#define LIB_HOLD_H

#include <stddef.h>
#include <stdint.h>

/* The functions that the probes are on: held from @HOLD_FROM, called by @HOLD_AFTER, to @HOLD_TO. */
#define HOLD_AFTER "folio_lock_anon_vma_read"
#define HOLD_FROM  "down_read_trylock"
#define HOLD_TO	   "up_read"

struct hold;

/* What was seen between two stamps. */
struct hold_window {
	uint32_t ticks; /* held */
	size_t taken;	/* how often the root lock was */
	size_t tried;	/* trylocks of read-write semaphores of any kind */
};

/* NULL if this kernel cannot, with the reason. */
struct hold *hold_open(const char **why);
void hold_begin(struct hold *h);
void hold_end(struct hold *h); /* dies unless the probes fire for a lock that is certain */

/* Windows in order of time, none twice. */
struct hold_window hold_next(struct hold *h, uint64_t start, uint64_t end);
uint32_t hold_probe_ticks(const struct hold *h); /* what each event cost, as taken off */
void hold_close(struct hold *h);

#endif /* LIB_HOLD_H */
