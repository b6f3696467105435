/* SPDX-License-Identifier: MIT */
/* Call paths of both kernels as one tree; a frame "x -> y" is x on the first, y on the second. */
#ifndef ATTRIBUTE_TREE_H
#define ATTRIBUTE_TREE_H

#include "attribute/attribute.h"

struct tree {
	char *name;
	double self[SIDES], total[SIDES];
	double width; /* the larger self of both kernels, here and below */
	struct tree *child, *next;
};

struct tree *tree_of(const struct fold *const fold[SIDES]);
void tree_free(struct tree *t);
double tree_change(const struct tree *t); /* B - A, with all below */
size_t tree_depth(const struct tree *t);

#endif /* ATTRIBUTE_TREE_H */
