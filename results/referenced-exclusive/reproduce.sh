#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Show in a guest that reclaim of a large folio with one exclusive page trips over DEBUG_VM.
#
# usage: reproduce.sh [KERNEL]     (default: folio-7.x, built with DEBUG=1)
#
# Exit status: 0 the kernel warns, 1 it does not, 2 a usage or environment error.
# Run `make bench build/tests/sweep build/guest.cpio` first.
set -eu
here=$(dirname "$(realpath "$0")")
# shellcheck source=scripts/lib.sh
. "$here/../../scripts/lib.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/referenced.XXXXXX")
trap 'rm -rf "$work"' EXIT
rc=0
KERNELS=${1:-folio-7.x} STATES=reclaim OUT=$work/sweep "$DEX_TOP/scripts/guest/sweep.sh" || rc=$?
[ "$rc" -lt 2 ] || exit 2
jq -e 'any(.states[]; .verdict == "splat" and (.line | contains("folio_pte_batch")))' "$work/sweep/sweep.json" >/dev/null
