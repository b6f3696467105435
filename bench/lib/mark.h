/* SPDX-License-Identifier: MIT */
/*
 * Marks in the instruction stream, for who watches it from outside (bench/plugin).
 *
 * A mark is a no-operation of eight bytes whose displacement no compiler would choose;
 * it takes one instruction, touches no memory and no register, and is executed in every
 * run, watched or not.  All marks are outside of what is timed.
 */
#ifndef LIB_MARK_H
#define LIB_MARK_H

#define MARK_CODE  0x64657800 /* "dex" and the number of the mark */
#define MARK_BEGIN 1	      /* the execution whose samples are kept begins to sample */
#define MARK_END   2	      /* and has ended */
#define MARK_READY 3	      /* soon the first of either: from here on it is worth watching */

/* nopl MARK_CODE + @mark(%rax,%rax,1) */
#define MARK(mark) \
	__asm__ volatile(".byte 0x0f, 0x1f, 0x84, 0x00; .long %c0" ::"i"(MARK_CODE + (mark)))

#endif /* LIB_MARK_H */
