// SPDX-License-Identifier: MIT
/*
 * What each case says of itself, as JSON: `dexbench --list`.  Whoever else has to know something of
 * a case reads it there, or in build/cases.json, which is the same, made with the build.
 */
#include "runner/describe.h"

#include "lib/core/json.h"
#include "lib/core/pages.h"
#include "lib/machine/clock.h"
#include "runner/result.h"

static json_t *modes_of(const struct bench *b)
{
	json_t *list = json_array();

	for (enum mode m = MODE_EXACT; m <= MODE_TIMING && !b->device; m++)
		if (!b->modes || b->modes & 1 << m)
			json_array_append_new(list, json_string(clock_mode_name(m)));
	return list;
}

/* name -> values, words or numbers */
static json_t *list_params(const struct bench *bench)
{
	json_t *params = json_object();

	for (size_t i = 0; i < BENCH_MAX_PARAMS && bench->params[i].name; i++) {
		const struct bench_param *p = &bench->params[i];
		json_t *values = json_array();

		for (size_t k = 0; k < p->n; k++)
			json_array_append_new(values, p->labels ? json_string(p->labels[k])
								: json_integer(p->values[k]));
		json_object_set_new(params, p->name, values);
	}
	return params;
}

/* Lockstep mode can say something of it that exact mode cannot. */
static int contends(const struct bench *b)
{
	return b->contends || (b->modes & (IN_EXACT | IN_LOCKSTEP)) == IN_LOCKSTEP;
}

static json_t *picture_of(const struct bench *b, const struct bench_picture *p)
{
	static const char *const kinds[] = { [BARS] = "bars",
					     [LINES] = "lines",
					     [DISTRIBUTION] = "distribution",
					     [IN_LADDER] = "ladder",
					     [OF_DEVICE] = "device" };
	json_t *one =
		json_pack("{s:s, s:s, s:b, s:i}", "kind", kinds[p->kind], "name",
			  p->name ? p->name : b->name, "not_exact", p->not_exact, "more", p->more);
	const struct {
		const char *key, *is;
	} words[] = { { "metric", p->metric }, { "where", p->where },	{ "as", p->as },
		      { "group", p->group },   { "beside", p->beside }, { "tries", p->tries },
		      { "x", p->x },	       { "series", p->series }, { "axis", p->axis } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		json_object_set_new(one, words[i].key, json_string_or_null(words[i].is));
	return one;
}

static json_t *pictures_of(const struct bench *b)
{
	json_t *list = json_array();

	for (size_t i = 0; i < BENCH_MAX_PICTURES && b->pictures[i].kind; i++)
		json_array_append_new(list, picture_of(b, &b->pictures[i]));
	return list;
}

static json_t *needs_of(const struct bench *b)
{
	return json_pack("{s:o, s:b, s:b}", "module", json_string_or_null(b->needs.module), "swap",
			 b->needs.swap, "fsdax", b->needs.fsdax);
}

static json_t *span_of(const struct bench *b)
{
	if (!b->span.from)
		return json_null();
	return json_pack("{s:s, s:s, s:s}", "after", b->span.after, "from", b->span.from, "to",
			 b->span.to);
}

static const char *equal_of(const struct bench *b)
{
	static const char *const words[] = {
		[EQUAL_ALWAYS] = "always", [EQUAL_ON_ONE_IMAGE] = "one image"
	};

	return words[b->must_equal];
}

static json_t *describe_one(const struct bench *b)
{
	json_t *one =
		json_pack("{s:s, s:s, s:s, s:o, s:b, s:b, s:b, s:b, s:o}", "case", b->name,
			  "question", b->question, "sample", b->sample_is, "params", list_params(b),
			  "control", b->control, "primary", b->control || b->primary, "contends",
			  contends(b), "brief", !!b->brief, "modes", modes_of(b));

	json_object_set_new(one, "counted", json_boolean(b->counted));
	json_object_set_new(one, "device", json_boolean(b->device));
	json_object_set_new(one, "decides", json_string_or_null(b->decides));
	json_object_set_new(one, "must_equal", json_string_or_null(equal_of(b)));
	json_object_set_new(one, "stamps", json_string_or_null(b->stamps));
	json_object_set_new(one, "shows_loop", json_boolean(b->shows_loop));
	json_object_set_new(one, "pages",
			    json_pack("{s:i, s:i}", "multiple_of", PAGES_STEP, "least",
				      PAGES_LEAST));
	json_object_set_new(one, "sizes", result_sizes(b));
	json_object_set_new(one, "tells", json_string_or_null(b->tells));
	json_object_set_new(one, "pictures", pictures_of(b));
	json_object_set_new(one, "needs", needs_of(b));
	json_object_set_new(one, "span", span_of(b));
	return one;
}

json_t *describe(const struct bench *const *benches, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, describe_one(benches[i]));
	return list;
}
