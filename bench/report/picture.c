// SPDX-License-Identifier: MIT
#include "report/picture.h"

#include <string.h>

#include "results/known.h"
#include "lib/core/die.h"

static const char *word(json_t *says, const char *key)
{
	return json_string_value(json_object_get(says, key));
}

const char *picture_word(const struct picture *p, const char *key)
{
	return word(p->says, key);
}

static struct picture *named(struct picture **list, size_t *n, const char *name)
{
	for (size_t i = 0; i < *n; i++)
		if (!strcmp((*list)[i].name, name))
			return &(*list)[i];
	*list = xrealloc(*list, *n + 1, sizeof(**list));
	(*list)[*n] = (struct picture){ .name = name };
	return &(*list)[(*n)++];
}

static void add_source(struct picture *p, const char *case_name, json_t *says)
{
	const char *as = word(says, "as");

	if (p->sources == PICTURE_MOST_SOURCES)
		die("picture %s: more than %d cases; raise PICTURE_MOST_SOURCES", p->name,
		    PICTURE_MOST_SOURCES);
	if (!p->says || (!as && !p->own))
		p->says = says;
	p->own += !as;
	p->as[p->sources] = as;
	p->from[p->sources++] =
		(struct dat_source){ case_name, word(says, "metric"), word(says, "where") };
}

struct picture *pictures(const char *kind, size_t *n)
{
	struct picture *list = NULL;
	json_t *one, *says;
	size_t i, j;

	*n = 0;
	json_array_foreach(known_cases(), i, one) {
		json_array_foreach(json_object_get(one, "pictures"), j, says)
			if (!strcmp(word(says, "kind"), kind))
				add_source(named(&list, n, word(says, "name")), word(one, "case"),
					   says);
	}
	return list;
}
