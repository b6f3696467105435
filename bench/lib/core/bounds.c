// SPDX-License-Identifier: MIT
#include "lib/core/bounds.h"

#include <math.h>

#include "lib/core/die.h"
#include "lib/core/fields.h"
#include "lib/core/json.h"
#include "lib/core/names.h"

json_int_t bounds_int(json_t *object, const char *key, json_int_t least, json_int_t most,
		      const char *path)
{
	json_int_t n = json_need_int(object, key, path);

	if (n < least || n > most)
		die_usage("%s: \"%s\" is %lld; from %lld to %lld can be", path, key, (long long)n,
			  (long long)least, (long long)most);
	return n;
}

static int is_param(json_t *value)
{
	json_int_t n = json_integer_value(value);

	if (json_is_string(value))
		return name_is_label(json_string_value(value));
	return json_is_integer(value) && n >= -BOUNDS_NUMBER && n <= BOUNDS_NUMBER;
}

void bounds_params(json_t *params, const char *path)
{
	const char *name;
	json_t *value;

	json_object_foreach(params, name, value) {
		if (!name_is_word(name))
			die_usage("%s: \"%s\" is no name of a parameter", path, name);
		if (!is_param(value))
			die_usage("%s: parameter %s is neither a number nor a word", path, name);
	}
}

double bounds_value(json_t *value, const char *name, const char *path)
{
	double v = json_number_value(value);

	if (!json_is_number(value))
		die_usage("%s: metric %s has no number as value", path, name);
	if (!(fabs(v) <= BOUNDS_VALUE))
		die_usage("%s: metric %s is %g; up to %g can be", path, name, v, BOUNDS_VALUE);
	return v;
}

static int any(const uint32_t *ticks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ticks[i])
			return 1;
	return 0;
}

/* What a stamp costs is in each sample, unless a case's probes are taken off. */
static void must_take_time(json_t *result, const uint32_t *ticks, size_t n, const char *path)
{
	if (!any(ticks, n) && isnan(fields_metric(result, "probe_overhead")))
		die_usage("%s: all %zu samples are 0 ticks, less than their own stamps take", path,
			  n);
}

void bounds_samples(json_t *result, const uint32_t *ticks, size_t n, const char *path)
{
	json_int_t pages = bounds_int(result, "pages_per_sample", 1, BOUNDS_PAGES, path);
	json_int_t ok = json_need_int(result, "ok", path);
	json_int_t attempted = json_need_int(result, "attempted", path);

	if (!n)
		die_usage("%s: a result without samples", path);
	if (ok < 0 || attempted < 1 || ok > attempted)
		die_usage("%s: %lld of %lld pages succeeded, which cannot be", path, (long long)ok,
			  (long long)attempted);
	if ((json_int_t)n * pages != attempted)
		die_usage("%s: %zu samples of %lld pages each are not the %lld pages attempted",
			  path, n, (long long)pages, (long long)attempted);
	must_take_time(result, ticks, n, path);
}
