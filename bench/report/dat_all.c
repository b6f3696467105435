// SPDX-License-Identifier: MIT
/* All pictures' columns, and what every picture says. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>

#include "lib/core/die.h"
#include "lib/core/quote.h"
#include "report.h"

static int has_extremes(const struct table *t)
{
	for (size_t i = 0; i < t->rows; i++)
		for (size_t k = 0; k < t->kernels; k++)
			if (t->row[i].cell[k].boots && isnan(t->row[i].cell[k].low))
				return 0;
	return 1;
}

/* What every picture says: the mode, the unit, the kernels. */
static FILE *put_facts(const struct table *t, const char *directory)
{
	size_t shown[COMPARE_MAX_KERNELS], n = letters(t, shown);
	FILE *f = dat_facts(directory, t->mode, unit_words(t));

	if (!has_extremes(t))
		fputs("ONE_OF = \"boot are not known\"\n", f);
	fprintf(f, "KERNELS = %zu\narray KERNEL[%zu]\n", n, n);
	for (size_t s = 0; s < n; s++) {
		const struct kernel *kernel = &t->kernel[shown[s]];
		char *release = release_text(kernel);
		char *words = xasprintf("%s: %s, %zu boot%s", kernel->label, release, kernel->boots,
					kernel->boots == 1 ? "" : "s");

		fprintf(f, "KERNEL[%zu] = ", s + 1);
		quote_gnuplot(f, words);
		fputc('\n', f);
		free(release);
		free(words);
	}
	return f;
}

void dat_write(const struct table *t, const char *directory)
{
	FILE *facts = put_facts(t, directory);

	dat_lines(t, directory, facts);
	dat_bars(t, directory, facts);
	dat_ecdf(t, directory, facts);
	if (t->exact)
		dat_ladder(t, directory, facts);
	else
		dat_effects(t, directory, facts);
	dat_close(facts);
}
