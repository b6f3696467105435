/* SPDX-License-Identifier: MIT */
#ifndef STEPS_H
#define STEPS_H

#include "fuzz.h"

/* What a request is made on. */
struct place {
	struct hand hand;
	struct player player;
	char *pages;
};

struct step {
	const char *name;
	unsigned int needs; /* bits that are steps.c's own */
	int (*make)(struct place *p);
};

extern const struct step steps[];
extern const unsigned int n_steps;

/* What a step with @needs has before it; else the process ends with status 2. */
void prepare(struct place *p, unsigned int needs);

#endif /* STEPS_H */
