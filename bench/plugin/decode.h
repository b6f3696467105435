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
	K_MARK_BEGIN,
	K_MARK_END,
	K_MARK_READY,
};

enum kind decode(const uint8_t *bytes, size_t n);

#endif /* PLUGIN_DECODE_H */
