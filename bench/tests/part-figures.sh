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
		"$(cat bench/tests/figures.jq bench/tests/figures-lockstep.jq bench/tests/figures-claims.jq)"
	sed -n "s|^$1: ||p" bench/tests/figures-constants.txt
}

# numbers_have_a_source DOCUMENT
numbers_have_a_source() {
	claims "$1" >"$scratch/claims"
	[ "$(wc -l <"$scratch/claims")" -gt 20 ]
	awk -f bench/tests/figures.awk "$scratch/claims" "$1"
}

# What a command stands in front of is what it prints; no output without one.
blocks_are_output() {
	tests/docs/shown.sh --check "$1" || return 1
	awk '/^<!-- shown: / { shown = 1 } /^```/ && !shown { print FILENAME ": " FNR ": whose output?"; failed = 1 }
		/^<!-- end -->/ { shown = 0 } END { exit failed }' "$1"
}

no_number_in_prose() { awk -f tests/docs/numbers.awk tests/docs/numbers.tsv "$@"; }

# Where a digit of a block was changed, a number put into prose, a declaration left that nobody
# needs or one without a reason, each is found.
a_wrong_number_is_found() {
	claims METHODOLOGY.md >"$scratch/claims"
	sed 's/saves 129 instructions of /saves 128 instructions of /' METHODOLOGY.md >"$scratch/wrong.md"
	refute cmp -s METHODOLOGY.md "$scratch/wrong.md"
	refute awk -f bench/tests/figures.awk "$scratch/claims" "$scratch/wrong.md"
	sed '/^<!-- shown: .* summary/,/^<!-- end/s/1949/1950/' README.md >"$scratch/wrong.md"
	refute cmp -s README.md "$scratch/wrong.md"
	refute blocks_are_output "$scratch/wrong.md"
	while read -r number text; do
		{ cat README.md; printf '\n%s\n' "$text"; } >"$scratch/wrong.md"
		refute no_number_in_prose "$scratch/wrong.md" >"$scratch/said"
		grep -F "a number in prose, $number: " "$scratch/said"
	done <<-END
		17.5 It is 17.5 % faster.
		129 The walk saves 129.
		1914 | \`a page\` | 1914 |
		16.12 Of 16.12 pages.
		6.12 It is 6.12 % faster.
	END
	{ cat tests/docs/numbers.tsv; printf '4711 pages\ta reason\n8 pages\n'; } >"$scratch/wrong.tsv"
	refute awk -f tests/docs/numbers.awk "$scratch/wrong.tsv" README.md >"$scratch/said"
	grep -F 'nobody needs: 4711 pages' "$scratch/said"
	grep -F 'a phrase and a reason' "$scratch/said"
}

# make shown fills emptied blocks as they were.
blocks_are_written_anew() {
	awk '/^<!-- end -->/ { shown = 0 } !shown || /^```/ { print } /^<!-- shown: / { shown = 1 }' README.md >"$scratch/emptied.md"
	refute cmp -s README.md "$scratch/emptied.md"
	tests/docs/shown.sh "$scratch/emptied.md"
	same README.md "$scratch/emptied.md"
	[ ! -e "$scratch/emptied.md.new" ]
}

# shown COMMAND: a document with it is refused for the reason $2, and left as it was.
shown_refuses() {
	printf '<!-- shown: %s -->\nold\n<!-- end -->\n' "$1" >"$scratch/shown.md"
	cp "$scratch/shown.md" "$scratch/kept.md"
	refused 2 "$2" tests/docs/shown.sh "$scratch/shown.md"
	same "$scratch/kept.md" "$scratch/shown.md"
}

# What a document says is run by no shell, and nothing but programs that are listed.
commands_are_few() {
	shown_refuses "touch $scratch/touched" "'touch' is no program that a document may run"
	shown_refuses "cat /dev/null | touch $scratch/touched" "'touch' is no program that a document may run"
	shown_refuses "cat \$(touch $scratch/touched)" 'only words'
	shown_refuses "cat /dev/null; touch $scratch/touched" 'only words'
	shown_refuses "cat /dev/null >$scratch/touched" 'only words'
	shown_refuses "| cat" "only words"
	shown_refuses "cat |  | cat" "only words"
	shown_refuses 'dex-compare --no-such-option' 'no-such-option'
	shown_refuses 'tests/docs/table.sh nothing results/reference' 'nothing: no such table'
	shown_refuses 'tests/docs/table.sh ladder results/nothing' 'results/nothing: no such file'
	[ ! -e "$scratch/touched" ]
	printf '<!-- shown: cat /dev/null -->\n' >"$scratch/shown.md"
	refused 2 'no <!-- end --> behind it' tests/docs/shown.sh "$scratch/shown.md"
	refused 2 'no block that a command prints' tests/docs/shown.sh CONTRIBUTING.md
	refused 2 'usage: ' tests/docs/shown.sh
}

# A table that no document shows is code that nobody needs.
tables_are_shown() {
	local name

	for name in $(tests/docs/table.sh); do
		grep -qE "^<!-- shown: (.* )?tests/docs/table.sh $name " README.md METHODOLOGY.md || { echo "$name: shown nowhere"; return 1; }
	done
}

pictures_are_there() {
	grep -oE '\]\((results|plots)/[^)]*\)' README.md METHODOLOGY.md | sed 's/.*](\(.*\))/\1/' | while read -r file; do
		[ -s "$file" ] || { echo "$file is missing"; exit 1; }
	done
}

check "figures: recorded results give tables" gather
check "figures: every number of METHODOLOGY.md is computed from results or declared" numbers_have_a_source METHODOLOGY.md
for document in README.md METHODOLOGY.md SECURITY.md; do
	check "figures: blocks of output in $document are what their commands print" blocks_are_output "$document"
done
check "figures: no prose carries a number that was measured" no_number_in_prose README.md
check "figures: pictures and files that are linked are there" pictures_are_there
check "figures: a wrong number, one too many and an edited block are found" a_wrong_number_is_found
check "figures: blocks are written anew" blocks_are_written_anew
check "figures: a document runs programs that are listed, and no shell" commands_are_few
