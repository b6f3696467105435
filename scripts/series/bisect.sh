#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Which commit made a case dearer?  `make bisect` runs this.
#
# Both ends are measured first.  Then git bisects, unattended, in a repository of its own
# that borrows the objects of yours: neither your checkout nor your repository is written to.
#
# Environment:
#   TREE       the git repository of a kernel
#   GOOD, BAD  revisions of it
#   CASE       a case with an exact mode (scripts/kernel/kernel.sh must be able to build both ends)
#   PARAMS     its parameters, as "name=value name=value"
#   METRIC     of the case (default: median_per_page)
#   THRESHOLD  bad is so many instructions away from good (default: half of the
#              difference between the ends)
#   PAGES, MEMORY   as for make ab
#   ENGINE, SBATCH  likewise: with ENGINE=slurm commits that git may ask for next are measured at once
#   OUT        directory of the results (default: results/<time>-bisect-<case>); one
#              with a bisection that was interrupted is gone on with
#
#   STRICT     1: the exit status says what was found, too
#
# Exit status: 0 there is an answer, 2 a usage or environment error; with STRICT=1 also 3, the first
# bad commit is not to be told, because commits in between do not build, boot or run the case.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/series.sh"
. "$(dirname "$0")/value.sh"

GOOD=${GOOD:-} BAD=${BAD:-} CASE=${CASE:-} PARAMS=${PARAMS:-} METRIC=${METRIC:-median_per_page} THRESHOLD=${THRESHOLD:-}

check_question() {
	check_strict
	check_tools
	check_tree
	good=$(commit_of GOOD)
	bad=$(commit_of BAD)
	[ "$good" != "$bad" ] || die "GOOD=$GOOD and BAD=$BAD are the same commit, ${good:0:12}"
	reading "$TREE" merge-base "$good" "$bad" >/dev/null ||
		die "GOOD=$GOOD and BAD=$BAD have no history in common"
	check_value
	[[ ${THRESHOLD:-1} =~ ^[0-9]+(\.[0-9]+)?$ && ! $THRESHOLD =~ ^0[.0]*$ ]] ||
		die "THRESHOLD=$THRESHOLD: give instructions, more than 0"
}

question() {
	jq -n --arg tree "$TREE" --arg case "$CASE" --arg params "$PARAMS" --arg metric "$METRIC" \
		--arg threshold "$THRESHOLD" --arg good "$good" --arg bad "$bad" \
		--argjson pages "$PAGES" --argjson memory "$MEMORY" \
		'{tree: $tree, case: $case, params: $params, metric: $metric, good: $good, bad: $bad,
		  threshold: (if $threshold == "" then null else $threshold | tonumber end),
		  pages: $pages, memory_mib: $memory}'
}

# value_of COMMIT: of one that must have a value.
value_of() {
	local value

	value=$(fact "$1" it.value)
	[ "$value" != null ] || die "${1:0:12} cannot be measured: $(fact "$1" it.reason)"
	echo "$value"
}

# How far apart the ends are, and from where on a value is bad: $bad_from or $bad_to.
draw_line() {
	local apart

	apart=$(jq -n "$bad_value - $good_value | fabs")
	[ "$apart" != 0 ] ||
		die "GOOD=$GOOD and BAD=$BAD both take $good_value: there is nothing to find"
	THRESHOLD=${THRESHOLD:-$(jq -n "$apart / 2")}
	jq -en "$apart >= $THRESHOLD" >/dev/null ||
		die "GOOD=$GOOD takes $good_value and BAD=$BAD $bad_value: less than THRESHOLD=$THRESHOLD apart"
	bad_from='' bad_to=''
	if jq -en "$bad_value > $good_value" >/dev/null; then
		bad_from=$(jq -n "$good_value + $THRESHOLD")
	else
		bad_to=$(jq -n "$good_value - $THRESHOLD")
	fi
}

# Commits alone: what the files hold is only asked of the user's repository, by kernel.sh.
borrow() {
	local shallow

	rm -rf "$repository"
	git init -q --bare --object-format="$(reading "$TREE" rev-parse --show-object-format)" "$repository"
	reading "$TREE" rev-parse --path-format=absolute --git-path objects >"$repository/objects/info/alternates"
	shallow=$(reading "$TREE" rev-parse --path-format=absolute --git-path shallow)
	[ ! -f "$shallow" ] || cp "$shallow" "$repository/"
	ours update-ref --no-deref HEAD "$bad"
}

ours() { git --git-dir="$repository" "$@"; }

# git_bisect: sets $rc; git's own words are in bisect.log.
git_bisect() {
	repository=$OUT/bisect.git
	borrow
	: >"$OUT/steps.jsonl"
	ours bisect start --no-checkout "$bad" "$good" >"$OUT/bisect.log" 2>&1 ||
		die "git cannot bisect: $(tail -n 1 "$OUT/bisect.log")"
	export TREE CASE PARAMS METRIC PAGES MEMORY OUT ENGINE="${ENGINE:-}" SBATCH="${SBATCH:-}"
	rc=0
	BAD_FROM=$bad_from BAD_TO=$bad_to in_group ours bisect run "$HERE/series/bisect-step" >>"$OUT/bisect.log" || rc=$?
}

