# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# Every number of README.md and METHODOLOGY.md is computed here from results/ or is said
# to be no measurement (figures-constants.txt); every block of output is what its
# command prints.

facts=$scratch/facts
mkdir "$facts"

# rows_of NAME: the rows of a table, by their names.
rows_of() {
	jq '[.rows[] | {key: "\(.kernel): \([.case, (.params | to_entries[] | "\(.key)=\(.value)"),
		(.metric | select(startswith("median_") | not))] | join(" "))", value: .}] | from_entries' \
		"$facts/$1.compare" >"$facts/$1.json"
}

# What a claim may be made of, by the names that figures.jq and the claims use.
gather() {
	local name

	for name in reference switch distro; do
		build/dex-compare --json "results/$name" >"$facts/$name.compare" || [ $? -eq 1 ]
		rows_of "$name"
	done
	zcat results/parallel/compare.json.gz >"$facts/parallel.compare"
	rows_of parallel
	zcat results/lockstep/compare.json.gz >"$facts/lockstep.compare"
	rows_of lockstep
	zcat results/members/compare.json.gz >"$facts/members.compare"
	rows_of members
	mv "$facts/members.json" "$facts/scale.json"
	build/dex-plan --validate --format=json results/reference >"$facts/plan.json" || [ $? -eq 1 ]
	build/dex-plan --contention --validate --format=json --exact=results/reference results/members >"$facts/members.json" ||
		[ $? -eq 1 ]
	cat results/counts/*/counts.json >"$facts/counts" # by seeds
	# Of a whole CONVERT request, the share that lies inside the stamps, in per cent.
	for name in results/reference/*/convert_latency.json.gz; do
		zcat "$name" | jq --arg boot "$(basename "$(dirname "$name")" | cut -c5-)" \
			'{($boot): (.results[0] | 100 * ((.ticks | add) - 7 * .attempted) / .request_ticks)}'
	done | jq -s add >"$facts/inside.json"
	# The values that samples of convert_latency have, the two most frequent first.
	zcat results/reference/*-rmap-6.12/convert_latency.json.gz |
		jq '.results[] | select(.params.notifier == "yes").ticks | group_by(.) | sort_by(-length) |
			{values: map(.[0]), every: ((map(length) | add) / (.[1] | length) | round)}' >"$facts/latency.json"
}

# claims DOCUMENT: its sentences, a line each.
claims() {
	jq -nr --arg document "$1" --slurpfile ref "$facts/reference.json" \
		--slurpfile par "$facts/parallel.json" --slurpfile lock "$facts/lockstep.json" \
		--slurpfile lockstep "$facts/lockstep.compare" --slurpfile switch "$facts/switch.json" --slurpfile distro "$facts/distro.json" \
		--slurpfile reference "$facts/reference.compare" --slurpfile parallel "$facts/parallel.compare" \
		--slurpfile plan "$facts/plan.json" --slurpfile beside results/lockstep/validate.json --slurpfile members "$facts/members.json" --slurpfile scale "$facts/scale.json" \
		--slurpfile inside "$facts/inside.json" --slurpfile latency "$facts/latency.json" --slurpfile trace results/trace-check/trace-check.json \
		--slurpfile soak results/soak.jsonl \
		--slurpfile ladder results/series/ladder.json --slurpfile bisection results/series/bisect.json \
		--slurpfile walk results/attribution/walk/attribution.json \
		--slurpfile rest results/attribution/rest/attribution.json \
		--slurpfile sharers results/attribution/sharers/attribution.json \
		--slurpfile counts "$facts/counts" \
		"$(cat tests/docs/figures.jq tests/docs/figures-lockstep.jq tests/docs/figures-claims.jq)"
	sed -n "s|^$1: ||p" tests/docs/figures-constants.txt
}

# numbers_have_a_source DOCUMENT
numbers_have_a_source() {
	claims "$1" >"$scratch/claims"
	[ "$(wc -l <"$scratch/claims")" -gt 20 ]
	awk -f tests/docs/figures.awk "$scratch/claims" "$1"
}

# What stands between "<!-- shown: COMMAND -->" and "<!-- end -->" (a ``` around it
# aside) is what the command prints.
blocks_are_output() {
	local command n=0

	while read -r command; do
		n=$((n + 1))
		awk -v want="<!-- shown: $command -->" '$0 == want { inside = 1; next }
			/^<!-- end -->/ { inside = 0 } inside && !/^```/' "$1" >"$scratch/shown"
		(PATH=$PWD/build:$PATH; eval "$command") >"$scratch/printed" || [ $? -eq 1 ]
		diff -u "$scratch/shown" "$scratch/printed" || return 1
	done < <(sed -n 's/^<!-- shown: \(.*\) -->$/\1/p' "$1")
	[ "$n" -gt 0 ]
	# No output without a command that gives it.
	[ "$(grep -c '^```' "$1")" -le $((2 * n)) ]
}

# The check can fail: a digit changed, a number added, a block edited.
a_wrong_number_is_found() {
	claims METHODOLOGY.md >"$scratch/claims"
	sed 's/saves 129 instructions of /saves 128 instructions of /' METHODOLOGY.md >"$scratch/wrong.md"
	refute cmp -s METHODOLOGY.md "$scratch/wrong.md"
	refute awk -f tests/docs/figures.awk "$scratch/claims" "$scratch/wrong.md"
	{ cat METHODOLOGY.md; echo; echo "It is 17.5 % faster."; } >"$scratch/wrong.md"
	awk -f tests/docs/figures.awk "$scratch/claims" "$scratch/wrong.md" >"$scratch/said" || true
	grep -F 'no source for 17.5' "$scratch/said"
	sed '/^<!-- shown: cat/,/^<!-- end/s/94/95/' METHODOLOGY.md >"$scratch/wrong.md"
	refute cmp -s METHODOLOGY.md "$scratch/wrong.md"
	refute blocks_are_output "$scratch/wrong.md"
}

pictures_are_there() {
	grep -oE '\]\((results|plots)/[^)]*\)' README.md METHODOLOGY.md | sed 's/.*](\(.*\))/\1/' | while read -r file; do
		[ -s "$file" ] || { echo "$file is missing"; exit 1; }
	done
}

check "figures: recorded results give tables" gather
for document in README.md METHODOLOGY.md; do
	check "figures: every number of $document is computed from results or declared" numbers_have_a_source "$document"
	check "figures: blocks of output in $document are what their commands print" blocks_are_output "$document"
done
check "figures: pictures and files that are linked are there" pictures_are_there
check "figures: a wrong number, one too many and an edited block are found" a_wrong_number_is_found
