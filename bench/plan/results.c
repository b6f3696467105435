// SPDX-License-Identifier: MIT
/* Results into the table: from their boots, or from compare.json where it is alone. */
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "results/hub.h"
#include "results/load.h"
#include "lib/core/die.h"
#include "plan.h"

/* Values of boots, of medians: what the model is fitted to. */
static void must_have_boots(const struct table *t, const char *path)
{
	if (t->metric != METRIC_MEDIAN)
		die_usage(
			"%s: a comparison by another metric than the median; compare its boots without --metric",
			path);
	for (size_t i = 0; i < t->rows; i++)
		for (size_t k = 0; k < t->kernels; k++)
			if (t->row[i].cell[k].boots && !t->row[i].cell[k].boot)
				die_usage(
					"%s: it has values of all boots together, and no value of a single boot, which intervals are made of",
					path);
}

static void must_have_cases(const struct table *t, const struct table *wanted, const char *path)
{
	char *whole = xasprintf("^(%s)$", wanted->cases);
	size_t found = 0;
	regex_t re;

	if (regcomp(&re, whole, REG_EXTENDED | REG_NOSUB))
		die("%s: no regular expression", whole);
	for (size_t i = 0; i < t->rows; i++)
		found += !regexec(&re, t->row[i].case_name, 0, NULL, 0);
	if (!found)
		die_usage("%s: %s", path, wanted->load->no_cases);
	regfree(&re);
	free(whole);
}

/* What kernels differ in, and what the rows say together, is no news of a device. */
static void drop_verdicts(struct table *t)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->notes; i++)
		if (t->note[i].fact < FACT_CONDITIONS || t->note[i].fact == FACT_DISTURBED)
			t->note[kept++] = t->note[i];
	t->notes = kept;
}

void results_of(struct table *t, const char *path)
{
	struct table hub;

	if (!hub_is(path) && !t->comparisons) {
		table_load(t, path);
		return;
	}
	if (t->mode)
		die_usage("%s: a compare.json alone goes with no other results", path);
	hub = hub_table(hub_open(path), path);
	must_have_cases(&hub, t, path);
	must_have_boots(&hub, path);
	drop_verdicts(&hub);
	hub.load = t->load;
	*t = hub;
}
