// SPDX-License-Identifier: MIT
/*
 * Costs from points of touches: least squares on the model's own balance of time,
 * which is linear in the two costs that no stamp can see.
 *
 *   beside:  X a + N c = 1             c with the queue and the waiting in it
 *   serial:  X a + L u = 1 - N (c + f) c, f: medians of their samples' medians
 *
 * Where touches and visits are regular none meets a fault until touches come too fast, and
 * then nearly all do: such rates are no part of the sum.
 *
 * X, N, L: atomics, transitions, touches per unit.  In these terms an error is a share
 * of the device's time, the same at every rate, and points with many transitions
 * say most about what one costs.
 */
#include <math.h>
#include <stdlib.h>

#include "lib/core/die.h"
#include "plan.h"

/* x a + y b = r, summed over points. */
struct sums {
	double xx, xy, yy, xr, yr;
	size_t n;
};

static void add_point(struct sums *s, double x, double y, double r)
{
	s->xx += x * x;
	s->xy += x * y;
	s->yy += y * y;
	s->xr += x * r;
	s->yr += y * r;
	s->n++;
}

/* False where the points are too few or all alike. */
static int least_squares(const struct sums *s, double *a, double *b)
{
	double determinant = s->xx * s->yy - s->xy * s->xy;

	if (s->n < 2 || !(determinant > 1e-9 * s->xx * s->yy))
		return 0;
	*a = (s->xr * s->yy - s->yr * s->xy) / determinant;
	*b = (s->yr * s->xx - s->xr * s->xy) / determinant;
	return *a > 0;
}

/* The median over points of one quantile of a cost, without those that have none. */
static double median_of(const struct series *s, const struct point *p, const char *skip,
			size_t cost, size_t quantile)
{
	double *x = xcalloc(s->rates, sizeof(*x)), m;
	size_t n = 0;

	for (size_t i = 0; i < s->rates; i++) {
		const struct figure *f = cost == CPU_FAULT ? &p[i].cpu_fault : &p[i].device_fault;
		double v = quantile ? f->high : f->best;

		if (!skip[i] && isfinite(v))
			x[n++] = v;
	}
	m = n ? stats_median(x, n) : NAN;
	free(x);
	return m;
}

/* With @ranges the 90th percentile is the high end: where boots have no spread. */
static struct figure cost_of(const struct series *s, const struct point *p, const char *skip,
			     size_t cost, int ranges)
{
	double best = median_of(s, p, skip, cost, 0);

	return (struct figure){ best, best, ranges ? median_of(s, p, skip, cost, 1) : best };
}

double fit_repeated(const struct series *s)
{
	size_t last = s->rates - 1;
	double sum = 0;

	if (s->serial || !s->regular || !isinf(s->asked[last]))
		return NAN;
	for (size_t b = 0; b < s->boots; b++)
		sum += s->point[b * s->rates + last].device_fault.best;
	return sum / (double)s->boots;
}

/* One that is delayed and done again meets the next touch, and never recovers. */
int fit_frail(const struct series *s, double asked)
{
	if (s->serial || !s->regular)
		return 0;
	return isinf(asked) || s->pages * asked * fit_repeated(s) >= 1;
}

static int fit_serial(const struct series *s, const struct point *p, const char *skip,
		      struct costs *c)
{
	struct sums sums = { 0 };
	double a, u;

	c->cost[DEVICE_FAULT] = cost_of(s, p, skip, DEVICE_FAULT, 1);
	c->cost[CPU_FAULT] = cost_of(s, p, skip, CPU_FAULT, 1);
	for (size_t i = 0; i < s->rates; i++) {
		double faults = c->cost[DEVICE_FAULT].best + c->cost[CPU_FAULT].best;

		if (!skip[i])
			add_point(&sums, p[i].rate, p[i].touches,
				  p[i].conversions > 0 ? 1 - p[i].conversions * faults : 1);
	}
	if (!least_squares(&sums, &a, &u))
		return 0;
	c->cost[ATOMIC] = figure_of(a);
	c->cost[TOUCH] = figure_of(fmax(u, 0));
	return 1;
}

