/* SPDX-License-Identifier: MIT */
/*
 * What the cases of this build say of themselves (build/cases.json, from each case's struct bench),
 * for programs that read results and run no case.
 *
 * From here comes how rows are judged and drawn and what they tell, also those of results that an
 * older build recorded: such facts are this build's, as its statistics are.  What a run was made of
 * stands in its own file: predictions, resolution, sizes.  A file from before one of these has
 * this build's, if the reader says so.
 */
#ifndef RESULTS_KNOWN_H
#define RESULTS_KNOWN_H

#include <jansson.h>

json_t *known_cases(void); /* all, in the order of list.h, as `dexbench --list` has them */
/* What a case says under @key; NULL: nothing, or this build has no such case. */
json_t *known_of(const char *case_name, const char *key);
int known_draws(const char *case_name, const char *kind); /* has the case a picture of that kind? */
int known_is(const char *case_name, const char *key);	  /* a flag: is it set? */
/* The names of the cases that dex-plan has @what from, "a|b" in the order of list.h. */
const char *known_telling(const char *what);
int known_tells(const char *case_name, const char *what);
const char *known_word(const char *case_name, const char *key); /* or NULL */

#endif /* RESULTS_KNOWN_H */
