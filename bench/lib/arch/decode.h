/* SPDX-License-Identifier: MIT */
/* What an instruction does to the flow of control, from its bytes (ARCH/decode.c). */
#ifndef ARCH_DECODE_H
#define ARCH_DECODE_H

#include <stddef.h>
#include <stdint.h>

enum kind {
	K_OTHER,
	K_CALL,
	K_RET,
	K_SYSCALL,
	K_LEAVE, /* what an entry began: the return from an interrupt or a system call */
	K_HALT,
	K_FENCE,
	K_READING, /* of the clock */
	K_STUB,	   /* what the kernel's interrupt stubs begin with */
	K_PAUSE,   /* of one that spins */
	K_MARK_BEGIN,
	K_MARK_END,
	K_MARK_READY,
};

enum kind decode(const uint8_t *bytes, size_t n);

/* How it reaches memory, if it does. */
enum {
	REACH_LOCKED = 1, /* reads and writes at once */
	REACH_PERCPU = 2, /* relative to what in the kernel is the CPU's own memory */
	REACH_STACK = 4,  /* because of what it is: a push, a call, a return; maybe besides */
};

unsigned int decode_reach(const uint8_t *bytes, size_t n);

/* The displacement of an operand that lies relative to the next instruction; 0 if none does. */
int32_t decode_relative(const uint8_t *bytes, size_t n);

#endif /* ARCH_DECODE_H */
