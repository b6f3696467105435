/* SPDX-License-Identifier: MIT */
/* What dex-compare's main() knows of attribution. */
#ifndef ATTRIBUTE_COMMAND_H
#define ATTRIBUTE_COMMAND_H

/*
 * Print the table of @directory, or with @as_json what goes into attribution.json; with @write
 * also leave that, the table, call paths and flame graphs there.  @params and @function choose a
 * part, or are NULL.  0, or ends the program.
 */
int attribute(const char *directory, const char *params, const char *function, int write,
	      int as_json);

#endif /* ATTRIBUTE_COMMAND_H */
