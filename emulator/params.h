/* SPDX-License-Identifier: MIT */
/* The parameters of lockstep, from the environment. */
#ifndef EMULATOR_PARAMS_H
#define EMULATOR_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

enum { Q, PAUSE, SEED, PARAMS };

extern int64_t param[PARAMS];
extern bool params_on; /* without it this QEMU is an ordinary one */

/* Exit, with one line and status 2, unless @good. */
void params_require(bool good, const char *what);

#endif /* EMULATOR_PARAMS_H */
