// SPDX-License-Identifier: MIT
/*
 * What the plugin wrote of two members on two CPUs, small enough to be added up by hand.  A
 * window is the stamps (3), the module's call (1), a function that looks for a lock (10) and
 * the one that takes it (5).  Member 0 has twice that; member 1 once with two PAUSEs, and once with 31
 * ticks of a halted CPU.  Before that each has a window that is no sample.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/attribute.h"
#include "child.h"
#include "lib/core/die.h"
#include "near.h"
#include "tree.h"

#define WINDOWS                                                                                \
	"{\"schema\":\"dexbench.windows.v1\",\"api\":1,"                                       \
	"\"insns\":[\"ffffffffa0000102\",\"ffffffffa000013d\",\"ffffffffa0000140\","           \
	"\"ffffffffa0000110\",\"ffffffff81000004\",\"ffffffff81000104\"],"                     \
	"\"nodes\":[0,0,0,1,1,1],\"sites\":[\"0\",\"ffffffffa0000110\",\"ffffffff81000008\"]," \
	"\"targets\":[\"0\",\"ffffffff81000000\",\"ffffffff81000100\"],"                       \
	"\"stamps\":[\"ffffffffa0000100\",\"ffffffffa0000140\"],"                              \
	"\"cells\":[0,0,0,1,0,2,0,3,1,4,2,5],\"touches\":null,"                                \
	"\"profiles\":[[0,1,0,0,1,1,0,0,2,1,0,0,3,1,0,1,4,10,2,0,5,5,1,1]],"                   \
	"\"events\":{\"names\":[\"none\",\"read_lock\",\"sleep\",\"pause\",\"line_read\","     \
	"\"line_taken\"],\"regions\":[\"nowhere\",\"direct\",\"pages\",\"percpu\"],"           \
	"\"places\":{\"regions\":[0,1,1,2,3,1],\"addresses\":[\"0\",\"ffff888000001008\","     \
	"\"ffff888000001000\",\"0\",\"1040\",\"ffff888000009000\"]},"                          \
	"\"profiles\":[[5,1,1,1,5,4,2,1],[5,3,0,2,4,5,3,1],[4,2,0,1,4,4,4,1,4,4,5,1]],"        \
	"\"totals\":[" TOTALS "," TOTALS "," TOTALS "]},"                                      \
	"\"executions\":[" EXECUTION "," EXECUTION "," EXECUTION "]}\n"
#define TOTALS \
	"{\"counts\":[2,0,1,6],\"at\":[\"ffffffff81000104\"],\"from\":[\"ffffffff81000008\"]}"
#define EXECUTION                                                                          \
	"{\"kernel\":[99,0,0,0,0,50,0,0,0,0,19,0,0,0,0,19,0,0,0,0,19,0,1,1,0,19,0,0,0,0]," \
	"\"user\":[],\"span\":[],\"cpus\":[1,0,0,1,1,0],\"pauses\":[0,0,0,2,0,0],"         \
	"\"happened\":[1,1,0,1,2,0]}"

#define SYMBOLS                                                                       \
	"ffffffff81000000 T folio_lock_anon_vma_read\nffffffff81000100 T down_read\n" \
	"ffffffff81000300 T _end\nffffffffa0000100 t dex_convert\n"                   \
	"ffffffffa0000200 e -\n"

#define RESULT                                                                                  \
	"\"skipped\":null,\"pages_per_sample\":1,\"stamps_per_sample\":1,\"request_ticks\":99," \
	"\"metrics\":[],"

static const char *root;

static void put(const char *boot, const char *file, const char *text)
{
	char *path = xasprintf("/%s/%s", boot, file);

	tree_put(path, text);
	free(path);
}

/* The second row is of an open loop, the third's samples are not shared evenly. */
static void put_boot(const char *boot)
{
	put(boot, "run.json", "{\"schema\":\"dexbench.run.v1\"}\n");
	put(boot, "symbols.txt", SYMBOLS);
	put(boot, "objects.txt", "0000000000001000 D counters\n0000000000001080 D more\n");
	put(boot, "lines.txt", "ffffffff81000104 kernel/rwsem.c:9\n");
	put(boot, "windows.json", WINDOWS);
	put(boot, "c.json",
	    "{\"schema\":\"dexbench.case.v1\",\"case\":\"c\",\"mode\":\"lockstep\",\"question\":\"q\",\"sample\":\"s\",\"fit\":\"n\",\"results\":["
	    "{\"params\":{\"n\":1}," RESULT "\"ok\":4,\"attempted\":4,\"ticks\":[19,19,219,50]},"
	    "{\"params\":{\"n\":2}," RESULT "\"ok\":4,\"attempted\":4,\"ticks\":[19,25,219,50]},"
	    "{\"params\":{\"n\":3}," RESULT "\"ok\":3,\"attempted\":3,\"ticks\":[19,19,219]}]}\n");
}

static int make(void **state)
{
	(void)state;
	root = tree_make();
	tree_put(
		"/attribute.json",
		"{\"schema\":\"dexbench.attribute.v1\",\"case\":\"c\",\"mode\":\"lockstep\",\"cpus\":2,"
		"\"lockstep\":{\"q\":50,\"pause\":100,\"seed\":1},\"kernels\":["
		"{\"spec\":\"A\",\"boot\":\"1\"},{\"spec\":\"B\",\"boot\":\"2\"}]}\n");
	put_boot("1");
	put_boot("2");
	return 0;
}

static int take_away(void **state)
{
	(void)state;
	tree_remove();
	return 0;
}

