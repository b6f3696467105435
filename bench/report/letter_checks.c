// SPDX-License-Identifier: MIT
/* What was checked, in the block to post: controls, semantics, the instrument, what else differs. */
#define _GNU_SOURCE
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "lib/core/die.h"

#define MDE_SHOWN 100 /* per cent; above, a number would only look exact */

void letter_say(const struct letter *l, char *text)
{
	wrap(l->f, text, LETTER_COLUMNS, "");
	free(text);
}

/* What the campaign could have found, over its results. */
static void put_mde(const struct letter *l)
{
	double least = INFINITY, most = 0;

	for (size_t i = 0; i < l->t->comparisons; i++) {
		const struct comparison *c = &l->t->comparison[i];

		if (!is_result(c) || isnan(c->mde_pct))
			continue;
		least = fmin(least, c->mde_pct);
		most = fmax(most, c->mde_pct);
	}
	if (least <= most)
		letter_say(
			l,
			xasprintf(
				"Minimum detectable effect (found 4 times in 5): %.1f to %s%.1f %%",
				least, most > MDE_SHOWN ? "over " : "", fmin(most, MDE_SHOWN)));
}

/* One line, whatever their number. */
static char *controls(const struct letter *l)
{
	size_t all = 0, differ = 0;

	for (size_t r = 0; r < l->t->rows; r++) {
		int moves = 0, there = 0;

		if (!l->t->row[r].control || l->t->row[r].better == BETTER_NEITHER)
			continue;
		for (size_t i = 1; i < l->n; i++) {
			const struct comparison *c = table_find(l->t, r, l->shown[i], 0);

			there |= c->verdict != SKIPPED;
			moves |= differs(c);
		}
		all += (size_t)there;
		differ += (size_t)moves;
	}
	return !all ? xstrdup("Controls: not measured.")
		    : xasprintf("Controls: %zu of %zu the same as on A.", all - differ, all);
}

static char *outcomes(const struct letter *l)
{
	const struct summary *s = l->t->summary;
	size_t of = 0, broken = 0, least = SIZE_MAX;

	for (size_t i = 0; i < s->tallies; i++) {
		of = s->tally[i].asserted > of ? s->tally[i].asserted : of;
		broken += s->tally[i].broken;
		least = s->tally[i].hold < least ? s->tally[i].hold : least;
	}
	if (!of)
		return xstrdup("Semantics: not checked.");
	if (broken)
		return xasprintf("Semantics: %zu assertion%s hold%s on A and no more.", broken,
				 broken == 1 ? "" : "s", broken == 1 ? "s" : "");
	return xasprintf("Semantics: %zu of %zu assertion%s hold%s%s, all that hold on A.", least,
			 of, of == 1 ? "" : "s", of == 1 ? "s" : "",
			 s->tallies > 1 ? " on each kernel" : "");
}

void letter_checks(const struct letter *l)
{
	char *arm = arm_text(l->t), *control = controls(l), *outcome = outcomes(l);
	char *differ = differences_list(l->t);

	put_mde(l);
	letter_say(l, xasprintf("%s %s", control, outcome));
	letter_say(l, arm ? arm : xstrdup("A/A: not measured"));
	if (differ)
		letter_say(l, xasprintf("Kernels differ besides in: %s.", differ));
	for (size_t i = 0; i < l->t->notes; i++)
		letter_say(l, xasprintf("note: %s", l->t->note[i].text));
	free(control);
	free(outcome);
	free(differ);
}
