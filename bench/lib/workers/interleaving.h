/* SPDX-License-Identifier: MIT */
/* In lockstep mode the emulator draws who runs when; a guest can ask for another drawing. */
#ifndef LIB_INTERLEAVING_H
#define LIB_INTERLEAVING_H

#include <stdint.h>

#include "lib/arch/arch.h"
#include "lib/core/die.h"

/* From here on the @n-th drawing, from its beginning (emulator/lockstep.c). */
static inline void interleaving_begin(uint32_t n)
{
	if (arch_draw(n) != n)
		die("lockstep mode: this emulator draws no interleaving when it is asked to; build it again (scripts/emulator.sh)");
}

#endif /* LIB_INTERLEAVING_H */
