/* SPDX-License-Identifier: MIT */
/*
 * Statistics: pure functions on arrays; no I/O, no state, GSL's distributions.
 *
 * The boot is the unit: what enters an interval or a test is one number a boot
 * (mean over its runs of each run's median, say), never one a sample.  Ratios are b / a,
 * a the baseline, and carry no unit; 0.01 is 1 %.  NAN stands for "cannot be
 * told from so little", a bound or P that is NAN therefore for no verdict.
 * @confidence, @alpha, @power and @q lie between 0 and 1, exclusive.
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

/* The median of @n > 0 values, none NAN, which are reordered: definition 2 of the
 * same, the mean of the two middle values where @n is even. */
double stats_median(double *values, size_t n);

/* Ascending order, in place, in a time that grows with @n and no faster. */
void stats_sort(uint32_t *values, size_t n);

/* The @q quantile of @n > 0 ascending values: definition 1, the ceil(nq)-th smallest. */
uint32_t stats_quantile(const uint32_t *sorted, size_t n, double q);

/*
 * Ranks (from 0) of the two order statistics that bound the @q quantile with
 * at least @confidence, whatever the distribution: binomial, equal tails
 * (Hahn and Meeker, "Statistical Intervals", 1991, section 5.2).  False, and the
 * ranks untouched, where @n samples cannot bound it on both sides: at 95 %, below 6 for
 * the median, 368 for p99, 3688 for p99.9.
 */
int stats_quantile_ranks(size_t n, double q, double confidence, size_t *low, size_t *high);

/* components.c -------------------------------------------------------------- */

#define STATS_MAX_LEVELS 4

/*
 * Variance components of a balanced nested experiment (Kalibera and Jones,
 * "Rigorous Benchmarking in Reasonable Time", ISMM 2013, section 6), in the square
 * of the unit of @y.
 *
 * @reps[0] is the lowest level (samples a run), @reps[@levels - 1] the highest
 * (boots), @levels from 1 to STATS_MAX_LEVELS; @y holds all values, their product, the
 * lowest level fastest.  @s2[i] is the biased estimate S_i^2, @t2[i] the component T_i^2 of
 * level i alone, which can come out negative where the level adds nothing.  A level
 * of one repetition has NAN for both, and so has the t2 of the level above it.
 */
void stats_components(const double *y, const size_t *reps, size_t levels, double *s2, double *t2);

/*
 * Repetitions at each level below the highest, @levels - 1 numbers from 1 to @max, that give
 * the narrowest interval for the time spent (same paper, section 6.3).  @t2: the
 * components of all levels; @cost[i], of all levels too: seconds that one more repetition at
 * level i costs besides what is inside it.  A level without variance (or with a
 * NAN one) gets 1; if the level above it adds none, or it costs nothing, @max.
 */
void stats_optimal_reps(const double *t2, const double *cost, size_t levels, size_t max,
			size_t *reps);

/* interval.c ---------------------------------------------------------------- */

/* Student's interval of the mean of @n values ("The Probable Error of a Mean", Biometrika
 * 6(1), 1908), in their unit.  Bounds are NAN below 2 values; no width if all are equal. */
struct stats_interval stats_mean(const double *x, size_t n, double confidence);

/*
 * Ratio of paired values (boot i of a and of b shared a block): t interval of
 * the mean of ln(b/a), taken back through exp(); *@p is the two-sided P of
 * "no difference".  Of @n = 1 there is an estimate alone; NAN throughout if a value is not
 * positive and finite.  If all pairs have the same ratio the interval has no
 * width, and *@p is 1 where that ratio is 1, else 0.
 */
struct stats_interval stats_paired_ratio(const double *a, const double *b, size_t n,
					 double confidence, double *p);

/*
 * Mean of the paired differences b - a, in their unit, which may be 0 or negative: Student's
 * interval; *@p is the two-sided P of "no difference", NAN below 2 pairs.  If all pairs differ by
 * the same the interval has no width, and *@p is 1 where that is nothing, else 0.
 */
struct stats_interval stats_paired_difference(const double *a, const double *b, size_t n,
					      double confidence, double *p);

/* Standard deviation of the paired ln(b/a), for the two functions of power.c that
 * want one; NAN below 2 pairs or if a value is not positive and finite. */
double stats_paired_sd(const double *a, const double *b, size_t n);

/*
 * Ratio of the means of two independent sets (Fieller, "Some Problems in
 * Interval Estimation", JRSS B 16(2), 1954; in the form of Kalibera and Jones, TR
 * 4-12, University of Kent, 2012), with Welch and Satterthwaite's degrees of freedom at the
 * estimate, since na + nb - 2 promises too much where boots or spreads are unequal.  Bounds are
 * NAN where the baseline's mean does not differ from 0, or a set has fewer than 2 values; *@p
 * is Welch's two-sided P of equal means (Biometrika 34, 1947), NAN below 2.  Two
 * sets without spread: no width, *@p 1 or 0.
 */
struct stats_interval stats_fieller_ratio(const double *a, size_t na, const double *b, size_t nb,
					  double confidence, double *p);

/* bootstrap.c --------------------------------------------------------------- */

/* Below that many boots the bootstrap promises more than it holds. */
#define STATS_BOOTSTRAP_MIN_BOOTS 15

