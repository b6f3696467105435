#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Which function costs the difference between two kernels?  `make attribute` runs this.
#
# Each kernel is booted once with QEMU's plugin (bench/plugin), which does not change what the
# guest executes; `dex-compare --attribute` makes the table of what it saw.  In lockstep mode
# it also counts what happened on all CPUs (scripts/campaign/events.tsv): counts.json.
#
# Environment:
#   CASE      the one case to attribute
#   MODE      exact, or lockstep for a case whose members work at once (default: exact if it can)
#   CPUS, LOCKSTEP   of lockstep mode, as for make ab (default: 4 CPUs)
#   KERNELS   two specs (scripts/kernel/kernel.sh), the first is the baseline
#   PARAMS    only these combinations of its parameters: "name=value name=value,value"
#   FUNCTION  only this function and what it calls
#   CACHE     1: also a model of cache lines and pages touched
#   PAGES, MEMORY   as for make ab (default: 4096, 1024)
#   OUT       directory of the results (default: results/<time>-attribute-<case>)
#   QEMU      program to boot with (default: QEMU's for the processor, scripts/arch/)
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

BUILD=$DEX_TOP/build
HERE=$DEX_TOP/scripts
QEMU=${QEMU:-$(arch_fact qemu)}
CASE=${CASE:-} PARAMS=${PARAMS:-} FUNCTION=${FUNCTION:-} CACHE=${CACHE:-} MODE=${MODE:-}

# check_question SPEC...
check_question() {
	local modes

	[ "${ENGINE:-local}" = local ] || die "ENGINE=$ENGINE: make attribute has two boots, and makes them here; leave it out"
	[ -n "$CASE" ] || die "CASE is missing; make attribute CASE=$(jq -r 'first(.[] | select(.primary and (.control | not))) | .case' <<<"$list") KERNELS=\"rmap-6.12 folio-6.12\""
	modes=$(jq -r --arg case "$CASE" '.[] | select(.case == $case) | .modes | join(" ")' <<<"$list")
	[ -n "$modes" ] || die "CASE=$CASE: no such case; one of $(jq -r 'map(select(.modes | index("exact")) | .case) | join(" ")' <<<"$list")"
	[ -n "$MODE" ] || MODE=$([[ " $modes " != *" lockstep "* || " $modes " == *" exact "* ]] && echo exact || echo lockstep)
	case $MODE in exact | lockstep) ;; *) die "MODE=$MODE: exact or lockstep; elsewhere instructions are not counted" ;; esac
	[[ " $modes " == *" $MODE "* ]] ||
		die "CASE=$CASE: has no $MODE mode ($modes only), and where instructions are not counted none can be attributed"
	[ "$MODE" = lockstep ] || [ -z "${CPUS:-}${LOCKSTEP:-}" ] ||
		die "CPUS= and LOCKSTEP= are for MODE=lockstep; exact mode has one CPU"
	CPUS=${CPUS:-4}
	[[ $CPUS =~ ^[1-9][0-9]?$ && $CPUS -ge 2 && $CPUS -le 64 ]] || die "CPUS=$CPUS: the plugin watches 2 to 64"
	case $CACHE in '' | 1) ;; *) die "CACHE=$CACHE: the one value is 1" ;; esac
	[ $# -eq 2 ] || die "KERNELS=\"${KERNELS:-}\": give two, the baseline first"
	[ "$1" != "$2" ] || die "KERNELS names $1 twice; there would be no difference to attribute"
}

# entries_of MAP: where a processor enters this kernel, as bench/plugin/plugin.c reads it.
entries_of() {
	awk -F'[ \t]' 'FNR == NR { arch[$1] = $2; next }
		$3 ~ arch["entry_trap"] { print "trap", $1; next }
		$3 ~ arch["entry_interrupt"] { print "interrupt", $1; next }
		$3 ~ arch["entry_fault"] { print "fault", $1 }
		$3 == arch["stubs_from"] { from = $1 }
		$3 == arch["stubs_to"] { to = $1 }
		$3 == "_etext" { print "modules", arch["modules_from"] }
		END { if (from == "" || to == "") exit 1; print "stubs", from, to }' "$HERE/arch/x86.tsv" "$1"
}

# What gcc makes of one function is called by the function's name.
# shellcheck disable=SC2016 # awk's
PLAIN='function plain(name) { sub(/\.(isra|constprop|part)\..*/, "", name); return name }'

