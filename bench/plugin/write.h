/* SPDX-License-Identifier: MIT */
#ifndef PLUGIN_WRITE_H
#define PLUGIN_WRITE_H

#include <stdio.h>

struct execution;

/* The record as JSON, schema dexbench.windows.v1; 0, or -1 and errno. */
int write_record(const char *path, int api);

/* write_events.c: members of that object, and of an execution's. */
void write_events(FILE *f);
void write_happened(FILE *f, const struct execution *e);

#endif /* PLUGIN_WRITE_H */
