// SPDX-License-Identifier: MIT
/* dex-compare: from a compare.json alone to every format.  The commands are the same. */
#include "fuzz_compare.c"
