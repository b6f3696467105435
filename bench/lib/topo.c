// SPDX-License-Identifier: MIT
#include "lib/topo.h"

#include <errno.h>
#include <hwloc.h>
#include <string.h>

#include "lib/die.h"

static hwloc_topology_t topology(void)
{
	static hwloc_topology_t t;

	if (!t && (hwloc_topology_init(&t) || hwloc_topology_load(t)))
		die("hwloc cannot read this machine's topology: %s", strerror(errno));
	return t;
}

/* The first CPU of the core, so that SMT siblings stay free. */
static hwloc_bitmap_t core_cpu(unsigned int index)
{
	hwloc_topology_t t = topology();
	int cores = hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_CORE);
	hwloc_obj_type_t type = cores > 0 ? HWLOC_OBJ_CORE : HWLOC_OBJ_PU;
	hwloc_obj_t core = hwloc_get_obj_by_type(t, type, index);
	hwloc_bitmap_t set;

	if (!core)
		die("no core %u on this machine; use fewer threads", index);
	set = hwloc_bitmap_dup(core->cpuset);
	hwloc_bitmap_singlify(set);
	return set;
}

int topo_bind(unsigned int index)
{
	hwloc_bitmap_t want = core_cpu(index), found = hwloc_bitmap_alloc();
	int flags = HWLOC_CPUBIND_THREAD | HWLOC_CPUBIND_STRICT;
	int cpu = hwloc_bitmap_first(want);

	if (hwloc_set_cpubind(topology(), want, flags) ||
	    hwloc_get_cpubind(topology(), found, HWLOC_CPUBIND_THREAD) ||
	    !hwloc_bitmap_isequal(want, found))
		die("cannot bind to CPU %d: %s; is it in this process's cpuset?", cpu,
		    strerror(errno));
	hwloc_bitmap_free(want);
	hwloc_bitmap_free(found);
	return cpu;
}
