// SPDX-License-Identifier: MIT
/*
 * From what the plugin wrote to functions: two boots of one case, small enough to be added
 * up by hand.  A window of the first kernel is the stamps (3), the module's call (1), f (a
 * instructions) and g, which f calls (5); on the second kernel there is no g.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/attribute.h"
#include "attribute/tree.h"
#include "child.h"
#include "lib/core/die.h"
#include "near.h"
#include "tree.h"

/* By number: behind the first stamp's RDTSC, in front of the second, that, the call, f, g, tick;
 * as cells, and at last tick where f was called: a jump. */
#define INSNS                                                                                   \
	"\"insns\":[\"ffffffffa0000102\",\"ffffffffa000013d\",\"ffffffffa0000140\","            \
	"\"ffffffffa0000110\",\"ffffffff81000004\",\"ffffffff81000104\",\"ffffffff81000200\"]," \
	"\"nodes\":[0,0,0,1,1,1,0,4],"                                                          \
	"\"sites\":[\"0\",\"ffffffffa0000110\",\"ffffffff81000008\",\"0\"],"                    \
	"\"targets\":[\"0\",\"ffffffff81000000\",\"ffffffff81000100\",\"ffffffff81000200\"],"   \
	"\"stamps\":[\"ffffffffa0000100\",\"ffffffffa0000140\"],"                               \
	"\"cells\":[0,0,0,1,0,2,0,3,1,4,2,5,3,6,1,6],\"touches\":null,"

#define SYMBOLS                                                                           \
	"ffffffff81000000 t __f\nffffffff81000000 T f\n"                                  \
	"ffffffff81000100 t g.isra.0\nffffffff81000200 T tick\nffffffff81000300 T _end\n" \
	"ffffffffa0000100 t dex_convert\nffffffffa0000200 e -\n"

static const char *root;

static void put(const char *boot, const char *file, const char *text)
{
	char *path = xasprintf("/%s/%s", boot, file);

	tree_put(path, text);
	free(path);
}

/* Two windows are alike, in the third an interrupt adds 4 instructions. */
static void put_windows(const char *boot, int f, int g)
{
	int total = 4 + f + g;
	char *text = xasprintf(
		"{\"schema\":\"dexbench.windows.v1\",\"api\":1," INSNS
		"\"profiles\":[[0,1,0,0,1,1,0,0,2,1,0,0,3,1,0,1,4,%d,2,0%s],[0,1,0,0,1,1,0,0,2,1,0,0,3,1,0,1,4,%d,2,0%s,6,4,1,1]],"
		"\"executions\":[{\"kernel\":[%d,0,0,0,0,%d,0,0,0,0,%d,1,1,0,0],\"user\":[99,0,0,0,3],\"span\":[]},"
		"{\"kernel\":[%d,0,0,0,0,%d,0,0,0,0],\"user\":[],\"span\":[]}]}\n",
		f, g ? ",5,5,1,1" : "", f, g ? ",5,5,1,1" : "", total, total, total + 4, total,
		total);

	put(boot, "windows.json", text);
	free(text);
}

#define RESULT \
	"\"skipped\":null,\"pages_per_sample\":1,\"stamps_per_sample\":1,\"request_ticks\":99,"

static void put_case(const char *boot, int value)
{
	char *text = xasprintf(
		"{\"schema\":\"dexbench.case.v1\",\"case\":\"c\",\"mode\":\"exact\",\"question\":\"q\",\"sample\":\"s\",\"fit\":\"n\",\"results\":["
		"{\"params\":{\"n\":1,\"w\":\"x\"}," RESULT
		"\"ok\":3,\"attempted\":3,\"metrics\":[],\"ticks\":[%d,%d,%d]},"
		"{\"params\":{\"n\":2,\"w\":\"x\"},\"skipped\":\"because\"},"
		"{\"params\":{\"n\":5,\"w\":\"x\"}," RESULT
		"\"ok\":1,\"attempted\":2,\"metrics\":[],\"ticks\":[%d,%d]}]}\n",
		value, value, value + 4, value, value);

	put(boot, "c.json", text);
	free(text);
}

static void put_boot(const char *boot, int f, int g)
{
	put(boot, "run.json", "{\"schema\":\"dexbench.run.v1\"}\n");
	put(boot, "symbols.txt", SYMBOLS);
	put(boot, "lines.txt", "ffffffff81000004 mm/f.c:7\nffffffff81000104 mm/g.c:9\n");
	put_windows(boot, f, g);
	put_case(boot, 4 + f + g);
}

