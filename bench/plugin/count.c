// SPDX-License-Identifier: MIT
#include "plugin/count.h"

#include <string.h>

#include "lib/arch/arch.h"
#include "plugin/lines.h"
#include "plugin/table.h"

#define LINE	   (1u << ARCH_LINE_BITS)
#define NEAR_ENTRY 64 /* bytes of a lock function, of which one reaches the lock */

struct count_record counted;

const char *const event_names[EVENTS] = {
	[EV_NONE] = "none",
	[EV_READ_LOCK] = "read_lock",
	[EV_WRITE_LOCK] = "write_lock",
	[EV_READ_WAIT] = "read_wait",
	[EV_WRITE_WAIT] = "write_wait",
	[EV_SPINLOCK_WAIT] = "spinlock_wait",
	[EV_MUTEX_WAIT] = "mutex_wait",
	[EV_SPIN] = "optimistic_spin",
	[EV_SLEEP] = "sleep",
	[EV_WAKE] = "wake",
	[EV_IPI_SENT] = "ipi_sent",
	[EV_IPI_RECEIVED] = "ipi_received",
	[EV_FLUSH] = "flush",
	[EV_FLUSH_DONE] = "flush_done",
	[EV_PAUSE] = "pause",
	[EV_LINE_READ] = "line_read",
	[EV_LINE_WRITTEN] = "line_written",
	[EV_LINE_TAKEN] = "line_taken",
};

const char *const region_names[REGIONS] = {
	[AT_NOWHERE] = "nowhere", [AT_USER] = "user",	  [AT_DIRECT] = "direct",
	[AT_VMALLOC] = "vmalloc", [AT_STACK] = "stack",	  [AT_PAGES] = "pages",
	[AT_KERNEL] = "kernel",	  [AT_PERCPU] = "percpu", [AT_CPUMEM] = "cpumem",
};

static struct {
	uint64_t call;	 /* the last one's place */
	uint64_t percpu; /* where its own memory is, relative to the symbols; 0: not seen */
	uint64_t stack;	 /* the page that it pushed to last */
	const struct insn *waits; /* a lock function that has not reached its lock yet */
	uint64_t from;		  /* it was called from there */
} cpu_state[LINES_CPUS];

static uint64_t percpu_from, percpu_to;
static struct table place_table, total_table, page_table;
static uint8_t *page_use; /* AT_STACK or AT_CPUMEM, whichever was last; by page_table's index */

enum event count_event_of(const char *name)
{
	int i = EVENTS - 1;

	while (i > EV_NONE && strcmp(event_names[i], name))
		i--;
	return (enum event)i;
}

void count_percpu(uint64_t from, uint64_t to)
{
	percpu_from = from;
	percpu_to = to;
}

static uint32_t place_index(enum region region, uint64_t addr)
{
	int new;
	uint32_t i = table_index(&place_table, table_mix(addr + (uint64_t)region) | 1, &new);

	if (new) {
		TABLE_ROOM(counted.place, counted.places);
		counted.place[counted.places++] = (struct place){ addr, region };
	}
	return i;
}

static void note(enum region use, uint64_t addr)
{
	int new;
	uint32_t i = table_index(&page_table, (addr >> ARCH_PAGE_BITS) + 1, &new);

	if (new)
		TABLE_ROOM(page_use, (size_t)i);
	page_use[i] = (uint8_t)use;
}

/* What the page of @addr was seen to be, or @otherwise. */
static enum region use_of(uint64_t addr, enum region otherwise)
{
	uint32_t i;

	return table_find(&page_table, (addr >> ARCH_PAGE_BITS) + 1, &i) ? (enum region)page_use[i]
									 : otherwise;
}

/*
 * What a CPU pushes to is a stack.  What it reaches as REACH_PERCPU is its own memory; where the
 * variables are in that follows from an operand that names a symbol.
 */
static void learn(unsigned int cpu, const struct insn *insn, uint64_t addr)
{
	uint64_t symbol = insn->addr + insn->size + (uint64_t)(int64_t)insn->relative;

	if (addr < ARCH_DIRECT_MAP || !(insn->reach & (REACH_STACK | REACH_PERCPU)))
		return;
	if (insn->reach == REACH_STACK && addr >> ARCH_PAGE_BITS != cpu_state[cpu].stack) {
		cpu_state[cpu].stack = addr >> ARCH_PAGE_BITS;
		note(AT_STACK, addr);
	}
	if (insn->reach & REACH_STACK)
		return;
	if (insn->relative && symbol >= percpu_from && symbol < percpu_to)
		cpu_state[cpu].percpu = addr - symbol;
	note(AT_CPUMEM, addr);
}

