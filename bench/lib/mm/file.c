// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/mm/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/core/die.h"
#include "lib/machine/proc.h"

#define STEP_US	 20000
#define STEPS_UP 500

int file_put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), error = 0;

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		error = errno;
	if (fd >= 0)
		close(fd);
	return error;
}

long file_number(const char *path)
{
	json_t *value = proc_number(path);
	long n = json_is_integer(value) ? (long)json_integer_value(value) : -1;

	json_decref(value);
	return n;
}

/* The word in brackets, where the file offers a choice. */
static char *chosen(const char *text)
{
	const char *open = strchr(text, '['), *close = open ? strchr(open, ']') : NULL;

	return close ? xasprintf("%.*s", (int)(close - open - 1), open + 1) : xstrdup(text);
}

char *file_swap(const char *path, const char *text)
{
	char *all = proc_read(path, NULL), *old = all ? chosen(all) : NULL;
	int error = old ? file_put(path, text) : 0;

	free(all);
	if (error)
		die("%s: cannot write \"%s\": %s", path, text, strerror(error));
	return old;
}

void file_restore(const char *path, char *old)
{
	if (old && file_put(path, old))
		die("%s: cannot be set back", path);
	free(old);
}

int file_advances(const char *path, long n)
{
	long wanted = file_number(path) + n;

	for (int i = 0; i < STEPS_UP; i++) {
		if (file_number(path) >= wanted)
			return 1;
		usleep(STEP_US);
	}
	return 0;
}

char *file_swap_device(void)
{
	char *all = proc_read("/proc/swaps", NULL), *line = all ? strchr(all, '\n') : NULL;
	char *device = line ? strndup(line + 1, strcspn(line + 1, " \t")) : NULL;

	free(all);
	return device;
}
