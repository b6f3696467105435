#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What each commit of a series costs.  `make ladder` runs this.
#
# Every commit is built (only what it changes), booted in exact mode and measured.  One
# that gives the same bytes as the commit before it is not booted again.
#
# Environment:
#   TREE       the git repository of a kernel; it is only read
#   BASE, TIP  revisions of it; the series is what TIP has on top of BASE
#   CASES      regular expression over whole case names (default: the primary ones)
#   PAGES, MEMORY   as for make ab
#   ENGINE, SBATCH  likewise: with ENGINE=slurm each commit is built and booted by a job of its own
#   OUT        directory of the results (default: results/<time>-ladder); one with a
#              ladder that was interrupted is gone on with
#
#   STRICT     1: the exit status says what was found, too
#
# Exit status: 0 the ladder is there, 2 a usage or environment error; with STRICT=1 also 1, some
# commit does not build, boot or run the cases.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/series.sh"

BASE=${BASE:-} TIP=${TIP:-}

check_question() {
	check_strict
	check_tools
	check_tree
	base=$(commit_of BASE)
	tip=$(commit_of TIP)
	[ "$base" != "$tip" ] || die "BASE=$BASE and TIP=$TIP are the same commit, ${base:0:12}"
	reading "$TREE" merge-base --is-ancestor "$base" "$tip" ||
		die "TIP=$TIP is not on top of BASE=$BASE; try BASE=$(reading "$TREE" merge-base "$base" "$tip" | cut -c1-12)"
	CASES=${CASES:-$("$BUILD/dexbench" --list |
		jq -r 'map(select(.primary and (.modes | index("exact"))) | .case) | join("|")')}
	cases=$(exact_cases "$CASES")
}

question() {
	jq -n --arg tree "$TREE" --arg base "$base" --arg tip "$tip" --arg cases "$cases" \
		--argjson pages "$PAGES" --argjson memory "$MEMORY" \
		'{tree: $tree, base: $base, tip: $tip, cases: ($cases | split(" ")), pages: $pages,
		  memory_mib: $memory}'
}

# Each row beside the same row of the last commit before that has one.
conclude() {
	local commit files=() boot

	for commit in $commits; do
		files+=("$OUT/revisions/$commit.json")
	done
	boot=$(find "$OUT/boots" -mindepth 2 -maxdepth 2 -name run.json -not -path '*.failed.*' | LC_ALL=C sort | head -n 1)
	[ -n "$boot" ] || die "none of the commits could be measured; the first says: $(fact "$base" .reason)"
	jq -s -L "$HERE/series" --slurpfile question "$OUT/question.json" --arg date "$(date -u +%FT%TZ)" \
		--argjson seconds "$SECONDS" --slurpfile run "$boot" \
		'include "series";
		reduce .[] as $c ({commits: [], last: {}, key: null};
			.last as $last | .key as $key |
			.commits += [$c + {same_kernel: ($c.key != null and $c.key == $key),
				rows: [$c.rows[] | name as $name | . + {change:
					(if .value == null or $last[$name] == null then null else .value - $last[$name] end)}]}] |
			.last += ([$c.rows[] | select(.value != null) | {(name): .value}] | add // {}) |
			.key = $c.key) |
		.commits as $commits |
		{schema: "dexbench.ladder.v1", date: $date} + $question[0] +
		{dexbench: $run[0].dexbench, qemu: $run[0].host.qemu, compiler: $run[0].host.kernel.compiler,
		 seconds: $seconds, builds: ([$commits[] | select(.built)] | length),
		 boots: ([$commits[] | select(.booted)] | length),
		 moved: [$commits[] | select(any(.rows[]; (.change // 0) != 0)) | .commit], commits: $commits}' \
		"${files[@]}" | atomic_write "$OUT/ladder.json"
}

check_question
OUT=${OUT:-$(new_results ladder)}
begin_series "$(question)"
[ ! -e "$OUT/ladder.json" ] || die "OUT=$OUT holds a finished ladder; results are never overwritten, choose another directory"
trap interrupted HUP INT TERM
log "results go to $OUT"
commits="$base $(reading "$TREE" rev-list --reverse --first-parent "$base..$tip" | xargs)"
# shellcheck disable=SC2086 # one word a commit
measure_all commit $commits
conclude
"$BUILD/dex-compare" --cover-letter "$OUT/ladder.json" >"$OUT/cover-letter.txt"
"$BUILD/dex-compare" "$OUT/ladder.json" >"$OUT/report.txt"
cat "$OUT/report.txt"
log "for a cover letter: $OUT/cover-letter.txt"
jq -e 'all(.commits[]; .reason == null)' "$OUT/ladder.json" >/dev/null || verdict_status 1
