// SPDX-License-Identifier: MIT
#include "lib/core/names.h"

#include <string.h>

#include "lib/core/line.h"

#define LOWER	       "abcdefghijklmnopqrstuvwxyz"
#define UPPER	       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS	       "0123456789"

#define WORD_MOST      64
#define COMPONENT_MOST 128
#define LABEL_MOST     1024

static int is_made_of(const char *s, const char *characters, size_t most)
{
	size_t n = strspn(s, characters);

	return n && n <= most && !s[n];
}

int name_is_word(const char *s)
{
	return is_made_of(s, LOWER DIGITS "_", WORD_MOST);
}

int name_is_component(const char *s)
{
	return *s != '.' && is_made_of(s, LOWER UPPER DIGITS "._-", COMPONENT_MOST);
}

int name_is_label(const char *s)
{
	return *s && strnlen(s, LABEL_MOST + 1) <= LABEL_MOST && line_is_one(s);
}

int name_is_mode(const char *s)
{
	static const char *const modes[] = { "exact", "lockstep", "parallel", "timing" };

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (!strcmp(s, modes[i]))
			return 1;
	return 0;
}
