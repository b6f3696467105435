// SPDX-License-Identifier: MIT
/* "measured" of this version from rows of version 1. */
#include <math.h>
#include <string.h>

#include "results.h"
#include "results/hub_v1.h"
#include "lib/core/die.h"

const char *before_word(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

const char *before_label(const struct before *b, size_t k)
{
	const char *text = json_string_value(json_array_get(b->labels, k));

	if (!text)
		die_usage("%s: a kernel without a name", b->path);
	return text;
}

json_t *before_planned(const struct before *b, const char *list, const char *key, const char *spec)
{
	json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(b->plan, list), i, entry)
		if (!strcmp(before_word(entry, key), spec))
			return entry;
	return NULL;
}

json_t *before_or_null(json_t *value)
{
	return value ? json_incref(value) : json_null();
}

static json_t *percentiles(json_t *row)
{
	json_t *list = json_array(), *of = json_object_get(row, "percentiles");

	for (size_t i = 0; i < N_PERCENTILES; i++) {
		json_t *value = json_object_get(of, percentile_name[i]);

		json_array_append(list, value ? value : json_null());
	}
	return list;
}

/* One boot is all boots, if its runs are known. */
static json_t *each(const struct before *b, json_t *row, size_t k)
{
	json_t *runs = json_object_get(json_object_get(row, "interleavings"), "values");
	json_t *boot = before_planned(b, "schedule", "kernel", before_label(b, k)), *o;
	json_t *block = json_object_get(boot, "block"), *samples = json_object_get(row, "samples");

	if (json_integer_value(json_object_get(row, "boots")) != 1 ||
	    (!runs && json_integer_value(json_object_get(b->plan, "runs")) != 1))
		return json_null();
	o = json_pack("{s:i, s:I, s:O, s:o}", "plan", 0, "block", json_integer_value(block),
		      "value", json_object_get(row, "value"), "runs",
		      runs ? json_incref(runs) : json_pack("[O]", json_object_get(row, "value")));
	if (json_integer_value(samples)) {
		json_object_set(o, "samples", samples);
		json_object_set_new(o, "warm_up", json_integer(0));
		json_object_set_new(o, "percentiles", percentiles(row));
	}
	return json_pack("[o]", o);
}

/* Of one boot, or of its interleavings. */
static json_t *extremes(json_t *row)
{
	json_t *values = json_object_get(json_object_get(row, "interleavings"), "values"), *value;
	double low = json_number_value(json_object_get(row, "value")), high = low;
	size_t i;

	if (json_integer_value(json_object_get(row, "boots")) != 1)
		return json_null();
	json_array_foreach(values, i, value) {
		low = fmin(low, json_number_value(value));
		high = fmax(high, json_number_value(value));
	}
	return json_pack("[f, f]", low, high);
}

static json_t *spread(json_t *row)
{
	json_t *of = json_object_get(row, "spread");

	return json_is_object(of) ? json_pack("[O, O]", json_object_get(of, "boot_sd_pct"),
					      json_object_get(of, "run_sd_pct"))
				  : json_null();
}

static json_t *cell(const struct before *b, json_t *row, size_t k)
{
	static const char *const same[] = { "boots", "samples", "ok", "attempted", "skipped" };
	json_t *o = json_object(),
	       *ci = json_object_get(json_object_get(row, "interleavings"), "ci");

	if (strcmp(before_word(row, "kernel"), before_label(b, k)))
		die_usage("%s: its rows are not in the order of its kernels", b->path);
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		json_object_set(o, same[i], json_object_get(row, same[i]));
	if (!json_integer_value(json_object_get(row, "boots")))
		return o;
	json_object_set(o, "value", json_object_get(row, "value"));
	json_object_set_new(o, "extremes", extremes(row));
	json_object_set_new(o, "interval", before_or_null(ci));
	json_object_set_new(o, "spread_pct", spread(row));
	json_object_set_new(o, "warm_up",
			    json_integer(json_integer_value(json_object_get(row, "warm_up"))));
	json_object_set_new(o, "percentiles", percentiles(row));
	json_object_set_new(o, "each", each(b, row, k));
	json_object_set_new(o, "curve", json_null());
	return o;
}

static json_t *measured_row(const struct before *b, size_t first)
{
	json_t *row = json_array_get(b->rows, first), *cells = json_array();
	int samples = !strcmp(before_word(row, "metric"), b->key);

	for (size_t k = 0; k < b->kernels; k++)
		json_array_append_new(cells, cell(b, json_array_get(b->rows, first + k), k));
	return json_pack("{s:O, s:O, s:O, s:o, s:o, s:O, s:o}", "case",
			 json_object_get(row, "case"), "params", json_object_get(row, "params"),
			 "control", json_object_get(row, "control"), "metric",
			 samples ? json_null() : before_or_null(json_object_get(row, "metric")),
			 "unit",
			 samples ? json_null() : before_or_null(json_object_get(row, "unit")),
			 "better", json_object_get(row, "better"), "cells", cells);
}

json_t *before_measured(const struct before *b)
{
	json_t *list = json_array();

	for (size_t i = 0; i + b->each <= json_array_size(b->rows); i += b->each)
		json_array_append_new(list, measured_row(b, i));
	return list;
}
