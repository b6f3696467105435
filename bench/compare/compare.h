/* SPDX-License-Identifier: MIT */
/*
 * Judge: a loaded table becomes a comparison.
 *
 *   finish, cells, curve, turns   what boots say together
 *   judge, effect, seeds          every comparison of the table, its statistics, its verdict
 *   distrust     what forbids to say "no regression"
 *   fit, predict slopes, and whether what cases expected held
 *   pilot        what a campaign should be made of
 *
 * Nothing here measures, and nothing but judge decides.
 */
#ifndef BENCH_COMPARE_H
#define BENCH_COMPARE_H

#include "report/report.h"

/* turns.c: x.boot2 and y.boot2 become a pair, if boots were made in turns. */
void table_pair_turns(struct table *t);

/* finish.c: compare them and judge. */
void table_finish(struct table *t);

/* effect.c: statistics of one comparison; fills all but the verdict. */
int boots_agree(const struct cell *cell);
void effect_exact(const struct table *t, struct comparison *c);
void effect_statistics(const struct table *t, struct comparison *c);
void effect_power(const struct table *t, struct comparison *c, size_t family_size);

/* seeds.c: interleavings of lockstep mode. */
size_t seeds_of(const struct table *t, const struct comparison *c); /* 0: none to compare by */
void effect_seeds(const struct table *t, struct comparison *c);
enum verdict judge_seeds(const struct table *t, const struct comparison *c, double resolution,
			 double alpha);

/* judge.c */
void table_judge(struct table *t);

/* distrust.c: doubts about the table as a whole, by its verdicts. */
void table_distrust(struct table *t);

/* fit.c: the slope of each case's value over the parameter that it asks for, an array. */
json_t *fits(const struct table *t);

/* predict.c: what each case expected of the folio walk, and whether it held. */
json_t *predictions(const struct table *t);

/* pilot.c: what a campaign of @arms kernels should be made of, by @t, a
 * few boots of its baseline, if it may take @budget minutes. */
json_t *pilot(const struct table *t, double budget, size_t arms);

#endif /* BENCH_COMPARE_H */