# events_of MAP: what is counted where it begins, and where variables of CPUs have their symbols.
events_of() {
	awk -F'[ \t]' "$PLAIN"'FNR == NR { if (!/^#/) event[$2] = $1; next }
		plain($3) in event && $2 ~ /^[tT]$/ { print event[plain($3)], $1 }
		$3 == "__per_cpu_start" { from = $1 }
		$3 == "__per_cpu_end" { print "percpu", from, $1 }' "$HERE/campaign/events.tsv" "$1"
}

# uncounted MAP: the functions of events.tsv that are not in it, as JSON; an event may have others.
uncounted() {
	awk -F'[ \t]' "$PLAIN"'FNR == NR { has[plain($3)] = 1; next }
		!/^#/ && !($2 in has) { print $2 }' "$1" "$HERE/campaign/events.tsv" | jq -Rsc 'split("\n")[:-1]'
}

# span_of MAP: where the part of a conversion begins and ends that the case has its samples of; of most
# cases that is all of it.
span_of() {
	jq -r --arg case "$CASE" '.[] | select(.case == $case) | .span // {} | to_entries[] | "\(.value) \(.key)"' <<<"$list" |
		awk 'FNR == NR { word[$1] = $2; next } $3 in word { print word[$3], $1 }' - "$1"
}

# Without symbols no instruction has a function: said before anything is booted.
check_symbols() {
	local tree spec

	while IFS=$'\t' read -r spec tree; do
		[ -s "$tree/System.map" ] ||
			die "$spec: no System.map in $tree; without symbols no instruction has a function, so give the tree that the kernel was built in"
		entries_of "$tree/System.map" >/dev/null ||
			die "$spec: $tree/System.map names no interrupt entries; is it an $(arch_fact isa) kernel's?"
	done < <(jq -r '[.spec, .build_tree] | @tsv' <<<"$kernels")
}

# module_symbols KO SECTION ADDRESS: functions and, as type e, where the section ends.
module_symbols() {
	objdump -t "$1" | awk -v section="$2" 'match($0, /\t/) {
			split($0, half, "\t"); n = split(half[1], left, " "); split(half[2], right, " ")
			if (left[n] == section && left[n - 1] ~ /F$/) print left[1], right[1], right[2]
		}' | while read -r value size name; do
		printf '%x t %s\n' $((0x$value + $3)) "$name"
		printf '%x e -\n' $((0x$value + 0x$size + $3))
	done
}

# symbols TREE BOOT: names for the addresses of that boot.
symbols() {
	local module section address ko

	awk '$3 == "_etext" { print $1, "e", "-"; next } $2 ~ /^[tTwW]$/' "$1/System.map"
	jq -r '[.module, .section, .address] | @tsv' "$2/modules.jsonl" | sort -u |
		while IFS=$'\t' read -r module section address; do
			ko=$BUILD/modules/$(jq -r .host.kernel.key "$2/run.json")/$module.ko
			[ -f "$ko" ] || ko=$(find "$1/lib" "$1/drivers" -name "$module.ko" | head -n 1)
			[ -z "$ko" ] || module_symbols "$ko" "$section" "$address"
		done
}

# objects TREE: names for variables, those of CPUs at their own addresses.
objects() { awk '$2 ~ /^[dDbBrR]$/ { print $1, $2, $3 }' "$1/System.map"; }

# lines TREE BOOT: `ADDRESS FILE:LINE` of what was executed, where there is debug info.
lines() {
	local source at=$2/addresses

	readelf -SW "$1/vmlinux" 2>/dev/null | grep -q '\.debug_line' || return 0
	source=$(realpath "$1/source" 2>/dev/null || realpath "$1")
	jq -r --arg text "$(arch_fact text_begins)" '.insns[] | select(test($text))' "$2/windows.json" | sort -u >"$at"
	[ -s "$at" ] || return 0
	addr2line -e "$1/vmlinux" "@$at" | sed "s, (disc.*,,; s,^/linux/,,; s,^$source/,,; s,^.*/\./,," >"$at.lines"
	paste -d' ' "$at" "$at.lines" | grep -v '?' || true
	rm "$at" "$at.lines"
}