static int make(void **state)
{
	(void)state;
	root = tree_make();
	tree_put("/attribute.json",
		 "{\"schema\":\"dexbench.attribute.v1\",\"case\":\"c\",\"kernels\":["
		 "{\"spec\":\"A\",\"boot\":\"1\"},{\"spec\":\"B\",\"boot\":\"2\"}]}\n");
	put_boot("1", 10, 5);
	put_boot("2", 32, 0);
	return 0;
}

static int take_away(void **state)
{
	(void)state;
	tree_remove();
	return 0;
}

static const struct change *change(const struct row *row, const char *name)
{
	for (size_t i = 0; i < row->changes; i++)
		if (!strcmp(row->change[i].name, name))
			return &row->change[i];
	fail_msg("no %s in the table", name);
	return NULL;
}

static void functions_add_up(void **state)
{
	struct report *r = report_read(root, NULL, NULL);
	const struct row *row = &r->row[0];

	(void)state;
	assert_int_equal(r->rows, 2);
	assert_int_equal(row->side[A].selected, 2);
	assert_near(row->side[A].value, 19, 0);
	assert_near(row->fold[A]->total.insns, 19, 0);
	assert_near(row->fold[B]->total.insns, 36, 0);
	assert_string_equal(row->change[0].name, "f");
	assert_string_equal(row->change[1].name, "g");
	assert_near(change(row, "f")->self[A].insns, 10, 0);
	assert_near(change(row, "f")->inclusive[A].insns, 15, 0);
	assert_near(change(row, "f")->self[A].loads, 2, 0);
	assert_near(change(row, "g")->self[B].insns, 0, 0);
	assert_near(change(row, "dex_convert")->self[A].insns, 1, 0);
	assert_near(change(row, "dex_convert")->inclusive[A].insns, 16, 0);
	assert_near(change(row, NAME_CLOCK)->self[B].insns, 3, 0);
}

/* The cost is that of a success: one of two succeeded. */
static void failures_raise_the_cost(void **state)
{
	struct report *r = report_read(root, "n=5", NULL);

	(void)state;
	assert_int_equal(r->rows, 1);
	assert_near(r->row[0].side[A].value, 38, 0);
	assert_near(change(&r->row[0], "g")->self[A].insns, 10, 0);
}

static void slopes_add_up(void **state)
{
	json_t *all = slopes(report_read(root, NULL, NULL)), *one = json_array_get(all, 0), *f;
	double sum[SIDES] = { 0 };
	size_t i;

	(void)state;
	assert_int_equal(json_array_size(all), 1);
	assert_int_equal(json_integer_value(json_object_get(one, "from")), 1);
	assert_int_equal(json_integer_value(json_object_get(one, "to")), 5);
	json_array_foreach(json_object_get(one, "functions"), i, f)
		for (int s = 0; s < SIDES; s++)
			sum[s] += json_real_value(
				json_array_get(json_object_get(f, "slope"), (size_t)s));
	assert_near(sum[A], 19.0 / 4, 1e-12);
	assert_near(sum[B], 36.0 / 4, 1e-12);
}

static void a_function_is_chosen(void **state)
{
	const struct row *row = report_read(root, "n=1", "g")->row;

	(void)state;
	assert_near(row->fold[A]->total.insns, 5, 0);
	assert_int_equal(row->fold[B]->paths, 0);
}

static void hottest_lines_are_of_what_changed(void **state)
{
	const struct row *row = report_read(root, "n=1", NULL)->row;

	(void)state;
	assert_int_equal(row->lines[A].n, 1);
	assert_string_equal(row->lines[A].line[0].place, "mm/f.c:7");
	assert_near(row->lines[B].line[0].insns, 32, 0);
}

static void call_paths_are_folded(void **state)
{
	char *text = tree_folded(report_read(root, "n=1", NULL)->row[0].fold[A]);

	(void)state;
	assert_string_equal(text,
			    "(clock) 3\ndex_convert 1\ndex_convert;f 10\ndex_convert;f;g 5\n");
	free(text);
}

static void the_flame_graph_shows_both(void **state)
{
	struct report *r = report_read(root, "n=1", NULL);
	struct tree *t = tree_of((const struct fold *const[]){ r->row->fold[A], r->row->fold[B] });
	char *svg = tree_svg(r, r->row);

	(void)state;
	assert_near(t->width, 3 + 1 + 32 + 5, 0);
	assert_near(tree_change(t), 17, 0);
	assert_int_equal(tree_depth(t), 4);
	assert_non_null(strstr(svg, "<title>g: 5, 0 (-5); itself 5, 0</title>"));
	assert_non_null(strstr(svg, "</svg>"));
	tree_free(t);
	free(svg);
}

