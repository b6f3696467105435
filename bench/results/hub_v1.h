/* SPDX-License-Identifier: MIT */
#ifndef RESULTS_HUB_V1_H
#define RESULTS_HUB_V1_H

#include "results/table.h"

/* A comparison as version 1 wrote it down, and what lies beside it. */
struct before {
	json_t *root, *rows, *labels, *plan; /* plan: NULL if there is none */
	size_t kernels, each;		     /* comparisons of a row */
	const char *directory, *path, *key;  /* key: metric of the samples */
	enum metric metric;
};

const char *before_word(json_t *object, const char *key); /* "" where there is none */
json_t *before_or_null(json_t *value);
const char *before_label(const struct before *b, size_t k);
/* The first entry of plan.json's @list whose @key is @spec, or NULL. */
json_t *before_planned(const struct before *b, const char *list, const char *key, const char *spec);
json_t *before_measured(const struct before *b); /* hub_v1_rows.c */

#endif /* RESULTS_HUB_V1_H */
