// SPDX-License-Identifier: MIT
#include "lib/machine/topo.h"

#include <errno.h>
#include <hwloc.h>
#include <pthread.h>
#include <string.h>

#include "lib/core/die.h"
#include "lib/core/file.h"

static hwloc_topology_t loaded;

static void load(void)
{
	if (hwloc_topology_init(&loaded) || hwloc_topology_load(loaded))
		die("hwloc cannot read this machine's topology: %s", strerror(errno));
}

/* Threads may be the first to ask: none of them sees it half loaded. */
static hwloc_topology_t topology(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
	return loaded;
}

static hwloc_obj_type_t core_type(void)
{
	return hwloc_get_nbobjs_by_type(topology(), HWLOC_OBJ_CORE) > 0 ? HWLOC_OBJ_CORE
									: HWLOC_OBJ_PU;
}

unsigned int topo_cores(void)
{
	return (unsigned int)hwloc_get_nbobjs_by_type(topology(), core_type());
}

/* The first CPU of the core, so that SMT siblings stay free. */
static hwloc_bitmap_t core_cpu(unsigned int index)
{
	hwloc_obj_t core = hwloc_get_obj_by_type(topology(), core_type(), index);
	hwloc_bitmap_t set;

	if (!core)
		die("no core %u on this machine; use fewer threads", index);
	set = hwloc_bitmap_dup(core->cpuset);
	hwloc_bitmap_singlify(set);
	return set;
}

