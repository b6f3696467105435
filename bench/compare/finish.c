// SPDX-License-Identifier: MIT
/* What is known only once all directories are in the table. */
#include <math.h>

#include "compare.h"
#include "compare/known.h"

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
	const struct kernel *kernel = &t->kernel[k];

	if (!kernel->loop_call)
		return NAN;
	return 100 * (kernel->loop_call - stamp_ticks(t, k)) /
	       (kernel->loop_call + kernel->loop_gap);
}

void table_finish(struct table *t)
{
	for (size_t k = 0; k < t->kernels; k++)
		t->kernel[k].efficiency = efficiency(t, k);
	env_compare(t);
	table_pair_turns(t);
	table_judge(t);
}
