// SPDX-License-Identifier: MIT
/* What is no plain file of bounded size below the directory that is read is refused, at once. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "child.h"
#include "lib/core/die.h"
#include "lib/core/input.h"
#include "tree.h"

static const char *root;

static char *below(const char *name)
{
	return xasprintf("%s/results/%s", root, name);
}

static void read_it(void *name)
{
	char *directory = xasprintf("%s/results", root), *path = below(name);
	size_t bytes;

	input_within(directory);
	free(strstr(name, "packed") ? input_unpack(path, &bytes) : input_read(path, &bytes));
	free(path);
	free(directory);
}

static void must_say(const char *name, const char *text)
{
	char said[512], *end;

	alarm(20);
	assert_int_equal(child_run(read_it, (void *)name, said, sizeof(said)), DIE_STATUS);
	alarm(0);
	if (!strstr(said, text))
		fail_msg("%s: says: %s", name, said);
	end = strchr(said, '\n');
	assert_ptr_equal(end, said + strlen(said) - 1);
}

static void plain_files(void **state)
{
	char *path = below("inside/file"), said[512];
	size_t bytes;
	char *text = input_read(path, &bytes);

	(void)state;
	assert_int_equal(bytes, 4);
	assert_string_equal(text, "here");
	free(text);
	free(path);
	assert_int_equal(child_run(read_it, "inside/file", said, sizeof(said)), 0);
	assert_int_equal(child_run(read_it, "link-inside", said, sizeof(said)), 0);
	must_say("absent", "No such file");
}

static void no_plain_files(void **state)
{
	(void)state;
	must_say("fifo", "not a file");
	must_say("inside", "not a file");
	must_say("zero", "leads out of");
}

static void outside(void **state)
{
	(void)state;
	must_say("link-outside", "leads out of");
	must_say("link-directory/file", "leads out of");
	must_say("../outside/file", "leads out of");
}

static void too_large(void **state)
{
	char *path = below("packed.gz"), *zeros = xcalloc(1, 1 << 20);
	gzFile f = gzopen(path, "wb");

	(void)state;
	for (int i = 0; i < 300; i++)
		assert_int_equal(gzwrite(f, zeros, 1 << 20), 1 << 20);
	gzclose(f);
	must_say("packed", "over 256 MiB when unpacked");
	must_say("sparse", "over 256 MiB; no file");
	free(zeros);
	free(path);
}

static void parse(void *text)
{
	input_check(text, strlen(text), "x.json");
}

static void deep_and_wide(void **state)
{
	char *text = xcalloc(1, 2 * INPUT_VALUES + 16), said[512];

	(void)state;
	assert_int_equal(child_run(parse,
				   "{\"a\": \"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\"}", said,
				   512),
			 0);
	memset(text, '[', INPUT_DEPTH + 1);
	assert_int_equal(child_run(parse, text, said, sizeof(said)), DIE_STATUS);
	assert_non_null(strstr(said, "more than 32 levels"));
	for (size_t i = 0; i < INPUT_VALUES; i++)
		memcpy(text + 2 * i, "1,", 2);
	assert_int_equal(child_run(parse, text, said, sizeof(said)), DIE_STATUS);
	assert_non_null(strstr(said, "values"));
	free(text);
}

static void make_link(const char *to, const char *name)
{
	char *path = below(name);

	assert_int_equal(symlink(to, path), 0);
	free(path);
}

static int make(void **state)
{
	char *path;

	(void)state;
	root = tree_make();
	tree_put("/outside/file", "secret");
	tree_put("/results/inside/file", "here");
	path = below("fifo");
	mkfifo(path, 0666);
	free(path);
	path = below("sparse");
	close(open(path, O_WRONLY | O_CREAT, 0666));
	assert_int_equal(truncate(path, (off_t)1 << 40), 0);
	free(path);
	make_link("/dev/zero", "zero");
	make_link("inside/file", "link-inside");
	make_link("../outside/file", "link-outside");
	make_link("../outside", "link-directory");
	return 0;
}

static int take_away(void **state)
{
	(void)state;
	tree_remove();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_files),	 cmocka_unit_test(no_plain_files),
		cmocka_unit_test(outside),	 cmocka_unit_test(too_large),
		cmocka_unit_test(deep_and_wide),
	};

	return cmocka_run_group_tests(tests, make, take_away);
}