int topo_cpu(unsigned int index)
{
	hwloc_bitmap_t set = core_cpu(index);
	int cpu = hwloc_bitmap_first(set);

	hwloc_bitmap_free(set);
	return cpu;
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

static int many_nodes(void)
{
	return hwloc_get_nbobjs_by_type(topology(), HWLOC_OBJ_NUMANODE) > 1;
}

int topo_node(int cpu)
{
	hwloc_obj_t node = NULL;

	while ((node = hwloc_get_next_obj_by_type(topology(), HWLOC_OBJ_NUMANODE, node)))
		if (hwloc_bitmap_isset(node->cpuset, (unsigned int)cpu))
			return (int)node->os_index;
	return -1;
}

void topo_bind_memory(void *start, size_t bytes, int node)
{
	hwloc_bitmap_t set;

	if (!many_nodes() || node < 0)
		return;
	set = hwloc_bitmap_alloc();
	hwloc_bitmap_only(set, (unsigned int)node);
	if (hwloc_set_area_membind(topology(), start, bytes, set, HWLOC_MEMBIND_BIND,
				   HWLOC_MEMBIND_STRICT | HWLOC_MEMBIND_BYNODESET))
		die("cannot bind memory to node %d: %s; is it in this process's cpuset?", node,
		    strerror(errno));
	hwloc_bitmap_free(set);
}

void topo_check_memory(void *start, size_t bytes, int node)
{
	hwloc_bitmap_t found;
	char *text;

	if (!many_nodes() || node < 0)
		return;
	found = hwloc_bitmap_alloc();
	if (hwloc_get_area_memlocation(topology(), start, bytes, found, HWLOC_MEMBIND_BYNODESET))
		die("cannot tell where memory lies: %s", strerror(errno));
	if (hwloc_bitmap_weight(found) != 1 || hwloc_bitmap_first(found) != node) {
		hwloc_bitmap_list_asprintf(&text, found);
		die("memory was bound to node %d but lies on node %s; is there enough free memory there?",
		    node, text);
	}
	hwloc_bitmap_free(found);
}

#if HWLOC_API_VERSION >= 0x00030000 /* its own default is a newer format */
#define XML_FLAGS HWLOC_TOPOLOGY_EXPORT_XML_FLAG_V2
#else
#define XML_FLAGS 0
#endif

static int print_text(FILE *file, void *text)
{
	return fputs(text, file) == EOF;
}

void topo_write(const char *path)
{
	hwloc_topology_t t;
	char *xml;
	int length;

	/* Apart from topology(): devices are worth a record, not a look at every start. */
	if (hwloc_topology_init(&t) ||
	    hwloc_topology_set_io_types_filter(t, HWLOC_TYPE_FILTER_KEEP_IMPORTANT) ||
	    hwloc_topology_load(t) || hwloc_topology_export_xmlbuffer(t, &xml, &length, XML_FLAGS))
		die("hwloc cannot read this machine's topology: %s", strerror(errno));
	file_write_new(path, print_text, xml);
	hwloc_free_xmlbuffer(t, xml);
	hwloc_topology_destroy(t);
}

/* The node with most cores, the first of these: a guest whose CPUs lie on two measures the way between them. */
static hwloc_obj_t widest_node(unsigned int *cores)
{
	hwloc_obj_t node = NULL, best = NULL;

	*cores = 0;
	while ((node = hwloc_get_next_obj_by_type(topology(), HWLOC_OBJ_NUMANODE, node))) {
		int n = hwloc_get_nbobjs_inside_cpuset_by_type(topology(), node->cpuset,
							       core_type());

		if (n > 0 && (unsigned int)n > *cores) {
			*cores = (unsigned int)n;
			best = node;
		}
	}
	if (!best)
		die("hwloc knows of no memory node that has a core");
	return best;
}

/* On the last cores, since devices tend to interrupt the first; on CPUs in turn where there are too few. */
static int place_one(hwloc_obj_t node, unsigned int cores, unsigned int vcpus, unsigned int i)
{
	hwloc_obj_type_t type = cores < vcpus ? HWLOC_OBJ_PU : core_type();
	unsigned int n = (unsigned int)hwloc_get_nbobjs_inside_cpuset_by_type(topology(),
									      node->cpuset, type);
	unsigned int at = cores < vcpus ? i % n : n - vcpus + i;

	return hwloc_bitmap_first(
		hwloc_get_obj_inside_cpuset_by_type(topology(), node->cpuset, type, at)->cpuset);
}

/* What is left of the node: whole cores, else siblings, else all of it. */
static json_t *left_over(hwloc_obj_t node, hwloc_const_bitmap_t taken, int whole_cores)
{
	hwloc_bitmap_t left = hwloc_bitmap_dup(node->cpuset);
	json_t *list = json_array();
	hwloc_obj_t core = NULL;

	hwloc_bitmap_andnot(left, left, taken);
	while (whole_cores && (core = hwloc_get_next_obj_by_type(topology(), core_type(), core)))
		if (hwloc_bitmap_intersects(core->cpuset, taken))
			hwloc_bitmap_andnot(left, left, core->cpuset);
	if (hwloc_bitmap_iszero(left))
		hwloc_bitmap_copy(left, node->cpuset);
	for (int cpu = hwloc_bitmap_first(left); cpu >= 0; cpu = hwloc_bitmap_next(left, cpu))
		json_array_append_new(list, json_integer(cpu));
	hwloc_bitmap_free(left);
	return list;
}

json_t *topo_place(unsigned int vcpus)
{
	unsigned int cores;
	hwloc_obj_t node = widest_node(&cores);
	hwloc_bitmap_t taken = hwloc_bitmap_alloc();
	json_t *list = json_array(), *o;

	for (unsigned int i = 0; i < vcpus; i++) {
		int cpu = place_one(node, cores, vcpus, i);

		hwloc_bitmap_set(taken, (unsigned int)cpu);
		json_array_append_new(list, json_integer(cpu));
	}
	o = json_pack("{s:i, s:i, s:i, s:b, s:b, s:o, s:o}", "node", (int)node->os_index, "nodes",
		      hwloc_get_nbobjs_by_type(topology(), HWLOC_OBJ_NUMANODE), "cores", (int)cores,
		      "own_cores", cores >= vcpus, "spare_core", cores > vcpus, "vcpus", list,
		      "others", left_over(node, taken, cores > vcpus));
	hwloc_bitmap_free(taken);
	return o;
}
