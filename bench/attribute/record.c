// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "attribute/attribute.h"
#include "lib/core/die.h"
#include "lib/core/json.h"
#include "lib/core/samples.h"

uint32_t *record_numbers(const struct record_file *r, json_t *object, const char *key, size_t each,
			 size_t *n)
{
	uint32_t *values =
		samples_of(r->file, json_need(object, key, JSON_ARRAY, r->path), n, r->path);

	if (*n % each)
		die_usage("%s: %zu numbers in \"%s\", which are by %zu", r->path, *n, key, each);
	*n /= each;
	return values;
}

uint64_t *record_addresses(const struct record_file *r, json_t *object, const char *key, size_t *n)
{
	json_t *array = json_need(object, key, JSON_ARRAY, r->path), *item;
	uint64_t *values = xcalloc(json_array_size(array) + 1, sizeof(*values));
	size_t i;

	json_array_foreach(array, i, item) {
		char *end;

		if (!json_is_string(item))
			die_usage("%s: \"%s\" holds something that is no address", r->path, key);
		values[i] = strtoull(json_string_value(item), &end, 16);
		if (*end)
			die_usage("%s: %s is no address", r->path, json_string_value(item));
	}
	*n = json_array_size(array);
	return values;
}