boot_one() {
	local kernel=$1 boot=$OUT/$2 tree

	tree=$(jq -r .build_tree <<<"$kernel")
	{
		entries_of "$tree/System.map"
		span_of "$tree/System.map"
		[ "$MODE" = exact ] || events_of "$tree/System.map"
	} >"$boot.entries"
	"$HERE/guest/boot.sh" --kernel="$kernel" --mode="$MODE" --cases="$CASE" --out="$boot" "${machine[@]}" \
		--pages="${PAGES:-4096}" --memory="${MEMORY:-1024}" --label="$(jq -r .spec <<<"$kernel")" \
		--plugin="${plugin//,/,,},entries=${boot//,/,,}.entries${CACHE:+,cache=on}$events"
	[ -s "$boot/modules.jsonl" ] ||
		die "$(jq -r .spec <<<"$kernel"): the guest does not tell where its modules lie; build it with CONFIG_KALLSYMS=y"
	symbols "$tree" "$boot" >"$boot/symbols.txt"
	lines "$tree" "$boot" >"$boot/lines.txt"
	[ "$MODE" = exact ] || objects "$tree" >"$boot/objects.txt"
	rm "$boot.entries"
}

# facts_of_mode: what attribute.json has besides in lockstep mode.
facts_of_mode() {
	local tree uncounted=()

	[ "$MODE" = lockstep ] || { echo '{}'; return; }
	while read -r tree; do
		uncounted+=("$(uncounted "$tree/System.map")")
	done < <(jq -r .build_tree <<<"$kernels")
	jq -c --argjson cpus "$CPUS" --argjson a "${uncounted[0]}" --argjson b "${uncounted[1]}" \
		'{mode: "lockstep", cpus: $cpus, lockstep, emulator: {qemu, source, key}, uncounted: [$a, $b]}' <<<"$emulator"
}

write_question() {
	jq -s --argjson mode "$(facts_of_mode)" --arg case "$CASE" --arg date "$(date -u +%FT%TZ)" --arg a "$boot_a" --arg b "$boot_b" \
		'{schema: "dexbench.attribute.v1", date: $date, case: $case,
		  kernels: [., [$a, $b]] | transpose | map((.[0] | '"$KERNEL_FACTS"') + {boot: .[1]})} + $mode' \
		<<<"$kernels" | atomic_write "$OUT/attribute.json"
}

interrupted() { log "interrupted; the kernels that were built are kept, choose another OUT"; }

# Both at once: counts do not care about company.
run_boots() {
	local first second rc=0

	begin_group boot_one "$(head -n 1 <<<"$kernels")" "$boot_a"
	first=$!
	begin_group boot_one "$(tail -n 1 <<<"$kernels")" "$boot_b"
	second=$!
	wait "$first" || rc=$?
	wait "$second" || rc=$?
	[ "$rc" -eq 0 ] || exit 2
}

list=$("$BUILD/dexbench" --list)
mapfile -t specs < <(split_kernels "${KERNELS:-}")
check_question "${specs[@]}"
need_tool addr2line binutils
machine=() events='' emulator=''
if [ "$MODE" = lockstep ]; then
	emulator=$("$HERE/emulator.sh" --parameters="${LOCKSTEP:-}") || exit 2
	QEMU=$(jq -r .emulator <<<"$emulator")
	machine=("--emulator=$emulator" "--cpus=$CPUS")
	events=,events=on
fi
need_tool "$QEMU" "$(arch_fact qemu_package)"
plugin=$(QEMU=$QEMU "$HERE/guest/plugin.sh" "$BUILD/plugin/libdexplugin") || exit 2
check_cache
end_on_signals interrupted
kernels=''
group_says kernels "$HERE/kernel/kernel.sh" --json "${specs[@]}" || exit 2
check_symbols
OUT=${OUT:-$(new_results "attribute-$CASE")}
[ ! -e "$OUT/attribute.json" ] || die "$OUT exists; results are never overwritten"
usable "OUT=$OUT" "$OUT" "choose another OUT"
OUT=$(realpath "$OUT")
boot_a=1-$(safe_name "$(head -n 1 <<<"$kernels" | jq -r .spec)")
boot_b=2-$(safe_name "$(tail -n 1 <<<"$kernels" | jq -r .spec)")
write_question
run_boots
"$BUILD/dex-compare" --attribute --write ${PARAMS:+"--params=$PARAMS"} \
	${FUNCTION:+"--function=$FUNCTION"} "$OUT"
log "attribution.json, call paths and flame graphs are in $OUT; the same table again: build/dex-compare --attribute $OUT"
