// SPDX-License-Identifier: MIT
/*
 * Tables for pictures of results that are no plan: an attribution (which function took
 * how many instructions more), and results that tell of a device and of no
 * kernel and is compared with nothing.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/picture.h"
#include "lib/core/die.h"
#include "lib/core/fields.h"
#include "lib/core/input.h"
#include "lib/core/json.h"
#include "lib/core/quote.h"

#define SHOWN 16 /* functions; the others are one line together */

struct function {
	const char *name;
	double delta;
};

static int farther(const void *a, const void *b)
{
	const struct function *x = a, *y = b;
	double d = fabs(y->delta) - fabs(x->delta);

	return d < 0 ? -1 : d > 0 ? 1 : strcmp(x->name, y->name);
}

static void attribution_facts(json_t *root, const char *title, size_t rows, const char *directory,
			      const char *path)
{
	json_t *kernels = json_need(root, "kernels", JSON_ARRAY, path), *kernel;
	FILE *f = dat_facts(directory, "exact", "guest instructions");
	size_t i;

	if (json_array_size(kernels) != 2)
		die_usage("%s: not two kernels", path);
	fprintf(f, "attribution_rows = %zu\nKERNELS = %zu\narray KERNEL[%zu]\n", rows,
		json_array_size(kernels), json_array_size(kernels));
	fputs("ATTRIBUTED = ", f);
	quote_gnuplot(f, title);
	fputc('\n', f);
	json_array_foreach(kernels, i, kernel) {
		char *words = xasprintf("%s: Linux %s", json_need_string(kernel, "spec", path),
					json_need_string(kernel, "release", path));

		fprintf(f, "KERNEL[%zu] = ", i + 1);
		quote_gnuplot(f, words);
		fputc('\n', f);
		free(words);
	}
	dat_close(f);
}

/* What two kernels spend in a function itself differs by the third of "self". */
static struct function *functions_of(json_t *row, size_t *n, const char *path)
{
	json_t *list = json_need(row, "functions", JSON_ARRAY, path), *o;
	struct function *f = xcalloc(json_array_size(list) + 1, sizeof(*f));
	size_t i;

	*n = 0;
	json_array_foreach(list, i, o) {
		json_t *self = json_need(o, "self", JSON_ARRAY, path);
		double delta = json_number_value(json_array_get(self, 2));

		if (delta != 0)
			f[(*n)++] =
				(struct function){ json_need_string(o, "function", path), delta };
	}
	qsort(f, *n, sizeof(*f), farther);
	return f;
}

static void put_function(FILE *f, const char *name, double delta)
{
	quote_gnuplot(f, name);
	dat_number(f, delta);
	fputc('\n', f);
}

/* Of several rows the first; where a number grows from row to row, the last. */
static json_t *telling(json_t *rows)
{
	json_t *first = json_array_get(rows, 0), *params = json_object_get(first, "params");
	json_t *value = json_object_iter_value(json_object_iter(params));

	return json_is_integer(value) ? json_array_get(rows, json_array_size(rows) - 1) : first;
}

static const char *spec_of(json_t *root, size_t i, const char *path)
{
	return json_need_string(json_array_get(json_object_get(root, "kernels"), i), "spec", path);
}

static void put_attribution(const char *path, const char *directory)
{
	json_t *root = json_read(path, "dexbench.attribution.v1");
	json_t *rows = json_need(root, "rows", JSON_ARRAY, path);
	json_t *row = telling(rows);
	char *params = dat_params(json_need(row, "params", JSON_OBJECT, path));
	char *title = xasprintf("%s %s, %s to %s: %+g", json_need_string(root, "case", path),
				params, spec_of(root, 0, path), spec_of(root, 1, path),
				json_number_value(json_object_get(row, "delta")));
	double rest = 0;
	size_t n;
	struct function *function = functions_of(row, &n, path);
	FILE *f;

	attribution_facts(root, title, n > SHOWN ? SHOWN + 1 : n, directory, path);
	f = dat_open(directory, "attribution.dat",
		     "instructions in the function itself, by which the second kernel differs",
		     "function, difference");
	for (size_t i = 0; i < n; i++) {
		if (i < SHOWN)
			put_function(f, function[i].name, function[i].delta);
		else
			rest += function[i].delta;
	}
	if (n > SHOWN) {
		char *others = xasprintf("%zu others together", n - SHOWN);

		put_function(f, others, rest);
		free(others);
	}
	dat_close(f);
	free(function);
	free(params);
	free(title);
	json_decref(root);
}

static double rate_of(json_t *results, json_t *memory, const char *pattern, const char *cpu)
{
	json_t *want = json_pack("{s:O, s:s, s:s, s:s}", "memory", memory, "scope", "sys",
				 "pattern", pattern, "cpu", cpu);
	double rate = NAN;
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result)
		if (json_equal(json_object_get(result, "params"), want))
			rate = fields_metric(result, "atomics_rate");
	json_decref(want);
	return rate;
}

static void put_memory(FILE *f, json_t *results, json_t *memory)
{
	static const char *const pattern[] = { "same", "distinct" }, *const cpu[] = { "idle",
										      "touching" };

	quote_gnuplot(f, json_string_value(memory));
	for (size_t p = 0; p < 2; p++)
		for (size_t c = 0; c < 2; c++)
			dat_number(f, rate_of(results, memory, pattern[p], cpu[c]));
	fputc('\n', f);
}

static void put_device(const char *path, const struct picture *p, const char *directory)
{
	json_t *root = json_read(path, "dexbench.case.v1");
	json_t *results = json_need(root, "results", JSON_ARRAY, path), *result, *last = NULL;
	json_t *device = json_object_get(root, "device");
	const char *name = json_string_value(json_object_get(device, "device"));
	char *columns = xasprintf("%s.dat", p->name);
	FILE *f = dat_facts(directory, "timing", "atomics per second");
	size_t i;

	fputs("KERNELS = 1\narray KERNEL[1]\nKERNEL[1] = ", f);
	quote_gnuplot(f, name ? name : "unknown device");
	fputc('\n', f);
	dat_close(f);
	f = dat_open(directory, columns, "atomics a second by the device, scope sys",
		     "memory; same word: CPU idle, touching; distinct words: CPU idle, touching");
	json_array_foreach(results, i, result) {
		json_t *params = json_need(result, "params", JSON_OBJECT, path);
		json_t *memory = json_need(params, "memory", JSON_STRING, path);

		if (!json_equal(memory, last))
			put_memory(f, results, memory);
		last = memory;
	}
	dat_close(f);
	free(columns);
	json_decref(root);
}

static int is_there(char **path, const char *directory, const char *name)
{
	*path = xasprintf("%s/%s.json", directory, name);
	return input_exists(*path);
}

/* What a device left, which is as many files as cases of devices ran; the first has the picture. */
static int device_there(const char *from, const char *directory)
{
	size_t n;
	struct picture *list = pictures("device", &n);
	int found = 0;

	for (size_t i = 0; i < n && !found; i++) {
		char *path;

		found = is_there(&path, from, list[i].from->case_name);
		if (found)
			put_device(path, &list[i], directory);
		free(path);
	}
	free(list);
	return found;
}

int dat_foreign(const char *from, const char *directory)
{
	char *path;
	int found;

	input_within(from);
	found = is_there(&path, from, "attribution");
	if (found)
		put_attribution(path, directory);
	free(path);
	return found || device_there(from, directory);
}
