#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Compare kernels: plan, boot, collect, report.  `make ab` runs this.
#
# Environment, all optional (empty counts as not given):
#   KERNELS  specs, the first is the baseline (default: the ladder)
#   CASES    regular expression over whole case names (default: all)
#   MODE     exact, parallel or timing (default: exact)
#   BOOTS    boots per kernel (default: 1 in exact mode, 4 otherwise)
#   OUT      directory of the results, must not exist (default: results/<time>-<mode>)
#   CPUS     virtual CPUs (default: 1 in exact mode; otherwise 2 to 4, as the host has)
#   MEMORY   MiB of guest memory (default: 1024)
#   PAGES    pages that each execution works on (default: 4096)
#   SEED     of the order of boots (default: from the clock, kept in plan.json)
set -eu
. "$(dirname "$0")/lib.sh"

BUILD=$DEX_TOP/build
HERE=$DEX_TOP/scripts
MODE=${MODE:-exact}
PAGES=${PAGES:-4096}
MEMORY=${MEMORY:-1024}
SEED=${SEED:-$(date +%s)}

is_number() { [[ $2 =~ ^[1-9][0-9]*$ ]] || die "$1=$2: not a positive number"; }

check_input() {
	local host_cpus

	host_cpus=$(nproc)
	case $MODE in
	exact) CPUS=${CPUS:-1} BOOTS=${BOOTS:-1} ;;
	parallel | timing) CPUS=${CPUS:-$((host_cpus < 2 ? 2 : host_cpus > 4 ? 4 : host_cpus))} BOOTS=${BOOTS:-4} ;;
	*) die "MODE=$MODE: one of exact, parallel, timing" ;;
	esac
	is_number CPUS "$CPUS" && is_number BOOTS "$BOOTS" && is_number PAGES "$PAGES"
	is_number MEMORY "$MEMORY" && is_number SEED "$SEED"
	if [ $((PAGES % 512)) -ne 0 ] || [ "$PAGES" -lt 1536 ]; then
		die "PAGES=$PAGES: give a multiple of 512, 1536 or more"
	fi
	[ "$MODE" != exact ] || [ "$CPUS" -eq 1 ] ||
		die "CPUS=$CPUS: exact mode has one CPU, instruction counts of several are not repeatable; use MODE=parallel"
	[ "$CPUS" -le "$host_cpus" ] ||
		die "CPUS=$CPUS: this host has $host_cpus, and CPUs that wait for each other measure the host's scheduler"
	[ ! -e "${OUT:-}" ] || die "OUT=$OUT exists; results are never overwritten, choose another directory"
}

# The names that CASES selects, from dexbench itself.
select_cases() {
	cases=$("$BUILD/dexbench" --list | jq -r --arg re "^(${CASES:-.*})$" \
		'map(.case | select(test($re))) | join(" ")' 2>/dev/null) ||
		die "CASES=$CASES: not a regular expression"
	[ -n "$cases" ] ||
		die "CASES=$CASES matches no case; one of: $("$BUILD/dexbench" --list | jq -r 'map(.case) | join(" ")')"
}

# /dev/kvm may exist and still not run a kernel: boot one that ends at once.
probe_kvm() {
	if [ ! -w /dev/kvm ]; then
		log "no KVM: /dev/kvm is missing or not writable"
		return 1
	fi
	BOOT_TIMEOUT=30 "$HERE/boot.sh" --kernel="$(head -n 1 <<<"$kernels")" --probe-kvm
}

safe_name() { tr -c 'A-Za-z0-9._\n-' '_' <<<"$1" | cut -c1-60; }

# 64 bytes that depend on every letter of $1.
random_bytes() { printf '%b' "$(sha512sum <<<"$1" | cut -c1-128 | sed 's/../\\x&/g')"; }

