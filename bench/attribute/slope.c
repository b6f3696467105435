// SPDX-License-Identifier: MIT
/*
 * How a function grows with the parameter whose slope is of interest (the case's "fit"):
 * the difference between the largest and the smallest value above 0, divided by theirs.
 * From end to end, so that the slopes of all functions add up to the slope of the case.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/attribute.h"
#include "lib/core/die.h"
#include "lib/core/samples.h"

static json_int_t at(const struct row *row, const char *parameter)
{
	return json_integer_value(json_object_get(row->params, parameter));
}

/* The same but for @parameter? */
static int is_kin(const struct row *a, const struct row *b, const char *parameter)
{
	const char *key;
	json_t *value;

	json_object_foreach(a->params, key, value)
		if (strcmp(key, parameter) && !json_equal(value, json_object_get(b->params, key)))
			return 0;
	return 1;
}

static const struct change *find(const struct row *row, const char *name)
{
	for (size_t i = 0; i < row->changes; i++)
		if (!strcmp(row->change[i].name, name))
			return &row->change[i];
	return NULL;
}

struct slope {
	const char *name;
	double of[SIDES];
};

static int by_size(const void *a, const void *b)
{
	const struct slope *x = a, *y = b;
	double p = fmax(fabs(x->of[A]), fabs(x->of[B])), q = fmax(fabs(y->of[A]), fabs(y->of[B]));

	return p < q ? 1 : p > q ? -1 : strcmp(x->name, y->name);
}

/* Functions of @low that @high lacks fall to 0; they are few and small, but counted. */
static size_t collect(const struct row *low, const struct row *high, double by, struct slope *list)
{
	size_t n = 0;

	for (size_t i = 0; i < high->changes; i++) {
		const struct change *h = &high->change[i], *l = find(low, h->name);
		struct slope s = { .name = h->name };

		for (int k = 0; k < SIDES; k++)
			s.of[k] = (h->self[k].insns - (l ? l->self[k].insns : 0)) / by;
		if (s.of[A] != 0 || s.of[B] != 0)
			list[n++] = s;
	}
	for (size_t i = 0; i < low->changes; i++) {
		const struct change *l = &low->change[i];

		if (!find(high, l->name))
			list[n++] = (struct slope){
				l->name, { -l->self[A].insns / by, -l->self[B].insns / by }
			};
	}
	return n;
}

static json_t *slope_json(const struct row *low, const struct row *high, const char *parameter)
{
	double by = (double)(at(high, parameter) - at(low, parameter));
	struct slope *list = xcalloc(low->changes + high->changes + 1, sizeof(*list));
	size_t n = collect(low, high, by, list);
	json_t *functions = json_array(), *params = json_copy(low->params);

	qsort(list, n, sizeof(*list), by_size);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(functions,
				      json_pack("{s:s, s:[f, f]}", "function", list[i].name,
						"slope", list[i].of[A], list[i].of[B]));
	free(list);
	json_object_del(params, parameter);
	return json_pack("{s:o, s:s, s:I, s:I, s:[f, f], s:o}", "params", params, "parameter",
			 parameter, "from", at(low, parameter), "to", at(high, parameter), "slope",
			 (high->fold[A]->total.insns - low->fold[A]->total.insns) / by,
			 (high->fold[B]->total.insns - low->fold[B]->total.insns) / by, "functions",
			 functions);
}

json_t *slopes(const struct report *r)
{
	const char *fit = json_string_value(json_object_get(r->boot[A]->file->root, "fit"));
	json_t *list = json_array();

	for (size_t i = 0; fit && i < r->rows; i++) {
		const struct row *low = NULL, *high = NULL;
		int is_first = 1;

		for (size_t k = 0; k < r->rows; k++) {
			const struct row *row = &r->row[k];

			if (!is_kin(&r->row[i], row, fit))
				continue;
			is_first &= k >= i;
			if (at(row, fit) > 0 && (!low || at(row, fit) < at(low, fit)))
				low = row;
			if (!high || at(row, fit) > at(high, fit))
				high = row;
		}
		if (is_first && low && high && low != high)
			json_array_append_new(list, slope_json(low, high, fit));
	}
	return list;
}
