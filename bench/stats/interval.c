// SPDX-License-Identifier: MIT
/*
 * Intervals by Student's t.  Values without any spread are no special case to
 * the reader: the interval has no width, and P is 1 if there is no difference, else 0.
 */
#include "stats/stats.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

#define NOTHING ((struct stats_interval){ NAN, NAN, NAN })

/* Two-sided P of a difference @diff with standard error @se. */
static double t_test(double diff, double se, double df)
{
	if (se > 0)
		return 2 * gsl_cdf_tdist_Q(fabs(diff) / se, df);
	return diff == 0 ? 1 : 0;
}

static double t_quantile(double confidence, double df)
{
	return gsl_cdf_tdist_Pinv((1 + confidence) / 2, df);
}

/* Mean and interval from sums, so that x need not be an array. */
static struct stats_interval around(double mean, double se, double df, double confidence)
{
	double half = se > 0 ? t_quantile(confidence, df) * se : 0;

	return (struct stats_interval){ mean, mean - half, mean + half };
}

struct stats_interval stats_mean(const double *x, size_t n, double confidence)
{
	double mean;

	if (n == 0)
		return NOTHING;
	mean = gsl_stats_mean(x, 1, n);
	if (n < 2)
		return (struct stats_interval){ mean, NAN, NAN };
	return around(mean, gsl_stats_sd_m(x, 1, n, mean) / sqrt((double)n), (double)(n - 1),
		      confidence);
}

static double difference(double a, double b)
{
	return b - a;
}

static double log_ratio(double a, double b)
{
	return log(b / a);
}

/* Mean and standard deviation (NAN below 2) of what @of makes of each pair (Welford's sums). */
static void paired_moments(const double *a, const double *b, size_t n,
			   double (*of)(double a, double b), double *mean, double *sd)
{
	double squares = 0;

	*mean = 0;
	for (size_t i = 0; i < n; i++) {
		double d = of(a[i], b[i]), off = d - *mean;

		*mean += off / (double)(i + 1);
		squares += off * (d - *mean);
	}
	*sd = n < 2 ? NAN : sqrt(squares / (double)(n - 1));
}

struct stats_interval stats_paired_difference(const double *a, const double *b, size_t n,
					      double confidence, double *p)
{
	double mean, sd, se;

	*p = NAN;
	if (n == 0)
		return NOTHING;
	paired_moments(a, b, n, difference, &mean, &sd);
	if (n < 2)
		return (struct stats_interval){ mean, NAN, NAN };
	se = sd / sqrt((double)n);
	*p = t_test(mean, se, (double)(n - 1));
	return around(mean, se, (double)(n - 1), confidence);
}

static int all_positive(const double *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!(x[i] > 0) || isinf(x[i]))
			return 0;
	return n > 0;
}

double stats_paired_sd(const double *a, const double *b, size_t n)
{
	double mean, sd;

	if (!all_positive(a, n) || !all_positive(b, n))
		return NAN;
	paired_moments(a, b, n, log_ratio, &mean, &sd);
	return sd;
}

struct stats_interval stats_paired_ratio(const double *a, const double *b, size_t n,
					 double confidence, double *p)
{
	double mean, sd, se, df = (double)n - 1;
	struct stats_interval ln;

	*p = NAN;
	if (!all_positive(a, n) || !all_positive(b, n))
		return NOTHING;
	paired_moments(a, b, n, log_ratio, &mean, &sd);
	if (n < 2)
		return (struct stats_interval){ exp(mean), NAN, NAN };
	se = sd / sqrt((double)n);
	*p = t_test(mean, se, df);
	ln = around(mean, se, df, confidence);
	return (struct stats_interval){ exp(ln.estimate), exp(ln.low), exp(ln.high) };
}

/* Welch and Satterthwaite's degrees of freedom of the sum of two squared standard errors. */
static double welch_df(double va, size_t na, double vb, size_t nb)
{
	double v = va + vb;

	return v * v / (va * va / (double)(na - 1) + vb * vb / (double)(nb - 1));
}

/* Welch's test of two means. */
static double welch(double diff, double va, size_t na, double vb, size_t nb)
{
	return t_test(diff, sqrt(va + vb), welch_df(va, na, vb, nb));
}

struct stats_interval stats_fieller_ratio(const double *a, size_t na, const double *b, size_t nb,
					  double confidence, double *p)
{
	double ma, mb, va, vb, r2, t, aa, bb, root;
	struct stats_interval ratio = NOTHING;

	*p = NAN;
	if (na == 0 || nb == 0)
		return ratio;
	ma = gsl_stats_mean(a, 1, na);
	mb = gsl_stats_mean(b, 1, nb);
	ratio.estimate = ma != 0 ? mb / ma : NAN;
	if (na < 2 || nb < 2)
		return ratio;
	va = gsl_stats_variance_m(a, 1, na, ma) / (double)na;
	vb = gsl_stats_variance_m(b, 1, nb, mb) / (double)nb;
	*p = welch(mb - ma, va, na, vb, nb);
	/* What is tested at ratio r is mean(b) - r mean(a): a's part grows with r. */
	r2 = ratio.estimate * ratio.estimate;
	if (!(r2 * va + vb > 0)) {
		ratio.low = ratio.high = ratio.estimate;
		return ratio;
	}
	t = t_quantile(confidence, welch_df(r2 * va, na, vb, nb));
	aa = ma * ma - t * t * va;
	bb = mb * mb - t * t * vb;
	if (!(aa > 0))
		return ratio;
	root = sqrt(fmax(ma * mb * ma * mb - aa * bb, 0));
	ratio.low = (ma * mb - root) / aa;
	ratio.high = (ma * mb + root) / aa;
	return ratio;
}
