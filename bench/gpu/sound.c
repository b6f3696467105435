// SPDX-License-Identifier: MIT
/*
 * Is an add of the device atomic towards the CPU?
 *
 * NVIDIA's rule for system-scope atomics (libcu++, Extended API: cuda::atomic, "Concurrency
 * Restrictions", and memory model, "Atomicity"): the object is pageable memory and the device reaches that (attribute 88);
 * or managed memory and both may touch it at once (89); or mapped host memory and the
 * device's atomics are native to the host (86); or only threads of one device touch
 * it.  Narrower scopes promise nothing towards the CPU.
 */
#include "gpu/gpu.h"

static int shared_soundly(const struct gpu_support *s, enum gpu_memory memory)
{
	switch (memory) {
	case GPU_PINNED:
		return s->host_atomics;
	case GPU_MANAGED_MIGRATING:
	case GPU_MANAGED_CPU:
		return s->concurrent;
	case GPU_SYSTEM_MIGRATING:
	case GPU_SYSTEM_EXCLUSIVE:
		return s->pageable;
	case GPU_DEVICE:
	case GPU_SHARED:
	case GPU_FILE:
	case GPU_HUGETLB:
		break;
	}
	return 0;
}

int gpu_sound(const struct gpu_support *s, const struct gpu_request *r)
{
	if (!r->touch)
		return 1;
	return r->scope == GPU_SCOPE_SYS && shared_soundly(s, r->memory);
}
