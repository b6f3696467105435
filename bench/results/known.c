// SPDX-License-Identifier: MIT
#include "results/known.h"

#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"

/* The build's own file, in the program: no result and no installation can put another in its place. */
__asm__(".section .rodata\n"
	".global known_text\n"
	"known_text:\n"
	"\t.incbin \"build/cases.json\"\n"
	"\t.byte 0\n"
	"\t.previous\n");
extern const char known_text[];

json_t *known_cases(void)
{
	static json_t *cases;

	if (!cases)
		cases = json_loads(known_text, 0, NULL);
	if (!cases)
		die("what cases say of themselves cannot be read: no memory");
	return cases;
}

json_t *known_of(const char *case_name, const char *key)
{
	json_t *one;
	size_t i;

	json_array_foreach(known_cases(), i, one)
		if (!strcmp(json_string_value(json_object_get(one, "case")), case_name))
			return json_object_get(one, key);
	return NULL;
}

int known_is(const char *case_name, const char *key)
{
	return json_is_true(known_of(case_name, key));
}

const char *known_word(const char *case_name, const char *key)
{
	return json_string_value(known_of(case_name, key));
}

int known_tells(const char *case_name, const char *what)
{
	const char *word = known_word(case_name, "tells");

	return word && !strcmp(word, what);
}

/* All of @what, to be the string of a JSON value. */
static json_t *join(const char *what)
{
	char *names = xstrdup(""), *more;
	json_t *one, *joined;
	size_t i;

	json_array_foreach(known_cases(), i, one) {
		const char *name = json_string_value(json_object_get(one, "case"));

		if (!known_tells(name, what))
			continue;
		more = xasprintf("%s%s%s", names, *names ? "|" : "", name);
		free(names);
		names = more;
	}
	if (!*names)
		die("no case of this build tells %s", what);
	joined = json_string(names);
	free(names);
	return joined;
}

const char *known_telling(const char *what)
{
	static json_t *told;

	if (!told)
		told = json_object();
	if (!json_object_get(told, what))
		json_object_set_new(told, what, join(what));
	return json_string_value(json_object_get(told, what));
}

int known_draws(const char *case_name, const char *kind)
{
	json_t *says;
	size_t i;

	json_array_foreach(known_of(case_name, "pictures"), i, says)
		if (!strcmp(json_string_value(json_object_get(says, "kind")), kind))
			return 1;
	return 0;
}