static double self(const struct row *row, const char *name)
{
	for (size_t i = 0; i < row->changes; i++)
		if (!strcmp(row->change[i].name, name))
			return row->change[i].self[A].insns;
	fail_msg("no %s in the table", name);
	return 0;
}

static void all_samples_add_up(void **state)
{
	struct report *r = report_read(root, NULL, NULL);
	const struct row *row = &r->row[0];

	(void)state;
	assert_int_equal(r->rows, 1);
	assert_near(row->side[A].value, (19 + 19 + 219 + 50) / 4.0, 1e-12);
	assert_near(row->fold[A]->total.insns, row->side[A].value, 1e-12);
	assert_near(self(row, "folio_lock_anon_vma_read"), 10, 1e-12);
	assert_near(self(row, "down_read"), 5, 1e-12);
	assert_near(self(row, NAME_CLOCK), 3, 1e-12);
	assert_near(self(row, NAME_PAUSE), 200 / 4.0, 1e-12);
	assert_near(self(row, NAME_ASLEEP), 31 / 4.0, 1e-12);
}

static const char *why(const struct report *r, size_t i)
{
	return json_string_value(json_object_get(json_array_get(r->skipped, i), "why"));
}

static void other_samples_are_left_out(void **state)
{
	struct report *r = report_read(root, NULL, NULL);

	(void)state;
	assert_int_equal(json_array_size(r->skipped), 2);
	assert_string_equal(why(r, 0), "its samples are not what lies between the module's stamps");
	assert_string_equal(why(r, 1),
			    "its samples are not the module's, or not of as many from each CPU");
}

/* The number at a path of keys, of which the last is NULL; -1: there is none. */
static double at(json_t *object, const char *const *key)
{
	while (*key && object)
		object = json_object_get(object, *key++);
	return object ? json_number_value(object) : -1;
}

#define AT(...) at(row->counts[A], (const char *const[]){ __VA_ARGS__, NULL })

static void events_are_those_of_samples(void **state)
{
	struct report *r = report_read(root, NULL, NULL);
	const struct row *row = &r->row[0];

	(void)state;
	assert_near(AT("events", "read_lock"), 2 / 4.0, 1e-12);
	assert_near(AT("events", "pause"), 2 / 4.0, 1e-12);
	assert_near(AT("events", "sleep"), 1 / 4.0, 1e-12);
	assert_near(AT("everywhere", "sleep", "n"), 7, 1e-12);
	assert_near(AT("everywhere", "sleep", "calls", "down_read by folio_lock_anon_vma_read"), 7,
		    1e-12);
	assert_near(AT("waits", "dex_convert;folio_lock_anon_vma_read;down_read", "paused"), 50,
		    1e-12);
	assert_near(AT("waits", "dex_convert;folio_lock_anon_vma_read", "asleep"), 31 / 4.0, 1e-12);
	assert_near(AT("waits", "dex_convert;folio_lock_anon_vma_read", "events", "sleep"), 1 / 4.0,
		    1e-12);
}

/* By what was locked there, by where it lies, by its symbol, by who moved it. */
static void lines_have_structures(void **state)
{
	struct report *r = report_read(root, NULL, NULL);
	const struct row *row = &r->row[0];

	(void)state;
	assert_near(AT("moved", "anon_vma root's rwsem", "moved"), 2 / 4.0, 1e-12);
	assert_near(AT("moved", "anon_vma root's rwsem", "functions", "down_read"), 2 / 4.0, 1e-12);
	assert_near(AT("moved", "anon_vma root's rwsem", "lines", "kernel/rwsem.c:9"), 2 / 4.0,
		    1e-12);
	assert_near(AT("moved", "struct page", "taken"), 1 / 4.0, 1e-12);
	assert_near(AT("moved", "each CPU's counters", "read"), 1 / 4.0, 1e-12);
	assert_near(AT("moved", "anon_vma", "read"), 1 / 4.0, 1e-12);
	assert_int_equal(json_object_size(json_object_get(row->counts[A], "moved")), 4);
}

static void read_it(void *unused)
{
	(void)unused;
	report_read(root, NULL, NULL);
}

static void spoil(const char *from, const char *to)
{
	char said[300], *text = xstrdup(WINDOWS), *at_it = strstr(text, from);

	assert_non_null(at_it);
	memcpy(at_it, to, strlen(to));
	put("1", "windows.json", text);
	free(text);
	assert_int_equal(child_run(read_it, NULL, said, sizeof(said)), DIE_STATUS);
	if (!strstr(said, "boot again"))
		fail_msg("%s: %s", to, said);
	put("1", "windows.json", WINDOWS);
}

static void what_was_cut_is_refused(void **state)
{
	(void)state;
	spoil("[5,1,1,1,", "[5,1,6,1,"); /* no such place */
	spoil("[5,1,1,1,", "[5,9,1,1,"); /* no such event */
	spoil("[5,1,1,1,", "[7,1,1,1,"); /* no such cell */
	spoil("\"happened\":[1", "\"happened\":[3");
	spoil("\"cpus\":[1,0,", "\"cpus\":[1,  ");
	spoil("\"regions\":[0,1", "\"regions\":[0,4");
	spoil("\"counts\":[2", "\"counts\":[6");
	spoil("\"events\":", "\"eventX\":");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_samples_add_up),
		cmocka_unit_test(other_samples_are_left_out),
		cmocka_unit_test(events_are_those_of_samples),
		cmocka_unit_test(lines_have_structures),
		cmocka_unit_test(what_was_cut_is_refused),
	};

	return cmocka_run_group_tests(tests, make, take_away);
}
