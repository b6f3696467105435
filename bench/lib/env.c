// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/env.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "lib/json.h"
#include "lib/mem.h"

#ifndef DEXBENCH_VERSION /* built outside the Makefile */
#define DEXBENCH_VERSION "unknown"
#endif

/* First line of a file of /proc or /sys, or null. */
static json_t *first_line(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[4096];
	json_t *value = json_null();

	if (!file)
		return value;
	if (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		value = json_string(line);
	}
	fclose(file);
	return value;
}

static json_t *number(const char *path)
{
	json_t *text = first_line(path), *value = json_null();
	const char *s = json_string_value(text);
	char *end;
	long long n;

	if (s && *s) {
		n = strtoll(s, &end, 10);
		if (!*end)
			value = json_integer(n);
	}
	json_decref(text);
	return value;
}

/* The chosen word of a file such as "always [madvise] never". */
static json_t *chosen(const char *path)
{
	json_t *text = first_line(path), *value = json_null();
	const char *s = json_string_value(text), *open, *close;

	if (s) {
		open = strchr(s, '[');
		close = open ? strchr(open, ']') : NULL;
		value = close ? json_stringn(open + 1, (size_t)(close - open - 1)) : json_string(s);
	}
	json_decref(text);
	return value;
}

/* The value of the first "key : value" line of a /proc file. */
static json_t *field(const char *path, const char *key)
{
	FILE *file = fopen(path, "re");
	json_t *value = json_null();
	char line[4096];

	while (file && fgets(line, sizeof(line), file)) {
		char *colon = strchr(line, ':');

		if (!colon || strncmp(line, key, strlen(key)))
			continue;
		line[strcspn(line, "\n")] = '\0';
		value = json_string(colon + 1 + strspn(colon + 1, " \t"));
		break;
	}
	if (file)
		fclose(file);
	return value;
}

static json_t *kernel(void)
{
	struct utsname u;

	uname(&u);
	return json_pack("{s:s, s:s, s:s, s:o}", "release", u.release, "version", u.version,
			 "machine", u.machine, "cmdline", first_line("/proc/cmdline"));
}

static json_t *cpu(void)
{
	const char *hypervisor = clock_hypervisor();

	return json_pack("{s:o, s:o, s:o, s:o, s:I}", "model", field("/proc/cpuinfo", "model name"),
			 "microcode", field("/proc/cpuinfo", "microcode"), "flags",
			 field("/proc/cpuinfo", "flags"), "hypervisor",
			 json_string_or_null(*hypervisor ? hypervisor : NULL), "online",
			 (json_int_t)sysconf(_SC_NPROCESSORS_ONLN));
}

static json_t *memory(void)
{
	json_t *m = json_object();

	json_object_set_new(m, "total", field("/proc/meminfo", "MemTotal"));
	json_object_set_new(m, "swap", field("/proc/meminfo", "SwapTotal"));
	json_object_set_new(m, "page_size", json_integer((json_int_t)mem_page_size()));
	json_object_set_new(m, "thp", chosen("/sys/kernel/mm/transparent_hugepage/enabled"));
	json_object_set_new(m, "ksm", number("/sys/kernel/mm/ksm/run"));
	json_object_set_new(m, "numa_balancing", number("/proc/sys/kernel/numa_balancing"));
	return m;
}

static json_t *module(const struct dev_info *info)
{
	if (!info)
		return json_null();
	return json_pack("{s:i, s:s, s:s, s:i, s:i}", "abi", info->abi, "body", info->body, "walk",
			 info->walk, "tsc_khz", info->tsc_khz, "max_batch", info->max_batch);
}

static json_t *date(void)
{
	time_t now = time(NULL);
	char text[32];
	struct tm tm;

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	return json_string(text);
}

json_t *env_record(enum mode mode, const struct dev_info *info, const char *host)
{
	json_t *root = json_pack("{s:s, s:s, s:s, s:o}", "schema", "dexbench.run.v1", "dexbench",
				 DEXBENCH_VERSION, "mode", clock_mode_name(mode), "date", date());

	json_object_set_new(root, "kernel", kernel());
	json_object_set_new(root, "module", module(info));
	json_object_set_new(root, "cpu", cpu());
	json_object_set_new(root, "memory", memory());
	json_object_set_new(
		root, "clocksource",
		first_line("/sys/devices/system/clocksource/clocksource0/current_clocksource"));
	json_object_set_new(root, "taint", number("/proc/sys/kernel/tainted"));
	json_object_set_new(root, "host", host ? json_read(host, NULL) : json_null());
	return root;
}
