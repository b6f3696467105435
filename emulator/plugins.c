// SPDX-License-Identifier: MIT
/*
 * A plugin hears which CPU executes.
 *
 * All CPUs run the same translated code.  Where they share one thread, QEMU 10 writes into the
 * code the number of the CPU that happened to translate it, as if there were no other
 * (accel/tcg/plugin-gen.c, gen_cpu_index()).  In a parallel context it lets the code look its
 * CPU up.  So its generator of calls, and nobody else, hears that this is one.
 * scripts/emulator.sh links this file into a QEMU whose generator asks.
 */
#include "compat.h"

#include "params.h"

bool __real_tcg_cflags_has(CPUState *cpu, uint32_t flags);
bool __wrap_tcg_cflags_has(CPUState *cpu, uint32_t flags);
void __real_plugin_gen_tb_end(CPUState *cpu, size_t insns);
void __wrap_plugin_gen_tb_end(CPUState *cpu, size_t insns);

static bool generating;

void __wrap_plugin_gen_tb_end(CPUState *cpu, size_t insns)
{
	generating = params_on && CPU_NEXT(first_cpu);
	__real_plugin_gen_tb_end(cpu, insns);
	generating = false;
}

/* The generator asks for nothing but CF_PARALLEL. */
bool __wrap_tcg_cflags_has(CPUState *cpu, uint32_t flags)
{
	return generating || __real_tcg_cflags_has(cpu, flags);
}
