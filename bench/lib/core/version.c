// SPDX-License-Identifier: MIT
/* A file of its own: another commit rebuilds this one object. */
#include "lib/core/version.h"

#ifndef DEXBENCH_VERSION /* built outside the Makefile */
#define DEXBENCH_VERSION "unknown"
#endif

const char dexbench_version[] = DEXBENCH_VERSION;
