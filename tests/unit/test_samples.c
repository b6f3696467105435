// SPDX-License-Identifier: MIT
/* What is lifted from a file is what jansson reads there, and nothing else is. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "child.h"
#include "lib/core/die.h"
#include "lib/core/json.h"
#include "lib/core/samples.h"

static char path[] = "/tmp/dexbench-test-samples.XXXXXX";

static void put(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static const struct samples_array *lifted(const struct samples *s, const json_t *at)
{
	for (size_t i = 0; i < s->arrays; i++)
		if (s->array[i].at == at)
			return &s->array[i];
	return NULL;
}

/* The same tree twice: as jansson reads it, and as samples_read() does. */
static size_t compare_trees(const struct samples *s, json_t *whole, json_t *left)
{
	const struct samples_array *a = lifted(s, left);
	size_t i, n = 0;
	const char *key;
	json_t *v;

	assert_int_equal(json_typeof(whole), json_typeof(left));
	if (a) {
		assert_int_equal(a->n, json_array_size(whole));
		json_array_foreach(whole, i, v)
			assert_true(json_is_integer(v) &&
				    json_integer_value(v) == (json_int_t)a->value[i]);
		return 1;
	}
	if (json_is_object(whole)) {
		assert_int_equal(json_object_size(whole), json_object_size(left));
		json_object_foreach(whole, key, v)
			n += compare_trees(s, v, json_object_get(left, key));
	} else if (json_is_array(whole)) {
		assert_int_equal(json_array_size(whole), json_array_size(left));
		json_array_foreach(whole, i, v)
			n += compare_trees(s, v, json_array_get(left, i));
	} else {
		assert_true(json_equal(whole, left));
	}
	return n;
}

/* zlib's, of a file that it may have packed. */
static size_t unpack(void *buffer, size_t bytes, void *file)
{
	int got = gzread(file, buffer, (unsigned int)bytes);

	return got < 0 ? (size_t)-1 : (size_t)got;
}

static json_t *as_jansson_reads(const char *file)
{
	gzFile f = gzopen(file, "r");
	json_t *whole = f ? json_load_callback(unpack, f, JSON_REJECT_DUPLICATES, NULL) : NULL;

	gzclose(f);
	return whole;
}

/* Arrays that were lifted from @file, after comparing it with jansson's reading. */
static size_t compare_file(const char *file)
{
	json_t *whole = as_jansson_reads(file);
	struct samples *s = samples_read(file, NULL);
	size_t n;

	assert_non_null(whole);
	n = compare_trees(s, whole, s->root);
	assert_int_equal(n, s->arrays);
	samples_free(s);
	json_decref(whole);
	return n;
}

