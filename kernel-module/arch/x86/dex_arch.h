/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that the module has of x86-64.  Kbuild chooses the directory by the kernel's own SRCARCH;
 * another architecture offers the same two functions.
 */
#ifndef DEX_ARCH_H
#define DEX_ARCH_H

#include <linux/types.h>

#include <asm/barrier.h>
#include <asm/msr.h>
#include <asm/tsc.h>

/*
 * The clock.  LFENCE on both sides: the read waits for everything before it
 * and nothing after it starts early (Intel SDM volume 2, RDTSC; AMD's LFENCE
 * is dispatch-serialising as Linux sets it up).
 */
static __always_inline u64 dex_stamp(void)
{
	u32 low, high;

	asm volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high) : : "memory");
	return (u64)high << 32 | low;
}

/* The kernel's calibration of it; 0 if it has none. */
static inline u32 dex_clock_khz(void)
{
	return tsc_khz;
}

#endif /* DEX_ARCH_H */
