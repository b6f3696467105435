#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What this machine's GPU makes of atomics on shared memory.
#
# usage: gpu.sh        environment: OUT (a new directory), PAGES, GPU (a backend)
#
# First everything that can be told without running anything on it goes to gpu.json; then
# gpu_atomic, from the memory that cannot go wrong to the one that can, each execution in a
# process of its own.  Nothing of the GPU or its driver is set or reset.
set -eu
. "$(dirname "$0")/lib.sh"

BUILD=$DEX_TOP/build
ROOT=${DEXBENCH_SYSROOT:-}
PAGES=${PAGES:-4096} GPU=${GPU:-auto}

# A line, or JSON's null.
string_or_null() { jq -R -s 'rtrimstr("\n") | if . == "" then null else . end'; }

driver_line() { head -n 1 "$ROOT/proc/driver/nvidia/version" 2>/dev/null || true; }

# NVIDIA's open module says so of itself; only that one has HMM.
driver_flavour() {
	case $(driver_line) in
	*'Open Kernel Module'*) echo open ;;
	*NVIDIA*) echo proprietary ;;
	esac
}

# Words behind "Addressing Mode :", one a GPU; older programs have no such line.
addressing_mode() {
	command -v nvidia-smi >/dev/null || return 0
	timeout 20 nvidia-smi -q 2>/dev/null | sed -n 's/^ *Addressing Mode *: *//p' | head -n 1
}

# files_object FILE...: each by its name, with its first line.
files_object() {
	local f

	for f; do
		[ -r "$f" ] || continue
		jq -n --arg name "$(basename "$f")" --arg value "$(head -n 1 "$f")" '{($name): $value}'
	done | jq -s 'add // {}'
}

config_text() {
	zcat "$ROOT/proc/config.gz" 2>/dev/null || cat "$ROOT/boot/config-$(uname -r)" 2>/dev/null || true
}

# What HMM and this suite's proofs need; "n" is also what a kernel says by silence.
config_object() {
	local text

	text=$(config_text)
	[ -n "$text" ] || { echo null; return; }
	for symbol in HMM_MIRROR DEVICE_PRIVATE TEST_HMM KPROBES TRANSPARENT_HUGEPAGE; do
		jq -n --arg s "$symbol" --arg v "$(sed -n "s/^CONFIG_$symbol=//p" <<<"$text")" \
			'{($s): (if $v == "" then "n" else $v end)}'
	done | jq -s add
}

probe() {
	local thp=$ROOT/sys/kernel/mm/transparent_hugepage

	jq -n --arg date "$(date -u +%FT%TZ)" --arg release "$(uname -r)" \
		--argjson driver "$(driver_line | string_or_null)" \
		--argjson flavour "$(driver_flavour | string_or_null)" \
		--argjson addressing "$(addressing_mode | string_or_null)" \
		--argjson uvm "$(files_object "$ROOT"/sys/module/nvidia_uvm/parameters/*)" \
		--argjson config "$(config_object)" --argjson device "$1" \
		--argjson thp "$(files_object "$thp/enabled" "$thp/defrag" "$thp/shmem_enabled")" \
		'{schema: "dexbench.gpu.v1", date: $date, kernel: $release, driver: $driver,
		  driver_flavour: $flavour, addressing_mode: $addressing, uvm_parameters: $uvm,
		  config: $config, thp: $thp, device: $device}'
}

# A GPU, as opposed to the CPU and the model; any backend that was asked for by name is taken.
require_gpu() {
	[ "$GPU" = auto ] || return 0
	jq -e '.backend == "cuda" or (.backend == "opencl" and (.is_cpu | not))' <<<"$1" >/dev/null ||
		die "no GPU here: $(jq -r '.refused | to_entries | map("\(.key): \(.value)") | join("; ")' <<<"$1"); GPU=opencl or GPU=model runs without one"
}

# Its own refusals are not errors of the run: they are in the result.
require_backend() {
	jq -e '.device' <<<"$1" >/dev/null ||
		die "GPU=$GPU cannot be had: $(jq -r '.refused | to_entries | map(.value) | join("; ")' <<<"$1")"
}

[ -x "$BUILD/dexbench" ] || die "$BUILD/dexbench: not built; run make bench"
need_tool jq
device=$("$BUILD/dexbench" --record-gpu --gpu="$GPU") || exit 2
require_gpu "$device"
require_backend "$device"
OUT=${OUT:-$DEX_TOP/results/gpu-$(jq -r .device <<<"$device" | tr -cs 'A-Za-z0-9.\n-' '_' | cut -c1-40)-$(date +%Y%m%d-%H%M%S)}
[ ! -e "$OUT/gpu.json" ] || die "OUT=$OUT has results, which are never overwritten; choose another OUT"
mkdir -p "$OUT" || die "OUT=$OUT: cannot be made"
probe "$device" | atomic_write "$OUT/gpu.json"
[ "$(id -u)" -eq 0 ] || log "not root: pagemap shows no frames, so no path is proved"
log "gpu_atomic on $(jq -r '"\(.device) (\(.backend))"' <<<"$device"), results in $OUT"
"$BUILD/dexbench" --cases=gpu_atomic --gpu="$(jq -r .backend <<<"$device")" --pages="$PAGES" --out="$OUT"
