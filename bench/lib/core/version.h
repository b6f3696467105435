/* SPDX-License-Identifier: MIT */
/* Which dexbench this is: every result and every --version says the same. */
#ifndef LIB_VERSION_H
#define LIB_VERSION_H

/* What git calls the commit that was built; "unknown" outside a repository. */
extern const char dexbench_version[];

#endif /* LIB_VERSION_H */
