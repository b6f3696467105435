// SPDX-License-Identifier: MIT
/* What is known only once all directories are in the table. */
#include <math.h>

#include "compare.h"
#include "results/load.h"
#include "compare/cells.h"

static double efficiency(const struct table *t, size_t k)
{
	double call = t->load->kernel[k].loop_call, gap = t->load->kernel[k].loop_gap;
	double stamp = t->load->kernel[k].stamp;

	return call && stamp ? 100 * (call - stamp) / (call + gap) : NAN;
}

void table_finish(struct table *t)
{
	for (size_t k = 0; k < t->kernels; k++)
		t->kernel[k].efficiency = efficiency(t, k);
	env_compare(t);
	stamps_level(t);
	table_pair_turns(t);
	cells_finish(t);
	table_judge(t);
	t->fits = fits(t);
	t->predictions = predictions(t);
}
