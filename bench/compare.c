// SPDX-License-Identifier: MIT
/*
 * dex-compare: the table of one or more result directories.
 *
 * Runs on any machine, without root, from JSON files alone; running it again
 * gives the same bytes.  Exit status: 0 no regression, 1 regression, 2 usage
 * or environment error, 3 inconclusive.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare.h"
#include "lib/die.h"
#include "lib/json.h"

static const char usage[] =
	"usage: dex-compare [--write] DIR [DIR...]\n\n"
	"Print the comparison of the kernels in results/<plan> directories; the first\n"
	"kernel of the first directory is the baseline.\n\n"
	"  --write   also leave compare.json and report.txt in the first directory\n"
	"  --json    print compare.json instead of the table\n"
	"  --help    this text\n\n"
	"Exit status: 0 no regression, 1 regression, 2 usage or environment error,\n"
	"3 inconclusive.\n";

static void write_new(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (!f)
		die_usage("cannot create %s: %s%s", path, strerror(errno),
			  errno == EEXIST ? "; results are never overwritten" : "");
	if (fputs(text, f) == EOF || fflush(f) || fsync(fd) || fclose(f)) {
		int error = errno;

		unlink(path);
		die_usage("cannot write %s: %s", path, strerror(error));
	}
}

static void write_files(const char *directory, const struct table *t, const char *text)
{
	char *path = xasprintf("%s/report.txt", directory);

	write_new(path, text);
	free(path);
	path = xasprintf("%s/compare.json", directory);
	json_write_new(report_json(t), path);
	free(path);
}

static void print_json(const struct table *t)
{
	json_t *root = report_json(t);

	json_dumpf(root, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(root);
}

int main(int argc, char **argv)
{
	const char *first = NULL;
	struct table t = { 0 };
	int write = 0, json = 0;
	char *text;

	die_set_program("dex-compare");
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--help"))
			return fputs(usage, stdout), EXIT_SAME;
		if (!strcmp(argv[i], "--write"))
			write = 1;
		else if (!strcmp(argv[i], "--json"))
			json = 1;
		else if (argv[i][0] == '-')
			die_usage("unknown option %s; --help lists them", argv[i]);
		else
			first = first ? first : argv[i];
	}
	if (!first)
		die_usage("which results? usage: dex-compare DIR [DIR...]; --help says more");
	for (int i = 1; i < argc; i++)
		if (argv[i][0] != '-')
			table_load(&t, argv[i]);
	table_finish(&t);
	text = report_text(&t);
	if (write)
		write_files(first, &t, text);
	if (json)
		print_json(&t);
	else
		fputs(text, stdout);
	free(text);
	return table_status(&t);
}
