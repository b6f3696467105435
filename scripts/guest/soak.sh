#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Treat the software device roughly, on kernels that check themselves.
#
# usage: soak.sh      (make soak)
#
# Each kernel runs bench/tests/soak.c on several CPUs.  It has passed if no update was
# lost, the module could not be unloaded while it was open and could be afterwards, the
# kernel printed no complaint, and nothing of the module's is left in memory.
#
# Prints one JSON object a kernel.  Exit status: 0 all passed, 1 one did not, 2 a usage
# or environment error.
#
# Environment: KERNELS (default: rmap-6.12 folio-6.12, one image), SOAK_SECONDS
# (default 600), SOAK_REFERENCED=1 (pages that are not exclusive: has to fail), DEBUG
# (default 1; 0: kernels as they are measured), OUT, CPUS.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

seconds=${SOAK_SECONDS:-600} debug=${DEBUG:-1} cpus=${CPUS:-$(nproc)}
case $debug in 0 | 1) ;; *) die "DEBUG=$debug: 0 or 1" ;; esac
[ "$cpus" -le 4 ] || cpus=4
[[ $seconds =~ ^[1-9][0-9]*$ ]] || die "SOAK_SECONDS=$seconds: a number of seconds"
if [ -z "${OUT:-}" ]; then
	OUT=$(mktemp -d "${TMPDIR:-/tmp}/dexbench-soak.XXXXXX")
	trap 'rm -rf "$OUT"' EXIT
fi
need_tool jq

mapfile -t specs < <(kernels_or rmap-6.12$'\n'folio-6.12)
kernels=$(DEBUG=$debug "$DEX_TOP/scripts/kernel/kernel.sh" --json \
	"${specs[@]/%/+SOAK_SECONDS=$seconds${SOAK_REFERENCED:++SOAK_REFERENCED=1}}") || exit 2
failed=0
while read -r kernel; do
	spec=$(jq -r .spec <<<"$kernel")
	log "$spec: $seconds s of soak on $cpus CPUs"
	BOOT_TIMEOUT=$((seconds * 3 + 600)) "$DEX_TOP/scripts/guest/boot.sh" --kernel="$kernel" --mode=parallel \
		--cpus="$cpus" --memory=2048 --cases=control_clock --label="$spec" \
		--program="$DEX_TOP/build/tests/soak" --out="$OUT/$(safe_name "$spec")" || { failed=1; continue; }
	said=$("$DEX_TOP/scripts/guest/complaints.sh" "$OUT/$(safe_name "$spec")")
	jq -c --arg kernel "$spec" --arg debug "$debug" --arg said "$said" \
		'{kernel: $kernel, debug: ($debug == "1"), complaints: ($said | split("\n") | map(select(. != "")))} + .' \
		"$OUT/$(safe_name "$spec")/soak.json"
	[ -z "$said" ] || failed=1
done <<<"$kernels"
exit "$failed"
