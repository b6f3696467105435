// SPDX-License-Identifier: MIT
/*
 * cbench from C: manual time, counters, labels, skips, and what the
 * library's own JSON says of them.  Each test runs in a child, because the
 * library's flags and registrations last as long as a process.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "runner/cbench/cbench.h"

#define EXPECT(condition)                                            \
	do {                                                         \
		if (!(condition)) {                                  \
			fprintf(stderr, "not so: %s\n", #condition); \
			_exit(1);                                    \
		}                                                    \
	} while (0)

static char out_flag[] = "--benchmark_out=/tmp/dexbench-test-cbench.XXXXXX";
static char names[16][64], texts[16][64];
static int is_skipped[16];
static size_t n_seen;
static int64_t sum;

static void init(const char *second)
{
	char *argv[] = { "test", out_flag, (char *)second, NULL };
	int argc = second ? 3 : 2;

	EXPECT(!cbench_init(&argc, argv));
	EXPECT(!cbench_unknown_argument(argc, argv));
}

static void keep(const struct cbench_result *r)
{
	EXPECT(n_seen < 16);
	snprintf(names[n_seen], sizeof(names[0]), "%s", r->name);
	is_skipped[n_seen] = !!r->skipped;
	snprintf(texts[n_seen++], sizeof(texts[0]), "%s", r->skipped ? r->skipped : r->label);
}

static json_t *entry(size_t i)
{
	json_t *root = json_load_file(strchr(out_flag, '=') + 1, 0, NULL);

	EXPECT(root);
	return json_array_get(json_object_get(root, "benchmarks"), i);
}

static double field(json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

static void manual(cbench_state *st, void *user)
{
	EXPECT(user == &sum);
	while (cbench_keep_running_batch(st, 10)) {
		cbench_set_iteration_time(st, 1e-3);
		sum += 10;
	}
	cbench_label(st, "a label");
	cbench_counter(st, "plain", 7);
	cbench_counter(st, "nan", NAN);
}

static cbench_bench *manual_bench(const char *name)
{
	return cbench_use_manual_time(cbench_iterations(cbench_register(name, manual, &sum), 10));
}

static void manual_time(void *arg)
{
	(void)arg;
	init(NULL);
	EXPECT(manual_bench("manual/3") && manual_bench("manual/4"));
	EXPECT(!cbench_add_context("why", "a test"));
	EXPECT(cbench_run(0, keep) == 2 && n_seen == 2);
	EXPECT(!strncmp(names[0], "manual/3", 8) && !strncmp(names[1], "manual/4", 8));
	EXPECT(!strcmp(texts[0], "a label") && !is_skipped[0]);
	EXPECT(sum == 20);
	EXPECT(fabs(field(entry(0), "real_time") - 1e5) < 1); /* 1 ms for 10 */
	EXPECT(field(entry(0), "iterations") == 10);
	EXPECT(field(entry(0), "plain") == 7);
	EXPECT(!json_object_get(entry(0), "nan"));
}

/* 4 ns each, and 1000 of them where one was asked for. */
static void more_than_asked(cbench_state *st, void *user)
{
	(void)user;
	while (cbench_keep_running_batch(st, 1000))
		cbench_set_iteration_time(st, 4e-6);
}

static void as_many_as_done(void *arg)
{
	(void)arg;
	init(NULL);
	EXPECT(cbench_use_manual_time(
		cbench_iterations(cbench_register("more", more_than_asked, NULL), 1)));
	EXPECT(cbench_run(0, keep) == 1 && !strcmp(names[0], "more/manual_time"));
	EXPECT(field(entry(0), "iterations") == 1000);
	EXPECT(fabs(field(entry(0), "real_time") - 4) < 1e-6);
	EXPECT(!strcmp(json_string_value(json_object_get(entry(0), "name")), "more/manual_time"));
}

static void without_time(void *arg)
{
	(void)arg;
	init(NULL);
	EXPECT(manual_bench("manual"));
	EXPECT(cbench_run(CBENCH_NO_TIME, keep) == 1 && n_seen == 1);
	EXPECT(field(entry(0), "real_time") == 0 && field(entry(0), "cpu_time") == 0);
	EXPECT(field(entry(0), "plain") == 7);
}

