// SPDX-License-Identifier: MIT
/*
 * In whose memory lies a line that moved?
 *
 * By where it lies: a page's descriptor, a variable that the symbol table names, a CPU's own
 * memory, a stack.  What the kernel allocated has no name that a plugin could read.  There a line in which a lock
 * lies is called after who takes that, which is seen; any other after the functions that
 * moved it, by the first of the rules below that knows one of them.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "attribute/attribute.h"
#include "lib/core/die.h"

#define LINE_BYTES  64
#define RWSEM_BYTES 40 /* count, owner, two locks, a list */
#define NOBODY	    "other memory of the kernel's"
#define ROOT_LOCK   "anon_vma root's rwsem"
#define COUNTERS    "node and zone counters"
#define NOTIFIERS   "MMU notifiers"
#define MM	    "mm_struct and VMAs"
#define TASKS	    "tasks and their scheduling"
#define ANON_VMA    "anon_vma"
#define A_RWSEM	    "a rwsem"
#define TABLES	    "page tables"

/* A function whose name begins so works on that. */
static const struct rule {
	const char *function, *structure;
} rules[] = {
	{ "__mod_node_page_state", COUNTERS },
	{ "__mod_zone_page_state", COUNTERS },
	{ "__mmu_notifier", NOTIFIERS },
	{ "mn_itree", NOTIFIERS },
	{ "interval_tree_iter", NOTIFIERS },
	{ "flush_tlb", MM },
	{ "should_flush_tlb", MM },
	{ "switch_mm", MM },
	{ "get_user_page", MM },
	{ "__get_user_page", MM },
	{ "mt_find", MM },
	{ "mtree_load", MM },
	{ "vma_", MM },
	{ "mas_", MM },
	{ "ttwu_", TASKS },
	{ "try_to_wake_up", TASKS },
	{ "sched_", TASKS },
	{ "__schedule", TASKS },
	{ "pick_", TASKS },
	{ "put_prev", TASKS },
	{ "set_next", TASKS },
	{ "dequeue_", TASKS },
	{ "enqueue_", TASKS },
	{ "update_load", TASKS },
	{ "__update_load", TASKS },
	{ "update_curr", TASKS },
	{ "__switch_to", TASKS },
	{ "finish_task_switch", TASKS },
	{ "__rcu_read", TASKS },
	{ "run_posix_cpu_timers", TASKS },
	{ "anon_vma_", ANON_VMA },
	{ "__anon_vma_", ANON_VMA },
	{ "folio_lock_anon_vma_read", ANON_VMA },
	{ "rmap_walk_anon", ANON_VMA },
	{ "rwsem_", A_RWSEM },
	{ "down_", A_RWSEM },
	{ "up_", A_RWSEM },
	{ "page_vma_mapped_walk", TABLES },
	{ "folio_walk", TABLES },
	{ "ptep_", TABLES },
	{ "pte_", TABLES },
	{ "__pte_", TABLES },
	{ "follow_page", TABLES },
};

#define RULES (sizeof(rules) / sizeof(rules[0]))

/* Who takes the root's lock, other than by a function that is nobody else's. */
static const char *const root_takers[] = { "folio_lock_anon_vma_read", "rmap_walk", "anon_vma_",
					   "__anon_vma_", "unlink_anon_vmas" };

struct structures {
	const struct side *side;
	size_t *rule; /* the first that fits, by place; RULES: none */
	char **lock;  /* who takes the lock in it, by place, or NULL */
};

static int begins(const char *name, const char *with)
{
	return !strncmp(name, with, strlen(with));
}

static size_t rule_of(const char *function)
{
	size_t i = 0;

	while (i < RULES && !begins(function, rules[i].function))
		i++;
	return i;
}

