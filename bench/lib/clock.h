/* SPDX-License-Identifier: MIT */
/*
 * The one clock of user space: the TSC, as in the module's dex_stamp().
 *
 * What a tick is depends on the mode.  exact: one guest instruction, which
 * clock_require() proves before anything is measured.  lockstep: the same, of the CPU
 * that reads it, beside others that work.  parallel: a unit without a name, good for ratios.  timing: 1 / (1000 * tsc_khz) s.
 */
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H

#include <stdint.h>

enum mode { MODE_EXACT = 1, MODE_LOCKSTEP, MODE_PARALLEL, MODE_TIMING };

/* LFENCE on both sides: see dex_stamp() in kernel-module/dex.h. */
static inline __attribute__((always_inline)) uint64_t clock_stamp(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
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

/* The hypervisor's CPUID signature ("TCGTCGTCGTCG", "KVMKVMKVM"), or "". */
const char *clock_hypervisor(void);

/* Die unless this machine's clock is what @mode says it is. */
void clock_require(enum mode mode);

#endif /* LIB_CLOCK_H */
