/* SPDX-License-Identifier: MIT */
/*
 * When does the kernel come by?  Kprobe events through tracefs, stamped with the
 * processor's clock (ARCH_TRACE_CLOCK): the clock of our own stamps, in exact mode a count of
 * instructions.
 *
 * Events go to a tracefs instance of their own, so that nobody else's tracing is
 * disturbed.  One set of probes at a time; it is removed by trace_close(), at exit,
 * and when a signal ends the program.  Kprobes stay breakpoints meanwhile: the
 * kernel would otherwise turn them into jumps while they are counted.
 */
#ifndef LIB_TRACE_H
#define LIB_TRACE_H

#include <stddef.h>
#include <stdint.h>

/* Where an event comes from: @symbol's first instruction, or its return. */
struct trace_probe {
	const char *name; /* of the event: letters and digits */
	const char *symbol;
	const char *arg; /* what to record: ARCH_FIRST_ARGUMENT, "$retval"; NULL: nothing */
	int at_return;
};

struct trace_event {
	unsigned int probe; /* which of the set */
	uint64_t ticks;	    /* of the clock */
	uint64_t arg;
};

struct trace;

/* NULL if this kernel cannot, with the reason (valid until the next call). */
struct trace *trace_open(const struct trace_probe *probes, size_t n, const char **why);
void trace_on(struct trace *t); /* forgets what was recorded before */
void trace_off(struct trace *t);

/* What was recorded, in order; to free.  Dies if events were lost. */
struct trace_event *trace_read(struct trace *t, size_t *n);
void trace_close(struct trace *t);

/* One line of tracefs' text: 1: an event, 0: a comment, -1: neither. */
int trace_parse(const char *line, const struct trace_probe *probes, size_t n,
		struct trace_event *event);

/*
 * What the instrument itself costs, counted on a system call that does not exist,
 * whose function is two instructions long on every kernel: the median of many.
 */
struct trace_cost {
	uint32_t hit;	 /* ticks: a probe at entry that records an argument, as a whole */
	uint32_t pair;	 /* ticks between a function's entry and return events, function off */
	uint32_t spread; /* of either, from the lowest to the highest decile */
};

/* False if this kernel cannot, with the reason. */
int trace_cost(struct trace_cost *cost, const char **why);

#endif /* LIB_TRACE_H */
