// SPDX-License-Identifier: MIT
/* Slopes, as they were fitted: a line for each case and its other parameters, its kernels beside each other. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/fields.h"
#include "report.h"

static double number(json_t *o, const char *key)
{
	json_t *value = json_object_get(o, key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

static void print_slope(FILE *f, size_t letter, json_t *line)
{
	double slope = number(line, "slope"), r2 = number(line, "r2");

	fprintf(f, "  %c ", (char)('A' + letter));
	if (isfinite(slope))
		fprintf(f, "%.2f (%.4f)", slope, isfinite(r2) ? r2 : 0);
	else
		fputc('-', f);
}

static int is_same(json_t *a, json_t *b, const char *key)
{
	return json_equal(json_object_get(a, key), json_object_get(b, key));
}

/* Behind the first of a line are its other kernels'; where they end. */
static size_t end_of(json_t *list, size_t first)
{
	json_t *a = json_array_get(list, first), *b;
	size_t i = first;

	while ((b = json_array_get(list, i)) && is_same(a, b, "case") && is_same(a, b, "over") &&
	       is_same(a, b, "params"))
		i++;
	return i;
}

static json_t *of_kernel(const struct table *t, size_t first, size_t end, size_t k)
{
	for (size_t i = first; i < end; i++) {
		json_t *o = json_array_get(t->fits, i);

		if (!strcmp(json_string_value(json_object_get(o, "kernel")), t->kernel[k].label))
			return o;
	}
	return NULL;
}

static void print_name(FILE *f, const struct table *t, json_t *o)
{
	char *params = fields_params(json_object_get(o, "params"), " ", "=");

	fprintf(f, "  %s%s%s, %s per page and one more of %s:",
		json_string_value(json_object_get(o, "case")), *params ? " " : "", params,
		unit_words(t), json_string_value(json_object_get(o, "over")));
	free(params);
}

/* How many lines it printed, under a heading if it is the first: none where no kernel has
 * a slope. */
static size_t print_fit(FILE *f, const struct table *t, size_t first, size_t end, int is_first)
{
	size_t shown[COMPARE_MAX_KERNELS], n = letters(t, shown), found = 0;

	for (size_t s = 0; s < n; s++)
		found += isfinite(number(of_kernel(t, first, end, shown[s]), "slope"));
	if (!found)
		return 0;
	if (is_first)
		fputs("\nSlopes, by least squares, and the share of variance they explain:\n", f);
	print_name(f, t, json_array_get(t->fits, first));
	for (size_t s = 0; s < n; s++)
		print_slope(f, s, of_kernel(t, first, end, shown[s]));
	fputc('\n', f);
	return 1;
}

void print_fits(FILE *f, const struct table *t)
{
	size_t lines = 0, end;

	for (size_t i = 0; i < json_array_size(t->fits); i = end) {
		end = end_of(t->fits, i);
		lines += print_fit(f, t, i, end, !lines);
	}
}
