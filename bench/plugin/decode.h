/* SPDX-License-Identifier: MIT */
/* What an x86-64 instruction does to the flow of control, from its bytes. */
#ifndef PLUGIN_DECODE_H
#define PLUGIN_DECODE_H

#include <stddef.h>
#include <stdint.h>

enum kind {
	K_OTHER,
	K_CALL,
	K_RET,
	K_SYSCALL,
	K_IRET, /* and SYSRET: leave what an entry began */
	K_HLT,
	K_LFENCE,
	K_RDTSC,
	K_PUSH_IMM, /* what the kernel's interrupt stubs begin with */
	K_PAUSE,
	K_MARK_BEGIN,
	K_MARK_END,
	K_MARK_READY,
};

enum kind decode(const uint8_t *bytes, size_t n);

/* How it reaches memory, if it does. */
enum {
	REACH_LOCKED = 1, /* reads and writes at once: LOCK, or XCHG */
	REACH_PERCPU = 2, /* by GS, which in the kernel is the CPU's own memory */
	REACH_STACK = 4,  /* because of what it is: a push, a call, a return; maybe besides */
};

unsigned int decode_reach(const uint8_t *bytes, size_t n);

/* The displacement of an operand that lies relative to the next instruction; 0 if none does. */
int32_t decode_relative(const uint8_t *bytes, size_t n);

#endif /* PLUGIN_DECODE_H */
