// SPDX-License-Identifier: MIT
/* Processors: what they are, and every setting that moves their speed. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/arch/arch.h"
#include "lib/core/json.h"
#include "lib/machine/env.h"
#include "lib/machine/proc.h"

#define CPU "/sys/devices/system/cpu/"

/* The flags that speak of the clock: that it is constant, goes on in idle states ... */
static json_t *clock_flags(json_t *flags)
{
	const char *at = json_string_value(flags);
	json_t *array;

	if (!at)
		return json_null();
	array = json_array();
	while (*(at += strspn(at, " "))) {
		size_t length = strcspn(at, " ");

		if (memmem(at, length, ARCH_CLOCK_FLAG, strlen(ARCH_CLOCK_FLAG)))
			json_array_append_new(array, json_stringn(at, length));
		at += length;
	}
	return array;
}

/* Intel's driver says when turbo is off, the others when it is on. */
static json_t *turbo(void)
{
	json_t *value = proc_boolean(CPU "intel_pstate/no_turbo", 1);

	return json_is_null(value) ? proc_boolean(CPU "cpufreq/boost", 0) : value;
}

/* A list of CPUs; some kernels write "(null)" for none. */
static json_t *cpu_list(const char *path)
{
	json_t *value = proc_line(path);

	if (json_is_string(value) && !strcmp(json_string_value(value), "(null)"))
		json_string_set(value, "");
	return value;
}

json_t *env_cpu(void)
{
	const char *hypervisor = clock_hypervisor();
	json_t *flags = proc_field("/proc/cpuinfo", "flags");

	return json_pack(
		"{s:o, s:o, s:o, s:o, s:I, s:o, s:{s:o, s:o}, s:o, s:o, s:o, s:o, s:o, s:o}",
		"model", proc_field("/proc/cpuinfo", "model name"), "microcode",
		proc_field("/proc/cpuinfo", "microcode"), "flags", flags, "hypervisor",
		json_string_or_null(*hypervisor ? hypervisor : NULL), "online",
		(json_int_t)sysconf(_SC_NPROCESSORS_ONLN), "vulnerabilities",
		proc_object(CPU "vulnerabilities/*", 0, proc_line), "smt", "control",
		proc_line(CPU "smt/control"), "active", proc_boolean(CPU "smt/active", 0),
		"governor", proc_distinct(CPU "cpufreq/policy*/scaling_governor"),
		"frequency_driver", proc_distinct(CPU "cpufreq/policy*/scaling_driver"), "turbo",
		turbo(), "tsc_flags", clock_flags(flags), "isolated", cpu_list(CPU "isolated"),
		"nohz_full", cpu_list(CPU "nohz_full"));
}
