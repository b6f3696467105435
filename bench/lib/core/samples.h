/* SPDX-License-Identifier: MIT */
/*
 * JSON files that are mostly samples.
 *
 * jansson makes an object of every number, which takes more time than all of the rest.  Here
 * each array of at least SAMPLES_LIFT counts (integers from 0 to 2^32 - 1 and nothing else) is
 * read into plain memory by a scanner of its own; jansson reads what is left, with an empty
 * array in its place.  An array that is anything else stays jansson's, and so do its error
 * messages.
 *
 * Is it worth 200 lines?  dex-compare takes 0.97 s of CPU for ten million samples (10 boots of
 * 100 cases), and 2.7 s if jansson reads all; 0.08 s for results/reference, and 0.20 s.  So it
 * stays.  To measure that again (tests/sim/compare-speed.sh has the samples made up):
 *
 *	touch bench/lib/core/samples.c; make build/dex-compare CFLAGS=-DSAMPLES_LIFT=SIZE_MAX
 *	tests/sim/compare-speed.sh
 */
#ifndef LIB_SAMPLES_H
#define LIB_SAMPLES_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#ifndef SAMPLES_LIFT
#define SAMPLES_LIFT 8
#endif

struct samples_array {
	const json_t *at; /* the empty array that stands for it */
	size_t ordinal;	  /* among the arrays of the file, in the order they open */
	uint32_t *value;
	size_t n;
};

struct samples {
	json_t *root;
	struct samples_array *array;
	size_t arrays;
};

/* The object in @path, or in what gzip made of it, @path.gz: as json_read() gives it, but
 * for the lifted arrays. */
struct samples *samples_read(const char *path, const char *schema);
void samples_free(struct samples *s);

/* The numbers of an array of the file, lifted or not, and how many; valid until
 * samples_free().  Dies if one is not a number of ticks. */
uint32_t *samples_of(struct samples *s, json_t *array, size_t *n, const char *path);

#endif /* LIB_SAMPLES_H */
