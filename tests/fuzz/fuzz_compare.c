// SPDX-License-Identifier: MIT
/* dex-compare: from a plan's files to every format. */
#include "room.h"

#include "results/known.h"

#define COMMAND(...)                                   \
	(const char *const[])                          \
	{                                              \
		"dex-compare", __VA_ARGS__, "in", NULL \
	}

const char *const *const room_commands[] = {
	COMMAND("--json"),	   COMMAND("--format=text"),	  COMMAND("--format=md"),
	COMMAND("--cover-letter"), COMMAND("--format=html"),	  COMMAND("--dat=out"),
	COMMAND("--format=tsv"),   COMMAND("--format=benchstat"), COMMAND("--format=gbench"),
	COMMAND("--pilot"),	   COMMAND("--format=bmf"),	  COMMAND("--format=lava"),
	COMMAND("--format=lkp"),   COMMAND("--format=ktap"),	  COMMAND("--format=junit"),
	COMMAND("--format=kcidb"),
};
const size_t room_n_commands = sizeof(room_commands) / sizeof(room_commands[0]);

void room_prepare(void)
{
	known_cases();
}
