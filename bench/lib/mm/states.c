// SPDX-License-Identifier: MIT
#include "lib/mm/states.h"

#include <stdlib.h>
#include <sys/resource.h>

#include "lib/core/die.h"
#include "lib/mem/huge.h"

const struct states_entry *const states_table[STATES_N] = {
#define X(name) &states_##name,
	STATES_LIST(X)
#undef X
};

static volatile int *word(const struct state *s, size_t i)
{
	return (volatile int *)states_page(s, i);
}

static int number(const struct states_entry *entry, size_t i)
{
	return (int)(entry->pairs ? i / 2 : i) + 1;
}

char *states_page(const struct state *s, size_t i)
{
	return mem_page(i < s->moved ? &s->there : &s->mem, i);
}

void states_fill(const struct state *s, const struct states_entry *entry)
{
	for (size_t i = 0; i < s->mem.pages; i++)
		*word(s, i) = number(entry, i);
}

const char *states_prepare(struct state *s, const struct states_entry *entry, int middle)
{
	size_t half = ((size_t)1 << s->order) / 2;
	const char *why;

	if (entry->may_end && !getenv("SWEEP_STATES"))
		return "a kernel has died of it (results/sweep): make sweep tries it, in boots of their own";
	why = entry->map ? entry->map(s) : NULL;
	if (!why)
		why = huge_touch(&s->mem, s->order);
	if (why)
		return why;
	s->page = middle ? half : 0;
	s->victim = middle ? 0 : half;
	states_fill(s, entry);
	return entry->enter ? entry->enter(s) : NULL;
}

void states_convert(const struct state *s, struct dev *dev)
{
	const char *page = mem_page(&s->mem, s->page);

	if (s->converts && dev_convert(dev, page, mem_page_size(), 1, 1).succeeded != 1)
		die("states: the page could not be made exclusive");
}

size_t states_count(const struct state *s, enum mem_kind kind)
{
	struct mem gone = { .start = s->there.start, .pages = s->moved };
	struct mem here = { .start = mem_page(&s->mem, s->moved),
			    .pages = s->mem.pages - s->moved };

	return mem_count(&gone, kind) + mem_count(&here, kind);
}

size_t states_touch(const struct state *s, size_t i)
{
	struct rusage before, after;

	getrusage(RUSAGE_SELF, &before);
	++*word(s, i);
	getrusage(RUSAGE_SELF, &after);
	return (size_t)(after.ru_minflt - before.ru_minflt + after.ru_majflt - before.ru_majflt);
}

size_t states_intact(const struct state *s, const struct states_entry *entry, int more)
{
	size_t n = 0;

	for (size_t i = 0; i < s->mem.pages; i++) {
		if (entry->takes_victim && i == s->victim)
			n++;
		else
			n += *word(s, i) == number(entry, i) + more ||
			     (entry->may_drop && *word(s, i) == more);
	}
	return n;
}
