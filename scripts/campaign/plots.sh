#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Pictures of results, and the report that holds them, from result files alone.
#
# usage: plots.sh plots|report OUT [DIRECTORY]
#
# OUT is a plan's directory, one that holds several (exact/ and lockstep/), a comparison alone, one boot of bare
# metal, or a GPU's.
# Pictures go to OUT/plots, the report to OUT/report.html; with DIRECTORY there instead.
# What lies there is replaced, since the same results give the same pictures.  An
# attribution is drawn where it lies in OUT/attribution; one beside OUT (results/attribution)
# if it is of a case of the plan and of its kernels, from the same sources.
#
# Results are a stranger's: no word of theirs is a command here or in gnuplot, and nothing but plain
# files is read.  A run that was killed leaves what was there before, or nothing, and the next goes on.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

BUILD=$DEX_TOP/build

# draw TABLES PICTURES [SUFFIX]: each table that has a script becomes a picture.
draw() {
	local table name format said

	for table in "$1"/*.dat; do
		[ -e "$table" ] || continue
		name=$(basename "$table" .dat)
		[ -e "$DEX_TOP/plots/$name.gp" ] || die "plots: $table has no script plots/$name.gp"
		for format in svg png; do
			# Degree signs of a terminal's set-up need a character set, whatever the caller's.
			said=$(cd "$DEX_TOP" && LC_ALL=C.UTF-8 gnuplot -d -c "plots/$name.gp" "$1" "$2/$name${3:-}.$format" \
				"$format" 2>&1) || said=${said:-nothing, and fails}
			# A key without room for long names is no fault of the results.
			said=$(grep -v 'difficulty fitting plot titles' <<<"$said") || true
			[ -z "$said" ] ||
				die "plots/$name.gp: gnuplot says $(grep -v '^ *^*$' <<<"$said" | head -n 1)"
		done
	done
}

# The answers of dex-plan, where the cases that it needs were measured.
plan_tables() {
	local name names sharers

	names=$(jq -r '.[] | select(.tells | IN("touches", "sharers")) | .case' "$BUILD/cases.json")
	for name in $names; do
		[ -e "$2/$name.dat" ] || return 0
	done
	for sharers in 0 64; do
		"$BUILD/dex-plan" --format=curve --pages=64 --touches=0 --sharers=$sharers "$1" || return
		printf '\n\n'
	done >"$2/break_even.dat"
}

# The attributions that belong to the plan in $1.
attributions() {
	local part

	[ -e "$1/plan.json" ] || return 0
	for part in "$1"/attribution/*/attribution.json "$1"/../attribution/*/attribution.json; do
		[[ -f $part && $(basename "${part%/*}") =~ ^[A-Za-z0-9_][A-Za-z0-9._-]*$ ]] || continue
		# shellcheck disable=SC2016 # jq's variables
		if jq -e --slurpfile plan "$1/plan.json" '$plan[0] as $p | .case as $case |
			(.kernels | map([.spec, .source])) - ($p.kernels | map([.spec, .source])) == [] and
			($p.cases | index($case) != null)' "$part" >/dev/null; then
			dirname "$part"
		fi
	done
}

# pictures OUT TO: everything of one plan.
pictures() {
	local part

	mkdir -p "$2.tables"
	"$BUILD/dex-compare" --dat="$2.tables/plan" "$1"
	plan_tables "$1" "$2.tables/plan"
	draw "$2.tables/plan" "$2"
	attributions "$1" | while read -r part; do
		"$BUILD/dex-compare" --dat="$2.tables/$(basename "$part")" "$part"
		draw "$2.tables/$(basename "$part")" "$2" "-$(basename "$part")"
	done
	rm -rf -- "$2.tables"
}

# replace FROM TO ASIDE: two renames, so that neither is ever there in part; what was there goes to ASIDE.
replace() {
	[ ! -e "$2" ] || mv -T -- "$2" "$3"
	mv -T -- "$1" "$2"
}

# sweep DIRECTORY: what runs left there that were killed.
sweep() {
	local left pid

	for left in "$1"/.plots.*; do
		pid=${left#"$1"/.plots.}
		pid=${pid%%.*}
		[[ ! -d $left || ! $pid =~ ^[0-9]+$ ]] || kill -0 "$pid" 2>/dev/null || rm -rf -- "$left"
	done
}

# of_device OUT: what cases of a device left, which is compared with nothing.
of_device() {
	local name names

	names=$(jq -r '.[] | select(.device) | .case' "$BUILD/cases.json")
	for name in $names; do
		[ ! -e "$1/$name.json" ] || return 0
	done
	return 1
}

# has_results DIR: a plan, its comparison alone, or a GPU's.
has_results() {
	[ -e "$1/plan.json" ] || [ -e "$1/compare.json" ] || [ -e "$1/compare.json.gz" ] || of_device "$1"
}

one() {
	local what=$1 out=$2 to=$3 rc=0

	work= # the trap's, which runs when this function's own are gone
	mkdir -p -- "$to"
	sweep "$to"
	# gnuplot takes a name that begins with < or | for a command.
	out=$(realpath -- "$out") to=$(realpath -- "$to")
	work=$(mktemp -d "$to/.plots.$BASHPID.XXXXXX")
	trap 'rm -rf -- "$work"' EXIT
	mkdir "$work/plots" "$work/old"
	pictures "$out" "$work/plots"
	if [ "$what" = report ] && ! of_device "$out"; then
		# Its status is the verdict, and no failure here.
		"$BUILD/dex-compare" --format=html --pictures="$work/plots" "$out" >"$work/report.html" || rc=$?
		[ "$rc" -ne 2 ] || exit 2
		replace "$work/report.html" "$to/report.html" "$work/old/report.html"
		log "$to/report.html"
	fi
	chmod 755 "$work/plots"
	replace "$work/plots" "$to/plots" "$work/old/plots"
	log "$to/plots: $(find "$to/plots" -name '*.svg' | wc -l) pictures, each as SVG and PNG"
	rm -rf -- "$work"
}

what=$1 out=${2%/} to=${3:-${2%/}}
found=
for plan in "$out" "$out"/{exact,lockstep,parallel,timing}; do
	has_results "$plan" || { [ "$plan" = "$out" ] && [ -e "$plan/run.json" ]; } || continue
	[ "$plan" = "$out" ] || [ ! -L "$plan" ] || die "$plan: a link; plans of OUT lie in it"
	found=1
	(one "$what" "$plan" "$to${plan#"$out"}")
	[ "$plan" != "$out" ] || break # its subdirectories are boots
done
[ -n "$found" ] || die "$out: no results to draw; OUT is a directory that make ab or make gpu left, itself"
