// SPDX-License-Identifier: MIT
#include "runner/result.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/core/die.h"
#include "lib/core/json.h"
#include "lib/machine/dev.h"

#define MAX_CASES 64

static struct result_common common;
static pid_t owner;		 /* whose results they are: no child of it writes them */
static json_t *files[MAX_CASES]; /* one object a case */
static size_t n_files;

static void write_rest(void)
{
	if (getpid() == owner)
		result_write_all(0);
}

void result_directory(const struct result_common *c)
{
	common = *c;
	owner = getpid();
	atexit(write_rest);
}

static json_t *integer_or_null(int n)
{
	return n < 0 ? json_null() : json_integer(n);
}

static json_t *predictions(const struct bench_prediction *p)
{
	static const char *const words[] = {
		[EXPECT_SAME] = "same", [EXPECT_LOWER] = "lower", [EXPECT_HIGHER] = "higher"
	};
	json_t *array = json_array();

	for (; p && p->folio; p++)
		json_array_append_new(array,
				      json_pack("{s:s, s:o, s:s, s:s}", "when", p->when, "metric",
						json_string_or_null(p->metric), "folio",
						words[p->folio], "because", p->because));
	return array;
}

json_t *result_sizes(const struct bench *bench)
{
	json_t *sizes = json_object();

	for (size_t i = 0; i < BENCH_MAX_SIZES && bench->sizes[i].name; i++)
		json_object_set_new(sizes, bench->sizes[i].name,
				    json_integer(bench->sizes[i].value));
	return sizes;
}

static json_t *new_file(const struct bench *bench)
{
	return json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:o, s:o, s:{s:f, s:f}, s:I, s:i, s:{s:n, s:n, s:{s:o, s:o}}, s:[]}",
		"schema", "dexbench.case.v1", "case", bench->name, "question", bench->question,
		"sample", bench->sample_is, "mode", clock_mode_name(common.mode), "unit",
		clock_unit(common.mode), "control", bench->control, "fit",
		json_string_or_null(bench->fit), "predictions", predictions(bench->predictions),
		"resolution_pct", "samples", bench->resolution.samples, "metrics",
		bench->resolution.metrics, "pages", (json_int_t)common.pages, "run",
		(int)common.run, "conditions", "before", "after", "binding", "cpu",
		integer_or_null(common.cpu), "node", integer_or_null(common.node), "results");
}

static json_t *file_of(const struct bench *bench)
{
	for (size_t i = 0; i < n_files; i++)
		if (!strcmp(json_string_value(json_object_get(files[i], "case")), bench->name))
			return files[i];
	if (n_files == MAX_CASES)
		die("more than %d cases; raise MAX_CASES", MAX_CASES);
	files[n_files] = new_file(bench);
	json_object_set_new(files[n_files], "sizes", result_sizes(bench));
	if (bench->device)
		json_object_set_new(files[n_files], "device", bench->device());
	return files[n_files++];
}

void result_state(const struct bench *bench, json_t *state)
{
	json_t *conditions;

	if (!common.directory) {
		json_decref(state);
		return;
	}
	conditions = json_object_get(file_of(bench), "conditions");
	json_object_set_new(
		conditions,
		json_is_null(json_object_get(conditions, "before")) ? "before" : "after", state);
}

static json_t *param_values(const struct bench *bench, const int64_t *arg)
{
	json_t *params = json_object();

	for (size_t i = 0; i < BENCH_MAX_PARAMS && bench->params[i].name; i++) {
		const struct bench_param *p = &bench->params[i];

		json_object_set_new(params, p->name,
				    p->labels ? json_string(p->labels[arg[i]])
					      : json_integer(arg[i]));
	}
	return params;
}

static json_t *tick_array(const uint32_t *ticks, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, json_integer(ticks[i]));
	return array;
}

/* Null where nothing failed, which is nearly always. */
static json_t *error_array(const struct run *r)
{
	json_t *array = json_array();
	int any = 0;

	for (size_t i = 0; i < r->samples; i++) {
		any |= r->errors[i];
		json_array_append_new(array, json_integer(r->errors[i]));
	}
	if (any)
		return array;
	json_decref(array);
	return json_null();
}

