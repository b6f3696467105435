/* SPDX-License-Identifier: MIT */
/*
 * The one place that knows that QEMUs differ.  Headers are told apart by their names, what
 * has no header of its own by probes of scripts/emulator.sh: EXEC is the function that runs
 * a CPU, HAVE_DECR_PTR says that a CPU reaches its counter through a pointer.
 */
#ifndef EMULATOR_COMPAT_H
#define EMULATOR_COMPAT_H

#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "qemu/seqlock.h"
#include "qemu/timer.h"
#include "hw/core/cpu.h"

#if __has_include("system/cpu-timers-internal.h") /* 10.0 */
#include "exec/cpu-common.h"
#include "system/cpu-timers-internal.h"
#include "system/cpu-timers.h"
#include "system/cpus.h"
#else /* 7.2 */
#include "cpu.h"
#include "softmmu/timers-state.h"
#include "sysemu/cpu-timers.h"
#include "sysemu/cpus.h"
#endif
#include "accel/tcg/tcg-accel-ops-icount.h"

#ifdef HAVE_DECR_PTR
#define icount_decr_of(cpu) ((cpu)->icount_decr_ptr)
#else
#define icount_decr_of(cpu) (&(cpu)->neg.icount_decr)
#endif

#define CONCAT_(a, b) a##b
#define CONCAT(a, b)  CONCAT_(a, b)
#define real_exec     CONCAT(__real_, EXEC)
#define wrap_exec     CONCAT(__wrap_, EXEC)

#endif /* EMULATOR_COMPAT_H */
