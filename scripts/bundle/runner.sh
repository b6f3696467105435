#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Boots of a bundle, on a machine that has bash and QEMU: `run` in the bundle.
#
# usage: run N | --all | --list | --help  [--out=DIR]
#
#   N       boot N of the plan, from 1; if another one is at it in DIR, wait for that
#   --all   all boots that are not there, at once as many as there are CPUs where counts do not care
#   --list  a line a boot: its number, its name, its kernel, and whether it is in DIR
#
# DIR is a directory of results as make ab leaves (default: results beside this file).  It may be shared by many
# nodes, or each has its own: dex-compare DIR... joins those of one bundle.  A boot appears in it whole or
# not at all; what is killed is done again by the same command.
#
# Exit status: 0 what was asked for is there; 1 a boot failed, what it left is in DIR/BOOT.failed.N; 2 a usage
# or environment error; 128 and a signal's number.
#
# Environment: QEMU (another program to boot with), BOOT_TIMEOUT (seconds), TMPDIR.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

HERE=$DEX_TOP/scripts
# What measures is the bundle's, whatever the caller has of that name.
unset COUNTERS PERF DEX_WHOLE DEX_REASON
PERF='' COUNTERS=''
. "$HERE/campaign/boots.sh"
. "$HERE/campaign/company.sh"
. "$HERE/engine/here.sh"

usage() { sed -n '/^[^#]/q; s/^# \{0,1\}//; /^usage/,/^Environment/p' "$HERE/bundle/runner.sh"; }

asked='' OUT=''
for arg; do
	case $arg in
	-h | --help) usage; exit ;;
	--out=?*) OUT=${arg#*=} ;;
	--all | --list) asked=${asked:+$asked }$arg ;;
	*) [[ $arg =~ ^[1-9][0-9]{0,5}$ ]] || die "run: $arg: give a boot's number, --all, --list or --help"; asked=${asked:+$asked }$arg ;;
	esac
done
[[ $asked == ?* && $asked != *' '* ]] || die "run: ${asked:-nothing was asked for}: give one of a boot's number, --all, --list; --help says more"

