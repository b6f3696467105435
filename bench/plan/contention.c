// SPDX-License-Identifier: MIT
/* What --contention is asked of which results, and why it cannot be. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/known.h"
#include "results/load.h"
#include "lib/core/die.h"
#include "plan.h"

struct table contention_table(void)
{
	const char *cases = known_telling("members");

	struct table t = { .threshold_text = "1", .cases = cases };

	load_of(&t)->keep = 1;
	t.load->no_cases = xasprintf(
		"no case in which members of a fork tree contend; make ab MODE=lockstep CPUS=12 CASES='%s'",
		cases);
	return t;
}

static double asked_members(const char *text)
{
	char *end = NULL;
	double n = text ? strtod(text, &end) : NAN;

	if (text && (end == text || *end || !(n >= 1 && n <= MOST_MEMBERS) || n != floor(n)))
		die_usage("--members=%s: give a whole number from 1 to %d", text, MOST_MEMBERS);
	return n;
}

static struct table load_exact(const char *directory)
{
	const char *holds = known_telling("hold");
	struct table exact = { .threshold_text = "1", .cases = holds };

	if (!directory)
		die_usage(
			"--contention: for how long a conversion holds the lock is counted in exact mode; give --exact=DIR, of make ab CASES=%s",
			holds);
	load_of(&exact)->no_cases = xasprintf(
		"no %s, which says for how long a conversion holds the lock; make ab CASES=%s",
		holds, holds);
	results_of(&exact, directory);
	if (strcmp(exact.mode, "exact"))
		die_usage("--exact=%s: results of mode %s, in which no hold is counted", directory,
			  exact.mode);
	return exact;
}

struct members *contention_of(const struct request *r, struct table *t, size_t *n)
{
	double asked = asked_members(r->members);
	struct table exact = load_exact(r->exact);
	struct members *list = NULL;

	if (strcmp(t->mode, "lockstep"))
		die_usage(
			"--contention: results of mode %s, where a conversion's time is the host's luck; MODE=lockstep counts it",
			t->mode);
	if (t->comparisons)
		die_usage(
			"--contention: it leaves out waits that are no queue's, sample by sample, and compare.json has no samples; give a directory with boots");
	*n = 0;
	for (size_t k = 0; k < t->kernels; k++)
		if (is_chosen(r, t, k))
			list = members(t, k, &exact, asked, list, n);
	if (!*n && t->notes)
		die_usage("--contention: %s", t->note[t->notes - 1].text);
	if (!*n)
		die_usage("--contention: no case with a row of no others%s%s",
			  r->kernel ? " for " : "", r->kernel ? r->kernel : "");
	return list;
}
