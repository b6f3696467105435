/* SPDX-License-Identifier: MIT */
/*
 * How often and how long does the calling thread wait for kernel locks?
 *
 * By the tracepoints lock:contention_begin and lock:contention_end, which the slow
 * paths of all locks pass, stamped with the clock, in a tracefs instance of this thread's
 * own, which ends with it unless it is killed.  Which lock it was the kernel does not say
 * by name: what is compared must differ in one lock alone.
 *
 * Not where CPUs are emulated at once: switching a tracepoint patches the kernel's
 * code, and QEMU's CPUs trip over code that is patched under their feet.
 */
#ifndef LIB_LOCKWAIT_H
#define LIB_LOCKWAIT_H

#include <stdint.h>

struct lockwait;

struct lockwait_sum {
	uint64_t waits, ticks;
};

/* NULL if this kernel cannot: no tracefs, no such tracepoint, no such clock. */
struct lockwait *lockwait_start(void);

/* Since then; frees @w.  Dies if the kernel lost events. */
struct lockwait_sum lockwait_stop(struct lockwait *w);

/* Add what the trace @text says; false if a line is none that tracefs writes. */
int lockwait_add(const char *text, struct lockwait_sum *sum);

#endif /* LIB_LOCKWAIT_H */
