# shellcheck shell=bash disable=SC2016,SC2154,SC2164 # jq's variables; scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# What reports begin with, how they are laid out, and what is never called a gain.

# shellcheck source=/dev/null
. "$TESTS/e2e/synthetic-plans.sh"

recorded

# A row that costs less because a check holds no more is none that got better; the outcome is told.
outcome_changed() {
	two_kernels
	for f in "$scratch"/rows/*/fault_back.json; do
		edit "$f" '.results[0].metrics = [{name: "pass", unit: "", better: "neither", value: 1}]'
	done
	says 0 '^It can be trusted: A/A is the same in all [0-9]+ rows; of 1 assertions? none broke.$' --case=fault_back "$scratch/rows"
	says 0 'Semantics: 1 of 1 assertion holds, ' --cover-letter --case=fault_back "$scratch/rows"
	folio_case fault_back '.results[0].metrics[0].value = 0'
	says 3 '^note: fault_back touch=read pass holds on rmap-6.12 and not on folio-6.12: the outcome has changed$' --case=fault_back "$scratch/rows"
	says 3 'Semantics: 1 assertion holds on A and no more' --cover-letter --case=fault_back "$scratch/rows"
	build/dex-compare --json --case=fault_back "$scratch/rows" >"$scratch/rows.compare.json" || [ $? -eq 3 ]
	valid "$scratch/rows.compare.json"
	jq -e '.summary.kernels[0].assertions == {on_both: 1, hold: 0, broken: 1, mended: 0} and (.summary.trusted | not)' \
		"$scratch/rows.compare.json"
}

# More of the module's own stamps on one kernel than on another are no cost of that kernel's.
stamps_are_ours() {
	local pair

	copy_of_recorded
	pair=$(jq '.rows[] | select(.case == "control_clock" and .params.where == "module" and .kernel == "folio-7.x") | .value' \
		"$RECORDED/compare.json" | head -n 1)
	each_case convert_range '.results[] |= (.ok = .attempted | .params.pages as $pages | .ticks |= map(1000 * $pages))'
	build/dex-compare --json --case=convert_range "$scratch/rows" >"$scratch/json" || [ $? -eq 1 ]
	jq -e --argjson pair "$pair" '[.rows[] | select(.baseline == "rmap-6.12" and .aa == false)] |
		all(.value == if .kernel == "folio-7.x" then 1000 - $pair * (1 - 1 / .params.pages) else 1000 end)' "$scratch/json"
	rm "$scratch"/rows/*/control_clock.json
	edit "$scratch/rows/plan.json" '.cases -= ["control_clock"]'
	says 0 '^note: convert_range: folio-7.x holds more of the module.s own stamps than another kernel' --case=convert_range "$scratch/rows"
}

# The verdict is the first five lines, at any width, and no width loses a row or a value.
any_width() {
	local columns

	build/dex-compare --json "$RECORDED" | jq -r '.rows[] | select(.control == false and .better != "neither" and .value != null) |
		.value' | awk '{ if ($1 == int($1)) print $1; else { s = sprintf("%.2f", $1); sub(/0*$/, "", s); print s } }' |
		LC_ALL=C sort -u >"$scratch/values"
	[ -s "$scratch/values" ]
	for columns in 60 80 100 160; do
		COLUMNS=$columns build/dex-compare "$RECORDED" >"$scratch/printed" || [ $? -eq 1 ]
		[ "$(awk '{ if (length($0) > n) n = length($0) } END { print n }' "$scratch/printed")" -le "$columns" ]
		tr -s ' ' '\n' <"$scratch/printed" | sed '/\./s/0*$//' | LC_ALL=C sort -u >"$scratch/words"
		same /dev/null <(LC_ALL=C comm -23 "$scratch/values" "$scratch/words")
	done
	same <(COLUMNS=80 build/dex-compare "$RECORDED") <(build/dex-compare "$RECORDED")
	head -n 5 "$scratch/printed" >"$scratch/head"
	grep '^A regression: .* on folio-7.x.$' "$scratch/head"
	grep -E '^folio-6.12 against rmap-6.12: [0-9]+ rows fewer, 0 more, [0-9]+ as before.$' "$scratch/head"
	grep -E 'A/A is the same in all [0-9]+ rows' "$scratch/head"
	[ -z "$(sed -n 6p "$scratch/printed")" ]
	for columns in md html; do
		build/dex-compare --format=$columns "$RECORDED" >"$scratch/other" || [ $? -eq 1 ]
		grep -F "$(sed -n '1s/.*: //p' "$scratch/head" | cut -d' ' -f3-)" "$scratch/other"
	done
}

# A terminal has colours, unless it is asked not to.
colours() {
	script -qec "env -u NO_COLOR TERM=xterm build/dex-compare $RECORDED" /dev/null >"$scratch/printed" || [ $? -eq 1 ]
	head -n 1 "$scratch/printed" | grep -F "$(printf '\033[1;31mA regression')"
	script -qec "env TERM=xterm NO_COLOR=1 build/dex-compare $RECORDED" /dev/null >"$scratch/printed" || [ $? -eq 1 ]
	refute grep -F "$(printf '\033')" "$scratch/printed"
	build/dex-compare "$RECORDED" >"$scratch/printed" || [ $? -eq 1 ]
	refute grep -F "$(printf '\033')" "$scratch/printed"
}

check "rows: an assertion that holds no more" outcome_changed
check "rows: stamps of our own are no cost" stamps_are_ours
check "report: the verdict first, whole at any width" any_width
if command -v script >/dev/null; then
	check "report: colours on a terminal alone" colours
else
	skip "report: colours on a terminal alone" "no script(1)"
fi
