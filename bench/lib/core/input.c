// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/core/input.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <zlib.h>

#include "lib/core/die.h"

#define FLAGS	  (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
#define READ_ROOM (64 * 1024)

static char *base; /* or NULL: anywhere */

void input_within(const char *directory)
{
	free(base);
	base = directory ? xstrdup(directory) : NULL;
}

int input_exists(const char *path)
{
	struct stat st;

	return !stat(path, &st);
}

/* Where the kernel cannot (before 5.6, or under a filter): by the names themselves. */
static int open_beneath_by_name(const char *path)
{
	char *top = realpath(base, NULL), *real = realpath(path, NULL);
	size_t n = top ? strlen(top) : 0;
	int fd = -1, inside = real && top && !strncmp(real, top, n) && (n == 1 || real[n] == '/');

	if (inside)
		fd = open(real, FLAGS | O_NOFOLLOW);
	else if (real && top)
		errno = EXDEV;
	free(top);
	free(real);
	return fd;
}

static int open_beneath(const char *path)
{
	struct open_how how = { .flags = FLAGS,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	size_t n = base ? strlen(base) : 0;
	int top, fd, error;

	if (!base || strncmp(path, base, n) || path[n] != '/')
		return open(path, FLAGS);
	top = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (top < 0)
		return -1;
	path += n + strspn(path + n, "/");
	fd = (int)syscall(SYS_openat2, top, path, &how, sizeof(how));
	error = errno;
	close(top);
	errno = error;
	if (fd < 0 && (error == ENOSYS || error == EPERM || error == EINVAL)) {
		char *whole = xasprintf("%s/%s", base, path);

		fd = open_beneath_by_name(whole);
		free(whole);
	}
	return fd;
}

static void refuse(const char *path, int error)
{
	if (error == EXDEV)
		die_usage("%s: leads out of %s, which alone is read", path, base);
	die_usage("%s: not readable: %s", path, strerror(error));
}

/* @fd if it is a plain file that is not too large, or die. */
static int checked(int fd, const char *path)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		refuse(path, errno);
	if (!S_ISREG(st.st_mode))
		die_usage("%s: not readable: not a file", path);
	if (st.st_size > (off_t)INPUT_MOST)
		die_usage("%s: over %u MiB; no file of results is", path, INPUT_MOST >> 20);
	return fd;
}

static char *grow(char *text, size_t *room)
{
	*room = *room ? 2 * *room : 2 * READ_ROOM;
	return xrealloc(text, *room, 1);
}

/* zlib hands on what is not packed as it is. */
static char *read_packed(int fd, const char *path, size_t *bytes)
{
	gzFile f = gzdopen(fd, "r");
	char *text = NULL;
	size_t room = 0;
	int got = 1, error;

	for (*bytes = 0; f && got > 0; *bytes += (size_t)got) {
		if (*bytes > INPUT_MOST)
			die_usage("%s: over %u MiB when unpacked; no file of results is", path,
				  INPUT_MOST >> 20);
		if (room - *bytes < READ_ROOM + 1)
			text = grow(text, &room);
		got = gzread(f, text + *bytes, READ_ROOM);
	}
	if (!f || got < 0)
		die_usage("%s: not readable: %s", path, f ? gzerror(f, &error) : strerror(errno));
	/* A file that ends too early is told by closing it. */
	error = gzclose_r(f);
	if (error != Z_OK)
		die_usage("%s: not readable: not the whole of a gzip file", path);
	text[*bytes] = '\0';
	return text;
}

char *input_unpack(const char *path, size_t *bytes)
{
	int fd = open_beneath(path);

	if (fd < 0 && errno == ENOENT) {
		char *packed = xasprintf("%s.gz", path);

		fd = open_beneath(packed);
		free(packed);
	}
	if (fd < 0 && errno == ENOENT)
		die_usage(
			"%s: not there, packed or not; where samples were not kept, compare.json has their comparison, and report.txt its table",
			path);
	return read_packed(checked(fd, path), path, bytes);
}

char *input_read(const char *path, size_t *bytes)
{
	int fd = checked(open_beneath(path), path);
	char *text = NULL;
	size_t room = 0;
	ssize_t got = 1;

	for (*bytes = 0; got > 0; *bytes += (size_t)got) {
		if (*bytes > INPUT_MOST)
			die_usage("%s: over %u MiB; no file of results is", path, INPUT_MOST >> 20);
		if (room - *bytes < READ_ROOM + 1)
			text = grow(text, &room);
		got = read(fd, text + *bytes, READ_ROOM);
		if (got < 0)
			refuse(path, errno);
	}
	close(fd);
	text[*bytes] = '\0';
	return text;
}

/* Behind the string that begins at @p, or the end. */
static const char *skip_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		p += *p == '\\';
	return p;
}

void input_check(const char *text, size_t bytes, const char *path)
{
	size_t depth = 0, values = 1;

	for (const char *p = text, *end = text + bytes; p < end; p++) {
		if (*p == '"') {
			p = skip_string(p, end);
		} else if (*p == '[' || *p == '{') {
			depth++;
			values++;
		} else if (*p == ']' || *p == '}') {
			depth -= !!depth;
		} else if (*p == ',') {
			values++;
		}
		if (depth > INPUT_DEPTH || values > INPUT_VALUES)
			die_usage(
				"%s: not readable as JSON: more than %u %s; no file of results has",
				path, depth > INPUT_DEPTH ? INPUT_DEPTH : INPUT_VALUES,
				depth > INPUT_DEPTH ? "levels" : "values");
	}
}
