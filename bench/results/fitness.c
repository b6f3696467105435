// SPDX-License-Identifier: MIT
/*
 * What scripts/host-check found before a timing campaign, which its plan has ("host_check").  What it calls bad
 * is a doubt, whatever the numbers say; what is only known to matter is a note.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "results.h"
#include "lib/core/die.h"
#include "lib/core/json.h"
#include "lib/core/names.h"

#define MOST_FOUND 100

static int is_state(const char *state)
{
	static const char *const states[] = { "ok", "warn", "bad", "unknown" };
	int known = 0;

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		known |= !strcmp(state, states[i]);
	return known;
}

void check_fitness(json_t *list, const char *path)
{
	json_t *o;
	size_t i;

	if (list && (!json_is_array(list) || json_array_size(list) > MOST_FOUND))
		die_usage("%s: \"host_check\" is no list of at most %d findings", path, MOST_FOUND);
	json_array_foreach(list, i, o)
		if (!name_is_word(json_need_string(o, "check", path)) ||
		    !name_is_label(json_need_string(o, "found", path)) ||
		    !is_state(json_need_string(o, "state", path)))
			die_usage("%s: what host-check does not say is among its findings", path);
}

/* "hypervisor: TCG; load: 2.31", those of @state; NULL: none. */
static char *found(json_t *list, const char *state)
{
	char *text = NULL, *longer;
	json_t *o;
	size_t i;

	json_array_foreach(list, i, o) {
		if (strcmp(json_string_value(json_object_get(o, "state")), state))
			continue;
		longer = xasprintf("%s%s%s: %s", text ? text : "", text ? "; " : "",
				   json_string_value(json_object_get(o, "check")),
				   json_string_value(json_object_get(o, "found")));
		free(text);
		text = longer;
	}
	return text;
}

static void note(struct table *t, enum fact fact, const char *what, char *text)
{
	if (text)
		table_note(t, fact, xasprintf("%s (scripts/host-check): %s", what, text));
	free(text);
}

void fitness_notes(struct table *t)
{
	for (size_t p = 0; p < t->plans && !strcmp(t->mode, "timing"); p++) {
		json_t *list = json_object_get(t->plan[p].json, "host_check");

		note(t, FACT_UNFIT, "times of this host are not to be trusted", found(list, "bad"));
		note(t, FACT_HOST, "what may matter on this host", found(list, "warn"));
	}
}
