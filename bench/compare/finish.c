// SPDX-License-Identifier: MIT
/* What is known only once all directories are in the table. */
#include <math.h>

#include "compare.h"
#include "results/known.h"
#include "results/load.h"
#include "compare/cells.h"

/* What a pair of stamps in the module costs this kernel, in ticks; NAN if no
 * boot asked.  The first boot's, as the loop is. */
static double stamp_ticks(const struct table *t, size_t k)
{
	for (size_t i = 0; i < t->rows; i++) {
		const struct row *row = &t->row[i];
		struct dat_source stamps = { .case_name = row->case_name,
					     .where = known_word(row->case_name, "stamps") };

		if (stamps.where && dat_selects(&stamps, row) && row->cell[k].boots)
			return row->cell[k].boot[0].value / t->kernel[k].scale;
	}
	return NAN;
}

static double efficiency(const struct table *t, size_t k)
{
	double call = t->load->kernel[k].loop_call, gap = t->load->kernel[k].loop_gap;

	return call ? 100 * (call - stamp_ticks(t, k)) / (call + gap) : NAN;
}

void table_finish(struct table *t)
{
	for (size_t k = 0; k < t->kernels; k++)
		t->kernel[k].efficiency = efficiency(t, k);
	env_compare(t);
	table_pair_turns(t);
	cells_finish(t);
	table_judge(t);
	t->fits = fits(t);
	t->predictions = predictions(t);
}
