# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# From recorded results to the table: the same bytes every time, and nothing
# doubtful taken for whole.

recorded

# As they are committed, packed.
recompute() {
	cp -r "$REFERENCE" "$scratch/again"
	rm "$scratch"/again/{compare.json.gz,report.txt}
	build/dex-compare --write "$scratch/again" >"$scratch/printed" || [ $? -eq 1 ]
	same <(zcat "$REFERENCE/compare.json.gz") "$scratch/again/compare.json"
	same "$REFERENCE/report.txt" "$scratch/again/report.txt"
	same "$REFERENCE/report.txt" "$scratch/printed"
}

# A copy of the recorded plan to spoil.
spoil() {
	rm -rf "$scratch/spoiled"
	cp -r "$RECORDED" "$scratch/spoiled"
}

# status_of EXPECTED PATTERN: dex-compare on the spoiled plan.
status_of() {
	local rc=0

	COLUMNS=300 build/dex-compare "$scratch/spoiled" >"$scratch/wide" 2>&1 || rc=$?
	awk -f "$TESTS/e2e/text-rows.awk" "$scratch/wide" >"$scratch/printed"
	grep -E "$2" "$scratch/printed" || { cat "$scratch/printed"; return 1; }
	[ "$rc" -eq "$1" ] || { echo "exit status $rc, expected $1"; return 1; }
}

# The file of a case in one of the boots.
case_file() { find "$scratch/spoiled" -name "$1.json" | head -n 1; }

# refuses_edit JQ-FILTER TEXT: one fault_back.json edited so is refused, saying so.
refuses_edit() {
	spoil
	edit "$(case_file fault_back)" "$1"
	refused 2 "$2" build/dex-compare "$scratch/spoiled"
}

truncated_file() {
	spoil
	truncate -s 100 "$(case_file convert_range)"
	refused 2 "not readable as JSON" build/dex-compare "$scratch/spoiled"
}

