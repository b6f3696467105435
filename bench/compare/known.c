// SPDX-License-Identifier: MIT
#include "compare/known.h"

#include <string.h>

#include "lib/die.h"

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
