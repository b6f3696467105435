// SPDX-License-Identifier: MIT
/* libFuzzer's side of the room, and what stands for die.c and the files of input.c in it. */
#define _GNU_SOURCE
#include "room.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"
#include "lib/core/input.h"

#define MOST_FILES 32

static jmp_buf end;
static struct {
	const char *name, *text;
	size_t name_bytes, bytes;
} file[MOST_FILES];
static size_t files;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed);

void die_set_program(const char *name)
{
	(void)name;
}

void die_as_child(void)
{
}

void die_of_lost_output(void)
{
}

void die_at(const char *from, int line, const char *format, ...)
{
	static char said[1 << 16];
	va_list args;

	(void)from, (void)line;
	va_start(args, format);
	vsnprintf(said, sizeof(said), format, args);
	va_end(args);
	if (getenv("ROOM_SAYS"))
		fprintf(stderr, "%s\n", said);
	longjmp(end, 1);
}

void *xcalloc(size_t n, size_t size)
{
	void *p = room_calloc(n ? n : 1, size);

	if (!p)
		die("out of memory");
	return p;
}

void *xrealloc(void *old, size_t n, size_t size)
{
	void *p = room_realloc(old, (n ? n : 1) * size);

	if (!p)
		die("out of memory");
	return p;
}

char *xstrdup(const char *s)
{
	return room_strndup(s, strlen(s));
}

char *xasprintf(const char *format, ...)
{
	va_list args;
	char *s;

	va_start(args, format);
	if (vasprintf(&s, format, args) < 0)
		die("out of memory");
	va_end(args);
	return room_keep(s);
}

/* Behind the directory's name and any "." below it. */
static const char *inside(const char *path)
{
	if (!strncmp(path, "in", 2))
		path += 2;
	while (*path == '/' || (*path == '.' && path[1] == '/'))
		path++;
	return path;
}

static size_t file_of(const char *path)
{
	const char *name = inside(path);
	size_t i;

	for (i = 0; i < files; i++)
		if (strlen(name) == file[i].name_bytes &&
		    !memcmp(name, file[i].name, file[i].name_bytes))
			break;
	return i;
}

void input_within(const char *directory)
{
	(void)directory;
}

/* A boot's directory is there if a file in it is. */
int input_exists(const char *path)
{
	const char *name = inside(path);
	size_t n = strlen(name);

	if (file_of(path) < files)
		return 1;
	for (size_t i = 0; i < files; i++)
		if (file[i].name_bytes > n && !memcmp(file[i].name, name, n) &&
		    file[i].name[n] == '/')
			return 1;
	return 0;
}

char *input_read(const char *path, size_t *bytes)
{
	size_t i = file_of(path);

	if (i == files)
		die_usage("%s: not there", path);
	*bytes = file[i].bytes;
	return room_strndup(file[i].text, file[i].bytes);
}

/* A copy of exactly its size, so that a step beyond is seen. */
char *input_unpack(const char *path, size_t *bytes)
{
	char *text = input_read(path, bytes);

	*bytes = strlen(text);
	return text;
}

/* Each file's name and text, which the input keeps. */
static void read_files(const char *at)
{
	static const char mark[] = "=== ";

	files = 0;
	while (files < MOST_FILES && (at = strstr(at, mark))) {
		const char *next;

		file[files].name = at + strlen(mark);
		file[files].name_bytes = strcspn(file[files].name, "\n");
		file[files].text = file[files].name + file[files].name_bytes;
		file[files].text += *file[files].text == '\n';
		next = strstr(file[files].text, mark);
		file[files].bytes =
			next ? (size_t)(next - file[files].text) : strlen(file[files].text);
		at = file[files].text;
		files++;
	}
}

static void run(size_t command)
{
	const char *const *words = room_commands[command % room_n_commands];
	char *argv[16];
	int argc = 0;

	for (; words[argc]; argc++)
		argv[argc] = xstrdup(words[argc]);
	argv[argc] = NULL;
	if (!setjmp(end))
		room_program(argc, argv);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	room_prepare();
	json_set_alloc_funcs(room_malloc, room_free);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);

	read_files(text);
	run(size ? data[0] : 0);
	room_clear();
	free(text);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed)
{
	if (seed % 4 == 0)
		return LLVMFuzzerMutate(data, size, most);
	for (unsigned int n = seed / 4 % 3 + 1; n; n--)
		size = room_mutate((char *)data, size, most, seed + n);
	return size;
}
