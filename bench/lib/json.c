// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/json.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/die.h"

/* Not rename(): a result that exists must never be replaced. */
static int publish(const char *tmp, const char *path)
{
	int rc = renameat2(AT_FDCWD, tmp, AT_FDCWD, path, RENAME_NOREPLACE);

	if (rc && (errno == EINVAL || errno == ENOSYS)) {
		rc = link(tmp, path);
		if (!rc)
			unlink(tmp);
	}
	return rc;
}

void file_write_new(const char *path, int (*fill)(FILE *file, void *user), void *user)
{
	char *tmp = xasprintf("%s.tmp.%d", path, (int)getpid());
	FILE *file = fopen(tmp, "wxe");
	int error = 0, failed;

	if (!file)
		die("cannot create %s: %s", tmp, strerror(errno));
	errno = 0;
	failed = fill(file, user) || fflush(file) || ferror(file) || fsync(fileno(file));
	failed |= fclose(file);
	if (failed || publish(tmp, path)) {
		error = errno ? errno : EIO;
		unlink(tmp);
	}
	if (error == EEXIST)
		die("%s exists; results are never overwritten, choose another directory", path);
	if (error)
		die("cannot write %s: %s", path, strerror(error));
	free(tmp);
}

static int dump(FILE *file, void *root)
{
	return json_dumpf(root, file, JSON_COMPACT) || fputc('\n', file) == EOF;
}

void json_write_new(json_t *root, const char *path)
{
	file_write_new(path, dump, root);
	json_decref(root);
}

json_t *json_checked(json_t *root, const json_error_t *error, const char *path, const char *schema)
{
	const char *found;

	if (!root)
		die_usage("%s: not readable as JSON: %s (line %d); is the file whole?", path,
			  error->text, error->line);
	found = json_string_value(json_object_get(root, "schema"));
	if (schema && (!found || strcmp(found, schema)))
		die_usage("%s: schema is %s, expected %s; not a file of this program or version",
			  path, found ? found : "absent", schema);
	return root;
}

json_t *json_read(const char *path, const char *schema)
{
	json_error_t error;
	json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);

	return json_checked(root, &error, path, schema);
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
