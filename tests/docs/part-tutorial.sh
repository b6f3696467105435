# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# docs/first-patch.md, run as a reader would: each of its blocks, in a clone of this tree's last commit.

tour=$scratch/clone

# block N: the N-th that a reader is to run.
block() {
	awk -v n="$1" '/^```sh$/ { if (++i == n) inside = 1; next } /^```$/ { inside = 0 } inside' docs/first-patch.md
}

# reader N: runs it in the clone, with an errexit shell of its own.
reader() {
	block "$1" >"$scratch/block"
	[ -s "$scratch/block" ] || { echo "docs/first-patch.md has no block $1"; return 1; }
	(cd "$tour" && bash -eu "$scratch/block")
}

cloned() {
	git clone -q --no-hardlinks "file://$DEX_TOP" "$tour"
	[ "$(grep -c '^```sh$' docs/first-patch.md)" -eq 6 ]
}

two_walks() {
	reader 1
	jq -e '[.rows[] | select(.case == "convert_latency" and .kernel == "folio-6.12" and .verdict == "fewer")] | length == 2' \
		"$tour/results/tour-walks/compare.json"
}

# What the page says of the patch: ranges and single pages cost more, look-ups do not.
patched() {
	reader 2
	reader 3 || [ $? -eq 1 ] || [ $? -eq 2 ]
	jq -e '[.rows[] | select(.baseline == "rmap-6.12" and (.kernel | endswith("accessed.patch")))] |
		(map(select(.case == "convert_range" and .metric == "median_per_page")) | length == 4 and all(.verdict == "more")) and
		(map(select(.case == "control_gup")) | length == 1 and all(.verdict == "same"))' "$tour/results/tour-patch/compare.json"
}

read_again() { reader 4; }

# Their differences add up to the row's.
function_is_named() {
	reader 5
	build/dex-compare --attribute "$tour/results/tour-function" | grep -E '[+].* folio_mark_accessed$'
}

letter_is_written() { reader 6 && grep 'accessed' "$tour/results/letter.txt"; }

check "first patch: clone" cloned
check "first patch: two kernels" two_walks
check "first patch: a line is changed and measured" patched
check "first patch: read again" read_again
check "first patch: the function is named" function_is_named
check "first patch: the letter" letter_is_written
