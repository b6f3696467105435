#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What else the kernel does to memory with an exclusive page, on kernels that check themselves.
#
# usage: sweep.sh [--module=FILE]      (make sweep)
#
# Each kernel boots with tests/module/sweep.c, which takes one state of the case `states` after the
# other, all orders and exclusive pages of each.  After a splat or a hang the boot is over: the rest goes on in a fresh
# one, so that no state costs the others their turn and a warning that comes once a boot is not
# missed.  The one at fault has a boot of its own besides, which says whether it does so alone.
# FILE is a built module to take instead.
#
# Prints a line for each state and kernel, and leaves OUT/sweep.json (results/schema/sweep.v1.json)
# and OUT/KERNEL-STATE.console.txt of each splat and hang.
#   holds    all contents are as they should be, and the driver was told when its page went
#   differs  they are not, or it was not
#   splat    the kernel complained; its first line
#   hangs    a process did not end; where it is in the kernel
#   skipped  the kernel lacks it; its reason
#   failed   the case ended without a result; its last line
#
# Exit status: 0 all hold or are skipped, 1 one does not, 2 a usage or environment error.
#
# Environment: KERNELS (the ladder), DEBUG (1: KASAN, lockdep and the like, see kernels/debug.config; 0),
# CONFIG (kernels/states.config; - for none), STATES (all), OUT, BOOT_TIMEOUT (3600).
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

HERE=$DEX_TOP/scripts
CASE=states module=''
for arg; do
	case $arg in
	--help) sed -n '4,/^set -eu/s/^# \{0,1\}//p' "$0"; exit ;;
	--module=*) module=${arg#*=} ;;
	*) die "sweep.sh: unknown option $arg; usage: sweep.sh [--module=FILE]" ;;
	esac
done
DEBUG=${DEBUG:-1} CONFIG=${CONFIG:-$DEX_TOP/kernels/states.config}
[ "$CONFIG" != - ] || CONFIG=''
export DEBUG CONFIG
case $DEBUG in 0 | 1) ;; *) die "DEBUG=$DEBUG: 0 or 1" ;; esac
need_tool jq

# known_states: those of the case, and the bug of results/mprotect-zero.
known_states() {
	"$DEX_TOP/build/dexbench" --list | jq -r --arg case "$CASE" '.[] | select(.case == $case).params.state[]'
	echo mprotect_zero
}

# chosen_states: a word each.
chosen_states() {
	local known state

	known=$(known_states)
	for state in ${STATES:-$known}; do
		grep -qxF "$state" <<<"$known" || die "STATES: '$state' is none; one of: $(xargs <<<"$known")"
		printf '%s\n' "$state"
	done
}

# guest SPEC STATES DIRECTORY: one boot, whatever comes of it; what it left is in DIRECTORY.
guest() {
	local kernel place=$3 rc=0

	kernel=$("$HERE/kernel/kernel.sh" --json "$1+SWEEP_STATES=$2") || exit 2
	DEX_REASON=$place.why BOOT_TIMEOUT=${BOOT_TIMEOUT:-3600} "$HERE/guest/boot.sh" --kernel="$kernel" --mode=exact \
		--cases=control_clock --label="$1" --program="$DEX_TOP/build/tests/sweep" --out="$place" \
		${module:+"--module=$module"} 2>"$place.log" || rc=$?
	case $rc in
	0) ;;
	1) mv -T "$place.failed.1" "$place" ;;
	*) cat "$place.log" >&2; exit 2 ;;
	esac
}

# lines DIRECTORY: what the program said, as JSON.
lines() { tr -d '\r' <"$1/console.log" 2>/dev/null | grep -a '^{"sweep": *"' | jq -c . 2>/dev/null || true; }

# first_complaint DIRECTORY: the kernel's first line of them since the last state began.
first_complaint() {
	mkdir -p "$1.said"
	awk '/^{"sweep": *"begin"/ { n = 0 } { line[n++] = $0 } END { for (i = 0; i < n; i++) print line[i] }' \
		"$1/console.log" >"$1.said/console.log" 2>/dev/null || true
	"$HERE/guest/complaints.sh" "$1.said" | sed -E '/Call Trace:/d; s/^\[ *[0-9.]+\](\[[^]]*\])? *//' | tr -d '\r' | head -n 1
	rm -r "$1.said"
}

