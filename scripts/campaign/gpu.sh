#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What this machine's GPU makes of atomics on shared memory.
#
# usage: gpu.sh        environment: OUT (a new directory), PAGES, GPU (a backend),
#                      DEXBENCH_GPU_START_MS (how long its driver may take to get ready)
#
# First what files say of it goes to gpu.json, before anything asks the driver: that may hang
# or take the machine with it.  Then what nvidia-smi says, then the backend.  Then
# the case of devices, from the memory that cannot go wrong to the one that can, each execution in a
# process of its own.  Nothing of the GPU or its driver is set or reset.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

BUILD=$DEX_TOP/build
ROOT=${DEXBENCH_SYSROOT:-}
PAGES=${PAGES:-4096} GPU=${GPU:-auto} START_MS=${DEXBENCH_GPU_START_MS:-120000}

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

# Words behind "Addressing Mode :", one a GPU; older programs have no such line.  It wakes
# the driver, too, and may have to wait for every GPU.
addressing_mode() {
	command -v nvidia-smi >/dev/null || return 0
	timeout -k 5 "$((START_MS / 1000 + 1))" nvidia-smi -q 2>/dev/null | sed -n 's/^ *Addressing Mode *: *//p' | head -n 1
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

# What files say, with "device" and all else that is to be asked for unknown.
probe() {
	local thp=$ROOT/sys/kernel/mm/transparent_hugepage

	jq -n --arg date "$(date -u +%FT%TZ)" --arg release "$(uname -r)" \
		--argjson driver "$(driver_line | string_or_null)" \
		--argjson flavour "$(driver_flavour | string_or_null)" \
		--argjson uvm "$(files_object "$ROOT"/sys/module/nvidia_uvm/parameters/*)" \
		--argjson config "$(config_object)" \
		--argjson thp "$(files_object "$thp/enabled" "$thp/defrag" "$thp/shmem_enabled")" \
		'{schema: "dexbench.gpu.v1", date: $date, kernel: $release, driver: $driver,
		  driver_flavour: $flavour, addressing_mode: null, uvm_parameters: $uvm,
		  config: $config, thp: $thp, device: null, reason: null}'
}

# record JSON...: gpu.json with these members as well, on the disk before anything else is done.
record() {
	local facts

	facts=$(jq -s add "$OUT/gpu.json" - <<<"$*")
	atomic_write "$OUT/gpu.json" <<<"$facts"
	sync "$OUT/gpu.json" "$OUT" 2>/dev/null || true # not every file system can
}

# because WHY: as a member.
because() { jq -n --arg why "$1" '{reason: $why}'; }

# refuse REASON REMEDY: no device; what is known of the machine stays.
refuse() {
	record "$(because "$1")"
	die "$1${2:+; $2} (the machine's facts: $OUT/gpu.json)"
}

refusals() { jq -r '.refused | to_entries | map("\(.key): \(.value)") | join("; ")' <<<"$1"; }

# A GPU, as opposed to the CPU and the model; any backend that was asked for by name is taken.
require_gpu() {
	[ "$GPU" = auto ] || return 0
	jq -e '.backend == "cuda" or (.backend == "opencl" and (.is_cpu | not))' <<<"$1" >/dev/null ||
		refuse "no GPU here: $(refusals "$1")" "GPU=opencl or GPU=model runs without one"
}

# Its own refusals are not errors of the run: they are in the result.
require_backend() {
	jq -e '.device' <<<"$1" >/dev/null ||
		refuse "GPU=$GPU cannot be had: $(jq -r '.refused | map(.) | join("; ")' <<<"$1")"
}

# The default OUT is named after the device once that is known.
name_after() {
	local named

	named=$(unused "$DEX_TOP/results/gpu-$(tr -cs 'A-Za-z0-9.\n-' '_' <<<"$1" | cut -c1-40)${OUT##*/gpu-unknown}")
	mv -T "$OUT" "$named" || die "$OUT: cannot be called $named"
	OUT=$named
}

[ -x "$BUILD/dexbench" ] || die "$BUILD/dexbench: not built; run make bench"
need_tool jq
case $GPU in
auto | cuda | opencl | model) ;;
*) die "GPU=$GPU: one of auto, cuda, opencl, model" ;;
esac
[[ $START_MS =~ ^[1-9][0-9]*$ ]] || die "DEXBENCH_GPU_START_MS=$START_MS: a number of milliseconds, above 0"
asked=${OUT:-}
OUT=${OUT:-$(unused "$DEX_TOP/results/gpu-unknown-$(date +%Y%m%d-%H%M%S)")}
[ ! -e "$OUT/gpu.json" ] || die "OUT=$OUT has results, which are never overwritten; choose another OUT"
usable "OUT=$OUT" "$OUT" "choose another OUT"
probe | atomic_write "$OUT/gpu.json"
record "$(because "nvidia-smi was asked and has not answered")"
mode=$(addressing_mode | string_or_null)
record "{\"addressing_mode\": $mode}" "$(because "the backend was asked and has not answered")"
status=0
device=$("$BUILD/dexbench" --record-gpu --gpu="$GPU") || status=$?
[ "$status" -eq 0 ] || refuse "dexbench --record-gpu --gpu=$GPU ended with status $status"
require_gpu "$device"
require_backend "$device"
record "{\"device\": $device, \"reason\": null}"
[ -n "$asked" ] || name_after "$(jq -r .device <<<"$device")"
[ "$(id -u)" -eq 0 ] || log "not root: pagemap shows no frames, so no path is proved"
case=$("$BUILD/dexbench" --list | jq -r 'first(.[] | select(.tells == "device")) | .case')
log "$case on $(jq -r '"\(.device) (\(.backend))"' <<<"$device"), results in $OUT"
"$BUILD/dexbench" --cases="$case" --gpu="$(jq -r .backend <<<"$device")" --pages="$PAGES" --out="$OUT"
