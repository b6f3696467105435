/* SPDX-License-Identifier: MIT */
/*
 * compare.json, through which every comparison passes on its way to a view: judge's table becomes
 * the file's object, the object a table again, and views take that one, so that none can show what
 * the file does not carry.  results/schema/compare.v2.json describes it.
 */
#ifndef RESULTS_HUB_H
#define RESULTS_HUB_H

#include <jansson.h>

#include "results/table.h"

#define HUB_MOST_ROWS  (1 << 14) /* of a case's parameters and metrics */
#define HUB_MOST_BOOTS 10000

/* All of @t, which was judged or read. */
json_t *hub_json(const struct table *t);

/* The table of @root, which came from @path and may be anybody's: dies of what cannot be. */
struct table hub_table(json_t *root, const char *path);

/* hub_cells.c: what boots gave; both ways. */
json_t *hub_measured(const struct table *t);
void hub_read_measured(struct table *t, json_t *measured, const char *path);

/* Is @path a file, or a directory that holds compare.json and no boots? */
int hub_is(const char *path);

/* Its object, of this version. */
json_t *hub_open(const char *path);

/* hub_v1.c: the same of version 1, with what lies beside it in @directory; takes @root. */
json_t *hub_upgrade(json_t *root, const char *directory, const char *path);

/* Numbers and words that may be unknown: null. */
void hub_pair(json_t *object, const char *key, double *low, double *high, const char *path);
double hub_number(json_t *object, const char *key, const char *path);	 /* NAN */
const char *hub_text(json_t *object, const char *key, const char *path); /* NULL */

#endif /* RESULTS_HUB_H */
