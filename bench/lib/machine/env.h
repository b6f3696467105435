/* SPDX-License-Identifier: MIT */
/*
 * The conditions of a run as JSON; what is unknown is null.
 *
 * What can differ between two boots and matter is in it; what changes while a
 * machine runs (load, temperature ...) is kept apart in "state".  env.c puts the
 * record together, envcpu.c knows processors, envkernel.c the running image.
 */
#ifndef LIB_ENV_H
#define LIB_ENV_H

#include <jansson.h>

#include "lib/machine/clock.h"
#include "lib/machine/dev.h"

/* run.json; @info: what the module says, or NULL without one.  "host" is null:
 * only the machine around a guest can fill it in. */
json_t *env_record(enum mode mode, const struct dev_info *info);

/* This machine. */
json_t *env_machine(void);

/* The same as the host of a guest, "host.machine" of the guest's run.json: without
 * the command line, which is nobody's business and whose effects are recorded. */
json_t *env_host(void);

/* What changes from one moment to the next; a handful of small files. */
json_t *env_state(void);

/* The kernel's log since boot: lines of level warning or worse, as an array. */
json_t *env_warnings(void);

/* The whole log as dmesg prints it, into a new file; nothing if it may not be read. */
void env_write_log(const char *path);

/* Parts, for env.c. */
json_t *env_kernel(void);
json_t *env_config(void);
json_t *env_cpu(void);

#endif /* LIB_ENV_H */
