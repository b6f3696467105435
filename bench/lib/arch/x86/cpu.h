/* SPDX-License-Identifier: MIT */
#ifndef ARCH_X86_CPU_H
#define ARCH_X86_CPU_H

#include <cpuid.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ARCH_PAGE_BITS	12
#define ARCH_LINE_BITS	6 /* of caches */
#define ARCH_HUGE_ORDER 9 /* pages that one entry of the level above maps, as a power of two */
#define ARCH_HUGE_BYTES ((size_t)1 << (ARCH_PAGE_BITS + ARCH_HUGE_ORDER))

/* What QEMU has in the name of its program, and says to a plugin. */
#define ARCH_QEMU_TARGET "x86_64"
#define ARCH_EMULATED	 "TCGTCGTCGTCG" /* arch_hypervisor() where QEMU emulates the CPU */
#define DRAWING_LEAF	 0x40de5eed	/* of CPUID; hypervisors' own begin at 0x40000000 */

/* A no-operation that carries @code, a constant: nopl code(%rax,%rax,1). */
#define ARCH_MARK(code) __asm__ volatile(".byte 0x0f, 0x1f, 0x84, 0x00; .long %c0" ::"i"(code))

static inline __attribute__((always_inline)) void arch_relax(void)
{
	__builtin_ia32_pause();
}

/* In memory, by one instruction. */
static inline __attribute__((always_inline)) void arch_increment(volatile void *word, int narrow)
{
	if (narrow)
		__asm__ volatile("incl %0" : "+m"(*(volatile uint32_t *)word));
	else
		__asm__ volatile("incq %0" : "+m"(*(volatile uint64_t *)word));
}

/* The hypervisor's CPUID signature, or "". */
static inline const char *arch_hypervisor(void)
{
	static char signature[13];
	unsigned int max, parts[3], ecx;

	if (signature[0] || !__get_cpuid(1, &max, &max, &ecx, &max) || !(ecx & 1u << 31))
		return signature;
	__cpuid(0x40000000, max, parts[0], parts[1], parts[2]);
	memcpy(signature, parts, 12);
	return signature;
}

/* Ask the emulator for the @n-th drawing (emulator/lockstep.c), which answers n. */
static inline uint32_t arch_draw(uint32_t n)
{
	uint32_t a = DRAWING_LEAF, b, c = n, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return a;
}

#endif /* ARCH_X86_CPU_H */