static void nothing(cbench_state *st, void *user)
{
	(void)user;
	while (cbench_keep_running_batch(st, 1))
		continue;
}

static void skips(cbench_state *st, void *user)
{
	(void)user;
	cbench_skip(st, "no such device");
}

static void outcomes(void *arg)
{
	(void)arg;
	init(NULL);
	EXPECT(cbench_register("skip", skips, NULL));
	EXPECT(cbench_iterations(cbench_register("runs", nothing, NULL), 1));
	EXPECT(cbench_run(0, keep) == 2 && n_seen == 2);
	EXPECT(is_skipped[0] && !strcmp(texts[0], "no such device"));
	EXPECT(!is_skipped[1] && !*texts[1]);
	EXPECT(strstr(json_string_value(
			      json_object_get(entry(0), json_object_get(entry(0), "skip_message")
								? "skip_message"
								: "error_message")),
		      "no such device"));
}

/* What the library's own table has, which goes to stdout. */
static void table_of_skips(void *arg)
{
	static char said[4096];
	FILE *file = tmpfile();

	(void)arg;
	EXPECT(dup2(fileno(file), STDOUT_FILENO) == STDOUT_FILENO);
	init("--benchmark_color=true");
	EXPECT(cbench_register("skip", skips, NULL));
	EXPECT(cbench_iterations(cbench_register("runs", nothing, NULL), 1));
	EXPECT(cbench_run(0, NULL) == 2);
	fflush(stdout);
	rewind(file);
	said[fread(said, 1, sizeof(said) - 1, file)] = '\0';
	EXPECT(strstr(said, "skip skipped: no such device\n"));
	EXPECT(!strstr(said, "ERROR"));
	EXPECT(strstr(said, "runs ") && !strstr(said, "iterations:"));
}

static void filter(void *arg)
{
	(void)arg;
	init("--benchmark_filter=chosen");
	EXPECT(cbench_iterations(cbench_register("chosen", nothing, NULL), 1));
	EXPECT(cbench_iterations(cbench_register("other", nothing, NULL), 1));
	EXPECT(cbench_run(0, keep) == 1 && n_seen == 1 && !strncmp(names[0], "chosen", 6));
}

static void no_csv_without_time(void *arg)
{
	(void)arg;
	init("--benchmark_out_format=csv");
	EXPECT(manual_bench("manual"));
	EXPECT(cbench_run(CBENCH_NO_TIME, NULL) == -1 && strstr(cbench_last_error(), "JSON"));
	cbench_shutdown();
}

static void nothing_matches(void *arg)
{
	(void)arg;
	init("--benchmark_filter=absent");
	EXPECT(cbench_register("present", nothing, NULL));
	EXPECT(cbench_run(0, keep) == 0);
}

static void errors(void *arg)
{
	char *argv[] = { "test", "--no-such-option", NULL };
	int argc = 2;

	(void)arg;
	EXPECT(!cbench_init(&argc, argv));
	EXPECT(!strcmp(cbench_unknown_argument(argc, argv), "--no-such-option"));
	EXPECT(!cbench_iterations(cbench_register("x", nothing, NULL), 0));
	EXPECT(strstr(cbench_last_error(), "iterations"));
	EXPECT(!cbench_use_manual_time(NULL));
}

static void in_child(void **state)
{
	static char said[8192];
	void (*body)(void *);
	int status;

	memcpy(&body, *state, sizeof(body));
	status = child_run(body, NULL, said, sizeof(said));
	if (status)
		print_error("%s", said);
	assert_int_equal(status, 0);
}

#define CHILD_TEST(f)                                         \
	{                                                     \
#f, in_child, NULL, NULL, &(void (*)(void *)) \
		{                                             \
			f                                     \
		}                                             \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHILD_TEST(manual_time),
		CHILD_TEST(as_many_as_done),
		CHILD_TEST(table_of_skips),
		CHILD_TEST(without_time),
		CHILD_TEST(outcomes),
		CHILD_TEST(filter),
		CHILD_TEST(nothing_matches),
		CHILD_TEST(errors),
		CHILD_TEST(no_csv_without_time),
	};
	int fd = mkstemp(strchr(out_flag, '=') + 1), rc;

	if (fd < 0)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(strchr(out_flag, '=') + 1);
	return rc;
}
