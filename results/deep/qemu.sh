#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# QEMU whose emulated CPU walks five levels of page tables where the kernel wants them: in front of the
# suite's, QEMU=results/deep/qemu.sh.  A kernel with the parameter no5lvl has four on the same CPU.
set -eu
args=()
for arg; do
	[ ${#args[@]} -eq 0 ] || [ "${args[-1]}" != -cpu ] || arg+=,+la57
	args+=("$arg")
done
exec qemu-system-x86_64 "${args[@]}"
