// SPDX-License-Identifier: MIT
/*
 * Boots of bare metal have no plan that says which ran beside each other.  Where x.boot1,
 * y.boot1, x.boot2, y.boot2 and so on were made in turns, each turn is a block; in any
 * other order what drifted meanwhile would be taken for a difference of pairs.
 */
#include <string.h>

#include "compare.h"

static const char *word(const struct table *t, size_t plan, const char *key)
{
	return json_string_value(json_object_get(t->plan[plan].json, key));
}

static json_int_t turn(const struct table *t, size_t plan)
{
	json_t *boot = json_array_get(json_object_get(t->plan[plan].json, "schedule"), 0);

	return json_integer_value(json_object_get(boot, "block"));
}

static int beside(const struct table *t, size_t p, size_t q)
{
	const char *a = word(t, p, "boot_of"), *b = word(t, q, "boot_of");

	return a && b && !strcmp(a, b);
}

/* Dates of ISO 8601 are in the order of their letters. */
static int in_turns(const struct table *t, size_t plan)
{
	for (size_t p = 0; p < t->plans; p++)
		for (size_t q = 0; q < t->plans; q++)
			if (beside(t, plan, p) && beside(t, plan, q) && turn(t, p) < turn(t, q) &&
			    strcmp(word(t, p, "date"), word(t, q, "date")) >= 0)
				return 0;
	return 1;
}

static void pair(struct table *t, size_t k, size_t plan)
{
	for (size_t r = 0; r < t->rows; r++)
		for (size_t i = 0; i < t->row[r].cell[k].boots; i++)
			t->row[r].cell[k].boot[i].directory = plan;
}

void table_pair_turns(struct table *t)
{
	for (size_t k = 1; k < t->kernels; k++)
		for (size_t first = 0; first < k; first++) {
			size_t plan = t->kernel[first].directory;

			if (!beside(t, plan, t->kernel[k].directory) || !in_turns(t, plan))
				continue;
			pair(t, k, plan);
			break;
		}
}