# gzip's files read like what they were made of.
packed() {
	spoil
	gzip -9n "$scratch"/spoiled/*/*_*.json
	build/dex-compare "$scratch/spoiled" >"$scratch/printed" || [ $? -eq 1 ]
	same "$RECORDED/report.txt" "$scratch/printed"
	cp -r "$scratch"/spoiled/*-rmap-6.12 "$scratch/alone"
	build/dex-compare "$scratch/alone" | grep "^convert_latency"
	truncate -s -20 "$scratch/spoiled/"*-folio-6.12/convert_latency.json.gz
	refused 2 "not the whole of a gzip file" build/dex-compare "$scratch/spoiled"
}

foreign_file() {
	spoil
	echo '{"a": 1}' >"$scratch/spoiled/plan.json"
	refused 2 "schema is absent" build/dex-compare "$scratch/spoiled"
	spoil
	edit "$scratch/spoiled/plan.json" '.cases[1] = null'
	refused 2 "what is no name is among the cases" build/dex-compare "$scratch/spoiled"
}

# Directories that dexbench itself wrote: one boot each, named like them.
lone_boots() {
	spoil
	mv "$scratch"/spoiled/*-rmap-6.12 "$scratch/before"
	mv "$scratch"/spoiled/*-folio-6.12 "$scratch/after"
	build/dex-compare --json "$scratch/before" "$scratch/after/" >"$scratch/json"
	jq -e '[.kernels[].label] == ["before", "after"] and (.rows | length > 20)' "$scratch/json"
	jq -e --slurpfile ladder "$RECORDED/compare.json" \
		'[.rows[] | select(.kernel == "after") | [.case, .params, .value]] | sort == ([$ladder[0].rows[] |
		select(.kernel == "folio-6.12") | [.case, .params, .value]] | sort)' "$scratch/json"
}

# A boot under another's name would be taken for that kernel.
wrong_name() {
	spoil
	edit "$scratch/spoiled/plan.json" '(.schedule[] | select(.kernel | startswith("folio")) | .kernel) |=
		if . == "folio-7.x" then "folio-6.12" else "folio-7.x" end'
	refused 2 "a boot of folio-7.x, where plan.json has one of folio-6.12" build/dex-compare "$scratch/spoiled"
	spoil
	edit "$(ls "$scratch"/spoiled/*-folio-6.12/run.json)" '.host.kernel.key = "0123456789abcdef"'
	refused 2 "boots of two builds are no campaign" build/dex-compare "$scratch/spoiled"
	# A plan that somebody wrote by hand for boots without a host's record is taken.
	spoil
	edit "$(ls "$scratch"/spoiled/*-folio-6.12/run.json)" 'del(.host)'
	status_of 1 '^note: folio-6.12 was measured with another QEMU than rmap-6.12 .unknown, QEMU'
}

# One boot that is counted again and again has an interval, of nothing.
counted_once() {
	spoil
	refused 2 "this boot is there twice" build/dex-compare "$scratch/spoiled" "$scratch/spoiled/"
	edit "$scratch/spoiled/plan.json" '.schedule |= . + .'
	refused 2 "this boot is there twice" build/dex-compare "$scratch/spoiled"
	spoil
	edit "$scratch/spoiled/plan.json" '.schedule += [.schedule[] | select(.kernel == "rmap-6.12") | .boot = "link" | .block = 2]'
	ln -s "$(basename "$scratch"/spoiled/*-rmap-6.12)" "$scratch/spoiled/link"
	refused 2 "spoiled/link: this boot is there twice" build/dex-compare "$scratch/spoiled"
	cp -r "$scratch"/spoiled/*-rmap-6.12 "$scratch/x.boot1"
	refused 2 "this boot is there twice" build/dex-compare "$scratch/x.boot1" "$scratch/x.boot1"
}

missing_boot() {
	spoil
	edit "$scratch/spoiled/plan.json" '.schedule += [{boot: "004-rmap-6.12", kernel: "rmap-6.12", block: 2}]'
	status_of 1 '^note: boot 004-rmap-6.12 .* is missing'
}

no_boot_at_all() {
	spoil
	rm -r "$scratch"/spoiled/003-*
	refused 2 "no boot of" build/dex-compare "$scratch/spoiled"
}

incomplete_case() {
	spoil
	edit "$(case_file convert_range)" '.complete = false'
	status_of 1 '^note: .*convert_range.json is incomplete'
}

skipped_case() {
	spoil
	for f in "$scratch"/spoiled/*/control_peer.json; do
		edit "$f" '.results[0] += {skipped: "no /dev/hmm_dmirror0", ticks: [], ok: 0, attempted: 0}'
	done
	status_of 1 'skipped: no /dev/hmm_dmirror0'
}

# Nothing but the baseline against itself: every row is the same.
same_twice() {
	spoil
	edit "$scratch/spoiled/plan.json" '.kernels |= map(select(.spec == "rmap-6.12"))'
	rm -rf "$scratch/copy"
	cp -r "$scratch/spoiled" "$scratch/copy"
	build/dex-compare --json "$scratch/spoiled" "$scratch/copy" >"$scratch/json"
	jq -e '[.rows[].verdict] | unique == ["same"]' "$scratch/json"
	jq -e '[.kernels[].label] == ["rmap-6.12", "rmap-6.12@copy"]' "$scratch/json"
}

# The exit status of a gate: nothing worse, something worse.
exit_statuses() {
	spoil
	edit "$scratch/spoiled/plan.json" '.kernels |= map(select(.spec == "rmap-6.12" or .spec == "folio-6.12"))'
	status_of 0 '^convert_latency .* -[0-9]+ '
	edit "$scratch/spoiled/plan.json" '.kernels |= reverse'
	status_of 1 '^convert_latency .* [+][0-9]+ '
}

# What ran before in the boot is part of the conditions, whichever rows are looked at.
other_cases() {
	same_twice
	build/dex-compare --case=convert_latency "$scratch/spoiled" "$scratch/copy"
	edit "$scratch/copy/plan.json" '.cases -= ["fault_back"]'
	COLUMNS=300 build/dex-compare --case=convert_latency "$scratch/spoiled" "$scratch/copy" >"$scratch/printed" && return 1
	[ $? -eq 3 ]
	grep '^note: .*/spoiled and .*/copy are of other cases' "$scratch/printed"
}

