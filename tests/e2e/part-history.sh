# shellcheck shell=bash disable=SC2016,SC2154,SC2164,SC2317 # jq's variables; a function for eval; scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# Twelve days of a tree that moves, with one regression of five instructions: real results whose
# values were changed.  The day is found, and the commit by the command that the report gives.
# shellcheck source=tests/e2e/pretend-series.sh
. "$TESTS/e2e/pretend-series.sh"

recorded
days=$scratch/days
# What a count was before, in the recorded campaign, and how many rows a kernel has there.
before=$(jq '.rows[] | select(.case == "convert_latency" and .params.notifier == "yes" and .kernel == "folio-7.x" and
	.baseline == "rmap-6.12").value' "$RECORDED/compare.json")
rows=$(jq '(.measured | length) * 3' "$RECORDED/compare.json")
source=$(jq -r '.kernels[] | select(.label == "folio-7.x").conditions.host.kernel.source' "$RECORDED/compare.json")

# day NAME DATE COMMIT MORE: the recorded campaign as if its third kernel were the tree's that day; one
# row of it takes so many instructions more.
day() {
	local dir=$days/$1 f

	mkdir -p "$days"
	cp -r "$RECORDED" "$dir"
	rm -f "$dir"/{compare.json,report.txt}
	for f in "$dir"/plan.json "$dir"/*/run.json; do
		jq -c --arg spec "tree:$tree@HEAD" --arg source "$source" --arg commit "git-$3" --arg date "$2" '
			(if .schedule then .date = $date else . end) |
			walk(if . == "folio-7.x" then $spec elif . == $source then $commit else . end)' "$f" >"$f.new"
		mv "$f.new" "$f"
	done
	edit "$(echo "$dir"/*-folio-7.x/convert_latency.json)" ".results |= map(if .params.notifier == \"yes\" then
		. as \$r | .ticks |= map(. + $4 * \$r.pages_per_sample) else . end)"
	build/dex-compare --write "$dir" >/dev/null || [ $? -eq 1 ]
}

# Four commits a day; the first of the eighth day is the one that costs.  Directories have names in another
# order than time has.
twelve_days() {
	local n costs=()

	for ((n = 1; n <= 48; n++)); do costs+=($((n < 30 ? 9 : 14))); done
	commits "${costs[@]}"
	mapfile -t commit < <(git -C "$tree" rev-list --reverse HEAD)
	for ((n = 1; n <= 12; n++)); do
		day "$(printf 'run-%02d' $((13 - n)))" "$(printf '2026-11-%02dT03:00:00Z' "$n")" "${commit[n * 4 - 1]}" \
			$((n < 8 ? 0 : 5))
	done
}

# history STATUS [OPTION...]: of the twelve days, in $scratch/said.
history_says() {
	local status=$1 rc=0

	shift
	build/dex-compare --history "$@" >"$scratch/said" || rc=$?
	[ "$rc" -eq "$status" ] || { cat "$scratch/said"; echo "exit status $rc"; return 1; }
}

found_in_text() {
	pretend
	twelve_days
	history_says 0 "$days"
	cat "$scratch/said"
	head -n 1 "$scratch/said" | grep '^12 dates, run-12 (2026-11-01) to run-01 (2026-11-12); mode exact, '
	grep "^1 of $rows rows change\\." "$scratch/said"
	grep -F "run-05 (2026-11-08)  tree:$tree: convert_latency notifier=yes: +5 (" "$scratch/said" |
		grep -F "), $before to $((before + 5)) instructions/page, worse"
	grep -F "tree:$tree: convert_latency notifier=yes " "$scratch/said" |
		grep -E "  [.]{7}[+][.]{4} +$((before + 5))  run-05 [(]2026-11-08[)]: [+]5 "
	[ "$(grep -cE '  [. ]{12} ' "$scratch/said")" -eq $((rows - 1)) ]
}

# What the report says to run finds it: bisect.sh itself, over kernels that pretend.
bisected() {
	local command id

	command=$(sed -n 's/^    make bisect //p' "$scratch/days.txt")
	echo "$command"
	eval "set -- $command"
	env "$@" OUT="$series/found" "$series/top/scripts/series/bisect.sh"
	id=$(git -C "$tree" rev-parse HEAD~18)
	jq -e --arg id "$id" '.first_bad | .commit == $id and .subject == "number 30" and .change == 5' "$series/found/bisect.json"
}

# A nightly job learns of it on the day, and not again.
status_of_the_day() {
	mkdir "$scratch/until"
	for n in 12 11 10 09 08 07 06; do ln -s "$days/run-$n" "$scratch/until/"; done
	refused 2 'is a symbolic link' build/dex-compare --history "$scratch/until"
	rm -r "$scratch/until"
	mkdir "$scratch/until"
	for n in 12 11 10 09 08 07 06; do cp -r "$days/run-$n" "$scratch/until/"; done
	history_says 0 "$scratch/until"
	cp -r "$days/run-05" "$scratch/until/"
	history_says 1 "$scratch/until"
}

page() {
	history_says 0 --format=html "$days"
	cp "$scratch/said" "$scratch/page.html"
	{ echo '<all>'; grep -oE '<svg .*</svg>' "$scratch/page.html"; echo '</all>'; } | xmllint --noout -
	[ "$(grep -o '<svg ' "$scratch/page.html" | wc -l)" -eq "$rows" ]
	[ "$(grep -o '<circle ' "$scratch/page.html" | wc -l)" -eq 1 ]
	# Up at the eighth date, and nowhere else.
	grep -F '<circle class="bad" cx="90" cy="6.0" r="3"><title>run-05 (2026-11-08): +5 (' "$scratch/page.html"
	grep -oE '<path d="[^"]*"' "$scratch/page.html" | sort | uniq -c | sort -n >"$scratch/paths"
	[ "$(wc -l <"$scratch/paths")" -eq 2 ]
	head -n 1 "$scratch/paths" | grep -E '^ +1 <path d="M6 34[.]0h12(V34[.]0h12){6}V6[.]0h12(V6[.]0h12){4}"$'
	grep -F "<pre>make bisect TREE=" "$scratch/page.html"
	grep -F "commit $(git -C "$tree" rev-parse --short=12 HEAD~16)" "$scratch/page.html"
	refute grep -E 'https?://|<script' "$scratch/page.html"
}

# Every value, as each day's compare.json has it.
values() {
	history_says 0 --format=tsv "$days"
	awk -F'\t' 'NR > 1 { print $1 "\t" $5 "\t" $6 "\t" $9 }' "$scratch/said" | sort >"$scratch/values"
	for f in "$days"/*/compare.json; do
		jq -r --arg name "$(basename "$(dirname "$f")")" '.kernels[0].label as $base |
			.rows[] | select((.aa | not) and .baseline == $base and .value) | [$name, .case,
			(.params | to_entries | map("\(.key)=\(.value)") | join(" ")), .value] | @tsv' "$f"
	done | sort >"$scratch/wanted"
	[ -s "$scratch/values" ]
	same <(cut -f1-3 "$scratch/wanted") <(cut -f1-3 "$scratch/values")
	same <(cut -f4 "$scratch/wanted" | jq -s 'sort[]') <(cut -f4 "$scratch/values" | jq -s 'sort[]')
	awk -F'\t' '$10 == "more" { print $1, $4 }' "$scratch/said" |
		grep -x "run-05 $(git -C "$tree" rev-parse HEAD~16)"
}