/* What a saturated CPU thread spends on a touch besides faults; 0 if none was. */
static double touch_beside(const struct series *s, const struct point *p, const char *skip,
			   double f)
{
	size_t last = s->rates - 1;

	if (skip[last] || !isinf(p[last].asked) || !(p[last].touches > 0))
		return 0;
	return fmax(0, (1 - p[last].conversions * f) / p[last].touches);
}

static int fit_beside(const struct series *s, const struct point *p, const char *skip,
		      struct costs *c)
{
	struct sums sums = { 0 };
	double a, fault;

	for (size_t i = 0; i < s->rates; i++)
		if (!skip[i] && !fit_frail(s, s->asked[i]))
			add_point(&sums, p[i].rate, p[i].conversions, 1);
	if (!least_squares(&sums, &a, &fault))
		return 0;
	c->cost[ATOMIC] = figure_of(a);
	c->cost[DEVICE_FAULT] = figure_of(fmax(fault, 0));
	c->cost[CPU_FAULT] = cost_of(s, p, skip, CPU_FAULT, s->regular);
	c->cost[TOUCH] = figure_of(touch_beside(s, p, skip, c->cost[CPU_FAULT].best));
	return 1;
}

int fit(const struct series *s, const char *skip, struct costs *boot)
{
	for (size_t b = 0; b < s->boots; b++) {
		const struct point *p = s->point + b * s->rates;

		boot[b] = (struct costs){ 0 };
		for (enum cost i = MIGRATE_IN; i < N_COSTS; i++)
			boot[b].cost[i] = figure_of(NAN);
		if (!(s->serial ? fit_serial : fit_beside)(s, p, skip, &boot[b]))
			return 0;
		if (!(boot[b].cost[DEVICE_FAULT].best >= 0 && boot[b].cost[CPU_FAULT].best >= 0))
			return 0;
	}
	return s->boots > 0;
}

struct workload fit_workload(const struct series *s, double asked)
{
	return (struct workload){ .pages = s->pages,
				  .engines = 1,
				  .threads = 1,
				  .atomics = INFINITY,
				  .touches = asked,
				  .burst = s->burst,
				  .serial = s->serial,
				  .random = !s->regular,
				  .touch = s->touch };
}

double fit_mean(const struct series *s, size_t rate)
{
	double sum = 0;

	for (size_t b = 0; b < s->boots; b++)
		sum += log(s->point[b * s->rates + rate].rate);
	return exp(sum / (double)s->boots);
}

/* How much of the device's time one rate is off that the fit does not see. */
static double one_out(const struct series *s, char *skip, size_t rate)
{
	struct costs *boot = xcalloc(s->boots, sizeof(*boot));
	struct workload w = fit_workload(s, s->asked[rate]);
	double error = NAN;

	skip[rate] = 1;
	if (fit(s, skip, boot)) {
		struct outcome o = outcome(boot, s->boots, 0, (struct misfit){ 0 }, &w);

		error = (fit_mean(s, rate) - o.value[RATE].best) * boot[0].cost[ATOMIC].best;
	}
	skip[rate] = 0;
	free(boot);
	return error;
}

struct misfit fit_misfit(const struct series *s, const char *skip)
{
	char *without = xcalloc(s->rates, 1);
	struct misfit m = { NAN, NAN };

	for (size_t i = 0; i < s->rates; i++)
		without[i] = skip[i];
	for (size_t i = 0; i < s->rates; i++) {
		double error;

		if (skip[i] || (!s->serial && (isinf(s->asked[i]) || fit_frail(s, s->asked[i]))))
			continue;
		error = fabs(one_out(s, without, i));
		m.worst = fmax(m.worst, error);
		m.idle = isnan(m.idle) ? error : m.idle;
	}
	free(without);
	return m;
}
