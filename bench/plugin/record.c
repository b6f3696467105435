// SPDX-License-Identifier: MIT
#include "plugin/record.h"

#include <string.h>

#include "lib/arch/arch.h"
#include "plugin/table.h"

#define MAX_DEPTH 512

struct record record;
int record_on, record_touches, record_events;
uint64_t record_modules = UINT64_MAX;

struct frame {
	uint64_t back; /* where the call returns to */
	uint32_t node; /* that was the caller's */
	uint8_t entry;
	struct insn *before; /* what was executed before an interrupt or trap */
};

/* The open window of one space. */
struct open {
	int is_open, in_probe;
	uint64_t opened; /* the how many-th window, of both spaces */
	uint32_t node, last_cell;
	struct insn *last;
	struct frame frame[MAX_DEPTH];
	size_t depth;
	struct count *count; /* by cell, 0 but for those in use */
	size_t counts;
	uint32_t *used;
	size_t n_used;
	struct touch *touch;
	size_t touches;
	struct table touched;
	struct event_count *event; /* in their order */
	size_t events;
	uint32_t pauses;
	struct window window;
};

struct cpu {
	struct open open[SPACES];
	uint64_t opened;
	int span_is_near; /* R_AFTER was passed in this window */
};

static struct cpu *cpus[RECORD_CPUS];
static struct table node_table, cell_table, profile_table;

static struct cpu *cpu_of(unsigned int i)
{
	if (!cpus[i]) {
		cpus[i] = table_realloc(NULL, 1, sizeof(*cpus[i]));
		memset(cpus[i], 0, sizeof(*cpus[i]));
	}
	return cpus[i];
}

static uint32_t child(uint32_t parent, enum entry entry, uint64_t site, uint64_t target)
{
	uint64_t key = table_mix(table_mix(target) + (site ^ (uint64_t)entry << 56)) +
		       0x9e3779b97f4a7c15u * (parent + 1);
	int new;
	uint32_t i = 1 + table_index(&node_table, key | 1, &new);

	if (!record.nodes) {
		TABLE_ROOM(record.node, record.nodes);
		record.node[record.nodes++] = (struct node){ 0 };
	}
	if (new) {
		TABLE_ROOM(record.node, record.nodes);
		record.node[record.nodes++] = (struct node){
			.parent = parent, .entry = (uint8_t)entry, .site = site, .target = target
		};
	}
	return i;
}

static void push(struct open *w, enum entry entry, uint64_t back, uint32_t node)
{
	if (w->depth == MAX_DEPTH) { /* lost returns: forget the oldest half */
		w->depth /= 2;
		memmove(w->frame, w->frame + w->depth, w->depth * sizeof(*w->frame));
	}
	w->frame[w->depth++] = (struct frame){
		.back = back, .node = w->node, .entry = (uint8_t)entry, .before = w->last
	};
	w->node = node;
}

/* A return to @to; not across an interrupt or fault, which ends by an instruction of its own. */
static void returned(struct open *w, uint64_t to)
{
	for (size_t i = w->depth; i-- > 0 && w->frame[i].entry == E_CALL;)
		if (w->frame[i].back == to) {
			w->node = w->frame[i].node;
			w->depth = i;
			return;
		}
}

/* The innermost entry is left; returns what was going on before it. */
static struct insn *left(struct open *w)
{
	for (size_t i = w->depth; i-- > 0;)
		if (w->frame[i].entry != E_CALL) {
			w->node = w->frame[i].node;
			w->depth = i;
			return w->frame[i].entry == E_FAULT ? NULL : w->frame[i].before;
		}
	return NULL;
}

/* The way from the last instruction to @insn. */
static void follow(struct open *w, const struct insn *insn)
{
	struct insn *last = w->last;

	if (last && last->kind == K_LEAVE)
		last = left(w);
	if (!last)
		return;
	if (last->kind == K_CALL)
		push(w, E_CALL, last->addr + last->size,
		     child(w->node, E_CALL, last->addr, insn->addr));
	else if (last->kind == K_SYSCALL && arch_is_kernel(insn->addr)) {
		w->last = NULL; /* done with when the system call returns */
		push(w, E_TRAP, 0, child(w->node, E_CALL, last->addr, insn->addr));
	} else if (last->kind == K_RET)
		returned(w, insn->addr);
}

