// SPDX-License-Identifier: MIT
/*
 * Where a series changes its mean or variance.
 *
 * A segment costs -2 ln of its normal likelihood at the best mean and variance,
 * every change PENALTY ln n; PELT finds the cheapest segmentation of all, dropping
 * starts that can no longer be part of one.  Three departures from its authors'
 * defaults, since a false change here reads "never settled".  Segments hold
 * MIN_SEGMENT values: two neighbours of a noisy series are often so alike that a
 * segment of them alone pays for two changes.  The penalty is 4 ln n instead of 3: a
 * settled series of 10,000 samples with 1 % of outliers is then called changing 1
 * time of 100 instead of 4, one of 100 samples 5 times instead of 12.  And a spread
 * below 1/10,000 of the values' size counts as that much: equal values, as counts
 * and ticks are, would otherwise cost minus infinity.
 *
 * The only reader is compare.json's warm_up, which no table shows.  It stays as long as
 * dexbench.compare.v2 demands that field: results/parallel has it, and 349 of its rows say that a
 * run had not settled.  A view should show it, or the next schema do without it.
 */
#include "stats/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MIN_SEGMENT 5
#define PENALTY	    4
#define FLAT	    1e-4
#define MAX_BLOCKS  128
#define MIN_BLOCK   8

/* One state for each number of values taken so far, 0 to n. */
struct state {
	double sum, squares; /* of the values, less their overall mean */
	double best;	     /* cost of the cheapest segmentation */
	size_t start;	     /* of its last segment */
	size_t drop_at;	     /* as a start: from there on it is beaten */
};

static void add_up(struct state *s, const double *x, size_t n)
{
	double mean = 0;

	for (size_t i = 0; i < n; i++)
		mean += (x[i] - mean) / (double)(i + 1);
	s[0] = (struct state){ .drop_at = SIZE_MAX };
	for (size_t i = 0; i < n; i++) {
		double off = x[i] - mean;

		s[i + 1] = (struct state){ s[i].sum + off, s[i].squares + off * off, INFINITY, 0,
					   SIZE_MAX };
	}
}

static double smallest_variance(const double *x, size_t n)
{
	double size = 0;

	for (size_t i = 0; i < n; i++)
		size += fabs(x[i]) / (double)n;
	return FLAT * FLAT * size * size;
}

/* Of the segment from value @from up to, not including, @to. */
static double segment_cost(const struct state *s, size_t from, size_t to, double smallest)
{
	double n = (double)(to - from), mean = (s[to].sum - s[from].sum) / n;
	double observed = fmax((s[to].squares - s[from].squares) / n - mean * mean, 0);
	double variance = fmax(observed, smallest);

	return n * (log(variance) + observed / variance);
}

/*
 * @starts: where a last segment may begin; returns how many remain.  A start that
 * is beaten at @to stays until a segment from @to on is long enough to be one.
 */
static size_t extend(struct state *s, size_t to, size_t *starts, size_t count, double penalty,
		     double smallest)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		double cost = s[starts[i]].best + segment_cost(s, starts[i], to, smallest);

		if (cost + penalty < s[to].best) {
			s[to].best = cost + penalty;
			s[to].start = starts[i];
		}
	}
	for (size_t i = 0; i < count; i++) {
		struct state *from = &s[starts[i]];

		if (from->best + segment_cost(s, starts[i], to, smallest) >= s[to].best &&
		    from->drop_at == SIZE_MAX)
			from->drop_at = to + MIN_SEGMENT;
		if (from->drop_at > to)
			starts[kept++] = starts[i];
	}
	return kept;
}

static void segment(struct state *s, size_t n, size_t *starts, double smallest)
{
	double penalty = PENALTY * log((double)n);
	size_t count = 0;

	/* So that the first segment costs no change. */
	s[0].best = -penalty;
	for (size_t to = MIN_SEGMENT; to <= n; to++) {
		if (isfinite(s[to - MIN_SEGMENT].best))
			starts[count++] = to - MIN_SEGMENT;
		count = extend(s, to, starts, count, penalty, smallest);
	}
}

/* From the last change back to the first, written first to last. */
static size_t read_back(const struct state *s, size_t n, size_t *at, size_t max)
{
	size_t changes = 0, i;

	for (i = s[n].start; i > 0; i = s[i].start)
		changes++;
	i = s[n].start;
	for (size_t k = changes; k-- > 0; i = s[i].start)
		if (k < max)
			at[k] = i;
	return changes;
}

size_t stats_changepoints(const double *x, size_t n, size_t *at, size_t max)
{
	double smallest = n ? smallest_variance(x, n) : 0;
	size_t *starts, changes = 0;
	struct state *s;

	if (n < 2 * MIN_SEGMENT || !(smallest > 0) || isinf(smallest))
		return 0;
	s = malloc((n + 1) * sizeof(*s));
	starts = malloc(n * sizeof(*starts));
	if (s && starts) {
		add_up(s, x, n);
		segment(s, n, starts, smallest);
		changes = read_back(s, n, at, max);
	}
	free(starts);
	free(s);
	return changes;
}

size_t stats_warm_up(const uint32_t *samples, size_t n)
{
	size_t blocks = n / MIN_BLOCK < MAX_BLOCKS ? n / MIN_BLOCK : MAX_BLOCKS;
	size_t length = blocks ? n / blocks : 0, changes, at[MAX_BLOCKS];
	uint32_t *scratch = malloc((length ? length : 1) * sizeof(*scratch));
	double medians[MAX_BLOCKS] = { 0 };

	if (!scratch)
		return 0;
	for (size_t i = 0; i < blocks; i++) {
		memcpy(scratch, samples + i * length, length * sizeof(*scratch));
		medians[i] = stats_median_low(scratch, length);
	}
	free(scratch);
	changes = stats_changepoints(medians, blocks, at, MAX_BLOCKS);
	if (changes == 0)
		return 0;
	return at[changes - 1] * 2 >= blocks ? n : at[changes - 1] * length;
}