# Blocks of one boot per kernel, each block shuffled by the seed.
write_plan() {
	local block spec n=0 order

	for block in $(seq "$BOOTS"); do
		order=$(jq -r .spec <<<"$kernels" |
			shuf --random-source=<(random_bytes "$SEED $block"))
		while read -r spec; do
			n=$((n + 1))
			jq -nc --arg boot "$(printf %03d "$n")-$(safe_name "$spec")" --arg kernel "$spec" \
				--argjson block "$block" '{boot: $boot, kernel: $kernel, block: $block}'
		done <<<"$order"
	done | jq -s --argjson kernels "$(jq -s 'map(del(.bzimage, .build_tree))' <<<"$kernels")" \
		--arg mode "$MODE" --arg cases "$cases" --argjson pages "$PAGES" --argjson cpus "$CPUS" \
		--argjson memory "$MEMORY" --argjson boots "$BOOTS" --argjson seed "$SEED" \
		--arg date "$(date -u +%FT%TZ)" \
		'{schema: "dexbench.plan.v1", date: $date, mode: $mode, cases: ($cases | split(" ")),
		  pages: $pages, cpus: $cpus, memory_mib: $memory, boots: $boots, seed: $seed,
		  kernels: $kernels, schedule: .}' | atomic_write "$OUT/plan.json"
}

# QEMU's parallel CPUs can trip over code that the guest patches (a stale
# breakpoint: "Oops: int3"), about one boot in fifty; such a boot is kept as
# *.failed, shown, and repeated once.
boot_one() {
	local boot=$1 spec=$2 rc=0

	set -- "$HERE/boot.sh" --kernel="$(jq -c --arg s "$spec" 'select(.spec == $s)' <<<"$kernels")" \
		--mode="$MODE" --cases="$cases" --out="$OUT/$boot" --cpus="$CPUS" \
		--memory="$MEMORY" --pages="$PAGES" --label="$spec"
	"$@" || rc=$?
	[ "$rc" -eq 1 ] && [ "$MODE" = parallel ] || return "$rc"
	log "repeating boot $boot once"
	"$@"
}

# await N: until fewer than N boots run; counts those that ended.
await() {
	while [ "$(jobs -rp | wc -l)" -ge "$1" ]; do
		show_progress "booting, $done of $total done" "$done" "$total" $((SECONDS - begin))
		sleep 0.3
	done
	while [ "$done" -lt $((started - $(jobs -rp | wc -l))) ]; do
		wait -n || failures=$((failures + 1))
		done=$((done + 1))
	done
}

# Counts do not care about company, times do.
run_boots() {
	local at_once=1 boot spec

	[ "$MODE" != exact ] || at_once=$(nproc)
	total=$(jq '.schedule | length' "$OUT/plan.json")
	failures=0 started=0 done=0 begin=$SECONDS progress_tenth=-1
	while read -r boot spec <&3; do
		await "$at_once"
		boot_one "$boot" "$spec" &
		started=$((started + 1))
	done 3< <(jq -r '.schedule[] | "\(.boot) \(.kernel)"' "$OUT/plan.json")
	await 1
	[ ! -t 2 ] || printf '\r\033[K' >&2
	log "$total boots in $(clock_face $((SECONDS - begin)))"
}

trap 'kill $(jobs -rp) 2>/dev/null; exit 130' INT TERM
check_input
select_cases
# shellcheck disable=SC2086 # one word a spec
twice=$(printf '%s\n' ${KERNELS:-} | sort | uniq -d | head -n 1)
[ -z "$twice" ] || die "KERNELS names $twice twice"
# shellcheck disable=SC2086
kernels=$("$HERE/kernel.sh" --json ${KERNELS:-})
if [ "$MODE" = timing ] && ! probe_kvm; then
	log "timing mode is not to be had here; falling back to exact mode"
	MODE=exact CPUS=1 BOOTS=1
fi
OUT=${OUT:-$DEX_TOP/results/$(date -u +%Y%m%dT%H%M%SZ)-$MODE}
mkdir -p "$(dirname "$OUT")"
mkdir "$OUT" 2>/dev/null || die "OUT=$OUT: cannot create it; is the disk full?"
(write_plan) || { rmdir "$OUT"; exit 2; }
run_boots
[ "$failures" -lt "$total" ] ||
	die "every boot failed; what they left is in $OUT"
rc=0
"$BUILD/dex-compare" --write "$OUT" || rc=$?
[ "$rc" -ne 2 ] || exit 2
log "results in $OUT; the same table again: build/dex-compare $OUT"
# A verdict is dex-compare's to return; a failed boot is a failure here.
[ "$failures" -eq 0 ] || die "$failures of $total boots failed; the table is partial"