static int is_unused(const struct count *c)
{
	return !c->insns && !c->loads && !c->stores;
}

/* The last instruction did not end; if it was its cell's only one, that is the last in use. */
static void take_back(struct open *w)
{
	struct count *c = &w->count[w->last_cell];

	c->insns--;
	w->window.total--;
	if (is_unused(c))
		w->n_used--;
}

/* @insn is where the processor enters the kernel by itself. */
static void enter(struct open *w, const struct insn *insn)
{
	uint64_t site = w->last ? w->last->addr : 0;

	if (insn->entry == E_INTERRUPT) {
		w->window.interrupts++;
		push(w, E_INTERRUPT, 0, child(0, E_INTERRUPT, 0, insn->addr));
		return;
	}
	if (insn->entry == E_FAULT && w->last)
		take_back(w);
	push(w, (enum entry)insn->entry, 0,
	     child(w->node, (enum entry)insn->entry, site, insn->addr));
}

static uint32_t cell_of(struct open *w, const struct insn *insn)
{
	int new;
	uint32_t i = table_index(&cell_table, ((uint64_t)w->node << 32 | insn->id) + 1, &new);

	if (new) {
		TABLE_ROOM(record.cell, record.cells);
		record.cell[record.cells++] = (struct cell){ w->node, insn->id - 1 };
	}
	if (i >= w->counts) {
		size_t n = i + 1 > 2 * w->counts ? i + 1 : 2 * w->counts;

		w->count = table_realloc(w->count, n, sizeof(*w->count));
		memset(w->count + w->counts, 0, (n - w->counts) * sizeof(*w->count));
		w->counts = n;
	}
	return i;
}

static int is_probe(const struct open *w, const struct insn *insn)
{
	for (size_t i = 0; i < w->depth; i++)
		if (w->frame[i].entry == E_TRAP)
			return 1;
	return insn->addr >= record_modules;
}

static void step(struct open *w, struct insn *insn, int is_span)
{
	struct count *c;

	if (!insn->id) {
		TABLE_ROOM(record.insn, record.insns);
		record.insn[record.insns++] = insn;
		insn->id = (uint32_t)record.insns;
	}
	if (insn->entry)
		enter(w, insn);
	else
		follow(w, insn);
	w->last = insn;
	w->in_probe = is_span && is_probe(w, insn);
	if (w->in_probe)
		return;
	w->last_cell = cell_of(w, insn);
	c = &w->count[w->last_cell];
	if (is_unused(c)) {
		TABLE_ROOM(w->used, w->n_used);
		w->used[w->n_used++] = w->last_cell;
	}
	c->insns++;
	w->window.total++;
	w->window.halts += insn->kind == K_HALT;
	w->pauses += insn->kind == K_PAUSE;
}

static void touch(struct open *w, const struct insn *insn, uint64_t line)
{
	int new;

	table_index(&w->touched, table_mix(line) + insn->id + 1, &new);
	if (!new)
		return;
	TABLE_ROOM(w->touch, w->touches);
	w->touch[w->touches++] = (struct touch){ insn->id - 1, line };
}

void record_access(unsigned int cpu, const struct insn *insn, uint64_t addr, int is_store)
{
	for (int s = 0; s < SPACES; s++) {
		struct open *w = &cpu_of(cpu)->open[s];

		if (!w->is_open || !w->last || w->in_probe)
			continue;
		w->count[w->last_cell].stores += (uint32_t)is_store;
		w->count[w->last_cell].loads += (uint32_t)!is_store;
		if (record_touches)
			touch(w, insn, addr >> ARCH_LINE_BITS);
	}
}

static void clear(struct open *w)
{
	for (size_t i = 0; i < w->n_used; i++)
		w->count[w->used[i]] = (struct count){ 0 };
	w->n_used = w->touches = w->depth = w->events = 0;
	w->pauses = 0;
	w->is_open = 0;
	w->node = 0;
	w->last = NULL;
	w->window = (struct window){ 0 };
	if (w->touched.n) {
		memset(w->touched.key, 0, w->touched.size * sizeof(*w->touched.key));
		w->touched.n = 0;
	}
}

