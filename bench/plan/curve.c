// SPDX-License-Identifier: MIT
/*
 * The answer over the touch rate, for gnuplot: a block a kernel (`index`), columns
 * as the first line says; unknown is NaN.  stay_least and stay_most say what migrating a
 * page to the device and back has to cost less than to be better, a visit: where an
 * atomic costs as much there as here, and where it costs nothing there (the break-even of
 * METHODOLOGY.md, "Capacity planning", for the two ends of an atomic's local cost).
 */
#include <math.h>

#include "plan.h"

#define DECADES_BELOW 3 /* of the rate at which the faults alone would take all time */
#define DECADES_ABOVE 2
#define PER_DECADE    10

static void put_figure(FILE *f, struct figure value, double scale)
{
	fprintf(f, "\t%.10g\t%.10g\t%.10g", value.low * scale, value.best * scale,
		value.high * scale);
}

/* The mean over boots of what a visit costs besides its atomics, and of an atomic. */
static void put_stay(FILE *f, const struct plan_answer *a, const struct plan_kernel *k,
		     double per_visit)
{
	double visit = 0, atomic = 0;

	for (size_t b = 0; b < k->boots; b++) {
		const struct figure *cost = k->boot[b].cost;

		visit += (cost[DEVICE_FAULT].best + cost[SHARER].best * a->workload.sharers +
			  cost[CPU_FAULT].best) /
			 (double)k->boots;
		atomic += cost[ATOMIC].best / (double)k->boots;
	}
	fprintf(f, "\t%.10g\t%.10g", visit, visit + atomic * per_visit);
}

static void put_point(FILE *f, const struct plan_answer *a, const struct plan_kernel *k,
		      double touches)
{
	struct workload w = a->workload;
	struct outcome o;

	w.touches = touches;
	o = outcome(k->boot, k->boots, a->exact, k->misfit, &w);
	fprintf(f, "%.10g", touches * a->window);
	put_figure(f, o.value[RATE], a->window);
	put_figure(f, o.value[CONVERSIONS], a->window);
	put_figure(f, o.value[CPU_LOST], 1);
	put_stay(f, a, k, o.value[PER_VISIT].best);
	fprintf(f, "\t%s\n",
		o.best.limit == BY_DEMAND	   ? "demand"
		: o.best.limit == BY_ATOMICS	   ? "atomics"
		: o.best.limit == BY_DEVICE_FAULTS ? "faults"
						   : "cpu");
}

static void put_kernel(FILE *f, const struct plan_answer *a, const struct plan_kernel *k)
{
	double pair = 0, full;

	for (size_t b = 0; b < k->boots; b++)
		pair += (k->boot[b].cost[DEVICE_FAULT].best + k->boot[b].cost[CPU_FAULT].best +
			 k->boot[b].cost[SHARER].best * a->workload.sharers) /
			(double)k->boots;
	full = 1 / (pair * a->workload.pages);
	fprintf(f, "# \"%s\"\n", k->label);
	for (int i = -DECADES_BELOW * PER_DECADE; i <= DECADES_ABOVE * PER_DECADE; i++)
		put_point(f, a, k, full * pow(10, (double)i / PER_DECADE));
}

void plan_curve(FILE *f, const struct plan_answer *a)
{
	fprintf(f,
		"# touches\trate_low\trate\trate_high\tconversions_low\tconversions\tconversions_high\tcpu_lost_low\tcpu_lost\tcpu_lost_high\tstay_least\tstay_most\tlimit\n");
	for (size_t k = 0; k < a->kernels; k++) {
		if (k)
			fputs("\n\n", f);
		put_kernel(f, a, &a->kernel[k]);
	}
}
