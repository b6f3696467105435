# shellcheck shell=bash disable=SC2016,SC2154,SC2164 # jq's and awk's variables; scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# dex-compare's formats and cover letter.
# shellcheck source=/dev/null
. "$TESTS/e2e/synthetic-plans.sh"

recorded

tsv_is_compare_json() {
	build/dex-compare --format=tsv "$scratch/four" >"$scratch/tsv" || [ $? -eq 1 ]
	build/dex-compare --json "$scratch/four" >"$scratch/four.compare.json" || [ $? -eq 1 ]
	[ "$(awk -F'\t' '{ print NF }' "$scratch/tsv" | sort -u | wc -l)" -eq 1 ]
	jq -Rs 'split("\n")[:-1] | map(split("\t")) | .[0] as $names | .[1:] |
		map([$names, .] | transpose | map({key: .[0], value: .[1]}) | from_entries)' "$scratch/tsv" >"$scratch/tsv.json"
	jq -e --slurpfile back "$scratch/tsv.json" '.rows | length == ($back[0] | length) and
		([., $back[0]] | transpose | all(.[]; .[0] as $a | .[1] as $b | $a.case == $b.case and $a.verdict == $b.verdict and
		$a.value == ($b.value | tonumber) and ($a.ci_pct[0] // "") == ($b."ci_pct.low" | tonumber? // "")))' "$scratch/four.compare.json"
}

markdown() {
	build/dex-compare --format=md "$RECORDED" >"$scratch/md" || [ $? -eq 1 ]
	# As many columns in every line of the table, and every row and value of the text.
	[ "$(grep '^|' "$scratch/md" | awk -F'|' '{ print NF }' | sort -u | wc -l)" -eq 1 ]
	says 1 '^convert_latency ' --all "$RECORDED"
	grep '^| [a-z]*_' "$scratch/md" | cut -d'|' -f2-6 | tr -d '| ' >"$scratch/md.rows"
	tr -d ' ' <"$scratch/printed" >"$scratch/text.rows"
	[ -s "$scratch/md.rows" ]
	awk 'NR == FNR { text[NR] = $0; n = NR; next }
		{ found = 0; for (i = 1; i <= n; i++) found += index(text[i], $0) == 1 }
		!found { print "not in the text: " $0; bad = 1 } END { exit bad }' "$scratch/text.rows" "$scratch/md.rows"
}

# What dex-compare says of each boot: kernel, case with parameters, value, sorted.
boots_as_read() {
	local dir=$1

	jq -r '.schedule[] | [.boot, .kernel] | @tsv' "$dir/plan.json" | while IFS=$'\t' read -r boot kernel; do
		jq -r --arg kernel "$kernel" '.case as $case | .results[] |
			($case + (.params | to_entries | map("/\(.key)=\(.value)") | join(""))) as $name |
			[$kernel, $name, ((.ticks | sort | .[(length - 1) / 2 | floor]) / .pages_per_sample)],
			(.metrics[] | [$kernel, $name, .value]) | @tsv' \
			"$dir/$boot"/*_*.json
	done | sort
}

# A reader of Go's benchmark format, from its description: configuration lines
# "key: value" (key without capitals or spaces), "Unit" lines, and results: a name that
# begins with "Benchmark" and no lower-case letter, an integer, pairs of value and unit.
GO_READER='
/^[a-z][^ \t:A-Z]*: / { i = index($0, ": "); config[substr($0, 1, i - 1)] = substr($0, i + 2); next }
/^Unit / { if (NF < 3) exit 1; units[$2] = 1; next }
/^$/ { next }
/^Benchmark[^a-z]/ && NF >= 4 && NF % 2 == 0 && $2 ~ /^[0-9]+$/ && ($4 in units) {
	print config["kernel"] "\t" substr($1, 10) "\t" $3; next }
{ print "not in the format: " $0; exit 1 }'

benchstat_reads() {
	local dir=$1

	build/dex-compare --format=benchstat "$dir" >"$scratch/go" || [ $? -ne 2 ]
	awk "$GO_READER" "$scratch/go" | sort >"$scratch/go.tsv"
	# The names, as our own: ConvertLatency is convert_latency.
	boots_as_read "$dir" | perl -pe 's/\t([^\/\t]*)/"\t" . join("", map { ucfirst } split(\/_\/, $1))/e' | sort >"$scratch/boots.tsv"
	# Our own stamps are off long ranges on 7.x: part report has those.
	sed -i -E '/^folio-7.x\tConvertRange\/pages=(16|64|512)\t/d' "$scratch/go.tsv" "$scratch/boots.tsv"
	[ -s "$scratch/go.tsv" ]
	same <(cut -f1,2 "$scratch/boots.tsv") <(cut -f1,2 "$scratch/go.tsv")
	same_numbers "$scratch/boots.tsv" "$scratch/go.tsv"
}

# same_numbers FILE FILE: the third fields are the same doubles, printed or not alike.
same_numbers() {
	same <(cut -f3 "$1" | jq -s 'sort[]') <(cut -f3 "$2" | jq -s 'sort[]')
}

# Google Benchmark's own compare.py, as Debian has it.
compare_py() {
	local dir=$1 a=$2 b=$3

	build/dex-compare --format=gbench "$dir" >"$scratch/gbench.json" || [ $? -ne 2 ]
	/usr/bin/python3 -B "$(dpkg -L libbenchmark-tools | grep '/compare\.py$')" -d "$scratch/diff.json" filters \
		"$scratch/gbench.json" "$a" "$b"
	jq -r --arg a "$a" --arg b "$b" '.[] | select(.name != "OVERALL_GEOMEAN") | .measurements[] |
		[$a, "", .real_time], [$b, "", .real_time_other] | @tsv' "$scratch/diff.json" | sort >"$scratch/gbench.tsv"
	boots_as_read "$dir" | awk -F'\t' -v a="$a" -v b="$b" '$1 == a || $1 == b' >"$scratch/boots.tsv"
	[ -s "$scratch/gbench.tsv" ]
	same_numbers "$scratch/boots.tsv" "$scratch/gbench.tsv"
}

letter() {
	build/dex-compare --cover-letter "$@" >"$scratch/letter" || [ $? -ne 2 ]
	[ "$(awk '{ if (length($0) > n) n = length($0) } END { print n }' "$scratch/letter")" -le 75 ]
	refute grep -P '[^\x20-\x7e]' "$scratch/letter"
	refute grep -F "$PWD" "$scratch/letter"
}

letters_fit() {
	letter "$RECORDED"
	[ "$(wc -l <"$scratch/letter")" -le 40 ]
	letter "$REFERENCE"
	[ "$(wc -l <"$scratch/letter")" -le 40 ]
	letter --case='convert_.*' "$RECORDED"
	letter --all --case='convert_.*' "$RECORDED"
	grep -E "^convert_latency notifier=yes +$(recorded_latency 'map("\(.value)( +[+-][0-9.]+%)?") | join(" +")')\$" "$scratch/letter"
	letter --all "$scratch/four"
	grep -E '^convert_latency notifier=yes .* -[45]\.[0-9] \[' "$scratch/letter"
	letter --threshold=2 --case=convert_latency "$scratch/noisy"
	grep -F -- "--threshold=2 --case='convert_latency'" "$scratch/letter"
	grep -E '^Minimum detectable effect .*: [0-9.]+ to [0-9.]+ %' "$scratch/letter"
	synthesize "$scratch/before" 5 1 0.002 old=1
	synthesize "$scratch/after" 6 1 0.002 new=1.5
	letter "$scratch/before" "$scratch/after"
	grep -F 'DIR1 DIR2' "$scratch/letter"
	# Nothing pairs boots of two campaigns.
	tr -s ' \n' ' ' <"$scratch/letter" >"$scratch/line"
	grep -F '5 to 6 boots of a kernel, in 2 campaigns; ' "$scratch/line"
	grep -F 'by Fieller from boots that share no block,' "$scratch/line"
	refute grep -E 'order random|by block' "$scratch/line"
}

# A row says its unit and which way is good; a change from 0 is no share of it.
letter_says_units() {
	local f

	letter --all "$RECORDED"/*-folio-6.12 "$RECORDED"/*-rmap-6.12
	refute grep inf "$scratch/letter"
	grep -E '^hold_anon_vma sharers=0 +0 +[0-9]+ +[+][0-9]+ +-$' "$scratch/letter"
	cp -r "$RECORDED" "$scratch/units"
	for f in "$scratch"/units/*/fault_back.json; do
		edit "$f" '.results[].metrics = [{name: "speed", unit: "touches of a page/tick", better: "higher", value: 2}]'
	done
	letter --all "$scratch/units"
	grep -x 'fault_back touch=read speed, touches of a page/tick, higher is better' "$scratch/letter"
	grep '^Lower is better, but where a row says otherwise.' "$scratch/letter"
	build/dex-compare --format=html "$scratch/units" >"$scratch/html" || [ $? -eq 1 ]
	grep -F '<td>speed, touches of a page/tick, higher is better</td>' "$scratch/html"
}

# Of ratios, too: who succeeded how often, and why a row is not there.
markdown_of_ratios() {
	local f

	synthesize "$scratch/ratios" 4 1 0.002 base=1 x=1
	for f in "$scratch"/ratios/*1/fault_back.json; do
		edit "$f" '.results[0].ok = 50 | .results[1].skipped = "refused"'
	done
	build/dex-compare --format=md "$scratch/ratios" >"$scratch/md" || [ $? -eq 1 ]
	cat "$scratch/md"
	grep -E '^[|] fault_back +[|] touch=read .*[|] 100/50 % [|] slower [|]$' "$scratch/md"
	grep -x -- '- fault_back touch=write: skipped on B: refused' "$scratch/md"
	[ "$(grep '^|' "$scratch/md" | awk -F'|' '{ print NF }' | sort -u | wc -l)" -eq 1 ]
}

# verify_says STATUS PATTERN FILE [OPTION...]
verify_says() { says "$1" "$2" --all --verify="$3" "${@:4}" "$RECORDED"; }

verify_letter() {
	local line folio

	folio=$(recorded_latency '.[1].value')
	letter --all "$RECORDED"
	verify_says 0 "^match: lines 1 to $(wc -l <"$scratch/letter")\$" "$scratch/letter"
	{ printf 'Hi,\n\nbelow.\r\n\n'; sed 's/^/> |   /; s/$/  \r/' "$scratch/letter"; printf '\nBest\n'; } >"$scratch/mail"
	verify_says 0 "^match: lines 5 to $(($(wc -l <"$scratch/letter") + 4))\$" "$scratch/mail"
	build/dex-compare --all --verify=- "$RECORDED" <"$scratch/mail" | grep '^match'
	line=$(($(grep -nw "$folio" "$scratch/letter" | head -n 1 | cut -d: -f1) + 4))
	sed "s/ $folio / $((folio - 1)) /" "$scratch/mail" >"$scratch/changed"
	verify_says 1 "^differs at line $line\$" "$scratch/changed"
	grep -E "posted: +convert_latency notifier=yes +[0-9]+ +$((folio - 1)) " "$scratch/printed"
	grep -E "recomputed: +convert_latency notifier=yes +[0-9]+ +$folio " "$scratch/printed"
	sed '/^Controls: /,$d' "$scratch/letter" >"$scratch/cut"
	verify_says 1 'ends early' "$scratch/cut"
	verify_says 1 'differs' "$scratch/letter" --case='convert_.*'
	echo 'dexbench is nice' >"$scratch/none"
	refused 2 "no block found" build/dex-compare --verify="$scratch/none" "$RECORDED"
	refused 2 "No such file" build/dex-compare --verify="$scratch/absent" "$RECORDED"
}

# A block that is right does not vouch for another, whichever stands first.
verify_forgery() {
	local folio n

	folio=$(recorded_latency '.[1].value')
	letter --all "$RECORDED"
	n=$(wc -l <"$scratch/letter")
	sed "s/ $folio / $((folio - 100)) /" "$scratch/letter" >"$scratch/forged"
	cat "$scratch/forged" "$scratch/letter" >"$scratch/thread"
	verify_says 1 '^differs: the block that begins at line 1$' "$scratch/thread"
	grep -x "match: lines $((n + 1)) to $((2 * n))" "$scratch/printed"
	cat "$scratch/letter" "$scratch/forged" >"$scratch/thread"
	verify_says 1 "^differs: the block that begins at line $((n + 1))\$" "$scratch/thread"
	{ head -n 1 "$scratch/letter"; cat "$scratch/letter"; } >"$scratch/thread"
	verify_says 1 '^differs: the block that begins at line 1$' "$scratch/thread"
	cat "$scratch/letter" "$scratch/letter" >"$scratch/thread"
	verify_says 0 "^match: lines $((n + 1)) to $((2 * n))\$" "$scratch/thread"
}

# Wherever the results lie.
verify_elsewhere() {
	letter "$RECORDED"
	cp -r "$RECORDED" "$scratch/moved"
	build/dex-compare --verify="$scratch/letter" "$scratch/moved/" | grep '^match'
}

four
noisy
check "format tsv: compare.json again" tsv_is_compare_json
check "format md: the table again" markdown
check "format benchstat: every value is read back" benchstat_reads "$RECORDED"
check "format benchstat: boots of a plan with noise" benchstat_reads "$scratch/noisy"
check "format gbench: compare.py reads every value" compare_py "$RECORDED" rmap-6.12 folio-6.12
check "format gbench: boots of a plan with noise" compare_py "$scratch/noisy" "base" "x"
check "cover letter: 75 columns of ASCII" letters_fit
check "format md: ratios, with success and skips" markdown_of_ratios
check "cover letter: units and directions" letter_says_units
check "cover letter: verified, quoted, changed, cut" verify_letter
check "cover letter: a forged block beside a true one" verify_forgery
check "cover letter: verified from a copy" verify_elsewhere
