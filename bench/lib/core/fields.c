// SPDX-License-Identifier: MIT
#include "lib/core/fields.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"

static char *one(const char *name, const char *is, json_t *value)
{
	return json_is_string(value)
		       ? xasprintf("%s%s%s", name, is, json_string_value(value))
		       : xasprintf("%s%s%lld", name, is, (long long)json_integer_value(value));
}

char *fields_params(json_t *params, const char *between, const char *is)
{
	char *text = xstrdup("");
	const char *name;
	json_t *value;

	json_object_foreach(params, name, value) {
		char *more = one(name, is, value);
		char *longer = xasprintf("%s%s%s", text, *text ? between : "", more);

		free(text);
		free(more);
		text = longer;
	}
	return text;
}

double fields_metric(json_t *result, const char *name)
{
	json_t *m;
	size_t i;

	json_array_foreach(json_object_get(result, "metrics"), i, m) {
		const char *own = json_string_value(json_object_get(m, "name"));

		if (own && !strcmp(own, name))
			return json_number_value(json_object_get(m, "value"));
	}
	return NAN;
}
