// SPDX-License-Identifier: MIT
/*
 * The conditions of a run, read from trees of files that stand for /proc and
 * /sys: full, empty, and with contents that no reader should trip over.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <zlib.h>

#include "lib/core/die.h"
#include "lib/core/json.h"
#include "lib/machine/env.h"
#include "lib/machine/proc.h"
#include "tree.h"

#define CPU "/sys/devices/system/cpu/"
#define THP "/sys/kernel/mm/transparent_hugepage/"

static const char *kernel_log; /* NULL: may not be read */

int __wrap_klogctl(int what, char *buffer, int size);
int __wrap_klogctl(int what, char *buffer, int size)
{
	if (!kernel_log) {
		errno = EPERM;
		return -1;
	}
	if (what == 10)
		return (int)strlen(kernel_log) + 100;
	assert_int_equal(what, 3);
	assert_true((size_t)size > strlen(kernel_log));
	memcpy(buffer, kernel_log, strlen(kernel_log));
	return (int)strlen(kernel_log);
}

/* What "a.b.c" leads to; dies in the test if it leads nowhere. */
static json_t *at(json_t *root, const char *path)
{
	char *copy = xstrdup(path), *save, *part;

	for (part = strtok_r(copy, ".", &save); part; part = strtok_r(NULL, ".", &save)) {
		root = json_object_get(root, part);
		if (!root)
			fail_msg("no %s in %s", part, path);
	}
	free(copy);
	return root;
}

static void says(json_t *root, const char *path, const char *text)
{
	json_t *value = at(root, path);

	if (!json_is_string(value))
		fail_msg("%s is no string", path);
	assert_string_equal(json_string_value(value), text);
}

static void is(json_t *root, const char *path, json_int_t n)
{
	json_t *value = at(root, path);

	if (!json_is_integer(value))
		fail_msg("%s is no integer", path);
	assert_true(json_integer_value(value) == n);
}

static void nulls(json_t *root, const char *const *paths)
{
	for (; *paths; paths++)
		if (!json_is_null(at(root, *paths)))
			fail_msg("%s is not null", *paths);
}

static const unsigned char notes[] = {
	6, 0, 0, 0, 4, 0, 0, 0, 1, 1, 0, 0, 'L', 'i', 'n', 'u', 'x',  0,    0,	  0,
	9, 9, 9, 9, /* another note first */
	4, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U', 0,	0xde, 0xad, 0xbe, 0xef
};

static const char *const full_tree[][2] = {
	{ "/proc/version", "Linux version 6.12 (me@here) (gcc (Debian 12.2) 12.2.0, GNU ld "
			   "(GNU Binutils) 2.40) #1 SMP PREEMPT_DYNAMIC Mon\n" },
	{ "/proc/cmdline", "quiet dexbench_walk=rmap\n" },
	{ "/sys/kernel/debug/sched/preempt", "none voluntary (full) lazy\n" },
	{ "/proc/cpuinfo",
	  "processor\t: 0\nmodel name\t: A CPU\nmicrocode\t: 0x7\nflags\t\t: fpu "
	  "tsc rdtscp lm constant_tsc\n\nprocessor\t: 1\nmodel name\t: Another\n" },
	{ CPU "vulnerabilities/mds", "Mitigation: Clear CPU buffers\n" },
	{ CPU "vulnerabilities/l1tf", "Not affected\n" },
	{ CPU "smt/control", "on\n" },
	{ CPU "smt/active", "1\n" },
	{ CPU "cpufreq/policy0/scaling_governor", "performance\n" },
	{ CPU "cpufreq/policy1/scaling_governor", "powersave\n" },
	{ CPU "cpufreq/policy2/scaling_governor", "performance\n" },
	{ CPU "cpufreq/policy0/scaling_driver", "intel_pstate\n" },
	{ CPU "intel_pstate/no_turbo", "1\n" },
	{ CPU "isolated", "2-3\n" },
	{ CPU "nohz_full", "(null)\n" },
	{ CPU "cpu0/thermal_throttle/core_throttle_count", "3\n" },
	{ CPU "cpu1/thermal_throttle/core_throttle_count", "4\n" },
	{ CPU "cpu1/thermal_throttle/package_throttle_count", "5\n" },
	{ CPU "cpu1/thermal_throttle/core_throttle_max_time_ms", "1000\n" },
	{ "/proc/meminfo", "MemTotal:       1000 kB\nMemFree:         900 kB\nSwapTotal: 7 kB\n" },
	{ THP "enabled", "always [madvise] never\n" },
	{ THP "defrag", "always defer defer+madvise madvise [never]\n" },
	{ THP "hugepages-64kB/enabled", "always [inherit] madvise never\n" },
	{ "/sys/kernel/mm/ksm/run", "2\n" },
	{ "/sys/devices/system/node/node0/cpulist", "0\n" },
	{ "/sys/devices/system/node/node1/cpulist", "1\n" },
	{ "/sys/devices/system/node/online", "0-1\n" },
	{ "/proc/sys/kernel/numa_balancing", "1\n" },
	{ "/proc/sys/kernel/randomize_va_space", "2\n" },
	{ "/proc/sys/kernel/perf_event_paranoid", "-1\n" },
	{ "/proc/sys/kernel/tainted", "4096\n" },
	{ "/sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n" },
	{ "/proc/loadavg", "0.50 1.25 2.00 1/99 1234\n" },
	{ "/proc/stat", "cpu  1 2 3 4 5 6 7 88 9 10\ncpu0 1 2 3 4 5 6 7 1 9 10\nintr 5\n" },
	{ "/sys/class/thermal/thermal_zone0/temp", "41000\n" },
	{ "/sys/class/thermal/thermal_zone1/temp", "55500\n" },
};

