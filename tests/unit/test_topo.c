// SPDX-License-Identifier: MIT
/*
 * Binding on a machine with two nodes, which hwloc makes up; the fakes stand at
 * the calls of hwloc that would ask the real kernel (ld --wrap).
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <hwloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "lib/core/die.h"
#include "lib/machine/topo.h"

static char region[8192];
static int bound = -1; /* to this node, by the fake */
static int lies_on = 1;

int __wrap_hwloc_set_area_membind(hwloc_topology_t t, const void *start, size_t bytes,
				  hwloc_const_bitmap_t set, hwloc_membind_policy_t policy,
				  int flags);
int __wrap_hwloc_get_area_memlocation(hwloc_topology_t t, const void *start, size_t bytes,
				      hwloc_bitmap_t set, int flags);

int __wrap_hwloc_set_area_membind(hwloc_topology_t t, const void *start, size_t bytes,
				  hwloc_const_bitmap_t set, hwloc_membind_policy_t policy,
				  int flags)
{
	(void)t;
	assert_ptr_equal(start, region);
	assert_int_equal(bytes, sizeof(region));
	assert_int_equal(policy, HWLOC_MEMBIND_BIND);
	assert_int_equal(flags, HWLOC_MEMBIND_STRICT | HWLOC_MEMBIND_BYNODESET);
	assert_int_equal(hwloc_bitmap_weight(set), 1);
	bound = hwloc_bitmap_first(set);
	return 0;
}

int __wrap_hwloc_get_area_memlocation(hwloc_topology_t t, const void *start, size_t bytes,
				      hwloc_bitmap_t set, int flags)
{
	(void)t, (void)start, (void)bytes;
	assert_int_equal(flags, HWLOC_MEMBIND_BYNODESET);
	hwloc_bitmap_only(set, (unsigned int)lies_on);
	return 0;
}

static void memory_goes_to_the_node_of_the_cpu(void **state)
{
	(void)state;
	assert_int_equal(topo_node(0), 0);
	assert_int_equal(topo_node(3), 1);
	assert_int_equal(topo_node(99), -1);
	topo_bind_memory(region, sizeof(region), topo_node(3));
	assert_int_equal(bound, 1);
	topo_check_memory(region, sizeof(region), 1);
}

static void check_wrong_node(void *arg)
{
	(void)arg;
	topo_check_memory(region, sizeof(region), 0);
}

static void memory_elsewhere_ends_the_program(void **state)
{
	char said[512];

	(void)state;
	assert_int_equal(child_run(check_wrong_node, NULL, said, sizeof(said)), DIE_STATUS);
	assert_non_null(strstr(said, "bound to node 0 but lies on node 1"));
}

/* In a process of its own: the topology is read once. */
static void bind_on_one_node(void *arg)
{
	(void)arg;
	setenv("HWLOC_SYNTHETIC", "node:1 core:2 pu:1", 1);
	topo_bind_memory(region, sizeof(region), topo_node(1));
	lies_on = 7;
	topo_check_memory(region, sizeof(region), topo_node(1));
	exit(bound == -1 && topo_node(1) == 0 ? 0 : 1);
}

static void one_node_is_left_alone(void **state)
{
	char said[512];

	(void)state;
	assert_int_equal(child_run(bind_on_one_node, NULL, said, sizeof(said)), 0);
}

static void the_machine_is_written_once(void **state)
{
	char path[] = "/tmp/dexbench-test-topo.XXXXXX", said[512];
	hwloc_topology_t t;

	(void)state;
	close(mkstemp(path));
	assert_int_equal(child_run((void (*)(void *))topo_write, path, said, sizeof(said)),
			 DIE_STATUS);
	assert_non_null(strstr(said, "never overwritten"));
	remove(path);
	topo_write(path);
	assert_int_equal(hwloc_topology_init(&t), 0);
	assert_int_equal(hwloc_topology_set_xml(t, path), 0);
	assert_int_equal(hwloc_topology_load(t), 0);
	assert_int_equal(hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_NUMANODE), 2);
	assert_int_equal(hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_PU), 4);
	hwloc_topology_destroy(t);
	remove(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_node_is_left_alone),
		cmocka_unit_test(memory_goes_to_the_node_of_the_cpu),
		cmocka_unit_test(memory_elsewhere_ends_the_program),
		cmocka_unit_test(the_machine_is_written_once),
	};

	setenv("HWLOC_SYNTHETIC", "node:2 core:2 pu:1", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
