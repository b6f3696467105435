// SPDX-License-Identifier: MIT
/*
 * Where the variance of a nested experiment comes from, and how to spend time
 * on it.  What level i contributes on its own is what the means of its members
 * vary by, less what the levels below make them vary by anyway.
 */
#include "stats/stats.h"

#include <math.h>

/* The mean of one member of @level + 1; adds the squared deviations to @ss. */
static double descend(const double *y, const size_t *reps, const size_t *stride, size_t level,
		      double *ss)
{
	double mean = 0, squares = 0;

	for (size_t i = 0; i < reps[level]; i++) {
		const double *part = y + i * stride[level];
		double x = level ? descend(part, reps, stride, level - 1, ss) : *part;
		double off = x - mean;

		mean += off / (double)(i + 1);
		squares += off * (x - mean);
	}
	ss[level] += squares;
	return mean;
}

void stats_components(const double *y, const size_t *reps, size_t levels, double *s2, double *t2)
{
	size_t stride[STATS_MAX_LEVELS], groups = 1;

	stride[0] = 1;
	for (size_t i = 1; i < levels; i++)
		stride[i] = stride[i - 1] * reps[i - 1];
	for (size_t i = 0; i < levels; i++)
		s2[i] = 0;
	descend(y, reps, stride, levels - 1, s2);
	for (size_t i = levels; i-- > 0; groups *= reps[i])
		s2[i] = reps[i] < 2 ? NAN : s2[i] / (double)(groups * (reps[i] - 1));
	for (size_t i = 0; i < levels; i++)
		t2[i] = i ? s2[i] - s2[i - 1] / (double)reps[i - 1] : s2[0];
}

static size_t optimal(double t2, double t2_above, double cost, double cost_above, size_t max)
{
	double reps;

	if (!(t2 > 0))
		return 1;
	if (!(t2_above > 0) || !(cost > 0))
		return max;
	reps = ceil(sqrt(cost_above / cost * (t2 / t2_above)));
	if (reps < 1)
		return 1;
	return reps < (double)max ? (size_t)reps : max;
}

void stats_optimal_reps(const double *t2, const double *cost, size_t levels, size_t max,
			size_t *reps)
{
	for (size_t i = 0; i + 1 < levels; i++)
		reps[i] = optimal(t2[i], t2[i + 1], cost[i], cost[i + 1], max);
}