static json_t *event_counts(const struct dev_events *e)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I}", "exclusive_own", (json_int_t)e->exclusive_own,
			 "exclusive_other", (json_int_t)e->exclusive_other, "clear_page",
			 (json_int_t)e->clear_page, "clear_more", (json_int_t)e->clear_more,
			 "other", (json_int_t)e->other);
}

static json_t *metrics(const struct run *r)
{
	static const char *const words[] = {
		[BETTER_NEITHER] = "neither", [BETTER_LOWER] = "lower", [BETTER_HIGHER] = "higher"
	};
	json_t *array = json_array();

	for (size_t i = 0; i < r->metrics; i++) {
		const struct bench_metric *m = &r->metric[i];

		json_array_append_new(array, json_pack("{s:s, s:s, s:s, s:f}", "name", m->name,
						       "unit", m->unit, "better", words[m->better],
						       "value", m->value));
	}
	return array;
}

void result_add(const struct run *r, json_t *counters)
{
	json_t *one;

	if (!common.directory) {
		json_decref(counters);
		return;
	}
	one = json_object();
	json_object_set_new(one, "params", param_values(r->bench, r->arg));
	json_object_set_new(one, "skipped", json_string_or_null(r->skip));
	json_object_set_new(one, "pages_per_sample", json_integer(r->pages_per_sample));
	json_object_set_new(one, "stamps_per_sample", json_integer(r->stamps_per_sample));
	json_object_set_new(one, "attempted", json_integer((json_int_t)r->attempted));
	json_object_set_new(one, "ok", json_integer((json_int_t)r->succeeded));
	json_object_set_new(one, "request_ticks",
			    r->request_ticks ? json_integer((json_int_t)r->request_ticks)
					     : json_null());
	json_object_set_new(one, "events", event_counts(&r->events));
	json_object_set_new(one, "metrics", metrics(r));
	json_object_set_new(one, "counters", counters ? counters : json_null());
	json_object_set_new(one, "errors", error_array(r));
	if (r->facts)
		json_object_set(one, "facts", r->facts);
	json_object_set_new(one, "gaps", r->n_gaps ? tick_array(r->gaps, r->n_gaps) : json_null());
	json_object_set_new(one, "ticks", tick_array(r->ticks, r->samples));
	json_array_append_new(json_object_get(file_of(r->bench), "results"), one);
}

void result_write_all(int complete)
{
	size_t n = n_files;

	n_files = 0; /* once, also if writing ends the program */
	for (size_t i = 0; i < n; i++) {
		const char *name = json_string_value(json_object_get(files[i], "case"));
		char *path = common.run > 1 ? xasprintf("%s/%s.run%u.json", common.directory, name,
							common.run)
					    : xasprintf("%s/%s.json", common.directory, name);

		json_object_set_new(files[i], "complete", json_boolean(complete));
		json_write_new(files[i], path);
		free(path);
	}
}

char *result_name(const struct bench *bench, const int64_t *arg)
{
	char *name = xstrdup(bench->name);

	for (size_t i = 0; i < BENCH_MAX_PARAMS && bench->params[i].name; i++) {
		const struct bench_param *p = &bench->params[i];
		char *longer = p->labels
				       ? xasprintf("%s/%s:%s", name, p->name, p->labels[arg[i]])
				       : xasprintf("%s/%s:%lld", name, p->name, (long long)arg[i]);

		free(name);
		name = longer;
	}
	return name;
}

char *result_summary(const struct run *r)
{
	int timed = r->mode == MODE_TIMING && r->dev;
	double sum = 0;

	if (r->bench->device && r->metrics)
		return xasprintf("%.4g %s %s", r->metric[0].value, r->metric[0].name,
				 r->metric[0].unit);
	for (size_t i = 0; i < r->samples; i++)
		sum += timed ? r->ticks[i] * 1e6 / dev_info(r->dev)->clock_khz : r->ticks[i];
	return xasprintf("%.1f %s/page (mean), %llu of %llu pages", sum / (double)r->attempted,
			 timed ? "ns" : clock_unit(r->mode), (unsigned long long)r->succeeded,
			 (unsigned long long)r->attempted);
}