# What git ended with: one commit, or those it could not tell apart.
candidates() {
	if [ "$rc" -eq 0 ]; then
		ours rev-parse refs/bisect/bad
	else
		# shellcheck disable=SC2046 # a list of revisions
		ours rev-list refs/bisect/bad --not $(ours for-each-ref --format='%(objectname)' 'refs/bisect/good-*')
	fi
}

# first_bad COMMIT: it and the commit before it, measured.
first_bad() {
	local parent

	parent=$(reading "$TREE" rev-parse "$1^")
	measure_all '' "$parent"
	jq -n --argjson first "$(fact "$1" '{commit, subject, value: it.value}')" --arg parent "$parent" \
		--arg author "$(reading "$TREE" log -1 --format='%an <%ae>' "$1")" \
		--argjson before "$(value_of "$parent")" \
		'$first + {author: $author, parent: $parent, parent_value: $before, change: ($first.value - $before)}' \
		>"$OUT/first.json"
}

conclude() {
	local list

	[ "$rc" -eq 0 ] || [ "$rc" -eq 2 ] ||
		die "the bisection ended early (git: status $rc); $OUT/bisect.log has git's words"
	list=$(candidates)
	echo null >"$OUT/first.json"
	[ "$rc" -ne 0 ] || first_bad "$list"
	jq -s --slurpfile question "$OUT/question.json" --slurpfile first "$OUT/first.json" \
		--arg date "$(date -u +%FT%TZ)" --arg list "$list" --argjson seconds "$SECONDS" \
		--argjson good "$(fact "$good" '{commit, subject, value: it.value, built, booted}')" \
		--argjson bad "$(fact "$bad" '{commit, subject, value: it.value, built, booted}')" \
		--arg unit "$(fact "$good" it.unit)" --argjson threshold "$THRESHOLD" \
		--argjson from "${bad_from:-null}" --argjson to "${bad_to:-null}" \
		'{schema: "dexbench.bisect.v1", date: $date} + $question[0] + {threshold: $threshold, unit: $unit,
		  good: $good, bad: $bad, bad_from: $from, bad_to: $to, steps: .,
		  builds: (map(select(.built)) | length), boots: (map(select(.booted)) | length),
		  seconds: $seconds, first_bad: $first[0],
		  candidates: (if $first[0] then [] else $list | split("\n") end), attribution: null}' \
		"$OUT/steps.jsonl" | atomic_write "$OUT/bisect.json"
	rm -rf "$repository" "$OUT/first.json" "$OUT/steps.jsonl"
}

# Why: the functions that cost the difference, on standard output and in attribution/.
attribute() {
	local kernels

	kernels=$(jq -r --arg tree "$TREE" '.first_bad | "tree:\($tree)@\(.parent) | tree:\($tree)@\(.commit)"' "$OUT/bisect.json")
	if [ ! -x "$HERE/campaign/attribute.sh" ]; then
		log "no attribution: there is no scripts/campaign/attribute.sh in this version"
		return
	fi
	rm -rf "$OUT/attribution"
	if in_group env CASE="$CASE" PARAMS="$PARAMS" KERNELS="$kernels" OUT="$OUT/attribution" \
		PAGES="$PAGES" MEMORY="$MEMORY" ENGINE= SBATCH= FUNCTION= CACHE= MODE=exact CPUS= LOCKSTEP= "$HERE/campaign/attribute.sh"; then
		jq '.attribution = "attribution/attribution.json"' "$OUT/bisect.json" | atomic_write "$OUT/bisect.json"
	else
		log "no attribution, it failed; to try again: make attribute CASE=$CASE KERNELS=\"$kernels\""
	fi
}

check_question
OUT=${OUT:-$(new_results "bisect-$CASE")}
begin_series "$(question)"
[ ! -e "$OUT/report.txt" ] || die "OUT=$OUT holds a finished bisection; results are never overwritten, choose another directory"
trap interrupted HUP INT TERM
log "results go to $OUT"
measure_all '' "$good" "$bad"
good_value=$(value_of "$good")
bad_value=$(value_of "$bad")
log "GOOD=$GOOD takes $good_value, BAD=$BAD $bad_value"
draw_line
git_bisect
conclude
"$BUILD/dex-compare" "$OUT/bisect.json" >"$OUT/report.part"
cat "$OUT/report.part"
found=$(jq .first_bad "$OUT/bisect.json")
[ "$found" = null ] || attribute
mv "$OUT/report.part" "$OUT/report.txt"
[ "$found" != null ] || verdict_status 3
