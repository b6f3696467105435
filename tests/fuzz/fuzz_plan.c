// SPDX-License-Identifier: MIT
/* dex-plan: from results of a plan or of a GPU to its answers. */
#include "room.h"

#include "results/known.h"

#define COMMAND(...)                                \
	(const char *const[])                       \
	{                                           \
		"dex-plan", __VA_ARGS__, "in", NULL \
	}

const char *const *const room_commands[] = {
	COMMAND("--pages=16", "--touches=1000"),
	COMMAND("--pages=16", "--touches=saturated", "--format=json"),
	COMMAND("--pages=64", "--touches=0", "--sharers=64", "--format=curve"),
	COMMAND("--validate"),
	COMMAND("--pages=1", "--touches=1", "--engines=4", "--device=beside"),
};
const size_t room_n_commands = sizeof(room_commands) / sizeof(room_commands[0]);

/* What is remembered beyond one run is made before the first: all that any case tells. */
void room_prepare(void)
{
	json_t *one;
	size_t i;

	json_array_foreach(known_cases(), i, one) {
		const char *told = json_string_value(json_object_get(one, "tells"));

		if (told)
			known_telling(told);
	}
}