# Two boots of a kernel that do not agree are no exact result.
boots_disagree() {
	same_twice
	edit "$scratch/spoiled/plan.json" '.schedule += [.schedule[] | select(.kernel == "rmap-6.12") | .boot = "009"]'
	cp -r "$scratch"/spoiled/*-rmap-6.12 "$scratch/spoiled/009"
	edit "$scratch/spoiled/009/fault_back.json" '.results[0].ticks |= map(. + 1)'
	refute build/dex-compare --json "$scratch/spoiled" "$scratch/copy" >"$scratch/json"
	jq -e '[.rows[] | select(.verdict != "same") | .case + "/" + .params.touch + " " + .verdict] |
		unique == ["fault_back/read inconclusive"]' "$scratch/json"
}

fewer_and_more() {
	jq -e '.rows[] | select(.case == "convert_latency" and .kernel == "folio-6.12") |
		.verdict == "fewer" and .value < .baseline_value and .delta_pct < 0' "$RECORDED/compare.json"
	jq -e '.rows[] | select(.case == "convert_range" and .params.pages == 512 and .kernel == "folio-7.x") |
		.verdict == "more"' "$RECORDED/compare.json"
}

# Ticks become ns by the boot's own TSC frequency, in other results than samples, too, and in rates; one
# boot decides nothing.
# shellcheck disable=SC2016 # jq's variables
timing_in_ns() {
	local f

	spoil
	for f in "$scratch"/spoiled/*/convert_latency.json; do
		edit "$f" 'def metric($name; $unit): {name: $name, unit: $unit, better: "neither", value: 10};
			.results[].metrics = [metric("hold"; "ticks"), metric("waited"; "ticks/page"), metric("throughput"; "pages/Mtick"),
				metric("device_rate"; "atomics/Ktick"), metric("success"; "%")]'
	done
	for f in "$scratch"/spoiled/plan.json "$scratch"/spoiled/*/*.json; do
		edit "$f" 'if .mode then .mode = "timing" else . end |
			if .unit then .unit = "ticks" else . end |
			if .module then .module.tsc_khz = 2000000 else . end'
	done
	rm "$scratch"/spoiled/{compare.json,report.txt}
	status_of 3 '^Mode timing: ns per page'
	build/dex-compare --write "$scratch/spoiled" || [ $? -eq 3 ]
	jq -e --slurpfile exact "$RECORDED/compare.json" 'def samples: map(select(.metric == "median_per_page"));
		(.rows | samples | map(.value)) == ($exact[0].rows | samples | map(.value / 2))
		and ([.rows | samples[].unit] | unique == ["ns"])
		and ([.rows[] | select(.family != null) | .verdict] | unique == ["inconclusive"])' \
		"$scratch/spoiled/compare.json"
	jq -e '[.rows[] | select(.case == "convert_latency" and .params.notifier == "yes" and .metric != "median_per_page") |
		"\(.metric) \(.value) \(.unit)"] | unique == ["device_rate 20 atomics/us", "hold 5 ns", "success 10 %",
		"throughput 20 pages/ms", "waited 5 ns/page"]' "$scratch/spoiled/compare.json"
	valid "$scratch/spoiled/compare.json"
}

overwriting() {
	refused 2 "never overwritten" build/dex-compare --write "$RECORDED"
}

# What makes a file of JSON may fail behind a bar, where no shell looks: then there is none, rather than an empty one.
nothing_is_no_json() {
	# shellcheck disable=SC2016 # the inner shell's
	refused 2 'nothing.json is not written: what makes it failed' \
		bash -euc '. scripts/lib.sh; false | atomic_write "$0"' "$scratch/nothing.json"
	same /dev/null <(cd "$scratch" && ls -d nothing.json* 2>/dev/null)
	bash -euc '. scripts/lib.sh; echo 1 | atomic_write "$0"; : | atomic_write "$0.list"' "$scratch/nothing.json"
	[ -s "$scratch/nothing.json" ] && [ -e "$scratch/nothing.json.list" ]
}

# The block in README verifies; one digit changed, and it does not.
readme_shows_the_letter() {
	local value only='--case=convert_latency|convert_range|fault_back'

	build/dex-compare --verify=README.md "$only" "$REFERENCE" | grep '^match'
	value=$(sed -n '/^## Under a patch/,$s/^convert_[a-z]* [a-z]*=[a-z0-9]*  *\([0-9.]*\) .*/\1/p' README.md | head -n 1)
	[ -n "$value" ]
	sed "/^## Under a patch/,\$s/ $value / 1 /" README.md >"$scratch/readme"
	refute build/dex-compare --verify="$scratch/readme" "$only" "$REFERENCE" >"$scratch/said"
	grep '^differs at line' "$scratch/said"
}

