/* SPDX-License-Identifier: MIT */
/*
 * The one clock of user space, which is the module's dex_stamp(), too (lib/arch/arch.h).
 *
 * What a tick is depends on the mode.  exact: one guest instruction, which
 * clock_require() proves before anything is measured.  lockstep: the same, of the CPU
 * that reads it, beside others that work.  parallel: a unit without a name, good for ratios.  timing: 1 / (1000 * clock_khz) s.
 */
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H

#include <stdint.h>

#include "lib/arch/arch.h"

enum mode { MODE_EXACT = 1, MODE_LOCKSTEP, MODE_PARALLEL, MODE_TIMING };

static inline __attribute__((always_inline)) uint64_t clock_stamp(void)
{
	return arch_stamp();
}

/* Ticks between two stamps, as the 32 bits that a sample has. */
static inline uint32_t clock_ticks(uint64_t start, uint64_t end)
{
	return end - start > UINT32_MAX ? UINT32_MAX : (uint32_t)(end - start);
}

/* "exact", "lockstep", "parallel", "timing"; 0 if @name is none of them. */
enum mode clock_mode(const char *name);
const char *clock_mode_name(enum mode mode);

/* What a tick is called in results: "instructions", "ticks". */
const char *clock_unit(enum mode mode);

/* What the hypervisor calls itself ("KVMKVMKVM", ARCH_EMULATED), or "". */
const char *clock_hypervisor(void);

/* Die unless this machine's clock is what @mode says it is. */
void clock_require(enum mode mode);

#endif /* LIB_CLOCK_H */