/* Whatever the order in which it was counted. */
static uint64_t fingerprint(const struct open *w)
{
	uint64_t sum = table_mix(w->window.total + 1);

	for (size_t i = 0; i < w->n_used; i++) {
		const struct count *c = &w->count[w->used[i]];

		sum += table_mix(table_mix((uint64_t)w->used[i] << 32 | c->insns) +
				 ((uint64_t)c->loads << 32 | c->stores));
	}
	return sum ? sum : 1;
}

static struct profile keep(struct open *w)
{
	struct profile p = { .cells = (uint32_t)w->n_used,
			     .total = w->window.total,
			     .touches = (uint32_t)w->touches };

	p.cell = table_realloc(NULL, p.cells + 1, sizeof(*p.cell));
	for (uint32_t i = 0; i < p.cells; i++)
		p.cell[i] = (struct cell_count){ w->used[i], w->count[w->used[i]] };
	p.touch = table_realloc(NULL, p.touches + 1, sizeof(*p.touch));
	if (p.touches)
		memcpy(p.touch, w->touch, p.touches * sizeof(*p.touch));
	return p;
}

int record_event(unsigned int cpu, uint32_t event, uint32_t place)
{
	struct open *w = &cpu_of(cpu)->open[IN_KERNEL];

	if (!w->is_open || !w->last)
		return 0;
	TABLE_ROOM(w->event, w->events);
	w->event[w->events++] = (struct event_count){ w->last_cell, event, place, 1 };
	return 1;
}

static void close_window(unsigned int number, enum space space)
{
	struct execution *e = &record.execution[record.executions - 1];
	struct cpu *cpu = cpu_of(number);
	struct open *w = &cpu->open[space];
	int new;

	w->window.profile = table_index(&profile_table, fingerprint(w), &new);
	if (new) {
		TABLE_ROOM(record.profile, record.profiles);
		record.profile[record.profiles++] = keep(w);
	}
	if (space == IN_SPAN)
		w->window.inner = (uint32_t)e->space[IN_KERNEL].n;
	if (space == IN_KERNEL && w->opened > cpu->open[IN_USER].opened)
		cpu->open[IN_USER].window.inner++;
	if (space == IN_KERNEL && record_events) {
		TABLE_ROOM(e->happened, e->space[space].n);
		e->happened[e->space[space].n] =
			(struct happened){ number, w->pauses,
					   keep_events(&record, w->event, w->events) };
	}
	TABLE_ROOM(e->space[space].window, e->space[space].n);
	e->space[space].window[e->space[space].n++] = w->window;
	clear(w);
}

static void play(unsigned int number, enum role role)
{
	struct cpu *cpu = cpu_of(number);
	struct open *w = &cpu->open[IN_SPAN];

	if (role == R_AFTER && cpu->open[IN_KERNEL].is_open)
		cpu->span_is_near = 1;
	else if (role == R_FROM && cpu->span_is_near && !w->is_open)
		w->is_open = 1;
	else if (role == R_TO && w->is_open) {
		close_window(number, IN_SPAN);
		cpu->span_is_near = 0;
	}
}

void record_insn(unsigned int cpu, struct insn *insn)
{
	struct open *open = cpu_of(cpu)->open;

	if (insn->role)
		play(cpu, (enum role)insn->role);
	for (int s = 0; s < SPACES; s++)
		if (open[s].is_open)
			step(&open[s], insn, s == IN_SPAN);
}

void record_stamp(unsigned int number, enum space space)
{
	struct cpu *cpu = cpu_of(number);
	struct open *w = &cpu->open[space];

	if (record_events && space == IN_USER)
		return;
	if (w->is_open) {
		close_window(number, space);
		return;
	}
	cpu->span_is_near = 0;
	w->is_open = record_on;
	w->opened = ++cpu->opened;
}

void record_new_stamp(struct insn *reading)
{
	reading->is_stamp = 1;
	TABLE_ROOM(record.stamp, record.stamps);
	record.stamp[record.stamps++] = reading->addr;
}

void record_begin(void)
{
	TABLE_ROOM(record.execution, record.executions);
	record.execution[record.executions++] = (struct execution){ 0 };
	record_on = 1;
}

void record_end(void)
{
	for (int i = 0; i < RECORD_CPUS; i++)
		for (int s = 0; cpus[i] && s < SPACES; s++)
			clear(&cpus[i]->open[s]);
	record_on = 0;
}