# What was not measured is no change, and what another instrument measured is said.
gaps() {
	cp -r "$days" "$scratch/gaps"
	edit "$scratch/gaps/run-09/plan.json" '.cases -= ["convert_latency"]'
	rm "$scratch"/gaps/run-{09,04}/compare.json "$scratch"/gaps/run-09/*/convert_latency.json
	rm "$scratch"/gaps/run-{09,04}/report.txt
	for f in "$scratch"/gaps/run-04/*/run.json; do edit "$f" '.dexbench = "another"'; done
	for n in 09 04; do build/dex-compare --write "$scratch/gaps/run-$n" >/dev/null || [ $? -eq 1 ]; done
	history_says 0 "$scratch/gaps"
	grep -F "tree:$tree: convert_latency notifier=yes " "$scratch/said" | grep -E '  [.]{3} [.]{3}[+][.]{4} '
	grep -F "note: run-04 (2026-11-09)  tree:$tree: dexbench another after " "$scratch/said"
	grep -F "note: run-03 (2026-11-10)  rmap-6.12: dexbench " "$scratch/said"
}

# Two directories of one campaign, as make ab leaves them: the exact one.
both_campaigns() {
	mkdir -p "$scratch/both/a" "$scratch/both/b"
	cp -r "$days/run-12" "$scratch/both/a/exact"
	cp -r "$days/run-01" "$scratch/both/b/exact"
	history_says 1 "$scratch/both"
	head -n 1 "$scratch/said" | grep '^2 dates, a (2026-11-01) to b (2026-11-12);'
}

