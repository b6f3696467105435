/* SPDX-License-Identifier: MIT */
/*
 * Statistics: pure functions on arrays; no I/O, no state, GSL's distributions.
 *
 * The boot is the unit: what enters an interval or a test is one number a boot
 * (mean over its runs of each run's median, say), never one a sample.  Ratios are b / a,
 * a the baseline; NAN stands for "cannot be told from so little".
 */
#ifndef STATS_STATS_H
#define STATS_STATS_H

#include <stddef.h>
#include <stdint.h>

struct stats_interval {
	double estimate, low, high;
};

/* quantile.c ---------------------------------------------------------------- */

/*
 * The lower median: the ceil(n/2)-th smallest of @n > 0 values, which are
 * reordered.  Unlike the mean of the two middle values it is always one of the
 * samples, so that a count stays a count (Hyndman and Fan, "Sample Quantiles in
 * Statistical Packages", The American Statistician 50(4), 1996, definition 1).
 */
uint32_t stats_median_low(uint32_t *values, size_t n);

/* The median of @n > 0 values, which are reordered: definition 2 of the same,
 * the mean of the two middle values where @n is even. */
double stats_median(double *values, size_t n);

/* Ascending order, in place. */
void stats_sort(uint32_t *values, size_t n);

/* The @q quantile (0 < @q < 1) of @n > 0 ascending values: definition 1. */
uint32_t stats_quantile(const uint32_t *sorted, size_t n, double q);

/*
 * Ranks (from 0) of the two order statistics that bound the @q quantile with
 * at least @confidence, whatever the distribution: binomial, equal tails
 * (Hahn and Meeker, "Statistical Intervals", 1991, section 5.2).  False where
 * @n samples cannot bound it on both sides.
 */
int stats_quantile_ranks(size_t n, double q, double confidence, size_t *low, size_t *high);

/* components.c -------------------------------------------------------------- */

#define STATS_MAX_LEVELS 4

/*
 * Variance components of a balanced nested experiment (Kalibera and Jones,
 * "Rigorous Benchmarking in Reasonable Time", ISMM 2013, section 6).
 *
 * @reps[0] is the lowest level (samples a run), @reps[@levels - 1] the highest
 * (boots), each >= 2; @y holds all values, the lowest level fastest.  @s2[i] is the
 * biased estimate S_i^2, @t2[i] the component T_i^2 of level i alone, which can
 * come out negative where the level adds nothing.
 */
void stats_components(const double *y, const size_t *reps, size_t levels, double *s2, double *t2);

/*
 * Repetitions at each level below the highest that give the narrowest interval
 * for the time spent (same paper, section 6.3).  @cost[i]: seconds that one more
 * repetition at level i costs besides what is inside it.  A level without variance
 * gets 1; if the level above it adds none, @max.
 */
void stats_optimal_reps(const double *t2, const double *cost, size_t levels, size_t max,
			size_t *reps);

/* interval.c ---------------------------------------------------------------- */

/* Student's interval of the mean of @n >= 2 values. */
struct stats_interval stats_mean(const double *x, size_t n, double confidence);

/*
 * Ratio of paired values (boot i of a and of b shared a block): t interval of
 * the mean of ln(b/a), taken back through exp(); *@p is the two-sided P of
 * "no difference".  @n >= 2, values > 0.
 */
struct stats_interval stats_paired_ratio(const double *a, const double *b, size_t n,
					 double confidence, double *p);

/*
 * Ratio of the means of two independent sets (Fieller, "Some Problems in
 * Interval Estimation", JRSS B 16(2), 1954; in the form of Kalibera and Jones, TR
 * 4-12, University of Kent, 2012), degrees of freedom na + nb - 2.  Bounds are NAN where the
 * baseline's mean does not differ from 0; *@p is Welch's two-sided P.
 */
struct stats_interval stats_fieller_ratio(const double *a, size_t na, const double *b, size_t nb,
					  double confidence, double *p);

/* bootstrap.c --------------------------------------------------------------- */

/* Below that many boots the bootstrap promises more than it holds. */
#define STATS_BOOTSTRAP_MIN_BOOTS 15

/*
 * Hierarchical percentile bootstrap of mean(b) / mean(a): boots are drawn with
 * replacement, then runs inside each; @a and @b hold @boots x @runs run
 * statistics, runs fastest.  @paired draws the same blocks for both.  Raw samples are not
 * redrawn: with thousands a run their share of the variance of a run's statistic
 * is far below that between runs and boots, and is in the run statistics already
 * (Davison and Hinkley, "Bootstrap Methods and their Application", 1997, section
 * 3.8; Ren et al., "Nonparametric bootstrapping for hierarchical data", J. Applied
 * Statistics 37(9), 2010).  The same @seed gives the same interval.
 */
struct stats_interval stats_bootstrap_ratio(const double *a, const double *b, size_t boots,
					    size_t runs, int paired, size_t resamples,
					    unsigned long seed, double confidence);

/* rank.c -------------------------------------------------------------------- */

/*
 * Two-sided exact P of the Mann-Whitney U test, mid-ranks for ties, by the
 * permutation distribution (Mann and Whitney, Annals of Mathematical Statistics
 * 18(1), 1947).  NAN above 20 values in all... see rank.c for the limit.
 */
double stats_mann_whitney(const double *a, size_t na, const double *b, size_t nb);

/*
 * Two-sided exact P that the mean of @n paired differences is 0, by all 2^n
 * changes of sign (Fisher, "The Design of Experiments", 1935, section 21).  NAN above
 * 20.
 */
double stats_sign_flip(const double *d, size_t n);

/* power.c ------------------------------------------------------------------- */

/* Holm's step-down adjusted P values, NAN left alone and not counted (Holm,
 * "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal
 * of Statistics 6(2), 1979). */
void stats_holm(const double *p, size_t n, double *adjusted);

/*
 * The smallest effect that @n pairs find with probability @power at level
 * @alpha, in units of ln ratio; @sd is that of the paired ln ratios.
 */
double stats_mde_paired(double sd, size_t n, double alpha, double power);

/* Pairs needed so that stats_mde_paired() <= @effect; SIZE_MAX if over a million. */
size_t stats_pairs_needed(double sd, double effect, double alpha, double power);

/*
 * The verdict of one comparison.  DIFFERENT means that 0 is outside the interval (and
 * @p_adjusted <= @alpha) and that the difference may be as large as @threshold;
 * EQUIVALENT that the whole interval lies within +-@threshold; all as fractions.
 */
enum stats_verdict { STATS_LOWER = 1, STATS_HIGHER, STATS_EQUIVALENT, STATS_INCONCLUSIVE };
enum stats_verdict stats_decide(struct stats_interval ratio, double p_adjusted, double alpha,
				double threshold);

/* changepoint.c ------------------------------------------------------------- */

/*
 * Changes of mean or variance in @x (Killick, Fearnhead and Eckley, "Optimal
 * Detection of Changepoints with a Linear Computational Cost", JASA 107(500), 2012:
 * PELT, normal likelihood, penalty 3 ln n a change, segments of 2 or more).
 * Writes at most @max first indices of new segments, ascending; returns their number.
 */
size_t stats_changepoints(const double *x, size_t n, size_t *at, size_t max);

/*
 * Samples before the process has settled: means of up to 128 equal blocks are
 * searched for changes; 0 if there is none, @n if the last one lies in the second
 * half (no steady state), else where the last segment begins.  After Barrett et
 * al., "Virtual Machine Warmup Blows Hot and Cold", OOPSLA 2017.
 */
size_t stats_warm_up(const uint32_t *samples, size_t n);

#endif /* STATS_STATS_H */
