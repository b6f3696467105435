// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/core/json.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/core/die.h"
#include "lib/core/input.h"
#include "lib/core/line.h"
#include "lib/core/quote.h"

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

static int write_all(int (*fill)(FILE *file, void *user), void *user, FILE *file)
{
	int failed;

	errno = 0;
	failed = fill(file, user) || fflush(file) || ferror(file) || fsync(fileno(file));
	return failed;
}

static void failed_to_write(const char *path, int error)
{
	if (error == EEXIST)
		die("%s exists; results are never overwritten, choose another directory", path);
	die("cannot write %s: %s", path, strerror(error ? error : EIO));
}

/* A file without a name until it is whole, so that a kill leaves nothing; 0: not to be had here. */
static int write_unnamed(const char *path, int (*fill)(FILE *file, void *user), void *user)
{
	char *directory = xstrdup(path), *slash = strrchr(directory, '/'), *link_to;
	int fd, error = 0;
	FILE *file;

	if (slash)
		*slash = '\0';
	fd = open(slash ? (*directory ? directory : "/") : ".", O_TMPFILE | O_WRONLY | O_CLOEXEC,
		  0666);
	free(directory);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file)
		return 0;
	link_to = xasprintf("/proc/self/fd/%d", fd);
	if (write_all(fill, user, file))
		error = errno ? errno : EIO;
	else if (linkat(AT_FDCWD, link_to, AT_FDCWD, path, AT_SYMLINK_FOLLOW))
		error = errno;
	free(link_to);
	if (fclose(file) && !error)
		error = errno;
	if (error == EEXIST || error == ENOSPC || error == EDQUOT || error == EIO)
		failed_to_write(path, error);
	return !error;
}

void file_write_new(const char *path, int (*fill)(FILE *file, void *user), void *user)
{
	char *tmp;
	FILE *file;
	int error = 0, failed;

	if (write_unnamed(path, fill, user))
		return;
	tmp = xasprintf("%s.tmp.%d", path, (int)getpid());
	file = fopen(tmp, "wxe");
	if (!file)
		die("cannot create %s: %s", tmp, strerror(errno));
	failed = write_all(fill, user, file);
	failed |= fclose(file);
	if (failed || publish(tmp, path)) {
		error = errno ? errno : EIO;
		unlink(tmp);
		failed_to_write(path, error);
	}
	free(tmp);
}

static int put_text(FILE *file, void *user)
{
	return fputs(user, file) == EOF;
}

void text_write_new(const char *path, const char *text)
{
	file_write_new(path, put_text, (void *)text);
}

/* Is what lies at @path @text, or its beginning, as a writer that was cut short leaves it? */
static int is_left_over(const char *path, const char *text)
{
	size_t bytes;
	char *there = input_read(path, &bytes);
	int same = bytes <= strlen(text) && !memcmp(there, text, bytes);

	free(there);
	return same;
}

void json_must_be_new(const char *path)
{
	if (input_exists(path))
		failed_to_write(path, EEXIST);
}

void text_write_again(const char *path, const char *text)
{
	if (input_exists(path)) {
		if (!is_left_over(path, text))
			failed_to_write(path, EEXIST);
		if (unlink(path))
			die("cannot replace %s: %s", path, strerror(errno));
	}
	text_write_new(path, text);
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
