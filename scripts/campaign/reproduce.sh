#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Run a recorded campaign of exact or lockstep mode again and say whether its values come out the same.
#
# usage: reproduce.sh [DIRECTORY [AGAIN]]      (make reproduce; default results/reference)
#
# The packages that DIRECTORY was recorded with are used if they are in the cache or can be had.
# Prints what differs, a line each: packages and other versions that moved, then rows with the value
# recorded, the value found and the difference.  The new results stay where OUT says, if it says
# so.  AGAIN is a campaign that was run again before: it is compared and nothing is run.
#
# Exit status: 0 same versions and all values are equal, 1 same versions and some are not, 2 a usage
# or environment error, 3 other versions than recorded.
#
# Environment: OUT, and DEXBENCH_CACHE, DEXBENCH_MIRROR, CC, JOBS as for kernel.sh.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

HERE=$DEX_TOP/scripts
recorded=${1:-$DEX_TOP/results/reference}
[ $# -le 2 ] || die "reproduce.sh: two directories at most; usage: reproduce.sh [DIRECTORY [AGAIN]]"
need_tool jq
scratch=$(mktemp -d "${TMPDIR:-/tmp}/dexbench-reproduce.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# repeats DIRECTORY: it is of a mode whose campaigns do.
repeats() {
	local mode

	[ -r "$1/plan.json" ] || die "$1: no plan.json; give a directory that make ab left"
	mode=$(jq -r .mode "$1/plan.json")
	[[ $mode == @(exact|lockstep) ]] ||
		die "$1: recorded in $mode mode, which no second campaign repeats to the letter; only exact and lockstep mode do"
}

fact() { jq -r ".$1" "$recorded/plan.json"; }

ours() { jq -L "$HERE/campaign" "$@"; }

specs() { fact 'kernels[] | select(.same_as == null) | .spec'; }

# recorded_config: CONFIG as it was; a file of somebody's own is to be given again.
recorded_config() {
	local name

	name=$(fact 'kernels[0].config // ""')
	case $name in
	'' | distro) echo "$name" ;;
	*)
		[ "$(basename "${CONFIG:-}")" = "$name" ] ||
			die "$recorded: its kernels were built with CONFIG=$name; give that file, CONFIG=PATH/$name"
		echo "$CONFIG"
		;;
	esac
}

# prepare PINS: all kernels with these versions; 1 if one is not to be had, with the reason in
# SCRATCH/said.
prepare() {
	local list

	mapfile -t list < <(specs)
	env -u UPDATE -u DEBUG -u CONFIG DEXBENCH_PINNED="$1" "$HERE/kernel/kernel.sh" --json "${list[@]}" 2>&1 >/dev/null |
		tee "$scratch/said" | { grep -v --line-buffered '^dexbench: error: ' >&2 || true; }
	[ "${PIPESTATUS[0]}" -eq 0 ]
}

# to_be_had PINS: those of them that the archive has; 2 if it cannot be asked.
to_be_had() {
	local pin there

	for pin in $1; do
		there=$("$HERE/kernel/package.sh" versions "${pin%%=*}" 2>/dev/null) || return 2
		! cut -f1 <<<"$there" | grep -qxF "${pin#*=}" || echo "$pin"
	done
}

# versions_to_use: as DEXBENCH_PINNED takes them.  Kernels that are in the cache need no archive.
versions_to_use() {
	local pins left

	pins=$(ours -r 'include "reproduce"; pins | join(" ")' "$recorded/plan.json")
	if ! prepare "$pins"; then
		# Is it a version that is gone, or anything else?
		left=$(to_be_had "$pins") || left=$pins
		left=$(xargs <<<"$left")
		if [ "$left" = "$pins" ] || ! prepare "$left"; then
			grep '^dexbench: error: ' "$scratch/said" >&2
			exit 2
		fi
		pins=$left
	fi
	echo "$pins"
}

# again OUT: everything that the plan fixes, and nothing that the caller may have set besides.
again() {
	local rc=0 pins

	pins=$(versions_to_use) || exit
	env -u BUDGET -u COUNTERS -u PERF -u FULL -u UPDATE -u DEBUG OUT="$1" MODE="$(fact mode)" DEXBENCH_PINNED="$pins" \
		ROWS="$(fact 'rows // "all"')" LOCKSTEP="$(lockstep_text <"$recorded/plan.json")" \
		KERNELS="$(specs | jq -Rrn '[inputs] | if any(test("[ |]")) then "| " + join(" | ") else join(" ") end')" \
		CASES="$(fact 'cases | join("|")')" PAGES="$(fact pages)" RUNS="$(fact runs)" CPUS="$(fact cpus)" \
		MEMORY="$(fact memory_mib)" BOOTS="$(fact boots)" SEED="$(fact seed)" RETRIES="$(fact retries)" \
		AA="$(fact 'aa | if . then "yes" else "no" end')" "$HERE/campaign/ab.sh" >/dev/null || rc=$?
	# 1: a case is worse than the baseline's, as recorded; 3: a control differs.
	case $rc in 0 | 1 | 3) ;; *) die "the campaign did not run to its end (status $rc)" ;; esac
}

# table DIRECTORY: as it was written; gzip may have packed it.
table() { zcat -f "$1/compare.json" 2>/dev/null || zcat "$1/compare.json.gz"; }

qemu_of() { find "$1" -mindepth 2 -maxdepth 2 -name run.json ! -path '*.failed.*' -exec jq -r .host.qemu {} + | sort -u | head -n 1; }

# snapshot: where Debian keeps what it had on the day of the campaign.
snapshot() { echo "https://snapshot.debian.org/archive/debian/$(fact date | tr -d ':-')"; }

# compared AGAIN: {"status", "lines"}
# shellcheck disable=SC2016 # jq expands them
compared() {
	ours -n --slurpfile old "$recorded/plan.json" --slurpfile new "$1/plan.json" --arg archive "$(snapshot)" \
		--slurpfile old_table <(table "$recorded") --slurpfile new_table <(table "$1") \
		--arg was "$(qemu_of "$recorded")" --arg is "$(qemu_of "$1")" \
		'include "reproduce"; report($old[0]; $new[0]; $old_table[0]; $new_table[0]; $was; $is; $archive)'
}

repeats "$recorded"
if [ $# -eq 2 ]; then
	OUT=$2
	repeats "$OUT"
else
	OUT=${OUT:-$scratch/again}
	[ ! -e "$OUT/plan.json" ] || die "OUT=$OUT holds a campaign; results are never overwritten, choose another directory"
	CONFIG=$(recorded_config) || exit
	export CONFIG
	again "$OUT"
fi
verdict=$(compared "$OUT") || die "$OUT: no table to compare (compare.json); did that campaign end?"
jq -r '.lines[]' <<<"$verdict"
exit "$(jq .status <<<"$verdict")"
