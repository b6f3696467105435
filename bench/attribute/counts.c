// SPDX-License-Identifier: MIT
/*
 * What happened in the samples of one row on one kernel, an operation: events, lines moved by
 * structure, by function and by source line, waits by call path; and what happened on all CPUs while
 * the case was at work, its set-up included.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "attribute/attribute.h"
#include "lib/core/die.h"
#include "lib/core/json.h"

static const char *const moves[] = { "line_read", "line_written", "line_taken" };
static const char *const move_keys[] = { "read", "written", "taken" };
static const char *const waits[] = { "read_wait",  "write_wait",      "spinlock_wait",
				     "mutex_wait", "optimistic_spin", "sleep" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void add_number(json_t *object, const char *key, double n)
{
	json_object_set_new(object, key,
			    json_real(json_number_value(json_object_get(object, key)) + n));
}

/* The object under @key, made if it is not there. */
static json_t *member(json_t *object, const char *key)
{
	json_t *at = json_object_get(object, key);

	if (!at) {
		at = json_object();
		json_object_set_new(object, key, at);
	}
	return at;
}

static const char *event_name(const struct side *side, uint32_t event)
{
	const char *name =
		json_string_value(json_array_get(side->boot->windows->events->names, event));

	return name ? name : "?";
}

/* Sums over all samples by cell and place, since most happen again and again. */
struct tally {
	uint32_t cell, event, place;
	double n;
};

struct tallies {
	struct tally *tally;
	size_t n;
};

static int by_event(const void *a, const void *b)
{
	const struct tally *x = a, *y = b;

	if (x->event != y->event)
		return x->event < y->event ? -1 : 1;
	if (x->cell != y->cell)
		return x->cell < y->cell ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

static void merge(struct tallies *t)
{
	size_t kept = 0;

	if (t->n)
		qsort(t->tally, t->n, sizeof(*t->tally), by_event);
	for (size_t i = 0; i < t->n; i++)
		if (kept && !by_event(&t->tally[kept - 1], &t->tally[i]))
			t->tally[kept - 1].n += t->tally[i].n;
		else
			t->tally[kept++] = t->tally[i];
	t->n = kept;
}

static struct tallies tally(const struct side *side)
{
	struct tallies t = { 0 };

	for (size_t i = 0; i < side->samples; i++) {
		const struct event_list *list = lockstep_events(side, i);

		for (size_t k = 0; k < list->n; k++) {
			const uint32_t *e = list->event + k * E_FIELDS;

			if (!(t.n & (t.n - 1)))
				t.tally = xrealloc(t.tally, t.n ? 2 * t.n : 1, sizeof(*t.tally));
			t.tally[t.n++] =
				(struct tally){ e[E_CELL], e[E_EVENT], e[E_PLACE], e[E_COUNT] };
		}
	}
	merge(&t);
	for (size_t i = 0; i < t.n; i++)
		t.tally[i].n /= side->divisor;
	return t;
}

/* Which of the moves an event is, or none of them. */
static size_t move_of(const char *event)
{
	size_t i = 0;

	while (i < COUNT(moves) && strcmp(event, moves[i]))
		i++;
	return i;
}

static int is_wait(const char *event)
{
	for (size_t i = 0; i < COUNT(waits); i++)
		if (!strcmp(event, waits[i]))
			return 1;
	return 0;
}

/* What names are made from. */
struct names {
	struct structures *structures;
	struct places *places;
};

static void add_move(json_t *moved, const struct side *side, const struct names *names, size_t move,
		     const struct tally *t)
{
	const struct windows *w = side->boot->windows;
	uint64_t addr = w->insn[w->cell[2 * t->cell + 1]];
	char *structure = structures_name(names->structures, t->place);
	const char *line = places_find(names->places, addr);
	json_t *of = member(moved, structure);

	add_number(of, "moved", t->n);
	add_number(of, move_keys[move], t->n);
	add_number(member(of, "functions"), symbols_name(side->boot->symbols, addr), t->n);
	if (line)
		add_number(member(of, "lines"), line, t->n);
	free(structure);
}

static json_t *wait_at(json_t *paths, const struct side *side, uint32_t cell)
{
	char *path = fold_cell(side->boot, cell);
	json_t *at = member(paths, path);

	free(path);
	return at;
}

/* Ticks that were spent spinning or asleep below a path. */
static void add_ticks(json_t *paths, const struct side *side)
{
	for (uint32_t i = 0; i < side->boot->windows->cells; i++) {
		if (side->cell_pause[i] > 0)
			add_number(wait_at(paths, side, i), "paused",
				   side->cell_pause[i] / side->divisor);
		if (side->cell_asleep[i] > 0)
			add_number(wait_at(paths, side, i), "asleep",
				   side->cell_asleep[i] / side->divisor);
	}
}

static void add_tally(json_t *counts, const struct side *side, const struct names *names,
		      const struct tally *t)
{
	const char *event = event_name(side, t->event);
	size_t move = move_of(event);

	add_number(json_object_get(counts, "events"), event, t->n);
	if (move < COUNT(moves))
		add_move(json_object_get(counts, "moved"), side, names, move, t);
	if (is_wait(event))
		add_number(member(wait_at(json_object_get(counts, "waits"), side, t->cell),
				  "events"),
			   event, t->n);
}

/* From going to sleep to running again: switching, whatever ran meanwhile, and halted ticks. */
static void add_waited(json_t *paths, const struct fold *f)
{
	const char *path;
	json_t *wait;

	json_object_foreach(paths, path, wait) {
		size_t length = strlen(path);

		if (!json_object_get(json_object_get(wait, "events"), "sleep"))
			continue;
		for (size_t i = 0; i < f->paths; i++) {
			const char *text = f->path[i].text;

			if (!strncmp(text, path, length) && (!text[length] || text[length] == ';'))
				add_number(wait, "waited", f->path[i].self.insns);
		}
	}
}

/* On all CPUs, from mark to mark; functions with where they were called. */
static json_t *everywhere(const struct side *side)
{
	const struct event_sums *s = &side->boot->windows->events->sums[side->execution];
	const struct symbols *symbols = side->boot->symbols;
	json_t *object = json_object();

	for (size_t i = 0; i < s->n; i++) {
		const char *event = event_name(side, s->count[4 * i]);
		double n = (double)s->count[4 * i + 2] + s->count[4 * i + 3];
		char *call;

		add_number(member(object, event), "n", n);
		if (move_of(event) < COUNT(moves))
			continue;
		call = xasprintf("%s by %s", symbols_name(symbols, s->at[i]),
				 symbols_name(symbols, s->from[i]));
		add_number(member(member(object, event), "calls"), call, n);
		free(call);
	}
	return object;
}

json_t *counts_of(const struct side *side, const struct fold *f)
{
	struct names names = { structures_of(side), places_read(side->boot->directory) };
	struct tallies t = tally(side);
	json_t *counts =
		json_pack("{s:I, s:{}, s:{}, s:{}, s:o}", "samples", (json_int_t)side->samples,
			  "events", "moved", "waits", "everywhere", everywhere(side));

	for (size_t i = 0; i < t.n; i++)
		add_tally(counts, side, &names, &t.tally[i]);
	add_ticks(json_object_get(counts, "waits"), side);
	add_waited(json_object_get(counts, "waits"), f);
	free(t.tally);
	structures_free(names.structures);
	places_free(names.places);
	return counts;
}