static void recorded_files(void **state)
{
	size_t n = 0;
	glob_t g;

	(void)state;
	assert_int_equal(glob("results/reference/*/*.json.gz", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++)
		n += compare_file(g.gl_pathv[i]);
	assert_true(n > g.gl_pathc);
	globfree(&g);
}

static void shapes(void **state)
{
	static const struct {
		const char *text;
		size_t lifted;
	} cases[] = {
		{ "{\"a\": [1,2,3,4,5,6,7,8]}", 1 },
		{ "{\"a\": [1,2,3,4,5,6,7]}", 0 },
		{ "[0,4294967295,3,4,5,6,7,8]", 1 },
		{ "[0,4294967296,3,4,5,6,7,8]", 0 },
		{ "[0,9223372036854775807,3,4,5,6,7,8]", 0 },
		{ "{\"a\":[1 ,\t2,\r\n3 , 4,5,6,7,8 \n] , \"b\" : [ ]}", 1 },
		{ "[-1,2,3,4,5,6,7,8]", 0 },
		{ "[-0,2,3,4,5,6,7,8]", 0 },
		{ "[1,2,3,4,5,6,7,8.0]", 0 },
		{ "[1,2,3,4,5,6,7,8e2]", 0 },
		{ "[1,2,3,4,5,6,7,null]", 0 },
		{ "[1,2,3,4,5,6,7,[1,2,3,4,5,6,7,8,9]]", 1 },
		{ "[[1,2,3,4,5,6,7,8],[],[[1,2,3,4,5,6,7,8]],{\"x\":[2,2,2,2,2,2,2,2]}]", 3 },
		{ "{\"a\": \"[1,2,3,4,5,6,7,8]\", \"b\": [1,2,3,4,5,6,7,8]}", 1 },
		{ "{\"a\\\"[\": \"\\\\\", \"b\": [1,2,3,4,5,6,7,8], \"c\": \"\\\"[1,2,3,4,5,6,7,8]\"}",
		  1 },
		{ "{\"[1,2,3,4,5,6,7,8]\": [\"[\", \"]\", 1,2,3,4,5,6,7,8]}", 0 },
		{ "{\"t\":[{\"y\":[9,9,9,9,9,9,9,9],\"x\":[8,8,8,8,8,8,8,8]},[],[]],\"a\":[7,7,7,7,7,7,7,7]}",
		  3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put(cases[i].text);
		if (compare_file(path) != cases[i].lifted)
			fail_msg("%s: not %zu arrays lifted", cases[i].text, cases[i].lifted);
	}
}

static void read_it(void *schema)
{
	samples_free(samples_read(path, schema));
}

/* What jansson refuses is refused, in one line that names the file and the line. */
static void refused(void **state)
{
	static const char *const texts[] = {
		"{\"a\": [1,2,3,4,5,6,7,8",
		"{\"a\": [1,2,3,4,5,6,7,8,]}",
		"{\"a\": [1,2,3,4,5,6,7,08]}",
		"{\"a\": [1,2,3,4,5,6,7 8]}",
		"{\"a\": [+1,2,3,4,5,6,7,8]}",
		"{\"a\": [1,2,3,4,5,6,7,8]",
		"{\"a\": [1,2,3,4,5,6,7,8]]}",
		"{\"a\": \"[1,2,3,4,5,6,7,8]",
		"{\"a\": [1,2,3,4,5,6,7,8\v]}",
		"{\"a\": [1,2,3,4,5,6,7,99999999999999999999]}",
		"{\"a\": [1,2,3,4,5,6,7,8], \"a\": [1,2,3,4,5,6,7,8]}",
		"",
		"[[[[[[[[",
	};
	char said[512];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put(texts[i]);
		assert_int_equal(child_run(read_it, NULL, said, sizeof(said)), DIE_STATUS);
		assert_non_null(strstr(said, path));
		assert_non_null(strstr(said, "is the file whole?"));
	}
	put("{\"a\": [1,2,3,4,\n5,6,7,8],\n\"b\": oops}");
	child_run(read_it, NULL, said, sizeof(said));
	assert_non_null(strstr(said, "line 3"));
	put("[1,2,3,4,5,6,7,8]");
	child_run(read_it, "t.v1", said, sizeof(said));
	assert_non_null(strstr(said, "schema is absent"));
}

static void take(void *text)
{
	struct samples *s;
	size_t n;

	put(text);
	s = samples_read(path, NULL);
	samples_of(s, json_object_get(s->root, "a"), &n, path);
}

static void numbers_of_either_kind(void **state)
{
	char said[512];
	struct samples *s;
	uint32_t *v;
	size_t n;

	(void)state;
	put("{\"short\": [3, 1], \"long\": [1,2,3,4,5,6,7,4294967295], \"none\": []}");
	s = samples_read(path, NULL);
	v = samples_of(s, json_object_get(s->root, "short"), &n, path);
	assert_true(n == 2 && v[0] == 3 && v[1] == 1);
	v = samples_of(s, json_object_get(s->root, "long"), &n, path);
	assert_true(n == 8 && v[7] == UINT32_MAX);
	samples_of(s, json_object_get(s->root, "none"), &n, path);
	assert_int_equal(n, 0);
	assert_ptr_equal(v, samples_of(s, json_object_get(s->root, "long"), &n, path));
	samples_free(s);
	assert_int_equal(child_run(take, "{\"a\": [1,2,3,4,5,6,7,8,-9]}", said, sizeof(said)),
			 DIE_STATUS);
	assert_non_null(strstr(said, "sample 8 is not a number of ticks"));
	child_run(take, "{\"a\": [1,2,4294967296]}", said, sizeof(said));
	assert_non_null(strstr(said, "sample 2 is not a number of ticks"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_files),
		cmocka_unit_test(shapes),
		cmocka_unit_test(refused),
		cmocka_unit_test(numbers_of_either_kind),
	};
	int fd = mkstemp(path), failed;

	assert_true(fd >= 0);
	close(fd);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