/* A rwsem after the function that took it: the one above the last on the path. */
static char *lock_name(const struct traced *boot, uint32_t cell)
{
	char *path = fold_cell(boot, cell), *leaf = (char *)fold_leaf(path), *name;
	const char *taker;

	if (leaf != path)
		leaf[-1] = 0;
	taker = leaf != path ? fold_leaf(path) : path;
	name = NULL;
	for (size_t i = 0; i < sizeof(root_takers) / sizeof(root_takers[0]) && !name; i++)
		if (begins(taker, root_takers[i]))
			name = xstrdup(ROOT_LOCK);
	if (!name)
		name = xasprintf("the rwsem that %s takes", taker);
	free(path);
	return name;
}

/* The lock that was taken at @addr lies in these lines. */
static void name_lock(struct structures *s, uint32_t cell, uint64_t addr)
{
	const struct events *e = s->side->boot->windows->events;

	for (size_t i = 0; addr && i < e->places; i++)
		if (!s->lock[i] && e->place_addr[i] + LINE_BYTES > addr &&
		    e->place_addr[i] < addr + RWSEM_BYTES)
			s->lock[i] = lock_name(s->side->boot, cell);
}

static void learn(struct structures *s, const uint32_t *event, const uint32_t *locks)
{
	const struct windows *w = s->side->boot->windows;
	uint32_t place = event[E_PLACE];
	size_t rule;

	if (event[E_EVENT] == locks[0] || event[E_EVENT] == locks[1]) {
		if (!s->lock[place])
			name_lock(s, event[E_CELL], w->events->place_addr[place]);
		return;
	}
	rule = rule_of(
		symbols_name(s->side->boot->symbols, w->insn[w->cell[2 * event[E_CELL] + 1]]));
	if (rule < s->rule[place])
		s->rule[place] = rule;
}

struct structures *structures_of(const struct side *side)
{
	const struct events *e = side->boot->windows->events;
	const uint32_t locks[] = { event_number(e, "read_lock"), event_number(e, "write_lock") };
	struct structures *s = xcalloc(1, sizeof(*s));

	s->side = side;
	s->rule = xcalloc(e->places, sizeof(*s->rule));
	s->lock = xcalloc(e->places, sizeof(*s->lock));
	for (size_t i = 0; i < e->places; i++)
		s->rule[i] = RULES;
	for (size_t i = 0; i < side->samples; i++) {
		const struct event_list *list = lockstep_events(side, i);

		for (size_t k = 0; k < list->n; k++)
			learn(s, list->event + k * E_FIELDS, locks);
	}
	return s;
}

void structures_free(struct structures *s)
{
	for (size_t i = 0; i < s->side->boot->windows->events->places; i++)
		free(s->lock[i]);
	free(s->lock);
	free(s->rule);
	free(s);
}

/* Variables by name; of several in one line the one that it begins with or in. */
static char *variable(const struct structures *s, uint64_t line, const char *what)
{
	const struct symbols *objects = s->side->boot->objects;
	const char *name = objects ? symbols_object(objects, line) : NULL;

	return name ? xasprintf("%s%s", what, name) : xasprintf("%svariables", what);
}

char *structures_name(const struct structures *s, uint32_t place)
{
	static const struct {
		const char *region, *name;
	} by_region[] = { { "user", "memory of programs" },
			  { "pages", "struct page" },
			  { "stack", "kernel stacks" },
			  { "cpumem", "memory of each CPU" },
			  { "vmalloc", "vmalloc" } };
	const struct events *e = s->side->boot->windows->events;
	const char *region = json_string_value(json_array_get(e->regions, e->place_region[place]));

	for (size_t i = 0; region && i < sizeof(by_region) / sizeof(by_region[0]); i++)
		if (!strcmp(region, by_region[i].region))
			return xstrdup(by_region[i].name);
	if (region && !strcmp(region, "percpu"))
		return variable(s, e->place_addr[place], "each CPU's ");
	if (s->lock[place])
		return xstrdup(s->lock[place]);
	if (region && !strcmp(region, "kernel"))
		return variable(s, e->place_addr[place], "");
	return xstrdup(s->rule[place] < RULES ? rules[s->rule[place]].structure : NOBODY);
}
