/* SPDX-License-Identifier: MIT */
/*
 * What was executed between two stamps: how often which instruction on which call path.
 *
 * A window opens with one reading of the clock and closes with the next in the same
 * space: the module's stamps open windows of one kind, those of user space another, and
 * one may lie in the other.  The instructions of a window, from the one behind the first
 * reading of the clock to the second one, are those that the two readings differ by.
 *
 * No symbol is known here.  A call path is the chain of the places where calls were made, and
 * names are found afterwards.  A tail call, a jump table, a jump by a return that returns
 * nowhere (retpoline, static call): all leave the path as it is.  Who was called is known, and
 * who is executing from the instruction's own address; if they are not the same the one
 * jumped to the other.  Where the kernel switches tasks the path stays that of the first task
 * until it is back.
 *
 * A span is part of a window of the kernel's: once a function has been entered (R_AFTER), from
 * the entry of a second (R_FROM) to that of a third (R_TO).  Probes in it do not count, as they do
 * not in a case that has its samples from probes: neither a trap and
 * all that it does, nor the copy of the instruction that it executes elsewhere.
 *
 * A fault's instruction is executed again, and counts once; interrupts have a path of their own.
 *
 * Each CPU has windows of its own: all that it executes, whichever task it is that began one.
 */
#ifndef PLUGIN_RECORD_H
#define PLUGIN_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "lib/arch/decode.h"

/* Where the kernel is entered, other than by a call. */
enum entry { E_NONE, E_CALL, E_FAULT, E_TRAP, E_INTERRUPT };

struct insn {
	uint64_t addr;
	uint32_t id; /* 1 + its place in the record; 0: not executed in any window */
	uint8_t size, kind, entry;
	uint8_t is_stamp; /* a reading of the clock between fences */
	uint8_t role;	  /* in a span, see record_span */
	uint8_t event;	  /* enum event, of what is counted when it is executed */
	uint8_t reach;	  /* as decode_reach() says */
	int32_t relative; /* as decode_relative() does */
};

enum space { IN_KERNEL, IN_USER, IN_SPAN, SPACES };
enum role { R_NONE, R_AFTER, R_FROM, R_TO };

struct node {
	uint32_t parent;
	uint8_t entry;
	uint64_t site;	 /* of the call; the faulting instruction */
	uint64_t target; /* where it went */
};

struct cell {
	uint32_t node, insn;
};

struct count {
	uint32_t insns, loads, stores;
};

/* What a window was; windows that were the same share one. */
struct profile {
	uint32_t cells, total;
	struct cell_count {
		uint32_t cell;
		struct count count;
	} * cell;
	uint32_t touches;
	struct touch {
		uint32_t insn;
		uint64_t line;
	} * touch; /* 64-byte lines that each instruction touched, in the first of them */
};

struct window {
	uint32_t total, profile, interrupts, halts;
	/* User space: how many windows of the kernel lie in it; a span: in which window of the
	 * kernel's it lies. */
	uint32_t inner;
};

/* Of the kernel's windows, where events are counted. */
struct happened {
	uint32_t cpu, pauses, events; /* the last: which of record.events */
};

/* What happened in a window; windows in which the same did share one. */
struct events {
	uint32_t n;
	struct event_count {
		uint32_t cell, event, place, n;
	} * event;
};

/* One execution whose samples are kept. */
struct execution {
	struct {
		struct window *window;
		size_t n;
	} space[SPACES];
	struct happened *happened;
};

struct record {
	struct insn **insn;
	size_t insns;
	struct node *node; /* 0: where the windows open */
	size_t nodes;
	struct cell *cell;
	size_t cells;
	struct profile *profile;
	size_t profiles;
	struct execution *execution;
	size_t executions;
	uint64_t *stamp; /* addresses of readings */
	size_t stamps;
	struct events *events;
	size_t n_events;
};

extern struct record record;
extern int record_on; /* between the marks */
extern int record_touches;
extern int record_events;	/* windows of the kernel alone, with what happened in them */
extern uint64_t record_modules; /* from here on lie copies of instructions, no kernel text */

#define RECORD_CPUS 64

void record_begin(void);
void record_end(void);
void record_stamp(unsigned int cpu, enum space space);
void record_new_stamp(struct insn *reading);
void record_insn(unsigned int cpu, struct insn *insn);
void record_access(unsigned int cpu, const struct insn *insn, uint64_t addr, int is_store);
/* In the window of @cpu, if one is open; whether one is. */
int record_event(unsigned int cpu, uint32_t event, uint32_t place);
/* keep.c: puts equal ones together, into @to; which of its events they are. */
uint32_t keep_events(struct record *to, struct event_count *event, size_t n);

#endif /* PLUGIN_RECORD_H */
