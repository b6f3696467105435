// SPDX-License-Identifier: MIT
/* The device's code as a driver would get it: `ptx_dump N` for the N-th target. */
#include <stdio.h>
#include <stdlib.h>

#include "gpu/cuda.h"

int main(int argc, char **argv)
{
	size_t i = argc > 1 ? (size_t)atoi(argv[1]) : 0;

	if (i >= CUDA_TARGETS)
		return 2;
	fputs(cuda_ptx(i), stdout);
	return 0;
}
