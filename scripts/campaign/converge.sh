#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How much of lockstep mode's numbers is the instrument's?  Contention rows under turns of other lengths
# and PAUSEs of other prices, each over several interleavings.  `make converge`.
#
# Leaves in OUT a campaign for each set of parameters, converge.json (dexbench.converge.v1) and
# converge.txt: of each row and kernel the throughput under each, and how far it moves.
#
# Environment: OUT (default: a scratch directory), KERNELS (default: both walks of 6.12), CPUS
# (default: 4), RUNS (interleavings, default: 8).
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

HERE=$DEX_TOP/scripts
USUAL=q=50,pause=100
# shellcheck disable=SC2054 # the commas are LOCKSTEP's
SETS=(q=100,pause=100 "$USUAL" q=25,pause=100 q=12,pause=100 q=50,pause=40 q=50,pause=140)
RUNS=${RUNS:-8}
if [ -z "${OUT:-}" ]; then
	OUT=$(mktemp -d "${TMPDIR:-/tmp}/dexbench-converge.XXXXXX")
	trap 'rm -rf "$OUT"' EXIT
fi
usable "OUT=$OUT" "$OUT" "choose another OUT"
[ ! -e "$OUT/converge.json" ] ||
	die "OUT=$OUT holds results; they are never overwritten, choose another directory"
need_tool jq

# campaign SET: in its directory, unless it is there.
campaign() {
	local rc=0

	[ ! -e "$OUT/$1/compare.json" ] || return 0
	log "LOCKSTEP=$1"
	in_group env MODE=lockstep LOCKSTEP="$1" KERNELS="${KERNELS:-rmap-6.12 folio-6.12}" AA=no SEED=1 BOOTS=1 \
		CPUS="${CPUS:-4}" RUNS="$RUNS" CASES=contend_anon_vma ROWS=brief OUT="$OUT/$1" "$HERE/campaign/ab.sh" >/dev/null || rc=$?
	[ -e "$OUT/$1/compare.json" ] || die "LOCKSTEP=$1: the campaign did not run to its end (status $rc)"
}

# throughputs SET: one object a row and kernel.
throughputs() {
	jq -c --arg set "$1" '[.rows[] | select(.case == "contend_anon_vma" and .metric == "throughput" and .interleavings)] |
		unique_by([.params, .kernel])[] | {params, kernel, set: $set, value, ci_pct: (100 * (.interleavings.ci[1] / .value - 1))}' \
		"$OUT/$1/compare.json"
}

# summary: of such objects: each row's value by set, and the furthest from the usual one, in per cent.
# shellcheck disable=SC2016 # jq's variables
summary() {
	jq -s --arg usual "$USUAL" --argjson runs "$RUNS" '{schema: "dexbench.converge.v1", usual: $usual, interleavings: $runs,
		rows: (group_by([.params, .kernel]) | map((map({(.set): .}) | add) as $by | {params: .[0].params, kernel: .[0].kernel,
			value: $by[$usual].value, ci_pct: $by[$usual].ci_pct,
			sets: ($by | map_values({value, ci_pct})),
			moves_pct: (map(100 * (.value / $by[$usual].value - 1) | fabs) | max)}))}'
}

end_on_signals true
for set in "${SETS[@]}"; do
	campaign "$set"
done
for set in "${SETS[@]}"; do
	throughputs "$set"
done | summary | atomic_write "$OUT/converge.json"
"$DEX_TOP/build/dex-compare" "$OUT/converge.json" >"$OUT/converge.txt"
cat "$OUT/converge.txt"
