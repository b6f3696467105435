#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Does the instrument find a difference whose size is known?  `make selftest`.
#
# The kernel's own walk switch puts N instructions in front of the folio walk
# (dexbench_inject=N, kernels/dexbench_walk.c).
#
#   MODE=exact      (default) injects 0, 1, 10, 100 and 1000: the report must find
#                   each to the instruction, and nothing where nothing is injected
#   MODE=parallel   asks the instrument for its minimum detectable effect, injects
#   or timing       twice that, and counts how many of CAMPAIGNS (default: 10)
#                   find it: at least nine in ten must
#
# Environment: BOOTS (default: 6), CAMPAIGNS, OUT (default: a scratch directory).
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

HERE=$DEX_TOP/scripts
MODE=${MODE:-exact} BOOTS=${BOOTS:-} CAMPAIGNS=${CAMPAIGNS:-10}
if [ -z "${OUT:-}" ]; then
	OUT=$(mktemp -d "${TMPDIR:-/tmp}/dexbench-selftest.XXXXXX")
	trap 'rm -rf "$OUT"' EXIT
fi
usable "OUT=$OUT" "$OUT" "choose another OUT"

# campaign NAME BOOTS N...: the folio walk against itself with N injected.
campaign() {
	local name=$1 boots=$2 rc=0

	shift 2
	in_group env KERNELS="folio-6.12 $(printf 'folio-6.12+dexbench_inject=%s ' "$@")" OUT="$OUT/$name" \
		BOOTS="$boots" MODE="$MODE" RUNS= PAGES= AA=yes SEED= \
		CASES='control_clock|control_gup|convert_latency' "$HERE/campaign/ab.sh" >"$OUT/$name.txt" || rc=$?
	if [ "$rc" -eq 2 ] || [ ! -e "$OUT/$name/compare.json" ]; then
		die "the campaign in $OUT/$name did not run to its end"
	fi
}

# Rows of convert_latency as a driver has it, by kernel, in tenths of a per cent.
found() {
	jq -e 'def tenths: if type == "number" then 10 * . | round / 10 elif type == "array" then map(tenths) else . end;
		[.rows[] | select(.case == "convert_latency" and .params.notifier == "yes" and .baseline == "folio-6.12")] |
		map(.delta_pct |= tenths | .mde_pct |= tenths | .ci_pct |= tenths) | INDEX(.kernel)' "$OUT/$1/compare.json"
}

exact() {
	campaign exact 1 0 1 10 100 1000
	found exact | jq -r '
		def at(n): ."folio-6.12+dexbench_inject=\(n)";
		(at(0).value - at(0).baseline_value) as $fixed |
		"the detour without load: \($fixed) instructions",
		((1, 10, 100, 1000) as $n | (at($n).value - at(0).value) as $found |
			"injected \($n), found \($found)\(if $n == $found then "" else ": WRONG" end)"),
		(."folio-6.12 (A/A)" | "injected nothing, found: \(.verdict)")'
	jq -e '
		def latency(n): [.rows[] | select(.case == "convert_latency" and .baseline == "folio-6.12" and
			.kernel == "folio-6.12+dexbench_inject=\(n)")] | sort_by(.params.notifier);
		. as $all |
		([1, 10, 100, 1000] | all(. as $n | [$all | latency($n), latency(0)] | transpose | length == 2 and
			all(.[0].value - .[1].value == $n and .[0].verdict == "more"))) and
		([.rows[] | select(.kernel == "folio-6.12 (A/A)" or .control) | .verdict] | length > 10 and unique == ["same"])' \
		"$OUT/exact/compare.json" >/dev/null || die "the instrument is wrong; see $OUT/exact.txt"
}

# Detections and false alarms, campaign by campaign.
statistical() {
	local mde loads i detected=0 alarms=0

	[[ $CAMPAIGNS =~ ^[1-9][0-9]*$ ]] || die "CAMPAIGNS=$CAMPAIGNS: not a positive number"
	campaign calibration "$BOOTS" 1000
	mde=$(found calibration | jq '."folio-6.12+dexbench_inject=1000".mde_pct')
	loads=$(found calibration | jq '."folio-6.12+dexbench_inject=1000" |
		[(2000 * .mde_pct / .delta_pct | ceil), 1] | max')
	log "1000 instructions are $(found calibration | jq '."folio-6.12+dexbench_inject=1000".delta_pct') %, the MDE is $mde %; twice that are $loads instructions"
	[ "$loads" -le 4096 ] || die "twice the MDE ($mde %) takes $loads instructions, the kernel injects at most 4096; use more BOOTS or a quieter machine"
	for i in $(seq "$CAMPAIGNS"); do
		campaign "$i" "$BOOTS" "$loads"
		found "$i" | jq -r --arg i "$i" '."folio-6.12+dexbench_inject='"$loads"'" as $r |
			"campaign \($i): \($r.delta_pct) % \($r.ci_pct), MDE \($r.mde_pct) %: \($r.verdict); A/A \(."folio-6.12 (A/A)".verdict)"'
		detected=$((detected + $(found "$i" | jq '[.[] | select(.verdict == "slower" and (.kernel | endswith("inject='"$loads"'")))] | length')))
		alarms=$((alarms + $(found "$i" | jq '."folio-6.12 (A/A)" | if .verdict == "slower" or .verdict == "faster" then 1 else 0 end')))
	done
	echo "$detected of $CAMPAIGNS campaigns of $BOOTS boots found $loads instructions (twice the MDE of $mde %); $alarms false alarms in $CAMPAIGNS A/A arms"
	[ $((10 * detected)) -ge $((9 * CAMPAIGNS)) ]
}

end_on_signals true
case $MODE in
exact) exact ;;
parallel | timing)
	BOOTS=${BOOTS:-6}
	statistical
	;;
*) die "MODE=$MODE: one of exact, parallel, timing" ;;
esac
