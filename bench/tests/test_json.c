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
#include "lib/die.h"
#include "lib/json.h"

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

static void values_survive(void **state)
{
	char *path = in_directory("round.json");
	json_t *back;

	(void)state;
	json_write_new(json_pack("{s:s, s:I, s:s}", "schema", "t.v1", "big", (json_int_t)INT64_MAX,
				 "text", "a \"quoted\"\n\tline \xc3\xa9"),
		       path);
	back = json_read(path, "t.v1");
	assert_true(json_need_int(back, "big", path) == INT64_MAX);
	assert_string_equal(json_need_string(back, "text", path), "a \"quoted\"\n\tline \xc3\xa9");
	json_decref(back);
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
		cmocka_unit_test(nothing_is_overwritten),
		cmocka_unit_test(missing_directory_is_named),
		cmocka_unit_test(bad_files_are_named),
		cmocka_unit_test(wrong_type_is_named),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
