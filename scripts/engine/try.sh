#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One boot of a campaign, tried again if it fails: a task of scripts/engine/door.sh.
#
# usage: try.sh BOOT SPEC
#
# Environment: OUT, and what its plan fixes, as for make ab: MODE, ROWS, CPUS, RUNS, MEMORY, PAGES, RETRIES;
# COUNTERS, PERF; DEX_KERNELS (as kernel.sh says them), DEX_CASES (words), DEX_EMULATOR (as emulator.sh says it).
#
# Exit status: 0 the boot is there; 1 it failed; 2 boots cannot be made here.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"
HERE=$DEX_TOP/scripts
. "$HERE/campaign/boots.sh"

[ $# -eq 2 ] || die "usage: try.sh BOOT SPEC; see the head of scripts/engine/try.sh"
# shellcheck disable=SC2034 # boots.sh's
kernels=$DEX_KERNELS cases=$DEX_CASES emulator=$DEX_EMULATOR
rc=0
boot_one "$1" "$2" || rc=$?
exit "$rc"
