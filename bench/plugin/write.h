/* SPDX-License-Identifier: MIT */
#ifndef PLUGIN_WRITE_H
#define PLUGIN_WRITE_H

/* The record as JSON, schema dexbench.windows.v1; 0, or -1 and errno. */
int write_record(const char *path, int api);

#endif /* PLUGIN_WRITE_H */
