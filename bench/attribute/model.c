// SPDX-License-Identifier: MIT
/*
 * A model of caches and TLB: which lines and pages an operation touches.
 *
 * It counts places, not misses: QEMU has no cache, and a place that was touched a moment ago
 * costs next to nothing on a processor.  The kernel's own mapping uses huge pages and larger, so
 * that its TLB entries are fewer than the pages here.  Of data, what was touched in the first
 * window of each kind of window (a later one touches other pages, as many); of code, the
 * instructions' own lines.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/attribute.h"
#include "lib/arch/arch.h"
#include "lib/core/die.h"

/* One place that one function touched. */
struct touch {
	const char *function;
	uint64_t line;
	int is_code;
};

struct touches {
	struct touch *touch;
	size_t n;
};

static void add(struct touches *t, struct touch touch)
{
	if (!(t->n & (t->n - 1))) {
		t->touch = xrealloc(t->touch, t->n ? 2 * t->n : 1, sizeof(*t->touch));
	}
	t->touch[t->n++] = touch;
}

static int by_function(const void *a, const void *b)
{
	const struct touch *x = a, *y = b;
	int order = strcmp(x->function, y->function);

	if (order)
		return order;
	if (x->is_code != y->is_code)
		return x->is_code - y->is_code;
	return (x->line > y->line) - (x->line < y->line);
}

static const char *function_of(const struct side *side, uint32_t insn)
{
	const struct windows *w = side->boot->windows;

	return symbols_name(side->boot->symbols, w->insn[insn]);
}

static void touches_of(const struct side *side, size_t profile, struct touches *t)
{
	const struct windows *w = side->boot->windows;
	const struct profile *p = &w->profile[profile];
	json_t *touch = json_array_get(w->touches, profile),
	       *lines = json_object_get(touch, "lines");
	json_t *insns = json_object_get(touch, "insns"), *line;
	size_t i;

	for (size_t k = 0; k < p->cells; k++) {
		uint32_t insn = w->cell[2 * p->cell[4 * k] + 1];

		add(t,
		    (struct touch){ function_of(side, insn), w->insn[insn] >> ARCH_LINE_BITS, 1 });
	}
	json_array_foreach(lines, i, line) {
		size_t insn = (size_t)json_integer_value(json_array_get(insns, i));

		if (insn < w->insns && json_is_string(line))
			add(t, (struct touch){ function_of(side, (uint32_t)insn),
					       strtoull(json_string_value(line), NULL, 16), 0 });
	}
}

static void bump(json_t *object, const char *function, const char *key, double by)
{
	json_t *one = json_object_get(object, function);

	if (!one) {
		one = json_pack("{s:f, s:f, s:f, s:f}", "code_lines", 0.0, "data_lines", 0.0,
				"code_pages", 0.0, "data_pages", 0.0);
		json_object_set_new(object, function, one);
	}
	json_object_set_new(one, key, json_real(json_real_value(json_object_get(one, key)) + by));
}

/* Each place once a function and window. */
static void count(json_t *object, struct touches *t, double weight)
{
	if (t->n)
		qsort(t->touch, t->n, sizeof(*t->touch), by_function);
	for (size_t i = 0; i < t->n; i++) {
		const struct touch *now = &t->touch[i], *last = i ? now - 1 : NULL;
		int is_new = !last || strcmp(last->function, now->function) ||
			     last->is_code != now->is_code;
		int shift = ARCH_PAGE_BITS - ARCH_LINE_BITS;

		if (is_new || last->line != now->line)
			bump(object, now->function, now->is_code ? "code_lines" : "data_lines",
			     weight);
		if (is_new || last->line >> shift != now->line >> shift)
			bump(object, now->function, now->is_code ? "code_pages" : "data_pages",
			     weight);
	}
}

json_t *model_of(const struct side *side)
{
	const struct windows *w = side->boot->windows;
	json_t *object;

	if (!json_is_array(w->touches))
		return NULL;
	object = json_object();
	for (size_t i = 0; i < w->profiles; i++) {
		struct touches t = { 0 };

		if (!side->profile[i])
			continue;
		touches_of(side, i, &t);
		count(object, &t, side->profile[i] / side->divisor);
		free(t.touch);
	}
	return object;
}
