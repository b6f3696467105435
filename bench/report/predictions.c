// SPDX-License-Identifier: MIT
/* What was predicted: how much of it held, and each that did not, which stays in the report. */
#include <stdlib.h>
#include <string.h>

#include "report.h"

static const char *word(json_t *prediction, const char *key)
{
	return json_string_value(json_object_get(prediction, key));
}

static size_t kernel_of(const struct table *t, const char *label)
{
	size_t k = 0;

	while (k < t->kernels && strcmp(t->kernel[k].label, label))
		k++;
	return k;
}

/* The comparison that decided it. */
static const struct comparison *judged_by(const struct table *t, json_t *p)
{
	const char *metric = word(p, "metric");

	for (size_t i = 0; i < t->rows; i++) {
		const struct row *row = &t->row[i];

		if (!strcmp(row->case_name, word(p, "case")) &&
		    (metric && row->metric ? !strcmp(metric, row->metric)
					   : metric == row->metric) &&
		    json_equal(row->params, json_object_get(p, "params")))
			return table_find(t, i, kernel_of(t, word(p, "kernel")),
					  kernel_of(t, word(p, "baseline")));
	}
	return NULL;
}

static void print_failed(FILE *f, const struct table *t, json_t *p)
{
	const struct comparison *c = judged_by(t, p);
	char *name, *delta;

	if (!c)
		return;
	name = row_name(&t->row[c->row]);
	delta = delta_text(t, c);
	fprintf(f, "  not held: %s: expected %s, found %s (%s)\n", name, word(p, "folio"), delta,
		word(p, "because"));
	free(name);
	free(delta);
}

void print_predictions(FILE *f, const struct table *t)
{
	size_t n[N_HELD] = { 0 }, i;
	json_t *p;

	json_array_foreach(t->predictions, i, p)
		n[held_of(word(p, "outcome"))]++;
	if (!json_array_size(t->predictions))
		return;
	fprintf(f,
		"\nPredictions of what the folio walk changes, made before it was measured: %zu held, %zu not, %zu open\n",
		n[HAS_HELD], n[HAS_FAILED], n[IS_OPEN]);
	json_array_foreach(t->predictions, i, p)
		if (held_of(word(p, "outcome")) == HAS_FAILED)
			print_failed(f, t, p);
}
