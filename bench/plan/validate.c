// SPDX-License-Identifier: MIT
/*
 * Is the model right where it was not fitted?  Each rate of touches in turn is
 * predicted from all the others, and compared with what was measured at it.
 *
 * exact and lockstep: within 10 %.  parallel and timing: within the interval that dex-plan states
 * for it, which comes from the other rates alone, too; the saturated rate is always
 * part of the fit there, since no other says what a touch costs besides faults.  To be
 * inside an interval that does not tell the value to within a factor proves nothing: it
 * takes more boots, or a quieter host.
 *
 * Frail: a fault of the device that meets a touch is done again.  Where such faults would
 * take all of the device's time, the first that is delayed meets the next touch, and so on:
 * the device does not recover, and the model, in which nothing is delayed, has nothing to
 * say.  Such a rate is shown, and neither held nor failed.
 */
#include <math.h>
#include <stdlib.h>

#include "lib/core/die.h"
#include "plan.h"

#define TOLERANCE_PCT 10
#define WIDEST	      2 /* of an interval, its high end over its low one */

/* By the value's own size: a stalled device's is small, whatever the interval's width. */
static int is_wide(const struct figure *f)
{
	return !(f->low > 0 && f->high <= WIDEST * f->low);
}

static int is_inside(const struct check *c, int exact)
{
	if (exact)
		return fabs(c->error_pct) <= TOLERANCE_PCT;
	return c->measured >= c->predicted.low && c->measured <= c->predicted.high;
}

static int check_rate(struct check *c, const char *skip, int exact)
{
	const struct series *s = c->series;
	struct workload w = fit_workload(s, c->asked);
	struct costs *boot = xcalloc(s->boots, sizeof(*boot));
	int fits = fit(s, skip, boot);

	if (fits) {
		struct outcome o = outcome(boot, s->boots, exact, fit_misfit(s, skip), &w);

		c->predicted = o.value[RATE];
		c->error_pct = 100 * (c->predicted.best / c->measured - 1);
		c->inside = is_inside(c, exact);
		c->wide = !exact && is_wide(&c->predicted);
		c->frail = fit_frail(s, c->asked);
		c->holds = c->inside && !c->wide && !c->frail;
	}
	free(boot);
	return fits;
}

struct check *validate(const struct table *t, const char *label, const struct series *s,
		       struct check *list, size_t *n)
{
	char *skip = xcalloc(s->rates, 1);

	list = xrealloc(list, *n + s->rates, sizeof(*list));
	for (size_t i = 0; i < s->rates; i++) {
		if (!s->serial && isinf(s->asked[i]))
			continue;
		list[*n] = (struct check){ .kernel = label,
					   .series = s,
					   .asked = s->asked[i],
					   .measured = fit_mean(s, i) };
		skip[i] = 1;
		*n += (size_t)check_rate(&list[*n], skip, t->exact);
		skip[i] = 0;
	}
	free(skip);
	return list;
}
