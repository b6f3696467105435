#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Run a recorded exact campaign again and say whether its values come out the same.
#
# usage: reproduce.sh [DIRECTORY]      (make reproduce; default results/reference)
#
# Prints what differs, a line each: kernels that are no longer the ones recorded, then
# rows with the value recorded, the value found and the difference.  The new results
# stay where OUT says, if it says so.
#
# Exit status: 0 all values are equal, 1 some are not, 2 a usage or environment error.
#
# Environment: OUT, and DEXBENCH_CACHE, CC, JOBS as for kernel.sh.
set -eu
. "$(dirname "$0")/lib.sh"

recorded=${1:-$DEX_TOP/results/reference}
[ $# -le 1 ] || die "reproduce.sh: one directory at most; usage: reproduce.sh [DIRECTORY]"
need_tool jq
[ -r "$recorded/plan.json" ] || die "$recorded: no plan.json; give a directory that make ab left"
fact() { jq -r ".$1" "$recorded/plan.json"; }
[ "$(fact mode)" = exact ] || die "$recorded: recorded in $(fact mode) mode, which no second campaign repeats to the letter; only exact mode does"
if [ -z "${OUT:-}" ]; then
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/dexbench-reproduce.XXXXXX")
	trap 'rm -rf "$scratch"' EXIT
	OUT=$scratch/again
fi
[ ! -e "$OUT/plan.json" ] || die "OUT=$OUT holds a campaign; results are never overwritten, choose another directory"

# Everything that the plan fixes, and nothing that the caller may have set besides.
again() {
	local rc=0

	env -u BUDGET -u COUNTERS -u PERF -u FULL -u UPDATE -u DEBUG OUT="$OUT" MODE=exact \
		KERNELS="$(fact 'kernels | map(select(.same_as == null) | .spec) | join(" ")')" \
		CASES="$(fact 'cases | join("|")')" PAGES="$(fact pages)" RUNS="$(fact runs)" CPUS="$(fact cpus)" \
		MEMORY="$(fact memory_mib)" BOOTS="$(fact boots)" SEED="$(fact seed)" RETRIES="$(fact retries)" \
		AA="$(fact 'aa | if . then "yes" else "no" end')" "$DEX_TOP/scripts/ab.sh" >/dev/null || rc=$?
	# 1: a case is worse than the baseline's, as recorded; 3: a control differs.
	case $rc in 0 | 1 | 3) ;; *) die "the campaign did not run to its end (status $rc)" ;; esac
}

# The table that was recorded; gzip may have packed it.
old_table() { zcat -f "$recorded/compare.json" 2>/dev/null || zcat "$recorded/compare.json.gz"; }

# kernels_moved, rows_moved: from both directories to lines; none if nothing moved.
kernels_moved() {
	jq -nr --slurpfile old "$recorded/plan.json" --slurpfile new "$OUT/plan.json" '
		[$old[0].kernels, $new[0].kernels] | transpose[] | select(.[0].key != .[1].key) |
		"kernel \(.[0].spec): recorded \(.[0].source), \(.[0].compiler); now \(.[1].source), \(.[1].compiler)"'
}

rows_moved() {
	jq -nr --slurpfile old <(old_table) --slurpfile new "$OUT/compare.json" '
		def name: "\(.case) \(.params | to_entries | map("\(.key)=\(.value)") | join(" ")) \(.metric) \(.kernel)";
		def by_name: map({(name): .value}) | add;
		($old[0].rows | by_name) as $was | ($new[0].rows | by_name) as $is |
		($was + $is | keys_unsorted[]) | select($was[.] != $is[.]) |
		"\(.): recorded \($was[.]), now \($is[.])" +
			if $was[.] != null and $is[.] != null then ", \(($is[.] - $was[.]) * 1000 | round / 1000)" else "" end'
}

again
rows=$(old_table | jq '.rows | length')
kernels_moved
moved=$(rows_moved)
if [ -z "$moved" ]; then
	echo "all $rows values are equal"
	exit 0
fi
printf '%s\n' "$moved" "$(wc -l <<<"$moved") of $rows values differ"
exit 1
