// SPDX-License-Identifier: MIT
/* All words of a buffer added up: what was added, by whomever, has arrived or is lost. */
#include "gpu/gpu.h"

#include <stdlib.h>

#include "lib/core/die.h"

uint64_t gpu_sum(const struct gpu_ops *ops, const struct gpu_buffer *b, const char **why)
{
	size_t n = b->bytes / 4;
	uint32_t *copy = b->cpu ? NULL : xcalloc(n, 4);
	const volatile uint32_t *words = copy ? copy : b->cpu;
	uint64_t total = 0;

	if (copy)
		*why = ops->read(b, copy);
	for (size_t i = 0; i < n; i++)
		total += words[i];
	free(copy);
	return total;
}
