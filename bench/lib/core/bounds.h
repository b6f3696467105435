/* SPDX-License-Identifier: MIT */
/*
 * What must hold of the numbers in a result, whoever made it; dies of what cannot be, because a
 * table of nonsense looks like any other.
 */
#ifndef LIB_BOUNDS_H
#define LIB_BOUNDS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define BOUNDS_RESULTS 4096	   /* in a file */
#define BOUNDS_PAGES   (1ll << 30) /* in a sample, or that a case works on */
#define BOUNDS_NUMBER  (1ll << 53) /* what all readers of JSON have exactly */
#define BOUNDS_VALUE   1e18	   /* of a metric */

/* Member @key, an integer in these bounds. */
json_int_t bounds_int(json_t *object, const char *key, json_int_t least, json_int_t most,
		      const char *path);

/* A word and a number or a line of text each. */
void bounds_params(json_t *params, const char *path);

/* A number that says something. */
double bounds_value(json_t *value, const char *name, const char *path);

/* Samples times pages are the pages attempted, of which no more succeeded; some took time. */
void bounds_samples(json_t *result, const uint32_t *ticks, size_t n, const char *path);

#endif /* LIB_BOUNDS_H */
