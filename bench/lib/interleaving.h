/* SPDX-License-Identifier: MIT */
/* In lockstep mode the emulator draws who runs when; a guest can ask for another drawing. */
#ifndef LIB_INTERLEAVING_H
#define LIB_INTERLEAVING_H

#include <stdint.h>

#include "lib/die.h"

#define INTERLEAVING_LEAF 0x40de5eed /* of CPUID; hypervisors' own begin at 0x40000000 */

/* From here on the @n-th drawing, from its beginning (emulator/lockstep.c). */
static inline void interleaving_begin(uint32_t n)
{
	uint32_t a = INTERLEAVING_LEAF, b, c = n, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	if (a != n)
		die("lockstep mode: this emulator draws no interleaving when it is asked to; build it again (scripts/emulator.sh)");
}

#endif /* LIB_INTERLEAVING_H */
