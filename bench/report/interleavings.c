// SPDX-License-Identifier: MIT
/* Values of lockstep mode with what interleavings leave open, and what they mean. */
#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"
#include "report.h"

char *interleaved_text(const struct table *t, const struct cell *cell)
{
	struct stats_interval i = cell_interval(t, cell);
	double half = 100 * (i.high - i.estimate) / i.estimate;
	char *value = value_text(t, cell_value(t, cell)), *text;

	if (!(half > 0))
		return value;
	text = half < 1000 ? xasprintf("%s +-%.*f%%", value, half < 10, half)
			   : xasprintf("%s +-%.0e%%", value, half);
	free(value);
	return text;
}

const char *lockstep_words(const struct table *t)
{
	if (strcmp(t->mode, "lockstep"))
		return "";
	if (!interleaves(t))
		return "CPUs take turns of a few instructions: each instruction is one unit of time, moving a\n"
		       "cache line costs nothing, and this is one interleaving of many (RUNS=5 for five).\n";
	return "CPUs take turns of a few instructions: each instruction is one unit of time, moving a\n"
	       "cache line costs nothing.  Each run is another interleaving, exact in itself; values are their\n"
	       "means, +- and [low, high] 95 % intervals of that.  \"same\" is the same under every one of them,\n"
	       "\"?\" what they do not tell (Student's t, Holm over all rows of a kind).\n";
}
