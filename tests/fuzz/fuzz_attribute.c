// SPDX-License-Identifier: MIT
/* dex-compare --attribute: two boots with what the plugin saw. */
#include "room.h"

#define COMMAND(...)                                                  \
	(const char *const[])                                         \
	{                                                             \
		"dex-compare", "--attribute", __VA_ARGS__, "in", NULL \
	}

const char *const *const room_commands[] = {
	COMMAND("--json"),
	COMMAND("--params=n=1"),
	COMMAND("--function=g"),
};
const size_t room_n_commands = sizeof(room_commands) / sizeof(room_commands[0]);

void room_prepare(void)
{
}