# rename FROM TO FILE: a kernel, wherever a comparison has its name but in what sums it up, which its reader sees through.
rename() {
	jq -c --arg from "$1" --arg to "$2" 'def new: if . == $from then $to else . end;
		walk(if type == "object" then with_entries(.key |= new) else new end) | del(.summary)' "$3"
}

# Words of strangers are words in each report, and no command in what is pasted.
strangers() {
	local word="x'\$(touch $scratch/canary)\"<script>#|" f

	mkdir "$scratch/odd"
	cp -r "$days"/run-0[56] "$scratch/odd"
	for f in "$scratch"/odd/*/compare.json; do
		rename "tree:$tree@HEAD" "tree:/$word@HEAD" "$f" >"$f.new"
		mv "$f.new" "$f"
	done
	history_says 1 "$scratch/odd"
	(
		make() { printf '%s\n' "$2"; }
		eval "$(sed -n 's/^    make bisect/make bisect/p' "$scratch/said")"
	) | grep -xF "TREE=/$word"
	[ ! -e "$scratch/canary" ]
	history_says 1 --format=html "$scratch/odd"
	refute grep -F '<script' "$scratch/said"
}

no_history() {
	refused 2 "--history $scratch/none: No such file or directory; give a directory that has a directory of results a date" \
		build/dex-compare --history "$scratch/none"
	mkdir "$scratch/one"
	cp -r "$days/run-01" "$scratch/one"
	refused 2 "--history $scratch/one: 1 directories with a compare.json; from 2 to 4096 make a history" \
		build/dex-compare --history "$scratch/one"
	mkdir -p "$scratch/mixed"
	cp -r "$days"/run-0[12] "$scratch/mixed"
	jq -c '.mode = "lockstep" | del(.summary)' "$days/run-01/compare.json" >"$scratch/mixed/run-01/compare.json"
	refused 2 "a history is of one" build/dex-compare --history "$scratch/mixed"
	cp results/parallel/compare.json.gz "$scratch/mixed/run-01/"
	rm "$scratch/mixed/run-01/compare.json"
	refused 2 "mode parallel; a history is of exact results" build/dex-compare --history "$scratch/mixed"
	rename folio-6.12 "tree:$tree@v1" "$days/run-02/compare.json" >"$scratch/mixed/run-02/compare.json"
	rm -r "$scratch/mixed/run-01"
	cp -r "$days/run-03" "$scratch/mixed/run-01"
	refused 2 "are revisions of one tree, and a history has one a date" build/dex-compare --history "$scratch/mixed"
	refused 2 "--history goes with --format alone; --case is of one comparison" build/dex-compare --history --case=x "$days"
	refused 2 "--format=md: of a history, one of text, tsv, html" build/dex-compare --history --format=md "$days"
	refused 2 "--history takes one directory" build/dex-compare --history "$days" "$days"
}

check "history: 12 days, the day of 5 instructions" found_in_text
if [ -d "$days" ]; then
	build/dex-compare --history "$days" >"$scratch/days.txt" || true
	check "history: the command that it gives finds the commit" bisected
	check "history: status 1 on that day alone" status_of_the_day
	check "history: a page with a picture a row" page
	check "history: every value between tabs" values
	check "history: gaps, and another instrument" gaps
	check "history: make ab's two campaigns" both_campaigns
	check "history: words of strangers" strangers
	check "history: what is none is refused" no_history
fi
