/* SPDX-License-Identifier: MIT */
/*
 * Where threads run and memory lies, through hwloc: one thread to a core first,
 * then SMT; memory on the node of the CPU that the thread is bound to.
 *
 * Memory is bound only where there is more than one node: a bound mapping has a
 * policy, and the kernel takes other paths for it (a look-up of the policy in
 * every fault, no merge with its neighbours).  With one node nothing is done.
 */
#ifndef LIB_TOPO_H
#define LIB_TOPO_H

#include <jansson.h>
#include <stddef.h>

/* Bind the calling thread to the @index-th core this process may use, and
 * verify that it is there; returns the operating system's number of the CPU. */
int topo_bind(unsigned int index);

/* How many cores topo_bind() can tell apart. */
unsigned int topo_cores(void);

/* The operating system's number of the CPU that topo_bind() would bind to. */
int topo_cpu(unsigned int index);

/* The node next to @cpu, by the operating system's number; -1: not known. */
int topo_node(int cpu);

/* Bind memory that nobody has touched yet to @node. */
void topo_bind_memory(void *start, size_t bytes, int node);

/* Die unless all of it, now touched, lies on @node. */
void topo_check_memory(void *start, size_t bytes, int node);

/*
 * Where a guest's @vcpus belong, as JSON: each on a core of its own of one node ("vcpus", CPUs by the operating
 * system's numbers), and all else of the emulator on "others", which are other cores where there are any.
 */
json_t *topo_place(unsigned int vcpus);

/* This machine with its devices as hwloc 2's XML, into a new file. */
void topo_write(const char *path);

#endif /* LIB_TOPO_H */