# What is committed, of packed boots one.
recorded_are_valid() {
	local file

	for file in "$REFERENCE"/*-rmap-6.12/*.gz results/*/compare.json.gz; do
		zcat "$file" >"$scratch/one.json"
		valid "$scratch/one.json"
	done
	# shellcheck disable=SC2046 # a list of files
	valid $(find results -path results/schema -prune -o -name '*.json' ! -path '*/trace-check/*' ! -name validate.json -print)
	valid results/parallel/validate.json
	rm -rf "$scratch/lines"
	mkdir "$scratch/lines"
	for file in results/*.jsonl; do
		split -l 1 "$file" "$scratch/lines/$(basename "$file" .jsonl)-"
	done
	valid "$scratch"/lines/*
}

# Whoever reads a file finds what its schema's name means; version 9 is nobody's, for tests.
formats_have_schemas() {
	local format formats

	formats=$(grep -rhoE 'dexbench\.[a-z-]+\.v[0-9]+' bench scripts tests | grep -v '\.v9$' | sort -u)
	[ "$(wc -l <<<"$formats")" -gt 10 ]
	for format in $formats; do
		[ -f "results/schema/${format#dexbench.}.json" ] || { echo "$format has no schema"; return 1; }
	done
}

check "schemas: recorded results" recorded_are_valid
check "schemas: of all formats that are written" formats_have_schemas
check "the recorded plan gives the recorded table, byte for byte" recompute
check "a kernel against itself is the same" same_twice
check "fewer and more are told apart" fewer_and_more
check "exit status 0 where nothing got worse, 1 where something did" exit_statuses
check "boots that disagree are inconclusive" boots_disagree
check "campaigns of other cases are no success" other_cases
check "a missing boot is said" missing_boot
check "a kernel without any boot is refused" no_boot_at_all
check "an incomplete case is said" incomplete_case
check "a skipped case keeps its reason" skipped_case
check "a truncated file is refused" truncated_file
check "packed results give the same table, part of a packed file is refused" packed
check "a foreign file is refused" foreign_file
check "a result of another mode is refused" refuses_edit '.mode = "timing"' "different modes are never compared"
check "a result of other work is refused" refuses_edit '.pages = 1024' "only equal work"
check "a result of another case is refused" refuses_edit '.case = "other"' "results of case other"
check "a count of nothing is refused" refuses_edit '.results[0].attempted = 0' "which cannot be"
check "more successes than attempts are refused" refuses_edit '.results[0].ok = .results[0].attempted + 1' "which cannot be"
check "fewer successes than none are refused" refuses_edit '.results[0].ok = -5' "-5 of 4096 pages succeeded"
check "a boot under another's name is refused" wrong_name
check "a boot counts once" counted_once
check "repetitions inside a run are refused" refuses_edit '.results += .results' "repetitions inside a run"
check "directories without a plan are boots" lone_boots
check "a result without samples is refused" refuses_edit '.results[0].ticks = []' "without samples"
check "timing mode is in ns, and one boot decides nothing" timing_in_ns
check "a report is not overwritten" overwriting
check "a file of JSON is never an empty one" nothing_is_no_json
check "README's cover letter verifies" readme_shows_the_letter