static void fill_tree(void)
{
	for (size_t i = 0; i < sizeof(full_tree) / sizeof(full_tree[0]); i++)
		tree_put(full_tree[i][0], full_tree[i][1]);
	tree_put_bytes("/sys/kernel/notes", notes, sizeof(notes));
}

static void what_is_there_is_recorded(void **state)
{
	json_t *r;

	(void)state;
	fill_tree();
	r = env_record(MODE_EXACT, NULL);
	says(r, "schema", "dexbench.run.v1");
	says(r, "kernel.build_id", "deadbeef");
	says(r, "kernel.compiler", "gcc (Debian 12.2) 12.2.0, GNU ld (GNU Binutils) 2.40");
	says(r, "kernel.preemption.built", "PREEMPT_DYNAMIC");
	says(r, "kernel.preemption.active", "full");
	says(r, "kernel.cmdline", "quiet dexbench_walk=rmap");
	says(r, "cpu.model", "A CPU");
	says(r, "cpu.microcode", "0x7");
	says(r, "cpu.vulnerabilities.mds", "Mitigation: Clear CPU buffers");
	assert_int_equal(json_object_size(at(r, "cpu.vulnerabilities")), 2);
	says(r, "cpu.smt.control", "on");
	assert_true(json_is_true(at(r, "cpu.smt.active")));
	says(r, "cpu.governor", "performance,powersave");
	says(r, "cpu.frequency_driver", "intel_pstate");
	assert_true(json_is_false(at(r, "cpu.turbo")));
	assert_int_equal(json_array_size(at(r, "cpu.tsc_flags")), 3);
	says(r, "cpu.isolated", "2-3");
	says(r, "cpu.nohz_full", "");
	says(r, "memory.total", "1000 kB");
	says(r, "memory.swap", "7 kB");
	says(r, "memory.thp", "madvise");
	says(r, "memory.thp_defrag", "never");
	says(r, "memory.mthp.hugepages-64kB", "inherit");
	is(r, "memory.ksm", 2);
	is(r, "memory.numa_nodes", 2);
	is(r, "memory.numa_balancing", 1);
	says(r, "clocksource", "tsc");
	is(r, "aslr", 2);
	is(r, "perf_event_paranoid", -1);
	is(r, "taint", 4096);
	is(r, "state.steal_ticks", 88);
	is(r, "state.throttle_count", 12);
	is(r, "state.temperature", 55500);
	says(r, "state.memory_free", "900 kB");
	assert_true(json_real_value(json_array_get(at(r, "state.load"), 1)) == 1.25);
	json_decref(r);
}

static void what_is_not_there_is_null(void **state)
{
	static const char *const unknown[] = { "kernel.build_id",
					       "kernel.compiler",
					       "kernel.preemption.built",
					       "kernel.preemption.active",
					       "kernel.cmdline",
					       "cpu.model",
					       "cpu.microcode",
					       "cpu.flags",
					       "cpu.tsc_flags",
					       "cpu.vulnerabilities",
					       "cpu.smt.control",
					       "cpu.smt.active",
					       "cpu.governor",
					       "cpu.frequency_driver",
					       "cpu.turbo",
					       "cpu.isolated",
					       "cpu.nohz_full",
					       "memory.total",
					       "memory.swap",
					       "memory.thp",
					       "memory.thp_defrag",
					       "memory.mthp",
					       "memory.ksm",
					       "memory.numa_nodes",
					       "memory.numa_balancing",
					       "clocksource",
					       "aslr",
					       "perf_event_paranoid",
					       "taint",
					       "state.load",
					       "state.steal_ticks",
					       "state.throttle_count",
					       "state.temperature",
					       "state.memory_free",
					       "dmesg",
					       "module",
					       "host",
					       "config.symbols",
					       "config.hash",
					       "config.source",
					       NULL };
	json_t *r = env_record(MODE_TIMING, NULL);

	(void)state;
	nulls(r, unknown);
	assert_non_null(strstr(json_string_value(at(r, "config.reason")), "IKCONFIG"));
	json_decref(r);
}

