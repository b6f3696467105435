/* SPDX-License-Identifier: MIT */
/* The pictures that cases say can be made of their rows (struct bench_picture), as dat_*.c draws them. */
#ifndef REPORT_PICTURE_H
#define REPORT_PICTURE_H

#include "report.h"

#define PICTURE_MOST_SOURCES 8

struct picture {
	const char *name; /* of its columns, and of its script in plots/ */
	json_t *says;	  /* the rest, by the first case whose own it is */
	struct dat_source from[PICTURE_MOST_SOURCES];
	const char *as[PICTURE_MOST_SOURCES]; /* the name of what is borrowed from another case */
	size_t sources, own;
};

/* Those of a kind ("bars"), in the order of list.h; to free. */
struct picture *pictures(const char *kind, size_t *n);
const char *picture_word(const struct picture *p, const char *key); /* or NULL */

#endif /* REPORT_PICTURE_H */
