/* SPDX-License-Identifier: MIT */
/*
 * Marks in the instruction stream, for who watches it from outside (bench/plugin).
 *
 * A mark is a no-operation with a number in it that no compiler would choose (ARCH_MARK);
 * it takes one instruction, touches no memory and no register, and is executed in every
 * run, watched or not.  All marks are outside of what is timed.
 */
#ifndef LIB_MARK_H
#define LIB_MARK_H

#include "lib/arch/arch.h"

#define MARK_CODE  0x64657800 /* "dex" and the number of the mark */
#define MARK_BEGIN 1	      /* the execution whose samples are kept begins to sample */
#define MARK_END   2	      /* and has ended */
#define MARK_READY 3	      /* soon the first of either: from here on it is worth watching */

#define MARK(mark) ARCH_MARK(MARK_CODE + (mark))

#endif /* LIB_MARK_H */
