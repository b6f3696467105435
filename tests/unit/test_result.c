// SPDX-License-Identifier: MIT
/* Results leave the program whole, or marked as incomplete when it ends early. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "lib/core/die.h"
#include "lib/core/json.h"
#include "runner/result.h"

static const struct bench bench = {
	.name = "a_case",
	.question = "?",
	.sample_is = "a sample",
	.params = { BENCH_VALUES("pages", 1, 16), BENCH_LABELS("touch", "read", "write") },
	.sizes = { { "words", 3 }, { "burst", 64 } },
};
static char directory[] = "/tmp/dexbench-test-result.XXXXXX";

static struct run a_run(void)
{
	static uint32_t ticks[] = { 7, UINT32_MAX, 9 };
	static int errors[3];

	return (struct run){ .bench = &bench,
			     .arg = { 16, 1 },
			     .mode = MODE_EXACT,
			     .ticks = ticks,
			     .errors = errors,
			     .samples = 3,
			     .pages_per_sample = 16,
			     .stamps_per_sample = 1,
			     .attempted = 48,
			     .succeeded = 47 };
}

static struct result_common common = {
	.directory = directory, .mode = MODE_EXACT, .pages = 48, .run = 1, .cpu = 3, .node = -1
};

static json_t *a_state(int steal)
{
	return json_pack("{s:i}", "steal_ticks", steal);
}

static void ends_early(void *arg)
{
	struct run r = a_run();

	(void)arg;
	r.errors[1] = 14;
	result_directory(&common);
	result_state(&bench, a_state(1));
	result_add(&r, NULL);
	die("a later case failed");
}

static void ends_well(void *arg)
{
	struct run r = a_run();
	int run = *(int *)arg;

	common.run = (unsigned int)run;
	result_directory(&common);
	for (int i = 0; i < 2; i++) {
		result_state(&bench, a_state(10 + i));
		result_add(&r, json_pack("{s:n}", "cycles"));
		result_state(&bench, a_state(20 + i));
	}
	result_write_all(1);
}

/* The file that @body leaves; to decref. */
static json_t *file_after(void (*body)(void *), int run, int status)
{
	char *path = run > 1 ? xasprintf("%s/a_case.run%d.json", directory, run)
			     : xasprintf("%s/a_case.json", directory);
	char said[512];
	json_t *file;

	assert_int_equal(child_run(body, &run, said, sizeof(said)), status);
	file = json_read(path, "dexbench.case.v1");
	assert_int_equal(remove(path), 0);
	free(path);
	return file;
}

static void nothing_is_lost(void **state)
{
	json_t *file = file_after(ends_early, 1, DIE_STATUS);
	json_t *result = json_array_get(json_object_get(file, "results"), 0);

	(void)state;
	assert_true(json_is_false(json_object_get(file, "complete")));
	assert_true(json_is_null(json_object_get(json_object_get(file, "conditions"), "after")));
	assert_int_equal(json_integer_value(json_object_get(result, "ok")), 47);
	assert_true(json_is_null(json_object_get(result, "counters")));
	assert_int_equal(json_integer_value(json_array_get(json_object_get(result, "errors"), 1)),
			 14);
	json_decref(file);
}

/* What a case forks has the handler, too, and leaves the file to its parent. */
static void child_ends(void *arg)
{
	struct run r = a_run();
	pid_t pid;
	int status;

	(void)arg;
	result_directory(&common);
	result_add(&r, NULL);
	pid = fork();
	if (!pid)
		exit(0);
	waitpid(pid, &status, 0);
	_exit(status);
}

static void a_child_writes_nothing(void **state)
{
	char *path = xasprintf("%s/a_case.json", directory), said[512];

	(void)state;
	assert_int_equal(child_run(child_ends, NULL, said, sizeof(said)), 0);
	assert_int_not_equal(access(path, F_OK), 0);
	free(path);
}

static void all_of_it_is_there(void **state)
{
	json_t *file = file_after(ends_well, 1, 0);
	json_t *result = json_array_get(json_object_get(file, "results"), 0);
	json_t *params = json_object_get(result, "params"), *sizes;

	(void)state;
	assert_true(json_is_true(json_object_get(file, "complete")));
	assert_string_equal(json_string_value(json_object_get(file, "unit")), "instructions");
	assert_int_equal(json_integer_value(json_object_get(file, "pages")), 48);
	sizes = json_pack("{s:i, s:i}", "words", 3, "burst", 64);
	assert_true(json_equal(json_object_get(file, "sizes"), sizes));
	json_decref(sizes);
	assert_int_equal(json_integer_value(json_object_get(params, "pages")), 16);
	assert_string_equal(json_string_value(json_object_get(params, "touch")), "write");
	assert_true(json_is_null(json_object_get(result, "errors")));
	assert_true(json_is_null(json_object_get(result, "gaps")));
	assert_int_equal(json_object_size(json_object_get(result, "counters")), 1);
	assert_true(json_integer_value(json_array_get(json_object_get(result, "ticks"), 1)) ==
		    UINT32_MAX);
	json_decref(file);
}

static json_int_t steal(json_t *conditions, const char *when)
{
	return json_integer_value(
		json_object_get(json_object_get(conditions, when), "steal_ticks"));
}

/* The first state is before, the last after; what is bound is said. */
static void conditions_frame_the_case(void **state)
{
	json_t *file = file_after(ends_well, 1, 0);
	json_t *conditions = json_object_get(file, "conditions");
	json_t *binding = json_object_get(conditions, "binding");

	(void)state;
	assert_int_equal(steal(conditions, "before"), 10);
	assert_int_equal(steal(conditions, "after"), 21);
	assert_int_equal(json_integer_value(json_object_get(binding, "cpu")), 3);
	assert_true(json_is_null(json_object_get(binding, "node")));
	json_decref(file);
}

static void runs_have_files_of_their_own(void **state)
{
	json_t *file = file_after(ends_well, 2, 0);

	(void)state;
	assert_int_equal(json_integer_value(json_object_get(file, "run")), 2);
	json_decref(file);
}

static void names_carry_parameters(void **state)
{
	struct run r = a_run();
	char *name = result_name(&bench, r.arg), *text = result_summary(&r);

	(void)state;
	assert_string_equal(name, "a_case/pages:16/touch:write");
	assert_non_null(strstr(text, "47 of 48 pages"));
	free(name);
	free(text);
}

static int make_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
	(void)state;
	return remove(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_lost),
		cmocka_unit_test(a_child_writes_nothing),
		cmocka_unit_test(all_of_it_is_there),
		cmocka_unit_test(conditions_frame_the_case),
		cmocka_unit_test(runs_have_files_of_their_own),
		cmocka_unit_test(names_carry_parameters),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
