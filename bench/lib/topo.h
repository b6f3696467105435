/* SPDX-License-Identifier: MIT */
/* Where threads run, through hwloc: one thread to a core first, then SMT. */
#ifndef LIB_TOPO_H
#define LIB_TOPO_H

/* Bind the calling thread to the @index-th core this process may use, and
 * verify that it is there; returns the operating system's number of the CPU. */
int topo_bind(unsigned int index);

#endif /* LIB_TOPO_H */
