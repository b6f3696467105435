// SPDX-License-Identifier: MIT
/* A ladder's or a bisection's JSON, of anybody, to each report on it. */
#include <string.h>

#include "report/series.h"
#include "room.h"

#define COMMAND(how)                        \
	(const char *const[])               \
	{                                   \
		how, "in/series.json", NULL \
	}

const char *const *const room_commands[] = {
	COMMAND("text"),
	COMMAND("md"),
	COMMAND("tsv"),
	COMMAND("letter"),
};
const size_t room_n_commands = sizeof(room_commands) / sizeof(room_commands[0]);

int room_program(int argc, char **argv)
{
	struct options o = { 0 };

	(void)argc;
	if (strcmp(argv[0], "letter"))
		o.format = argv[0];
	else
		o.letter = argv[0];
	return series_report(argv[1], &o);
}

void room_prepare(void)
{
}
