/* SPDX-License-Identifier: MIT */
/* The conditions of a run, as one JSON object; what is unknown is null. */
#ifndef LIB_ENV_H
#define LIB_ENV_H

#include <jansson.h>

#include "lib/clock.h"
#include "lib/dev.h"

/*
 * @info: what the module says, or NULL without one
 * @host: file with a JSON object that the machine around a guest gave (kernel
 *        source, config hash, QEMU version ...), or NULL
 */
json_t *env_record(enum mode mode, const struct dev_info *info, const char *host);

#endif /* LIB_ENV_H */
