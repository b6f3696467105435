// SPDX-License-Identifier: MIT
/* The commands that make a table again, from its plans. */
#define _GNU_SOURCE
#include <stdlib.h>

#include "compare.h"
#include "lib/die.h"

json_int_t plan_int(const struct table *t, size_t plan, const char *name)
{
	return json_integer_value(json_object_get(t->plan[plan].json, name));
}

/* @text, which is freed, and @more. */
static char *extend(char *text, const char *more, const char *value, const char *end)
{
	char *longer = xasprintf("%s%s%s%s", text, more, value, end);

	free(text);
	return longer;
}

/* Kernels of a plan as KERNELS has them: its A/A arm is not asked for by name. */
static char *specs_of(const struct table *t, size_t plan, int *arm)
{
	char *text = xstrdup("");

	*arm = 0;
	for (size_t k = 0; k < t->kernels; k++) {
		if (t->kernel[k].directory != plan)
			continue;
		if (is_arm(t, k)) {
			*arm = 1;
			continue;
		}
		text = extend(text, *text ? " " : "", t->kernel[k].spec, "");
	}
	return text;
}

static char *case_list(json_t *plan)
{
	char *text = xstrdup("");
	json_t *c;
	size_t i;

	json_array_foreach(json_object_get(plan, "cases"), i, c)
		text = extend(text, i ? "|" : "", json_string_value(c), "");
	return text;
}

/* NULL for a plan that no campaign made (bare metal). */
char *campaign_command(const struct table *t, size_t plan)
{
	json_int_t runs = plan_int(t, plan, "runs");
	char *specs, *cases, *number, *line;
	int arm;

	if (!json_object_get(t->plan[plan].json, "seed"))
		return NULL;
	specs = specs_of(t, plan, &arm);
	cases = case_list(t->plan[plan].json);
	number = t->plans > 1 ? xasprintf("%zu", plan + 1) : xstrdup("");
	line = xasprintf(
		"make ab KERNELS=\"%s\" CASES=\"%s\" MODE=%s BOOTS=%lld RUNS=%lld SEED=%lld PAGES=%lld CPUS=%lld MEMORY=%lld AA=%s OUT=DIR%s",
		specs, cases, t->mode, (long long)plan_int(t, plan, "boots"),
		(long long)(runs ? runs : 1), (long long)plan_int(t, plan, "seed"),
		(long long)plan_int(t, plan, "pages"), (long long)plan_int(t, plan, "cpus"),
		(long long)plan_int(t, plan, "memory_mib"), arm ? "yes" : "no", number);
	free(specs);
	free(cases);
	free(number);
	return line;
}

char *compare_command(const struct table *t, const char *option)
{
	char *line = xasprintf("build/dex-compare %s", option);

	if (t->metric != METRIC_MEDIAN)
		line = extend(line, " --metric=", metric_option(t->metric), "");
	if (!t->exact)
		line = extend(line, " --threshold=", t->threshold_text, "");
	if (t->cases)
		line = extend(line, " --case='", t->cases, "'");
	for (size_t p = 0; p < t->plans; p++) {
		char *number = t->plans > 1 ? xasprintf("%zu", p + 1) : xstrdup("");

		line = extend(line, " DIR", number, "");
		free(number);
	}
	return line;
}