/*
 * Hierarchical bootstrap of mean(b) / mean(a): boots are drawn with
 * replacement, then runs inside each; @a and @b hold @boots x @runs run
 * statistics, runs fastest.  @paired draws the same blocks for both.  Raw samples are not
 * redrawn: with thousands a run their share of the variance of a run's statistic
 * is far below that between runs and boots, and is in the run statistics already
 * (Davison and Hinkley, "Bootstrap Methods and their Application", 1997, section
 * 3.8; Ren et al., "Nonparametric bootstrapping for hierarchical data", J. Applied
 * Statistics 37(9), 2010).  Percentiles expanded for few boots (Hesterberg, "What Teachers
 * Should Know About the Bootstrap", The American Statistician 69(4), 2015).
 * The same @seed gives the same interval.  Bounds are NAN below
 * STATS_BOOTSTRAP_MIN_BOOTS boots and with too few @resamples to reach the tails.
 */
struct stats_interval stats_bootstrap_ratio(const double *a, const double *b, size_t boots,
					    size_t runs, int paired, size_t resamples,
					    unsigned long seed, double confidence);

/* rank.c -------------------------------------------------------------------- */

/* Largest na + nb, where the exact distribution takes some 50 ms. */
#define STATS_RANK_MAX 100
/* Largest number of pairs, 2^20 sums. */
#define STATS_SIGN_FLIP_MAX 20

/*
 * Two-sided exact P of the Mann-Whitney U test (Annals of Mathematical Statistics
 * 18(1), 1947): the share of all divisions of the values into @na and @nb whose rank
 * sum is as far from its expectation as the observed one or farther.  Ties have mid-ranks
 * and are exact too.  NAN above STATS_RANK_MAX values in all, if a set is empty or
 * a value is NAN.  The least it can say is 2 / C(na + nb, na): 0.029 for 4 + 4.
 */
double stats_mann_whitney(const double *a, size_t na, const double *b, size_t nb);

/*
 * Two-sided exact P that the mean of @n paired differences (of any unit, ln ratios say) is
 * 0, by all 2^n changes of sign (Fisher, "The Design of Experiments", 1935, section
 * 21).  NAN below 2, above STATS_SIGN_FLIP_MAX and for values that are not
 * finite.  The least it can say is 2 / 2^n: 0.031 for 6.
 */
double stats_sign_flip(const double *d, size_t n);

/* power.c ------------------------------------------------------------------- */

/* Holm's step-down adjusted P values, NAN left alone and not counted (Holm,
 * "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal
 * of Statistics 6(2), 1979).  @p and @adjusted are two arrays; quadratic in @n. */
void stats_holm(const double *p, size_t n, double *adjusted);

/*
 * Benjamini and Hochberg's step-up adjusted P values ("Controlling the False Discovery Rate", JRSS B
 * 57(1), 1995), likewise: where all of at most @q are called different, the share of false ones among
 * them is on average at most @q.  For P values that are independent or rise together (Benjamini and
 * Yekutieli, Annals of Statistics 29(4), 2001), as those of rows of one boot do.
 */
void stats_benjamini_hochberg(const double *p, size_t n, double *adjusted);

/*
 * The smallest effect that @n pairs find with probability @power at level
 * @alpha (two-sided, in the right direction), in units of ln ratio; @sd is that of
 * the paired ln ratios, estimated from as many pairs, and that it is an estimate is counted in:
 * were there an effect as large as what is returned, another campaign like this
 * one would find it with that probability on average (derived at the head of power.c; the
 * question is that of Julious and Owen, "Sample Size Calculations for Clinical Studies
 * Allowing for Uncertainty about the Variance", Pharmaceutical Statistics 5(1), 2006).
 * Proportional to @sd, 0 without spread; NAN if @n < 2 or @sd is NAN.
 */
double stats_mde_paired(double sd, size_t n, double alpha, double power);

/* Pairs needed so that stats_mde_paired() <= @effect, 2 or more; SIZE_MAX if over
 * a million, @effect is not positive or @sd is NAN. */
size_t stats_pairs_needed(double sd, double effect, double alpha, double power);

/*
 * The verdict of one comparison.  HIGHER and LOWER mean that 1 is outside @ratio
 * (and @p_adjusted <= @alpha) and that the difference may be as large as @threshold;
 * EQUIVALENT that the whole interval lies within +-@threshold, wherever 1 is (Schuirmann's
 * two one-sided tests, J. Pharmacokinetics and Biopharmaceutics 15(6), 1987, at
 * alpha/2 each); all as fractions.  INCONCLUSIVE otherwise and where a bound is NAN.
 */
enum stats_verdict { STATS_LOWER = 1, STATS_HIGHER, STATS_EQUIVALENT, STATS_INCONCLUSIVE };
enum stats_verdict stats_decide(struct stats_interval ratio, double p_adjusted, double alpha,
				double threshold);

/* changepoint.c ------------------------------------------------------------- */

/*
 * Changes of mean or variance in @x (Killick, Fearnhead and Eckley, "Optimal
 * Detection of Changepoints with a Linear Computational Cost", JASA 107(500), 2012:
 * PELT, normal likelihood, penalty 4 ln n a change, segments of 5 or more).
 * Writes at most @max first indices of new segments, ascending; returns their number,
 * which may be larger than @max; 0 below 10 values.
 */
size_t stats_changepoints(const double *x, size_t n, size_t *at, size_t max);

/*
 * Samples before the process has settled: medians of up to 128 equal blocks of 8
 * or more samples are searched for changes (medians, since a handful of interrupts in one block is
 * no change of the process); 0 if there is none, @n if the last one lies in the
 * second half (no steady state), else where the last segment begins.  Below 80
 * samples nothing can be found.  After Barrett et al., "Virtual Machine Warmup Blows Hot
 * and Cold", OOPSLA 2017.
 */
size_t stats_warm_up(const uint32_t *samples, size_t n);

#endif /* STATS_STATS_H */
