// SPDX-License-Identifier: MIT
/* The plugin's windows and a table of symbols, alone. */
#include "attribute/attribute.h"
#include "room.h"

static const char *const command[] = { "windows", NULL };
const char *const *const room_commands[] = { command };
const size_t room_n_commands = 1;

int room_program(int argc, char **argv)
{
	struct symbols *s = symbols_read("in/symbols.txt");
	struct windows *w = windows_read("in/windows.json");

	(void)argc, (void)argv;
	for (size_t i = 0; i < w->insns; i++)
		printf("%s %d\n", symbols_name(s, w->insn[i]), windows_is_clock(w, w->insn[i]));
	return 0;
}

void room_prepare(void)
{
}
