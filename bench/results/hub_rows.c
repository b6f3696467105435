// SPDX-License-Identifier: MIT
/* "rows" of compare.json: a line a comparison, for programs, and for tab-separated values. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results.h"
#include "results/hub.h"
#include "lib/core/json.h"

static json_t *interval(struct stats_interval i)
{
	return isfinite(i.low) && isfinite(i.high) ? json_pack("[f, f]", i.low, i.high)
						   : json_null();
}

static json_t *percentiles(const struct cell *cell)
{
	json_t *o = json_object();

	for (size_t i = 0; i < N_PERCENTILES; i++)
		json_object_set_new(o, percentile_name[i],
				    json_real_or_null(cell->boots ? cell->percentile[i] : NAN));
	return o;
}

static json_t *spread(const struct cell *cell)
{
	if (!isfinite(cell->boot_sd_pct) || !isfinite(cell->run_sd_pct))
		return json_null();
	return json_pack("{s:f, s:f}", "boot_sd_pct", cell->boot_sd_pct, "run_sd_pct",
			 cell->run_sd_pct);
}

/* Of the value: each one's, in the order of their numbers, and what they say together. */
static json_t *interleavings(const struct cell *cell)
{
	json_t *values = json_array();

	for (size_t r = 0; r < cell->boot[0].runs; r++)
		json_array_append_new(values, json_real(cell->boot[0].run[r]));
	return json_pack("{s:o, s:o}", "values", values, "ci", interval(cell->interval));
}

/* The longest of any run: a reader wants to know of the worst. */
static json_t *warm_up(const struct table *t, const struct cell *cell)
{
	return t->exact || !cell->boots ? json_null() : json_integer((json_int_t)cell->warm_up);
}

static void set_identity(json_t *o, const struct table *t, const struct comparison *c)
{
	const struct row *row = &t->row[c->row];

	json_object_set_new(o, "case", json_string(row->case_name));
	json_object_set(o, "params", row->params);
	json_object_set_new(o, "control", json_boolean(row->control));
	json_object_set_new(o, "resolution_pct", json_real(resolution_pct(t, row)));
	json_object_set_new(o, "mode", json_string(t->mode));
	json_object_set_new(o, "metric",
			    json_string(row->metric ? row->metric : metric_key(t->metric)));
	json_object_set_new(o, "unit", json_string(row_unit(t, row)));
	json_object_set_new(o, "better", json_string(better_name(row->better)));
	json_object_set_new(o, "kernel", json_string(t->kernel[c->kernel].label));
	json_object_set_new(o, "baseline", json_string(t->kernel[c->base].label));
	json_object_set_new(o, "aa", json_boolean(c->family == ARM));
	json_object_set_new(o, "family",
			    json_string_or_null(c->kernel == c->base ? NULL
								     : family_name(c->family)));
}

/* By which procedure a verdict was found among many. */
static const char *correction(const struct comparison *c)
{
	return !isnan(c->p_fdr) ? "fdr" : !isnan(c->p_holm) ? "holm" : NULL;
}

/* Of a plan that names primary rows; any other's comparison is as it was before there were such. */
static void set_correction(json_t *o, const struct comparison *c)
{
	json_object_set_new(o, "p_fdr", json_real_or_null(c->p_fdr));
	json_object_set_new(o, "correction", json_string_or_null(correction(c)));
}

static void set_statistics(json_t *o, const struct comparison *c)
{
	json_object_set_new(o, "delta_pct", json_real_or_null(c->delta_pct));
	json_object_set_new(o, "ci_pct", interval(c->ci_pct));
	json_object_set_new(o, "method", json_string_or_null(method_name(c->method)));
	json_object_set_new(o, "verdict", json_string(verdict_name(c->verdict)));
	json_object_set_new(o, "reason", json_string_or_null(c->reason));
	json_object_set_new(o, "pairs", json_integer((json_int_t)c->pairs));
	json_object_set_new(o, "p", json_real_or_null(c->p));
	json_object_set_new(o, "p_holm", json_real_or_null(c->p_holm));
	json_object_set_new(o, "p_sign_flip", json_real_or_null(c->p_sign_flip));
	json_object_set_new(o, "p_mann_whitney", json_real_or_null(c->p_mann_whitney));
	json_object_set_new(o, "bootstrap_pct", interval(c->bootstrap_pct));
	json_object_set_new(o, "mde_pct", json_real_or_null(c->mde_pct));
	json_object_set_new(o, "boots_needed",
			    isnan(c->boots_needed) ? json_null()
						   : json_integer((json_int_t)c->boots_needed));
}

json_t *row_json(const struct table *t, const struct comparison *c)
{
	const struct cell *cells = t->row[c->row].cell, *b = &cells[c->kernel];
	json_t *o = json_object();

	set_identity(o, t, c);
	json_object_set_new(o, "value", json_real_or_null(cell_value(t, b)));
	json_object_set_new(o, "baseline_value", json_real_or_null(cell_value(t, &cells[c->base])));
	set_statistics(o, c);
	if (primary_rows(t))
		set_correction(o, c);
	json_object_set_new(o, "percentiles", percentiles(b));
	json_object_set_new(o, "spread", spread(b));
	if (!isnan(cell_interval(t, b).low))
		json_object_set_new(o, "interleavings", interleavings(b));
	json_object_set_new(o, "warm_up", warm_up(t, b));
	json_object_set_new(o, "boots", json_integer((json_int_t)b->boots));
	json_object_set_new(o, "samples", json_integer((json_int_t)b->samples));
	json_object_set_new(o, "ok", json_integer((json_int_t)b->ok));
	json_object_set_new(o, "attempted", json_integer((json_int_t)b->attempted));
	json_object_set_new(o, "skipped", json_string_or_null(b->skipped));
	return o;
}
