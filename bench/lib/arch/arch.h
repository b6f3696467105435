/* SPDX-License-Identifier: MIT */
/*
 * The door to what is the processor's.  All that user space has of one lies in a directory beside
 * this file; whoever needs it includes this header or decode.h.  The tests list what stands elsewhere
 * (tests/static/arch-outside.tsv).  What a directory offers:
 *
 *   clock.h   the stamp that the module has, too, its parts, and a loop of known length
 *   cpu.h     a mark, a rest for those who spin, an increment, who emulates us, another drawing; sizes
 *   kernel.h  what this architecture's Linux calls things and where it has them in memory
 *   decode.c  decode.h
 */
#ifndef ARCH_ARCH_H
#define ARCH_ARCH_H

#if defined(__x86_64__)
#include "lib/arch/x86/clock.h"
#include "lib/arch/x86/cpu.h"
#include "lib/arch/x86/kernel.h"
#else
#error "dexbench knows x86-64 alone; another processor needs a directory in bench/lib/arch/"
#endif

#endif /* ARCH_ARCH_H */
