// SPDX-License-Identifier: MIT
/*
 * cbench from C: arguments, manual time, counters, labels, skips, and what the
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

#include "cbench/cbench.h"
#include "child.h"

#define EXPECT(condition)                                            \
	do {                                                         \
		if (!(condition)) {                                  \
			fprintf(stderr, "not so: %s\n", #condition); \
			_exit(1);                                    \
		}                                                    \
	} while (0)

static char out_flag[] = "--benchmark_out=/tmp/dexbench-test-cbench.XXXXXX";
static struct cbench_result seen[16];
static char names[16][64], texts[16][64];
static size_t n_seen;
static int64_t sum;

static void init(const char *second)
{
	char *argv[] = { "test", out_flag, (char *)second, NULL };
	int argc = second ? 3 : 2;

	EXPECT(!cbench_init(&argc, argv));
	EXPECT(!cbench_unknown_argument(argc, argv));
}

static void keep(const struct cbench_result *r, void *user)
{
	EXPECT(user == &n_seen && r->size == sizeof(*r) && n_seen < 16);
	seen[n_seen] = *r;
	snprintf(names[n_seen], sizeof(names[0]), "%s", r->name);
	snprintf(texts[n_seen++], sizeof(texts[0]), "%s", *r->message ? r->message : r->label);
}

static int64_t run(unsigned int flags)
{
	struct cbench_options options = { sizeof(options), flags, keep, &n_seen };

	return cbench_run(&options);
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
		sum += cbench_range(st, 0);
	}
	cbench_label(st, "a label");
	cbench_counter(st, "plain", 7, CBENCH_COUNTER_PLAIN);
	cbench_counter(st, "average", 50, CBENCH_COUNTER_AVERAGE);
	cbench_counter(st, "nan", NAN, CBENCH_COUNTER_PLAIN);
}

static cbench_bench *manual_bench(void)
{
	static const char *const arg_names[] = { "pages" };
	cbench_bench *b = cbench_register("manual", manual, &sum);

	b = cbench_arg(cbench_arg(cbench_arg_names(b, arg_names, 1), 3), 4);
	return cbench_use_manual_time(cbench_iterations(b, 10));
}

static void manual_time(void *arg)
{
	(void)arg;
	init(NULL);
	EXPECT(manual_bench());
	EXPECT(!cbench_add_context("why", "a test"));
	EXPECT(run(0) == 2 && n_seen == 2);
	EXPECT(!strncmp(names[0], "manual/pages:3", 14));
	EXPECT(!strcmp(texts[0], "a label"));
	EXPECT(seen[0].outcome == CBENCH_OK && seen[0].iterations == 10);
	EXPECT(fabs(seen[0].real_ns - 1e5) < 1); /* 1 ms for 10 */
	EXPECT(sum == 3 + 4);
	EXPECT(fabs(field(entry(0), "real_time") - 1e5) < 1);
	EXPECT(field(entry(0), "plain") == 7);
	EXPECT(field(entry(0), "average") == 5);
	EXPECT(!json_object_get(entry(0), "nan"));
}

static void without_time(void *arg)
{
	(void)arg;
	init(NULL);
	EXPECT(manual_bench());
	EXPECT(run(CBENCH_NO_TIME) == 2);
	EXPECT(seen[0].real_ns == 0 && seen[0].cpu_ns == 0);
	EXPECT(field(entry(0), "real_time") == 0 && field(entry(0), "cpu_time") == 0);
	EXPECT(field(entry(0), "plain") == 7);
}

static void nothing(cbench_state *st, void *user)
{
	(void)user;
	while (cbench_keep_running(st))
		continue;
}

static void skips(cbench_state *st, void *user)
{
	(void)user;
	cbench_skip(st, "no such device");
}

static void fails(cbench_state *st, void *user)
{
	(void)user;
	cbench_fail(st, "it broke");
}

static void outcomes(void *arg)
{
	(void)arg;
	init(NULL);
	EXPECT(cbench_register("skip", skips, NULL) && cbench_register("fail", fails, NULL));
	run(0);
	EXPECT(n_seen == 2);
	EXPECT(seen[0].outcome == CBENCH_SKIPPED && !strcmp(texts[0], "no such device"));
	EXPECT(seen[1].outcome == CBENCH_FAILED && !strcmp(texts[1], "it broke"));
}

static void combinations(void *arg)
{
	static const int64_t a[] = { 1, 2 }, b[] = { 5, 6, 7 };
	static const int64_t *const lists[] = { a, b };
	static const size_t lengths[] = { 2, 3 };

	(void)arg;
	init("--benchmark_filter=product");
	EXPECT(cbench_iterations(cbench_args_product(cbench_register("product", nothing, NULL),
						     lists, lengths, 2),
				 1));
	EXPECT(cbench_iterations(cbench_register("other", nothing, NULL), 1));
	EXPECT(run(0) == 6 && n_seen == 6);
	EXPECT(!strncmp(names[0], "product/1/5", 11));
	EXPECT(!strncmp(names[5], "product/2/7", 11));
}

static void nothing_matches(void *arg)
{
	(void)arg;
	init("--benchmark_filter=absent");
	EXPECT(cbench_register("present", nothing, NULL));
	EXPECT(run(0) == 0);
}

static void errors(void *arg)
{
	struct cbench_options options = { .size = 1 };
	char *argv[] = { "test", "--no-such-option", NULL };
	int argc = 2;

	(void)arg;
	EXPECT(cbench_api_version() == CBENCH_API_VERSION);
	EXPECT(!cbench_init(&argc, argv));
	EXPECT(!strcmp(cbench_unknown_argument(argc, argv), "--no-such-option"));
	EXPECT(cbench_run(&options) == -1 && *cbench_last_error());
	EXPECT(!cbench_iterations(cbench_register("x", nothing, NULL), 0));
	EXPECT(strstr(cbench_last_error(), "iterations"));
	EXPECT(!cbench_arg(NULL, 1));
	EXPECT(!cbench_time_unit(cbench_register("y", nothing, NULL), 0));
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
		CHILD_TEST(manual_time),  CHILD_TEST(without_time),    CHILD_TEST(outcomes),
		CHILD_TEST(combinations), CHILD_TEST(nothing_matches), CHILD_TEST(errors),
	};
	int fd = mkstemp(strchr(out_flag, '=') + 1), rc;

	if (fd < 0)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(strchr(out_flag, '=') + 1);
	return rc;
}