/* The symbol's address if @addr is a variable of some CPU's. */
static uint64_t percpu_symbol(uint64_t addr)
{
	for (int i = 0; i < LINES_CPUS; i++) {
		uint64_t symbol = addr - cpu_state[i].percpu;

		if (cpu_state[i].percpu && symbol >= percpu_from && symbol < percpu_to)
			return symbol;
	}
	return 0;
}

/* The kernel's map of all memory. */
static uint32_t direct_place(uint64_t addr, uint64_t grain)
{
	uint64_t symbol = percpu_symbol(addr);

	if (symbol)
		return place_index(AT_PERCPU, symbol / grain * grain);
	if (use_of(addr, AT_DIRECT) != AT_DIRECT)
		return place_index(use_of(addr, AT_DIRECT), 0);
	return place_index(AT_DIRECT, addr / grain * grain);
}

/* To @grain bytes: of a line, or 1. */
static uint32_t place_of(uint64_t addr, uint64_t grain)
{
	switch (arch_area(addr)) {
	case AREA_USER:
		return place_index(AT_USER, 0);
	case AREA_KERNEL:
		return place_index(AT_KERNEL, addr / grain * grain);
	case AREA_PAGES:
		return place_index(AT_PAGES, 0);
	case AREA_VMALLOC:
		return place_index(use_of(addr, AT_VMALLOC), 0);
	default:
		return direct_place(addr, grain);
	}
}

static void add(unsigned int cpu, enum event event, uint32_t place, uint64_t at, uint64_t from)
{
	uint32_t region = counted.place[place].region, i;
	uint64_t key = table_mix(table_mix(table_mix(at) + from) + counted.executions);
	int new, inside = record_event(cpu, event, place);

	i = table_index(&total_table, table_mix(key + ((uint64_t)event << 32 | region)) | 1, &new);
	if (new) {
		TABLE_ROOM(counted.total, counted.totals);
		counted.total[counted.totals++] = (struct total){ at, from, event, region, 0, 0 };
	}
	*(inside ? &counted.total[i].inside : &counted.total[i].outside) += 1;
}

void count_begin(void)
{
	place_index(AT_NOWHERE, 0); /* the first of them */
	TABLE_ROOM(counted.first, counted.executions);
	counted.first[counted.executions++] = counted.totals;
}

/* The lock that @cpu is about to take, or tried to. */
static void resolve(unsigned int cpu, uint32_t place)
{
	const struct insn *insn = cpu_state[cpu].waits;

	cpu_state[cpu].waits = NULL;
	add(cpu, (enum event)insn->event, place, insn->addr, cpu_state[cpu].from);
}

void count_end(void)
{
	for (unsigned int i = 0; i < LINES_CPUS; i++)
		if (cpu_state[i].waits)
			resolve(i, 0);
}

void count_insn(unsigned int cpu, const struct insn *insn)
{
	if (insn->kind == K_CALL)
		cpu_state[cpu].call = insn->addr;
	if (!record_on || !insn->event)
		return;
	if (cpu_state[cpu].waits)
		resolve(cpu, 0);
	if (insn->event > EV_WRITE_LOCK) {
		add(cpu, (enum event)insn->event, 0, insn->addr, cpu_state[cpu].call);
		return;
	}
	cpu_state[cpu].waits = insn;
	cpu_state[cpu].from = cpu_state[cpu].call;
}

static void find_lock(unsigned int cpu, const struct insn *insn, uint64_t addr)
{
	const struct insn *lock = cpu_state[cpu].waits;

	if (lock && insn->addr - lock->addr < NEAR_ENTRY &&
	    !(insn->reach & (REACH_PERCPU | REACH_STACK)))
		resolve(cpu, place_of(addr, 1));
}

void count_access(unsigned int cpu, const struct insn *insn, uint64_t addr, uint64_t physical,
		  int is_store)
{
	static const enum event moved[] = { [LINE_READ] = EV_LINE_READ,
					    [LINE_WRITTEN] = EV_LINE_WRITTEN,
					    [LINE_TAKEN] = EV_LINE_TAKEN };
	enum line_move move = lines_access(cpu, physical, is_store || (insn->reach & REACH_LOCKED));

	learn(cpu, insn, addr);
	if (!record_on)
		return;
	find_lock(cpu, insn, addr);
	if (move != LINE_STAYS)
		add(cpu, moved[move], place_of(addr, LINE), insn->addr, 0);
}
