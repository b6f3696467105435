// SPDX-License-Identifier: MIT
/* Files are written once and whole, and a bad one is named when read. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "lib/core/die.h"
#include "lib/core/file.h"
#include "lib/core/json.h"

static char directory[] = "/tmp/dexbench-test-json.XXXXXX";

static char *in_directory(const char *name)
{
	return xasprintf("%s/%s", directory, name);
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void write_again(void *path)
{
	file_write_again(path, "one\n");
}

static void values_survive(void **state)
{
	char *path = in_directory("round.json");
	json_t *back;

	(void)state;
	json_write_new(json_pack("{s:s, s:I, s:s}", "schema", "t.v1", "big", (json_int_t)INT64_MAX,
				 "text", "a \"quoted\" line \xc3\xa9"),
		       path);
	back = json_read(path, "t.v1");
	assert_true(json_need_int(back, "big", path) == INT64_MAX);
	assert_string_equal(json_need_string(back, "text", path), "a \"quoted\" line \xc3\xa9");
	json_decref(back);
	free(path);
}

/* What a terminal would obey, or what turns a line around, is no text. */
static void text_is_one_line(void **state)
{
	char *path = in_directory("lines.json");
	json_t *back;

	(void)state;
	put(path, "{\"a\": [\"1\\n\\t\\u001b[31m\\u009b\\u202e\\u00e9\"]}");
	back = json_read(path, NULL);
	assert_string_equal(json_string_value(json_array_get(json_object_get(back, "a"), 0)),
			    "1  ?[31m??\xc3\xa9");
	json_decref(back);
	free(path);
}

/* A report that is all there, one that was cut short, one that is another. */
static void what_was_cut_short_is_written_again(void **state)
{
	char *path = in_directory("again.txt"), said[512], text[16];
	FILE *f;

	(void)state;
	for (size_t n = 0; n <= 6; n++) {
		snprintf(text, sizeof(text), "%.*s", (int)n, "one\ntw");
		put(path, text);
		file_write_again(path, "one\ntwo\n");
		f = fopen(path, "r");
		assert_int_equal(fread(said, 1, sizeof(said), f), 8);
		fclose(f);
	}
	put(path, "other");
	assert_int_equal(child_run(write_again, path, said, sizeof(said)), DIE_STATUS);
	assert_non_null(strstr(said, "never overwritten"));
	free(path);
}

static void write_path(void *path)
{
	json_write_new(json_object(), path);
}

static void nothing_is_overwritten(void **state)
{
	char *path = in_directory("once.json"), said[512];
	struct stat before, after;

	(void)state;
	assert_int_equal(child_run(write_path, path, said, sizeof(said)), 0);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(child_run(write_path, path, said, sizeof(said)), DIE_STATUS);
	assert_non_null(strstr(said, "never overwritten"));
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	free(path);
}

static void missing_directory_is_named(void **state)
{
	char *path = in_directory("absent/x.json"), said[512];

	(void)state;
	assert_int_equal(child_run(write_path, path, said, sizeof(said)), DIE_STATUS);
	assert_non_null(strstr(said, path));
	free(path);
}

static void read_path(void *path)
{
	json_read(path, "t.v1");
}

static void bad_files_are_named(void **state)
{
	static const char *const bad[][2] = {
		{ "{\"schema\": \"t.v1\", \"a\": [1, 2", "not readable as JSON" },
		{ "", "not readable as JSON" },
		{ "{\"schema\": \"other.v9\"}", "schema is other.v9, expected t.v1" },
		{ "{}", "schema is absent, expected t.v1" },
		{ "[1]", "schema is absent, expected t.v1" },
		{ "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1", "more than 32 levels" },
		{ "{\"schema\": \"t.v1\", \"\\u001b\": 1}",
		  "the name \"?\" holds what is no text" },
		{ "{\"schema\": \"a\\u001b[31m\\nb\"}", "schema is a?[31m b, expected t.v1" },
	};
	char *path = in_directory("bad.json"), said[512];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put(path, bad[i][0]);
		assert_int_equal(child_run(read_path, path, said, sizeof(said)), DIE_STATUS);
		assert_non_null(strstr(said, path));
		assert_non_null(strstr(said, bad[i][1]));
	}
	free(path);
}

static void need_wrong_type(void *path)
{
	json_need_int(json_pack("{s:s}", "n", "1"), "n", path);
}

static void wrong_type_is_named(void **state)
{
	char said[512];

	(void)state;
	assert_int_equal(child_run(need_wrong_type, "file.json", said, sizeof(said)), DIE_STATUS);
	assert_non_null(strstr(said, "file.json: \"n\" is missing or of the wrong type"));
}

static int make_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
	char *command = xasprintf("rm -r %s", directory);
	int rc = system(command);

	(void)state;
	free(command);
	return rc;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_survive),
		cmocka_unit_test(text_is_one_line),
		cmocka_unit_test(what_was_cut_short_is_written_again),
		cmocka_unit_test(nothing_is_overwritten),
		cmocka_unit_test(missing_directory_is_named),
		cmocka_unit_test(bad_files_are_named),
		cmocka_unit_test(wrong_type_is_named),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
