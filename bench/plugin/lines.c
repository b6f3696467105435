// SPDX-License-Identifier: MIT
#include "plugin/lines.h"

#include <stddef.h>
#include <string.h>

#include "lib/arch/arch.h"
#include "plugin/table.h"

#define BLOCK_BITS  15 /* lines of a block */
#define BLOCK_LINES (1u << BLOCK_BITS)

struct line {
	uint64_t with;	 /* the CPUs that have it as it is */
	uint8_t written; /* 1 + who wrote it last; 0: nobody since it is watched */
};

static struct line **block;
static size_t blocks;

/* Blocks in the order of addresses; those of memory that nobody touches take a pointer. */
static struct line *line_of(uint64_t physical)
{
	uint64_t number = physical >> ARCH_LINE_BITS;
	size_t i = number >> BLOCK_BITS;

	if (i >= blocks) {
		block = table_realloc(block, i + 1, sizeof(struct line *));
		memset(block + blocks, 0, (i + 1 - blocks) * sizeof(*block));
		blocks = i + 1;
	}
	if (!block[i]) {
		block[i] = table_realloc(NULL, BLOCK_LINES, sizeof(struct line));
		memset(block[i], 0, BLOCK_LINES * sizeof(struct line));
	}
	return &block[i][number & (BLOCK_LINES - 1)];
}

enum line_move lines_access(unsigned int cpu, uint64_t physical, int is_write)
{
	struct line *l = line_of(physical);
	uint64_t me = 1ull << cpu, had = l->with & me, others = l->with & ~me;
	int is_foreign = l->written && l->written != cpu + 1;

	if (!is_write) {
		l->with |= me;
		return !had && is_foreign ? LINE_READ : LINE_STAYS;
	}
	l->with = me;
	l->written = (uint8_t)(cpu + 1);
	if (!had && is_foreign)
		return LINE_WRITTEN;
	return others ? LINE_TAKEN : LINE_STAYS;
}
