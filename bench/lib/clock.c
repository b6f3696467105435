// SPDX-License-Identifier: MIT
#include "lib/clock.h"

#include <stddef.h>
#include <string.h>

#include "lib/die.h"

/* Between the stamps lie a few instructions more. */
#define LOOP_ROUNDS	  100000
#define LOOP_INSTRUCTIONS (ARCH_LOOP_INSTRUCTIONS * LOOP_ROUNDS)
#define LOOP_SLACK	  16
#define LOOP_TRIES	  5 /* a timer interrupt may fall into one */

static const char *const mode_names[] = {
	[MODE_EXACT] = "exact",
	[MODE_LOCKSTEP] = "lockstep",
	[MODE_PARALLEL] = "parallel",
	[MODE_TIMING] = "timing",
};

enum mode clock_mode(const char *name)
{
	for (size_t i = MODE_EXACT; i <= MODE_TIMING; i++)
		if (!strcmp(name, mode_names[i]))
			return (enum mode)i;
	return 0;
}

const char *clock_mode_name(enum mode mode)
{
	return mode_names[mode];
}

const char *clock_unit(enum mode mode)
{
	return mode <= MODE_LOCKSTEP ? "instructions" : "ticks";
}

const char *clock_hypervisor(void)
{
	return arch_hypervisor();
}

static uint64_t loop_ticks(void)
{
	uint64_t start = clock_stamp();

	arch_loop(LOOP_ROUNDS);
	return clock_stamp() - start;
}

/* A loop of known length takes exactly its length under QEMU's -icount. */
static int counts_instructions(void)
{
	for (int i = 0; i < LOOP_TRIES; i++) {
		uint64_t ticks = loop_ticks();

		if (ticks >= LOOP_INSTRUCTIONS && ticks <= LOOP_INSTRUCTIONS + LOOP_SLACK)
			return 1;
	}
	return 0;
}

void clock_require(enum mode mode)
{
	int emulated = !strcmp(clock_hypervisor(), ARCH_EMULATED);

	if (mode == MODE_EXACT && !counts_instructions())
		die("exact mode: a " ARCH_CLOCK_NAME
		    " tick is not one instruction here; it needs QEMU with -icount shift=0 (scripts/guest/boot.sh)");
	if (mode == MODE_LOCKSTEP && !counts_instructions())
		die("lockstep mode: a " ARCH_CLOCK_NAME
		    " tick is not one instruction here; it needs the emulator of scripts/emulator.sh (scripts/guest/boot.sh)");
	if (mode == MODE_PARALLEL && !emulated)
		die("parallel mode is for emulated CPUs (QEMU TCG); use --mode=timing on this machine");
	if (mode == MODE_TIMING && emulated)
		die("timing mode: these CPUs are emulated, their time means nothing; use --mode=exact, lockstep or parallel");
}
