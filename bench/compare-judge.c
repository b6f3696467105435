// SPDX-License-Identifier: MIT
/*
 * Verdicts.  exact: boots must agree to the bit, and then any difference is
 * real.  parallel and timing: the boot is the unit; the ratios are shown and the
 * verdict stays "inconclusive" until the interval that would carry it is
 * computed here.
 */
#include <math.h>
#include <string.h>

#include "compare.h"
#include "stats/stats.h"

double cell_value(const struct cell *cell)
{
	double boot[COMPARE_MAX_BOOTS];

	if (!cell->boots)
		return NAN;
	memcpy(boot, cell->boot, cell->boots * sizeof(*boot));
	return stats_median(boot, cell->boots);
}

static int boots_agree(const struct cell *cell)
{
	for (size_t i = 1; i < cell->boots; i++)
		if (cell->boot[i] != cell->boot[0])
			return 0;
	return 1;
}

enum verdict judge(const struct table *t, const struct row *row, size_t kernel, size_t baseline)
{
	const struct cell *a = &row->cell[baseline], *b = &row->cell[kernel];

	if (!a->boots || !b->boots)
		return SKIPPED;
	if (strcmp(t->mode, "exact") || !boots_agree(a) || !boots_agree(b))
		return INCONCLUSIVE;
	if (a->boot[0] == b->boot[0])
		return SAME;
	return b->boot[0] < a->boot[0] ? FEWER : MORE;
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = { [SAME] = "same",
					     [FEWER] = "fewer",
					     [MORE] = "more",
					     [INCONCLUSIVE] = "inconclusive",
					     [SKIPPED] = "skipped" };

	return names[verdict];
}

/* Controls are no results: a kernel does not regress by them. */
int table_status(const struct table *t)
{
	int status = EXIT_SAME;

	for (size_t i = 0; i < t->rows; i++) {
		for (size_t k = 1; k < t->kernels && !t->row[i].control; k++) {
			enum verdict v = judge(t, &t->row[i], k, 0);

			if (v == MORE)
				return EXIT_REGRESSION;
			if (v == INCONCLUSIVE || v == SKIPPED)
				status = EXIT_INCONCLUSIVE;
		}
	}
	return json_array_size(t->notes) && status == EXIT_SAME ? EXIT_INCONCLUSIVE : status;
}
