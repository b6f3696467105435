# shellcheck shell=bash disable=SC2016,SC2154 # jq's variables; scripts/check.sh's names
# SPDX-License-Identifier: MIT
# SYNTHETIC results, for tests of statistics alone: plans of many boots, derived
# from the recorded ones by known factors and known noise.  They exist only in the
# scratch directory of a test; nothing here was measured.

# A boot's every value is multiplied with its kernel's effect, with what its block
# shares (a drift of a tenth over the campaign), and with noise of the boot and of
# the run, whose SDs are $noise and a quarter of it: sums of four uniform numbers
# from a hash of the place.
# shellcheck disable=SC2016 # jq's variables
SYNTHETIC_JQ='
def hash($x): (($x * 12.9898 | sin) * 43758.5453) | . - floor;
def normal($x): ([range(4) | hash($x + . * 0.37)] | add - 2) * (3 | sqrt);
def factor($effect; $k; $block; $run): $effect * (1 + 0.1 * $block / $blocks) *
	(1 + $noise * normal($block * 7.1 + $k * 31.7)) *
	(1 + $noise / 4 * normal($block * 3.3 + $k * 17.9 + $run * 5.7));
def directory($k; $block): $block * 10 + $k | tostring | "000"[length:] + .;
def name: sub("=[^=]*$"; "");
def arm: endswith(" (A/A)");

([$specs[] | sub(".*="; "") | tonumber]) as $effects |
(map(.results |= map(.gaps = null | .errors = null | .ok = 100 | .attempted = 100 | .ticks |= .[:100])) ) as $cases |
(range(1; $blocks + 1) as $block | range($specs | length) as $k | range(1; $runs + 1) as $run | $cases[] |
	(if .control then 1 else factor($effects[$k]; $k; $block; $run) end) as $f |
	directory($k; $block) + "/" + .case + (if $run == 1 then "" else ".run\($run)" end) + ".json",
	(.mode = "parallel" | .unit = "ticks" | .run = $run | .results[].ticks |= map(. * 1000 * $f | round) | tojson)),
"plan.json",
($plan[0] + {mode: "parallel", boots: $blocks, runs: $runs, retries: 1, budget_minutes: null, pilot: null,
	aa: ([range($specs | length) | $specs[.] | name | select(arm)] | first), cases: ($cases | map(.case)),
	kernels: [range($specs | length) as $k | $plan[0].kernels[0] +
		{spec: ($specs[$k] | name), same_as: (if ($specs[$k] | name) | arm then ($specs[0] | name) else null end)}],
	schedule: [range(1; $blocks + 1) as $block | range($specs | length) as $k |
		{boot: directory($k; $block), kernel: ($specs[$k] | name), block: $block}]} | tojson)
'

# synthesize DIR BLOCKS RUNS NOISE KERNEL=EFFECT...: a plan of these kernels in
# parallel mode, of three cases; "x (A/A)=1" is the A/A arm of the first.
synthesize() {
	local dir=$1 blocks=$2 runs=$3 noise=$4 from path text boot kernel

	shift 4
	from=$(dirname "$(find "$RECORDED" -path '*-rmap-6.12/run.json')")
	mkdir -p "$dir"
	jq -rs --argjson blocks "$blocks" --argjson runs "$runs" --argjson noise "$noise" \
		--slurpfile plan "$RECORDED/plan.json" "\$ARGS.positional as \$specs | $SYNTHETIC_JQ" \
		"$from"/{control_clock,convert_latency,fault_back}.json --args "$@" |
		while read -r path && read -r text; do
			mkdir -p "$dir/$(dirname "$path")"
			printf '%s\n' "$text" >"$dir/$path"
		done
	jq -r '.schedule[] | [.boot, .kernel] | @tsv' "$dir/plan.json" | while IFS=$'\t' read -r boot kernel; do
		jq -c --arg kernel "$kernel" '.mode = "parallel" | .host.kernel.key = null |
			.host.label = $kernel' "$from/run.json" >"$dir/$boot/run.json"
	done
}

# verdicts DIR OPTION...: of the rows against the baseline, the A/A arm's included.
verdicts() {
	local dir=$1 rc=0

	shift
	build/dex-compare --json "$@" "$dir" >"$scratch/json" || rc=$?
	[ "$rc" -ne 2 ] || return 1
	jq -c '[.rows[] | select(.family == "primary" or .family == "aa") | {key: .kernel, value: .verdict}] |
		group_by(.key) | map({key: .[0].key, value: (map(.value) | unique | join(" "))}) | from_entries' "$scratch/json"
	return "$rc"
}

# says STATUS PATTERN DIR OPTION...: dex-compare ends so, with a line like that; a row is a line (text-rows.awk).
says() {
	local status=$1 pattern=$2 rc=0

	shift 2
	COLUMNS=300 build/dex-compare "$@" >"$scratch/wide" 2>&1 || rc=$?
	awk -f "$TESTS/e2e/text-rows.awk" "$scratch/wide" >"$scratch/printed"
	grep -E -- "$pattern" "$scratch/printed" || { cat "$scratch/printed"; return 1; }
	[ "$rc" -eq "$status" ] || { echo "exit status $rc, expected $status"; return 1; }
}

# Two that several tests look at: known effects with little noise, and noise that is no small matter.
four() {
	[ -d "$scratch/four" ] ||
		synthesize "$scratch/four" 6 2 0.002 base=1 less=0.95 more=1.05 equal=1.002 "base (A/A)=1"
}
noisy() { [ -d "$scratch/noisy" ] || synthesize "$scratch/noisy" 6 1 0.015 base=1 x=1.02 "base (A/A)=1"; }

# exit_of STATUS KERNEL=EFFECT...: what a gate sees.
exit_of() {
	local status=$1 rc=0

	shift
	rm -rf "$scratch/gate"
	synthesize "$scratch/gate" 6 1 0.002 base=1 "$@" "base (A/A)=1"
	build/dex-compare "$scratch/gate" >"$scratch/printed" || rc=$?
	[ "$rc" -eq "$status" ] || { cat "$scratch/printed"; return 1; }
}

# recorded_latency JQ-FILTER: of the rows against the baseline, itself first.
recorded_latency() {
	jq -r "[.rows[] | select(.case == \"convert_latency\" and .params.notifier == \"yes\" and
		.baseline == \"rmap-6.12\" and (.aa | not))] | $1" "$RECORDED/compare.json"
}

# each_case CASE JQ-FILTER: that case's file in all boots of a copy of the plan.
each_case() {
	local f

	for f in "$scratch"/rows/*/"$1.json"; do
		edit "$f" "$2"
	done
}

copy_of_recorded() {
	rm -rf "$scratch/rows"
	cp -r "$RECORDED" "$scratch/rows"
}

# folio_case CASE JQ-FILTER: that case's file in folio-6.12's boot of the copy alone.
folio_case() { edit "$(ls "$scratch"/rows/*-folio-6.12/"$1.json")" "$2"; }

two_kernels() {
	copy_of_recorded
	edit "$scratch/rows/plan.json" '.kernels |= map(select(.spec != "folio-7.x"))'
}
