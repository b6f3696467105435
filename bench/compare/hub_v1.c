// SPDX-License-Identifier: MIT
#include "compare/hub.h"
#include "lib/die.h"

json_t *hub_upgrade(json_t *root, const char *directory, const char *path)
{
	(void)root;
	(void)directory;
	die_usage("%s: v1", path);
}