/* Under one caller each kernel has one function that the other has not. */
static void a_renamed_frame_is_one_frame(void **state)
{
	struct path a[] = { { "m;old", { 6, 0, 0 } }, { "m;old;x", { 4, 0, 0 } } };
	struct path b[] = { { "m;wrapper;new", { 7, 0, 0 } }, { "m;wrapper;new;x", { 4, 0, 0 } } };
	struct fold fa = { .path = a, .paths = 2 }, fb = { .path = b, .paths = 2 };
	struct tree *t = tree_of((const struct fold *const[]){ &fa, &fb });

	(void)state;
	assert_string_equal(t->child->child->name, "old -> wrapper/new");
	assert_null(t->child->child->next);
	assert_near(tree_change(t->child->child->child), 0, 0);
	tree_free(t);
}

/* A sample that has the value only with its interrupt: it is in the sum, under its own root. */
static void interrupts_have_their_own_path(void **state)
{
	const struct fold *f;

	(void)state;
	put("1", "c.json",
	    "{\"schema\":\"dexbench.case.v1\",\"case\":\"c\",\"mode\":\"exact\",\"question\":\"q\",\"sample\":\"s\",\"results\":["
	    "{\"params\":{\"n\":1,\"w\":\"x\"}," RESULT
	    "\"ok\":1,\"attempted\":1,\"metrics\":[],\"ticks\":[23]}]}\n");
	put("1", "windows.json",
	    "{\"schema\":\"dexbench.windows.v1\",\"api\":1," INSNS
	    "\"profiles\":[[0,1,0,0,1,1,0,0,2,1,0,0,3,1,0,0,4,10,0,0,6,7,0,0,7,2,0,0]],"
	    "\"executions\":[{\"kernel\":[23,0,1,0,0],\"user\":[],\"span\":[]}]}\n");
	f = report_read(root, NULL, NULL)->row[0].fold[A];
	assert_string_equal(f->path[1].text, "(interrupt);tick");
	assert_near(f->path[1].self.insns, 7, 0);
	assert_string_equal(f->path[4].text, "dex_convert;f;tick");
	assert_near(f->total.insns, 23, 0);
	put_boot("1", 10, 5);
}

static void read_it(void *arg)
{
	report_read(root, NULL, arg);
}

static void must_say(const char *function, const char *text)
{
	char said[512];

	assert_int_equal(child_run(read_it, (void *)function, said, sizeof(said)), 2);
	if (!strstr(said, text))
		fail_msg("says: %s", said);
	assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}

static void what_does_not_add_up_is_refused(void **state)
{
	(void)state;
	put_case("1", 20);
	must_say(NULL, "the plugin counted 19, 1 too few");
	put_windows("1", 9, 5);
	put_case("1", 19);
	must_say(NULL, "sample 0 is 19 instructions, the plugin counted 18");
	put_boot("1", 10, 5);
}

static void what_is_not_whole_is_refused(void **state)
{
	(void)state;
	put("1", "windows.json",
	    "{\"schema\":\"dexbench.windows.v1\"," INSNS
	    "\"profiles\":[[8,1,0,0]],\"executions\":[{\"kernel\":[],\"user\":[],\"span\":[]}]}\n");
	must_say(NULL, "not a whole record");
	put("1", "windows.json",
	    "{\"schema\":\"dexbench.windows.v1\"," INSNS
	    "\"profiles\":[],\"executions\":[{\"kernel\":[],\"user\":[],\"span\":[]}]}\n");
	must_say(NULL, "3 samples of 1 pairs of stamps, but the plugin saw 0");
	put("1", "symbols.txt", "");
	put_windows("1", 10, 5);
	must_say(NULL, "no symbols");
	put_boot("1", 10, 5);
	must_say("no_such_function", "no function of that name was executed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_add_up),
		cmocka_unit_test(failures_raise_the_cost),
		cmocka_unit_test(slopes_add_up),
		cmocka_unit_test(a_function_is_chosen),
		cmocka_unit_test(hottest_lines_are_of_what_changed),
		cmocka_unit_test(call_paths_are_folded),
		cmocka_unit_test(the_flame_graph_shows_both),
		cmocka_unit_test(a_renamed_frame_is_one_frame),
		cmocka_unit_test(interrupts_have_their_own_path),
		cmocka_unit_test(what_does_not_add_up_is_refused),
		cmocka_unit_test(what_is_not_whole_is_refused),
	};

	return cmocka_run_group_tests(tests, make, take_away);
}
