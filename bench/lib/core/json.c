// SPDX-License-Identifier: MIT
#include "lib/core/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"
#include "lib/core/file.h"
#include "lib/core/input.h"
#include "lib/core/line.h"
#include "lib/core/quote.h"

static int dump(FILE *file, void *root)
{
	return json_dumpf(root, file, JSON_COMPACT) || fputc('\n', file) == EOF;
}

void json_write_new(json_t *root, const char *path)
{
	file_write_new(path, dump, root);
	json_decref(root);
}

static void clean(json_t *value, const char *path);

static void clean_members(json_t *object, const char *path)
{
	const char *key;
	json_t *child;

	json_object_foreach(object, key, child) {
		if (!line_is_one(key))
			die_usage("%s: the name \"%s\" holds what is no text", path, key);
		clean(child, path);
	}
}

/*
 * What is text in a file is one line of it from here on, so that no view has to think of what a
 * terminal would obey.  As deep as input_check() allows.
 */
static void clean(json_t *value, const char *path)
{
	json_t *child;
	size_t i;

	if (json_is_string(value) && !line_is_one(json_string_value(value))) {
		char *line = quote_line(json_string_value(value));

		json_string_set(value, line);
		free(line);
	} else if (json_is_object(value)) {
		clean_members(value, path);
	} else {
		json_array_foreach(value, i, child)
			clean(child, path);
	}
}

json_t *json_parse(const char *text, size_t bytes, const char *path, const char *schema)
{
	json_error_t error;
	const char *found;
	json_t *root;

	input_check(text, bytes, path);
	root = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		die_usage("%s: not readable as JSON: %s (line %d); is the file whole?", path,
			  error.text, error.line);
	found = json_string_value(json_object_get(root, "schema"));
	if (schema && (!found || strcmp(found, schema)))
		die_usage("%s: schema is %s, expected %s; not a file of this program or version",
			  path, found ? found : "absent", schema);
	clean(root, path);
	return root;
}

json_t *json_read(const char *path, const char *schema)
{
	size_t bytes;
	char *text = input_read(path, &bytes);
	json_t *root = json_parse(text, bytes, path, schema);

	free(text);
	return root;
}

json_t *json_need(json_t *object, const char *key, json_type type, const char *path)
{
	json_t *value = json_object_get(object, key);

	if (!value || json_typeof(value) != type)
		die_usage("%s: \"%s\" is missing or of the wrong type", path, key);
	return value;
}

const char *json_need_string(json_t *object, const char *key, const char *path)
{
	return json_string_value(json_need(object, key, JSON_STRING, path));
}

json_int_t json_need_int(json_t *object, const char *key, const char *path)
{
	return json_integer_value(json_need(object, key, JSON_INTEGER, path));
}

json_t *json_string_or_null(const char *s)
{
	return s ? json_string(s) : json_null();
}

json_t *json_real_or_null(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}