static void odd_contents_are_null(void **state)
{
	static const char *const unknown[] = { "kernel.build_id",   "kernel.compiler",
					       "memory.thp_defrag", "memory.ksm",
					       "cpu.smt.active",    "cpu.turbo",
					       "state.load",	    "state.steal_ticks",
					       "state.temperature", "state.throttle_count",
					       "cpu.model",	    NULL };
	unsigned char torn[sizeof(notes)];
	json_t *r;

	(void)state;
	memcpy(torn, notes, sizeof(torn));
	torn[24 + 4] = 0xff; /* a note that is longer than the file */
	tree_put_bytes("/sys/kernel/notes", torn, sizeof(torn));
	tree_put("/proc/version", "Linux version 6.12 (me@here) (gcc (never closed\n");
	tree_put(THP "enabled", "[mad");
	tree_put(THP "defrag", "");
	tree_put("/sys/kernel/mm/ksm/run", "on\n");
	tree_put(CPU "smt/active", "7\n");
	tree_put(CPU "cpufreq/boost", "maybe\n");
	tree_put("/proc/loadavg", "none\n");
	tree_put("/proc/stat", "cpu  1 2 3\ncpu0 1 2 3 4 5 6 7 8 9\n");
	tree_put("/sys/class/thermal/thermal_zone0/temp", "\n");
	tree_put(CPU "cpu0/thermal_throttle/core_throttle_count", "-\n");
	tree_put("/proc/cpuinfo", "model name_x: no\nmodel name");
	r = env_record(MODE_EXACT, NULL);
	nulls(r, unknown);
	says(r, "memory.thp", "mad");
	json_decref(r);
}

/* One zone without a reading does not hide another's, below zero or not. */
static void readings_are_reduced(void **state)
{
	json_t *r;

	(void)state;
	tree_put("/sys/class/thermal/thermal_zone0/temp", "x\n");
	tree_put("/sys/class/thermal/thermal_zone1/temp", "-5000\n");
	tree_put(CPU "cpufreq/boost", "1\n");
	r = env_machine();
	is(r, "state.temperature", -5000);
	assert_true(json_is_true(at(r, "cpu.turbo")));
	assert_null(json_object_get(r, "config"));
	assert_null(json_object_get(r, "dmesg"));
	assert_null(json_object_get(r, "module"));
	json_decref(r);
}

#define CONFIG_TEXT                                                                  \
	"# Linux/x86\nCONFIG_64BIT=y\n# CONFIG_NUMA is not set\nCONFIG_NR_CPUS=64\n" \
	"CONFIG_LOCALVERSION=\"\"\nCONFIG_CMDLINE=\"a=b \\\"c\\\"\"\n"

static void check_config(const char *source)
{
	json_t *c = env_config();

	says(c, "source", source);
	says(c, "symbols.64BIT", "y");
	says(c, "symbols.NR_CPUS", "64");
	says(c, "symbols.LOCALVERSION", "");
	says(c, "symbols.CMDLINE", "a=b \\\"c\\\"");
	assert_int_equal(json_object_size(at(c, "symbols")), 4);
	/* grep '^CONFIG_' | sha256sum | cut -c1-16 */
	says(c, "hash", "0fef3853f59fb016");
	assert_true(json_is_null(at(c, "reason")));
	json_decref(c);
}

static void the_config_is_read(void **state)
{
	struct utsname u;
	char *boot, *whole;
	gzFile file;

	(void)state;
	uname(&u);
	boot = xasprintf("/boot/config-%s", u.release);
	tree_put(boot, CONFIG_TEXT);
	check_config(boot);
	free(boot);

	tree_put("/proc/config.gz", "");
	whole = xasprintf("%s/proc/config.gz", proc_root);
	file = gzopen(whole, "w");
	gzputs(file, CONFIG_TEXT);
	gzclose(file);
	check_config("/proc/config.gz");
	free(whole);
}

static void the_log_is_cut_by_level(void **state)
{
	char *path = xasprintf("%s/dmesg.txt", proc_root), text[200] = "";
	json_t *warnings;
	FILE *file;

	(void)state;
	kernel_log = "<6>[0.0] fine\n<4>[0.1] warning\n<12>[0.2] daemon's warning\n"
		     "<3>[0.3] error \xff\n<7>[0.4] debug\n";
	warnings = env_warnings();
	assert_int_equal(json_array_size(warnings), 3);
	assert_string_equal(json_string_value(json_array_get(warnings, 0)), "[0.1] warning");
	assert_string_equal(json_string_value(json_array_get(warnings, 2)), "[0.3] error ?");
	json_decref(warnings);
	env_write_log(path);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	assert_string_equal(text, "[0.0] fine\n[0.1] warning\n[0.2] daemon's warning\n"
				  "[0.3] error ?\n[0.4] debug\n");
	kernel_log = NULL;
	free(path);
}

static int make_tree(void **state)
{
	(void)state;
	proc_root = tree_make();
	return 0;
}

static int remove_tree(void **state)
{
	(void)state, tree_remove();
	return 0;
}

#define IN_TREE(f) cmocka_unit_test_setup_teardown(f, make_tree, remove_tree)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_TREE(what_is_there_is_recorded), IN_TREE(what_is_not_there_is_null),
		IN_TREE(odd_contents_are_null),	    IN_TREE(readings_are_reduced),
		IN_TREE(the_config_is_read),	    IN_TREE(the_log_is_cut_by_level),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
