/* SPDX-License-Identifier: MIT */
/*
 * The clock: the TSC, read between two LFENCEs; kernel-module/arch/x86/dex_arch.h says why.  Nothing
 * else in a guest reads it so: the kernel has RDTSCP where the processor does.
 */
#ifndef ARCH_X86_CLOCK_H
#define ARCH_X86_CLOCK_H

#include <stdint.h>

#define ARCH_CLOCK_NAME "TSC"
#define ARCH_CLOCK_FLAG "tsc" /* in the flags of /proc/cpuinfo that speak of it */

/* What a stamp is made of, for who sees instructions from outside: a fence, the reading, a fence. */
#define ARCH_FENCE_BYTES   3
#define ARCH_READING_BYTES 2
/* Of each pair of stamps: LFENCE, LFENCE and RDTSC. */
#define ARCH_STAMP_INSTRUCTIONS 3

static inline __attribute__((always_inline)) uint64_t arch_stamp(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/* Whether @addr is an instruction of the stamp that reads the clock at @reading. */
static inline int arch_is_stamp(uint64_t reading, uint64_t addr)
{
	return addr == reading || addr == reading - ARCH_FENCE_BYTES ||
	       addr == reading + ARCH_READING_BYTES;
}

#define ARCH_LOOP_INSTRUCTIONS 2 /* a round */

static inline __attribute__((always_inline)) void arch_loop(uint64_t rounds)
{
	__asm__ volatile("1: dec %0; jnz 1b" : "+r"(rounds) : : "cc");
}

#endif /* ARCH_X86_CLOCK_H */
