/* SPDX-License-Identifier: MIT */
#ifndef ARCH_X86_KERNEL_H
#define ARCH_X86_KERNEL_H

#include <stdint.h>

#define ARCH_TRACE_CLOCK    "x86-tsc" /* tracefs' name of the clock that stamps are read from */
#define ARCH_FIRST_ARGUMENT "%di"     /* of a function, as a kprobe fetches it */

/* A number inside the table of system calls, and given to nobody; it ends in a function of two
 * instructions, mov and ret. */
#define ARCH_NO_SYSCALL		     400
#define ARCH_NO_SYSCALL_FUNCTION     "__x64_sys_ni_syscall"
#define ARCH_NO_SYSCALL_INSTRUCTIONS 2

/*
 * Without KASLR and with four levels of page tables regions have fixed places
 * (Documentation/arch/x86/x86_64/mm.rst).
 */
#define ARCH_DIRECT_MAP 0xffff888000000000u /* the lowest that the kernel's data has */

enum arch_area { AREA_USER, AREA_DIRECT, AREA_VMALLOC, AREA_PAGES, AREA_KERNEL };

static inline int arch_is_kernel(uint64_t addr)
{
	return (int)(addr >> 63);
}

static inline enum arch_area arch_area(uint64_t addr)
{
	if (!arch_is_kernel(addr))
		return AREA_USER;
	if (addr >= 0xffffffff80000000u)
		return AREA_KERNEL;
	if (addr >= 0xffffea0000000000u && addr < 0xffffeb0000000000u)
		return AREA_PAGES;
	if (addr >= 0xffffc90000000000u && addr < 0xffffe90000000000u)
		return AREA_VMALLOC;
	return AREA_DIRECT;
}

#endif /* ARCH_X86_KERNEL_H */
