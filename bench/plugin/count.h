/* SPDX-License-Identifier: MIT */
/*
 * Events of a machine of several CPUs, counted one by one: locks, waits, wake-ups, interrupts
 * from CPU to CPU, flushes, PAUSEs, and lines that move (lines.h).
 *
 * An event is a function's entry, whose address the entries file gives, an instruction, or
 * an access.  It is counted in the window that its CPU has open, with its call path; and in any case in a
 * sum over everything between the marks, by function and by where that was called from.
 *
 * Which lock a lock function takes is seen from the first memory that it reaches, other than the
 * stack and the CPU's own.
 */
#ifndef PLUGIN_COUNT_H
#define PLUGIN_COUNT_H

#include <stddef.h>
#include <stdint.h>

#include "plugin/record.h"

enum event {
	EV_NONE,
	EV_READ_LOCK,
	EV_WRITE_LOCK,
	EV_READ_WAIT,
	EV_WRITE_WAIT,
	EV_SPINLOCK_WAIT,
	EV_MUTEX_WAIT,
	EV_SPIN,
	EV_SLEEP,
	EV_WAKE,
	EV_IPI_SENT,
	EV_IPI_RECEIVED,
	EV_FLUSH,
	EV_FLUSH_DONE,
	EV_PAUSE,
	EV_LINE_READ,
	EV_LINE_WRITTEN,
	EV_LINE_TAKEN,
	EVENTS,
};

/* Where a line lies: regions of the kernel's address space, whose places are fixed
 * without KASLR (arch_area()), and what was seen to be more than that. */
enum region {
	AT_NOWHERE, /* an event without a place, or a lock that was not seen */
	AT_USER,
	AT_DIRECT, /* the kernel's own map of all memory: what it allocates */
	AT_VMALLOC,
	AT_STACK,  /* of a task in the kernel: what is pushed onto lies there */
	AT_PAGES,  /* struct page */
	AT_KERNEL, /* variables of the kernel's image, and modules */
	AT_PERCPU, /* variables of a CPU; their line is that of the symbol */
	AT_CPUMEM, /* memory that CPUs have each their own of, allocated later */
	REGIONS,
};

/* Places are told apart where something has a name to find: pages and users' memory are not. */
struct place {
	uint64_t addr; /* of a line, or of a lock; 0 where it is not told apart */
	uint32_t region;
};

/* In one execution, everywhere. */
struct total {
	uint64_t at, from; /* function or instruction; the call of a function, else 0 */
	uint32_t event, region;
	uint64_t inside, outside; /* of windows */
};

struct count_record {
	struct place *place; /* 0: nowhere */
	size_t places;
	struct total *total;
	size_t totals;
	size_t *first; /* total of each execution */
	size_t executions;
};

extern struct count_record counted;
extern const char *const event_names[EVENTS], *const region_names[REGIONS];

/* The event of that name, or EV_NONE. */
enum event count_event_of(const char *name);
/* Where variables of CPUs lie among the symbols. */
void count_percpu(uint64_t from, uint64_t to);
void count_begin(void);
void count_end(void);
/* A call, or what insn->event says. */
void count_insn(unsigned int cpu, const struct insn *insn);
void count_access(unsigned int cpu, const struct insn *insn, uint64_t addr, uint64_t physical,
		  int is_store);

#endif /* PLUGIN_COUNT_H */
