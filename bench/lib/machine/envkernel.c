// SPDX-License-Identifier: MIT
/* The running kernel: its image, its configuration, what it has logged. */
#define _GNU_SOURCE
#include <ctype.h>
#include <elf.h>
#include <sha2.h> /* libmd: of all libraries with SHA-256 the smallest, and it needs no other */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/utsname.h>
#include <zlib.h>

#include "lib/core/die.h"
#include "lib/core/file.h"
#include "lib/machine/env.h"
#include "lib/machine/proc.h"

/* Of the kernel's log (syslog(2), include/linux/kern_levels.h). */
#define LOG_READ_ALL 3
#define LOG_SIZE     10
#define LOG_WARNING  4

/* As scripts/lib.sh cuts it, so that the guest's hash is the build's. */
#define HASH_DIGITS 16

static json_t *hex(const unsigned char *bytes, size_t n)
{
	char text[2 * 64 + 1];

	for (size_t i = 0; i < n && i < 64; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return json_string(text);
}

/* ELF notes follow each other, name and contents padded to 4 bytes. */
static json_t *build_id(void)
{
	size_t size, at = 0;
	char *notes = proc_read("/sys/kernel/notes", &size);
	json_t *value = json_null();
	Elf64_Nhdr h;

	while (notes && at + sizeof(h) <= size) {
		size_t name = at + sizeof(h), contents;

		memcpy(&h, notes + at, sizeof(h));
		contents = name + ((h.n_namesz + 3ul) & ~3ul);
		at = contents + ((h.n_descsz + 3ul) & ~3ul);
		if (at > size)
			break;
		if (h.n_type == NT_GNU_BUILD_ID && h.n_descsz && h.n_namesz == 4 &&
		    !memcmp(notes + name, "GNU", 4)) {
			value = hex((unsigned char *)notes + contents, h.n_descsz);
			break;
		}
	}
	free(notes);
	return value;
}

/* "Linux version R (who) (compiler, linker) #1 ...": the second parentheses. */
static json_t *compiler(const char *version)
{
	const char *open = version ? strstr(version, ") (") : NULL, *at;
	int depth = 1;

	if (!open)
		return json_null();
	open += 3;
	for (at = open; *at && depth; at++)
		depth += (*at == '(') - (*at == ')');
	return depth ? json_null() : json_stringn(open, (size_t)(at - open - 1));
}

/* The word of the version that begins with PREEMPT; without one it is the
 * model "none" or "voluntary", which the version does not tell apart. */
static json_t *preemption(const char *version)
{
	const char *word = version ? strstr(version, " PREEMPT") : NULL;

	return word ? json_stringn(word + 1, strcspn(word + 1, " \n")) : json_null();
}

json_t *env_kernel(void)
{
	char *version = proc_read("/proc/version", NULL);
	struct utsname u;
	json_t *value;

	uname(&u);
	value = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:{s:o, s:o}}", "release", u.release,
			  "version", u.version, "machine", u.machine, "cmdline",
			  proc_line("/proc/cmdline"), "build_id", build_id(), "compiler",
			  compiler(version), "preemption", "built", preemption(version), "active",
			  proc_chosen("/sys/kernel/debug/sched/preempt", "()"));
	free(version);
	return value;
}

/* "CONFIG_NAME=value" into @symbols, a string without its quotes. */
static void add_symbol(json_t *symbols, char *line)
{
	char *name = line + strlen("CONFIG_"), *value = strchr(name, '='), *end;

	if (!value)
		return;
	*value++ = '\0';
	end = value + strcspn(value, "\n");
	if (*value == '"' && end > value + 1 && end[-1] == '"') {
		value++;
		end--;
	}
	json_object_set_new(symbols, name, json_stringn(value, (size_t)(end - value)));
}

/* gzread() also reads files that are not compressed. */
static json_t *read_config(const char *path)
{
	char *whole = xasprintf("%s%s", proc_root, path), line[4096],
	     digest[SHA256_DIGEST_STRING_LENGTH];
	gzFile file = gzopen(whole, "re");
	json_t *symbols = json_object();
	SHA2_CTX hash;

	free(whole);
	SHA256Init(&hash);
	while (file && gzgets(file, line, sizeof(line))) {
		if (strncmp(line, "CONFIG_", 7))
			continue;
		SHA256Update(&hash, (const uint8_t *)line, strlen(line));
		add_symbol(symbols, line);
	}
	if (file)
		gzclose(file);
	if (!json_object_size(symbols)) {
		json_decref(symbols);
		return NULL;
	}
	SHA256End(&hash, digest);
	return json_pack("{s:s, s:n, s:o, s:o}", "source", path, "reason", "hash",
			 json_stringn(digest, HASH_DIGITS), "symbols", symbols);
}

json_t *env_config(void)
{
	struct utsname u;
	json_t *config = read_config("/proc/config.gz");
	char *path;

	if (config)
		return config;
	uname(&u);
	path = xasprintf("/boot/config-%s", u.release);
	config = read_config(path);
	free(path);
	return config ? config
		      : json_pack("{s:n, s:s, s:n, s:n}", "source", "reason",
				  "neither /proc/config.gz (CONFIG_IKCONFIG_PROC) nor "
				  "/boot/config-RELEASE can be read",
				  "hash", "symbols");
}

/* Lines as "<level>[time] text"; NULL if it may not be read; to free. */
static char *kernel_log(void)
{
	int size = klogctl(LOG_SIZE, NULL, 0), n;
	char *text;

	if (size <= 0)
		return NULL;
	text = xcalloc(1, (size_t)size + 1);
	n = klogctl(LOG_READ_ALL, text, size);
	if (n < 0) {
		free(text);
		return NULL;
	}
	for (int i = 0; i < n; i++) /* JSON takes UTF-8 alone */
		if (!isascii(text[i]) || (!isprint(text[i]) && !isspace(text[i])))
			text[i] = '?';
	return text;
}

/* Call @see for each line, without its level. */
static void each_line(char *log, void (*see)(int level, const char *line, void *user), void *user)
{
	char *save, *line;

	for (line = strtok_r(log, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *end = *line == '<' ? strchr(line, '>') : NULL;
		int level = end ? atoi(line + 1) & 7 : LOG_WARNING;

		see(level, end ? end + 1 : line, user);
	}
}

static void keep_warning(int level, const char *line, void *user)
{
	if (level <= LOG_WARNING)
		json_array_append_new(user, json_string(line));
}

json_t *env_warnings(void)
{
	char *log = kernel_log();
	json_t *array;

	if (!log)
		return json_null();
	array = json_array();
	each_line(log, keep_warning, array);
	free(log);
	return array;
}

static void print_line(int level, const char *line, void *user)
{
	(void)level;
	fprintf(user, "%s\n", line);
}

static int print_log(FILE *file, void *log)
{
	each_line(log, print_line, file);
	return 0;
}

void env_write_log(const char *path)
{
	char *log = kernel_log();

	if (log)
		file_write_new(path, print_log, log);
	free(log);
}
