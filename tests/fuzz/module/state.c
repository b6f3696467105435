// SPDX-License-Identifier: MIT
/*
 * What there is of the module's in the kernel: threads, references, vmalloc areas, objects of
 * slabs, pages.  Also what others need comes and goes, so that slabs and pages may differ by
 * chance, and what one request in a thousand leaves behind is more than that.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/module/leftover.h"
#include "fuzz.h"

#define CHANCE_OBJECTS 64
#define CHANCE_KIB     12288
#define TRIES	       5

/* mm_struct and task_struct: of a file's opener; kmalloc-8k: the file and the device. */
const char *const slab_names[] = { "mm_struct",	    "task_struct", "kmalloc-8k",
				   "kmalloc-cg-8k", "filp",	   "vm_area_struct" };
#define SLABS (sizeof(slab_names) / sizeof(slab_names[0]))

/* Lines of a file that hold a word. */
static long lines_with(const char *path, const char *word)
{
	FILE *f = fopen(path, "r");
	char line[512];
	long n = 0;

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f))
		n += strstr(line, word) != NULL;
	fclose(f);
	return n;
}

static long number_after(const char *path, const char *name)
{
	FILE *f = fopen(path, "r");
	size_t length = strlen(name);
	char line[512];
	long value = -1;

	while (f && value < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, length) &&
		    (line[length] == ' ' || line[length] == ':' || !length))
			value = strtol(line + length + (line[length] == ':'), NULL, 10);
	if (f)
		fclose(f);
	return value;
}

/* In the CPUs' own lists, which are not counted as free. */
static long pages_aside(void)
{
	FILE *f = fopen("/proc/zoneinfo", "r");
	char line[512];
	long n, all = 0;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, " count: %ld", &n) == 1)
			all += n;
	if (f)
		fclose(f);
	return all;
}

/* What kmemleak finds of ours, -1 where it is off.  It only believes what is 5 s old. */
static long leaks(void)
{
	const char *file = "/sys/kernel/debug/kmemleak";

	if (say(file, "scan"))
		return -1;
	sleep(6);
	say(file, "scan");
	return lines_with(file, "[dexbench]");
}

static long engines(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	char path[300];
	long n = 0;

	while (proc && (entry = readdir(proc))) {
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		if (*entry->d_name >= '0' && *entry->d_name <= '9')
			n += lines_with(path, "dexbench/") > 0;
	}
	if (proc)
		closedir(proc);
	return n;
}

static void copy(const char *from, const char *to)
{
	FILE *in = fopen(from, "r"), *out = in ? fopen(to, "w") : NULL;
	char bytes[4096];
	size_t n;

	while (out && (n = fread(bytes, 1, sizeof(bytes), in)) > 0)
		fwrite(bytes, 1, n, out);
	if (out)
		fclose(out);
	if (in)
		fclose(in);
}

/* For who wants to know more than the numbers that are held to something. */
static void keep_all(const char *when)
{
	static const char *const files[] = { "meminfo", "slabinfo", "vmallocinfo", "modules" };
	char from[64], to[64];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(from, sizeof(from), "/proc/%s", files[i]);
		snprintf(to, sizeof(to), "/results/%s-%s.txt", files[i], when);
		copy(from, to);
	}
}

struct state state_now(const char *when)
{
	struct state s;
	long poisoned = number_after("/proc/meminfo", "HardwareCorrupted");

	say("/proc/sys/vm/drop_caches", "3");
	leftover_now(); /* for what is freed after a while */
	s.threads = engines();
	s.references = number_after("/sys/module/dexbench/refcnt", "");
	s.vmalloc = lines_with("/proc/vmallocinfo", "[dexbench]");
	s.kib = number_after("/proc/meminfo", "MemFree") + pages_aside() * (long)(PAGE / 1024) +
		(poisoned > 0 ? poisoned : 0);
	for (size_t i = 0; i < SLABS; i++)
		s.objects[i] = number_after("/proc/slabinfo", slab_names[i]);
	keep_all(when);
	return s;
}

static bool more_than(const struct state *before, const struct state *now)
{
	bool more = now->threads || now->references || now->vmalloc > before->vmalloc ||
		    before->kib - now->kib > CHANCE_KIB;

	for (size_t i = 0; i < SLABS; i++)
		more |= now->objects[i] - before->objects[i] > CHANCE_OBJECTS;
	return more;
}

/* Some is freed later: it gets a few seconds for that. */
static struct state settled(const struct state *before)
{
	struct state now = state_now("after");

	for (int tries = 0; tries < TRIES && more_than(before, &now); tries++)
		now = state_now("after");
	return now;
}

int state_since(const struct state *before, char *line, size_t size)
{
	struct state now = settled(before);
	long lost = leaks();
	size_t at = (size_t)snprintf(
		line, size, "\"threads\": %ld, \"references\": %ld, \"vmalloc\": %ld, \"kib\": %ld",
		now.threads, now.references, now.vmalloc - before->vmalloc, before->kib - now.kib);

	if (lost >= 0)
		at += (size_t)snprintf(line + at, size - at, ", \"kmemleak\": %ld", lost);
	for (size_t i = 0; i < SLABS && at < size; i++) {
		if (before->objects[i] < 0)
			continue;
		at += (size_t)snprintf(line + at, size - at, ", \"%s\": %ld", slab_names[i],
				       now.objects[i] - before->objects[i]);
	}
	return more_than(before, &now) || lost > 0;
}