# Of each state that a boot ended: its verdict.  What the kernel said is the last one's.
# shellcheck disable=SC2016 # jq's variables
VERDICTS='
	def rows: [.results[] | select(.skipped == null) | .params as $p | {order: $p.order, page: $p.page, ticks: (if .ticks[0] == 1 then null else .ticks[0] end)} +
		(.metrics | map({key: .name, value: .value}) | from_entries)];
	def verdict: rows as $rows |
		if .hangs then {verdict: "hangs", line: .where}
		elif .state == "mprotect_zero" then (if .status == 0 then {verdict: "holds"} else {verdict: "failed", line: .said} end)
		elif .status != 0 or .results == [] then {verdict: "failed", line: .said}
		elif $rows == [] then {verdict: "skipped", line: .results[0].skipped}
		elif any($rows[]; .intact != 100 or .told == 0) then {verdict: "differs", line: (first($rows[] | select(.intact != 100 or .told == 0)) |
			"order \(.order), page \(.page): intact \(.intact) %, told \(.told)")}
		else {verdict: "holds"} end;
	(map(select(.sweep == "begin")) | last.state) as $last |
	map(select(.sweep == "end") | {state, rows: rows, promise} + verdict) as $ended |
	($ended + if any($ended[]; .state == $last) then [] else [{state: $last, rows: [], verdict: "hangs", line: "the guest did not end"}] end) |
	map(if .state == $last and $said != "" and .verdict != "hangs" then . + {verdict: "splat", line: $said}
		elif .state == $last and $said != "" and .line == "the guest did not end" then . + {verdict: "splat", line: $said} else . end)[] |
	{state, verdict, line: (.line // null), promise: (.promise // null), rows}'

# found DIRECTORY: an object a state.
found() {
	local said

	said=$(first_complaint "$1")
	lines "$1" | jq -sc --arg said "$said" "$VERDICTS"
}

# again SPEC FINDING PLACE: a boot of its own for it; has it the same verdict there?
again() {
	local state verdict

	state=$(jq -r .state <<<"$2") verdict=$(jq -r .verdict <<<"$2")
	guest "$1" "$state" "$3"
	found "$3" | jq -s --arg verdict "$verdict" 'any(.verdict == $verdict)'
}

# keep SPEC FINDING CONSOLE PLACE ALONE: the console of a splat or a hang, and whether it comes again;
# prints the finding with what is known now.
keep() {
	local name alone=true

	name=$(safe_name "$1")-$(jq -r .state <<<"$2")
	tr -d '\r' <"$3" | grep -av '^{"sweep": *"end"' >"$OUT/$name.console.txt"
	[ "$5" = 1 ] || alone=$(again "$1" "$2" "$4/again-$name")
	jq -c --argjson alone "$alone" '. + {alone: $alone}' <<<"$2"
}

# sweep SPEC WORK FILE STATE...: appends an object a state to FILE.
sweep() {
	local spec=$1 work=$2 file=$3 n=0 place list ended one asked

	shift 3
	while [ $# -gt 0 ]; do
		n=$((n + 1)) asked=$#
		place=$work/$(safe_name "$spec")-$n
		list=$(printf ',%s' "$@")
		guest "$spec" "${list:1}" "$place"
		ended=$(found "$place")
		[ -n "$ended" ] || die "$spec: the guest said nothing of any state: $(cat "$place.why" 2>/dev/null || tail -n 1 "$place/console.log")"
		while read -r one; do
			case $(jq -r .verdict <<<"$one") in
			splat | hangs) one=$(keep "$spec" "$one" "$place/console.log" "$work" "$asked") ;;
			esac
			jq -c --arg kernel "$spec" '{kernel: $kernel} + .' <<<"$one" >>"$file"
			jq -r --arg kernel "$spec" '"\($kernel)\t\(.state)\t\(.verdict)\t\(.line // "")"' <<<"$one"
			shift
		done <<<"$ended"
	done
}

mapfile -t states < <(chosen_states)
[ ${#states[@]} -gt 0 ] || exit 2
mapfile -t specs < <(kernels_or "$(ladder_specs)")
OUT=${OUT:-$(new_results sweep)}
[ ! -e "$OUT/sweep.json" ] || die "$OUT/sweep.json exists; results are never overwritten"
usable "OUT=$OUT" "$OUT" "choose another OUT"
work=$(mktemp -d "${TMPDIR:-/tmp}/dexbench-sweep.XXXXXX")
trap 'rm -rf "$work"' EXIT
: >"$work/rows"
: >"$work/kernels"
for spec in "${specs[@]}"; do
	log "$spec: ${#states[@]} states"
	"$HERE/kernel/kernel.sh" --json "$spec" | jq -c '{spec, release, config, config_hash, key, compiler}' >>"$work/kernels"
	sweep "$spec" "$work" "$work/rows" "${states[@]}"
done
jq -n --slurpfile kernels "$work/kernels" --slurpfile rows "$work/rows" --argjson debug "$DEBUG" \
	'{schema: "dexbench.sweep.v1", debug: ($debug == 1), kernels: $kernels, states: $rows}' | atomic_write "$OUT/sweep.json"
jq -e 'all(.states[]; .verdict == "holds" or .verdict == "skipped")' "$OUT/sweep.json" >/dev/null || exit 1