# node_has: each program that boots a guest; QEMU is a name, or the caller's own.
node_has() {
	local program package

	while IFS=$'\t' read -r program package; do
		[[ $program != \#* ]] || continue
		[ "$program" != "$(arch_fact qemu)" ] || [ "$MODE" = lockstep ] || program=${QEMU:-$program}
		command -v "$program" >/dev/null || die "$program: not found; a bundle needs it on each node (Debian: apt-get install $package)"
	done <"$DEX_TOP/scripts/bundle/needs.tsv"
}

# unspoiled: every file is what it was when the bundle was made.
unspoiled() {
	local said

	said=$(LC_ALL=C sha256sum --quiet --strict -c SHA256SUMS 2>&1) ||
		die "$DEX_TOP: the bundle is damaged: $(head -n 1 <<<"$said"); unpack it anew"
}

# settle_plan: DIR is this bundle's, or becomes it.
settle_plan() {
	local id other plan

	id=$(sha256sum <manifest.json)
	id=${id%% *}
	plan=$(jq --arg id "$id" '.bundle = $id' plan.json)
	usable "--out=$OUT" "$OUT" "choose another --out"
	exec 8>>"$OUT/.lock"
	flock -w 60 8 || die "--out=$OUT: somebody holds $OUT/.lock for more than a minute"
	[ -e "$OUT/plan.json" ] || atomic_write "$OUT/plan.json" <<<"$plan"
	other=$(jq -r '.bundle // "no bundle"' "$OUT/plan.json" 2>/dev/null) || other='something that cannot be read'
	[ "$other" = "$id" ] || die "--out=$OUT has a plan of ${other:0:16}, this bundle is ${id:0:16}; choose another --out"
	# Its names become paths.
	[ "$(<"$OUT/plan.json")" = "$plan" ] || die "--out=$OUT: its plan.json was changed; choose another --out"
	exec 8>&-
}

# alone WAIT BOOT SPEC: the boot, unless somebody else is at it, or after that one.  What a killed one left of it
# goes; its lock lives as long as its guest.
alone() {
	local lock=$OUT/.lock.$2 rc=0

	exec 8>>"$lock"
	flock -n 8 || { [ "$1" = yes ] && flock -w $(($(boot_timeout "$MODE") * (RETRIES + 1) + 60)) 8; } || return 3
	[ ! -e "$OUT/$2" ] || return 0
	rm -rf "$OUT/$2".part.*
	boot_one "$2" "$3" || rc=$?
	[ ! -e "$OUT/$2" ] || rm -f "$lock"
	return "$rc"
}
if_free() { alone no "$@"; }
in_turn() { alone yes "$@"; }

list() {
	local n=0 boot block spec

	while IFS=$'\t' read -r boot block spec; do
		n=$((n + 1))
		printf '%d\t%s\t%s\t%s\n' "$n" "$boot" "$spec" "$([ -e "$OUT/$boot" ] && echo there || echo missing)"
	done < <(scheduled)
}

# missing [NUMBER]: boots asked for that are not there.
missing() {
	local boot rest

	scheduled "$@" | while IFS=$'\t' read -r boot rest; do [ -e "$OUT/$boot" ] || echo "$boot"; done
}

# run_boots COMMAND [NUMBER]: those of the plan; COMMAND gets a boot's name and spec.  Counts do not care about
# company, times do.
run_boots() {
	local at_once=1 begin=$SECONDS boot block spec

	[[ $MODE != @(exact|lockstep) ]] || at_once=$(nproc)
	tasks=()
	while IFS=$'\t' read -r boot block spec; do
		tasks+=("$(task "$OUT/$boot" "boot $boot, block $block" "$boot" "$1" "$boot" "$spec")")
	done < <(scheduled "${2:-}")
	failures=0 started=0 finished=0 hopeless='' progress_tenth=-1
	run_here "$at_once" unclaimed
	[ ! -t 2 ] || printf '\r\033[K' >&2
	[ -z "$hopeless" ] || die "no more boots are tried, for the reason above; the same command goes on"
	log "$started boots in $(clock_face $((SECONDS - begin)))$([ "$finished" -eq 0 ] || echo ", $finished were there already")"
}

# others_at_work: on a boot that is missing.
others_at_work() {
	local boot

	while read -r boot; do
		flock -n "$OUT/.lock.$boot" true || return 0
	done < <(missing)
	return 1
}

OUT=$(realpath -m "${OUT:-$DEX_TOP/results}")
cd "$DEX_TOP"
PATH=$DEX_TOP/bin:$PATH
command -v sha256sum >/dev/null || die "sha256sum: not found; a bundle needs it on each node (Debian: apt-get install coreutils)"
unspoiled
MODE=$(jq -r .mode plan.json) ROWS=$(jq -r '.rows // "all"' plan.json) RETRIES=$(jq -r .retries plan.json)
CPUS=$(jq -r .cpus plan.json) MEMORY=$(jq -r .memory_mib plan.json) PAGES=$(jq -r .pages plan.json)
RUNS=$(jq -r .runs plan.json) cases=$(jq -r '.cases | join(" ")' plan.json)
kernels=$(cat kernels.jsonl) emulator=$(cat emulator.json)
node_has
number=''
case $asked in --*) ;; *) number=$asked ;; esac
planned=$(jq '.schedule | length' plan.json)
[ "${number:-1}" -le "$planned" ] || die "run: $number: the plan has $planned boots"
settle_plan
if [ "$asked" = --list ]; then
	list
	exit
fi
end_on_signals log "interrupted; the same command goes on"
have_machine "$MODE"
if [ -z "$number" ]; then
	run_boots if_free
fi
if [ -n "$number" ] || others_at_work; then
	run_boots in_turn "$number"
fi
left=$(missing "$number" | wc -l)
[ "$left" -eq 0 ] || { log "error: $left of ${#tasks[@]} boots failed; what they left is in $OUT/*.failed.*"; exit 1; }
