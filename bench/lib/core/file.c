// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/core/die.h"
#include "lib/core/input.h"

/* Not rename(): a result that exists must never be replaced. */
static int publish(const char *tmp, const char *path)
{
	int rc = renameat2(AT_FDCWD, tmp, AT_FDCWD, path, RENAME_NOREPLACE);

	if (rc && (errno == EINVAL || errno == ENOSYS)) {
		rc = link(tmp, path);
		if (!rc)
			unlink(tmp);
	}
	return rc;
}

static int write_all(int (*fill)(FILE *file, void *user), void *user, FILE *file)
{
	int failed;

	errno = 0;
	failed = fill(file, user) || fflush(file) || ferror(file) || fsync(fileno(file));
	return failed;
}

static void failed_to_write(const char *path, int error)
{
	if (error == EEXIST)
		die("%s exists; results are never overwritten, choose another directory", path);
	die("cannot write %s: %s", path, strerror(error ? error : EIO));
}

/* A file without a name until it is whole, so that a kill leaves nothing; 0: not to be had here. */
static int write_unnamed(const char *path, int (*fill)(FILE *file, void *user), void *user)
{
	char *directory = xstrdup(path), *slash = strrchr(directory, '/'), *link_to;
	int fd, error = 0;
	FILE *file;

	if (slash)
		*slash = '\0';
	fd = open(slash ? (*directory ? directory : "/") : ".", O_TMPFILE | O_WRONLY | O_CLOEXEC,
		  0666);
	free(directory);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file)
		return 0;
	link_to = xasprintf("/proc/self/fd/%d", fd);
	if (write_all(fill, user, file))
		error = errno ? errno : EIO;
	else if (linkat(AT_FDCWD, link_to, AT_FDCWD, path, AT_SYMLINK_FOLLOW))
		error = errno;
	free(link_to);
	if (fclose(file) && !error)
		error = errno;
	if (error == EEXIST || error == ENOSPC || error == EDQUOT || error == EIO)
		failed_to_write(path, error);
	return !error;
}

void file_write_new(const char *path, int (*fill)(FILE *file, void *user), void *user)
{
	char *tmp;
	FILE *file;
	int error = 0, failed;

	if (write_unnamed(path, fill, user))
		return;
	tmp = xasprintf("%s.tmp.%d", path, (int)getpid());
	file = fopen(tmp, "wxe");
	if (!file)
		die("cannot create %s: %s", tmp, strerror(errno));
	failed = write_all(fill, user, file);
	failed |= fclose(file);
	if (failed || publish(tmp, path)) {
		error = errno ? errno : EIO;
		unlink(tmp);
		failed_to_write(path, error);
	}
	free(tmp);
}

static int put_text(FILE *file, void *user)
{
	return fputs(user, file) == EOF;
}

/* Is what lies at @path @text, or its beginning, as a writer that was cut short leaves it? */
static int is_left_over(const char *path, const char *text)
{
	size_t bytes;
	char *there = input_read(path, &bytes);
	int same = bytes <= strlen(text) && !memcmp(there, text, bytes);

	free(there);
	return same;
}

void file_must_be_new(const char *path)
{
	if (input_exists(path))
		failed_to_write(path, EEXIST);
}

void file_write_again(const char *path, const char *text)
{
	if (input_exists(path)) {
		if (!is_left_over(path, text))
			failed_to_write(path, EEXIST);
		if (unlink(path))
			die("cannot replace %s: %s", path, strerror(errno));
	}
	file_write_new(path, put_text, (void *)text);
}
