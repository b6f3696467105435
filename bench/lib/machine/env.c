// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/machine/env.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "lib/core/version.h"
#include "lib/machine/proc.h"

#define THP "/sys/kernel/mm/transparent_hugepage/"

static json_t *marked(const char *path)
{
	return proc_chosen(path, "[]");
}

static json_t *memory(void)
{
	return json_pack("{s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "total",
			 proc_field("/proc/meminfo", "MemTotal"), "swap",
			 proc_field("/proc/meminfo", "SwapTotal"), "page_size",
			 (json_int_t)sysconf(_SC_PAGESIZE), "thp", marked(THP "enabled"),
			 "thp_defrag", marked(THP "defrag"), "mthp",
			 proc_object(THP "hugepages-*/enabled", 1, marked), "ksm",
			 proc_number("/sys/kernel/mm/ksm/run"), "numa_nodes",
			 proc_matches("/sys/devices/system/node/node[0-9]*"), "numa_balancing",
			 proc_number("/proc/sys/kernel/numa_balancing"));
}

static json_t *module(const struct dev_info *info)
{
	if (!info)
		return json_null();
	return json_pack("{s:i, s:s, s:s, s:i, s:i}", "abi", info->abi, "body", info->body, "walk",
			 info->walk, "tsc_khz", info->clock_khz, "max_batch", info->max_batch);
}

static json_t *date(void)
{
	time_t now = time(NULL);
	char text[32];
	struct tm tm;

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	return json_string(text);
}

static json_t *load(void)
{
	char *text = proc_read("/proc/loadavg", NULL);
	double l[3];
	json_t *value = json_null();

	if (text && sscanf(text, "%lf %lf %lf", l, l + 1, l + 2) == 3)
		value = json_pack("[f, f, f]", l[0], l[1], l[2]);
	free(text);
	return value;
}

static json_t *uptime(void)
{
	char *text = proc_read("/proc/uptime", NULL);
	json_t *value = json_null();
	double seconds;

	if (text && sscanf(text, "%lf", &seconds) == 1)
		value = json_real(seconds);
	free(text);
	return value;
}

json_t *env_state(void)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "uptime", uptime(), "load", load(),
			 "steal_ticks", proc_column("/proc/stat", "cpu ", 7), "throttle_count",
			 proc_sum("/sys/devices/system/cpu/cpu[0-9]*/thermal_throttle/*_count"),
			 "temperature", proc_largest("/sys/class/thermal/thermal_zone*/temp"),
			 "memory_free", proc_field("/proc/meminfo", "MemFree"));
}

json_t *env_machine(void)
{
	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "date", date(), "kernel",
		env_kernel(), "cpu", env_cpu(), "memory", memory(), "clocksource",
		proc_line("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
		"aslr", proc_number("/proc/sys/kernel/randomize_va_space"), "perf_event_paranoid",
		proc_number("/proc/sys/kernel/perf_event_paranoid"), "state", env_state(), "taint",
		proc_number("/proc/sys/kernel/tainted"));
}

json_t *env_host(void)
{
	json_t *machine = env_machine();

	json_object_set_new(json_object_get(machine, "kernel"), "cmdline", json_null());
	return machine;
}

json_t *env_record(enum mode mode, const struct dev_info *info)
{
	json_t *root = json_pack("{s:s, s:s, s:s}", "schema", "dexbench.run.v1", "dexbench",
				 dexbench_version, "mode", clock_mode_name(mode));
	json_t *machine = env_machine();

	json_object_update(root, machine);
	json_decref(machine);
	json_object_set_new(root, "module", module(info));
	json_object_set_new(root, "config", env_config());
	json_object_set_new(root, "dmesg", env_warnings());
	json_object_set_new(root, "host", json_null());
	return root;
}
