# shellcheck shell=bash disable=SC2016,SC2154,SC2164 # jq's variables; scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# compare.json is all that a view sees: each comes again from it alone, byte for byte, and what is
# no comparison is refused.
# shellcheck source=/dev/null
. "$TESTS/e2e/synthetic-plans.sh"

recorded

# views RESULTS TO: every view of them, and how each ended.
views() {
	local format rc=0

	mkdir -p "$2"
	for format in $(formats); do
		rc=0
		build/dex-compare --format="$format" "$1" >"$2/$format" || rc=$?
		echo "$format $rc" >>"$2/ended"
	done
	[ -n "$format" ]
	rc=0
	build/dex-compare --cover-letter "$1" >"$2/letter" || rc=$?
	echo "letter $rc" >>"$2/ended"
	build/dex-compare --verify="$2/letter" "$1" >>"$2/ended"
	build/dex-compare --dat="$2/dat" "$1"
}

# again_from_file DIR [PACKER]: the file alone lies in a directory; boots and plan are elsewhere.
again_from_file() {
	rm -rf "$scratch"/{alone,boots,file}
	mkdir "$scratch/alone"
	cp -r "$1" "$scratch/whole"
	rm -f "$scratch"/whole/{compare.json*,report.txt}
	build/dex-compare --write "$scratch/whole" >/dev/null || [ $? -ne 2 ]
	valid "$scratch/whole/compare.json"
	mv "$scratch/whole/compare.json" "$scratch/alone"
	views "$scratch/whole" "$scratch/boots"
	rm -r "$scratch/whole"
	"${2:-true}" "$scratch/alone/compare.json"
	views "$scratch/alone" "$scratch/file"
	diff -r "$scratch/boots" "$scratch/file"
}

reference_from_file() { again_from_file "$REFERENCE" gzip; }

# Statistics: pairs, an A/A arm, runs, a value of 0, rows that are skipped, a note.
statistics_from_file() {
	synthesize "$scratch/stats" 6 2 0.004 base=1 less=0.95 more=1.05 "base (A/A)=1"
	edit "$scratch/stats/010/fault_back.json" '.results[0].metrics = [{name: "speed", unit: "per tick", better: "higher", value: 0}]'
	edit "$scratch/stats/020/convert_latency.json" '.complete = false'
	again_from_file "$scratch/stats"
	synthesize "$scratch/unpaired" 5 1 0.004 base=1 less=0.95
	edit "$scratch/unpaired/plan.json" '(.schedule[] | select(.kernel == "less") | .block) += 100'
	again_from_file "$scratch/unpaired"
}

# Interleavings, and the boots where they were: what they lack is in the file.
lockstep_from_file() { again_from_file results/members; }

# The file by its name, from elsewhere, and beside a plan whose boots are gone.
by_its_name() {
	views "$REFERENCE" "$scratch/expected"
	mkdir "$scratch/named"
	zcat "$REFERENCE/compare.json.gz" >"$scratch/named/any.json"
	views "$scratch/named/any.json" "$scratch/got"
	diff -r "$scratch/expected" "$scratch/got"
	cp "$REFERENCE/plan.json" "$scratch/named"
	mv "$scratch/named/any.json" "$scratch/named/compare.json"
	(cd "$scratch/named" && "$DEX_TOP/build/dex-compare" compare.json) >"$scratch/printed" || [ $? -eq 1 ]
	same "$REFERENCE/report.txt" "$scratch/printed"
	build/dex-compare "$scratch/named" >"$scratch/printed" || [ $? -eq 1 ]
	same "$REFERENCE/report.txt" "$scratch/printed"
}

# committed NAME STATUS: what is committed without its boots says what its report says.
committed() {
	local rc=0

	build/dex-compare "results/$1" >"$scratch/printed" || rc=$?
	[ "$rc" -eq "$2" ]
	same "results/$1/report.txt" "$scratch/printed"
	build/dex-compare --dat="$scratch/$1.dat" "results/$1"
	zcat "results/$1/compare.json.gz" >"$scratch/$1.json"
	build/dex-compare --json "results/$1" >"$scratch/again.json" || true
	same <(jq -c . "$scratch/$1.json") <(jq -c . "$scratch/again.json")
}

committed_without_boots() {
	committed lockstep 1
	committed parallel 3
}

# as_before FILE TO: what version 1 had of that comparison.
as_before() {
	zcat -f "$1" | jq -c '.schema = "dexbench.compare.v1" | .kernels |= map(.label) | .notes |= map(.text) |
		.predictions |= map(del(.baseline)) | del(.status, .summary, .options, .unit, .pages, .plans, .cases, .measured)' >"$2"
}

# same_views A B FORMAT...: and of B one line more, that says what it lacks.
same_views() {
	local format

	for format in "${@:3}"; do
		build/dex-compare --format="$format" "$1" >"$scratch/new" || [ $? -ne 2 ]
		build/dex-compare --format="$format" "$2" >"$scratch/old" 2>"$scratch/said" || [ $? -ne 2 ]
		same "$scratch/new" "$scratch/old"
		[ "$(wc -l <"$scratch/said")" -eq 1 ]
		grep "is of version 1: it has no values of single boots" "$scratch/said"
	done
}

# complains WORDS COMMAND...: behind the note on its version.
complains() {
	local rc=0

	"${@:2}" >"$scratch/printed" 2>"$scratch/said" || rc=$?
	[ "$rc" -eq 2 ]
	[ ! -s "$scratch/printed" ]
	grep -F "$1" "$scratch/said"
}

# An older file still has its reports, and what is of a campaign if plan and conditions lie beside it.
version_1() {
	build/dex-compare --json "$RECORDED" >"$scratch/small.json" || [ $? -eq 1 ]
	cp -r "$RECORDED" "$scratch/v1"
	rm "$scratch"/v1/*/*_*.json
	as_before "$scratch/small.json" "$scratch/v1/compare.json"
	valid "$scratch/v1/compare.json"
	same_views "$scratch/small.json" "$scratch/v1" text md tsv benchstat
	build/dex-compare --json "$scratch/v1" >"$scratch/v2.json" || [ $? -eq 1 ]
	valid "$scratch/v2.json"
	mkdir "$scratch/parallel.v1"
	cp -r results/parallel/plan.json results/parallel/0* "$scratch/parallel.v1"
	as_before results/parallel/compare.json.gz "$scratch/parallel.v1/compare.json"
	same_views results/parallel "$scratch/parallel.v1" text
	complains "has a value a boot, and this file has values of all boots together" \
		build/dex-compare --format=benchstat "$scratch/parallel.v1"
	complains "no value of a single boot" build/dex-plan --validate "$scratch/parallel.v1"
	build/dex-compare --dat="$scratch/v1.dat" "$scratch/parallel.v1"
	grep -F 'ONE_OF = "boot are not known"' "$scratch/v1.dat/facts.gp"
	# By itself, with nothing beside it.
	mkdir "$scratch/lone"
	cp "$scratch/v1/compare.json" "$scratch/lone"
	same_views "$scratch/small.json" "$scratch/lone" tsv
	complains "no cover letter: the conditions of rmap-6.12 are not known; put plan.json and" \
		build/dex-compare --cover-letter "$scratch/lone"
}

# dex-plan has from it what it has from boots, and says what the file cannot tell.
plans() {
	local option

	for option in --format=json --validate; do
		build/dex-plan $option --pages=64 --touches=100 "$REFERENCE" >"$scratch/boots.txt"
		build/dex-plan $option --pages=64 --touches=100 "$REFERENCE/compare.json.gz" >"$scratch/hub.txt"
		same "$scratch/boots.txt" "$scratch/hub.txt"
	done
	build/dex-plan --validate --format=json results/lockstep >"$scratch/validate.json"
	same results/lockstep/validate.json "$scratch/validate.json"
	build/dex-plan --contention --exact="$REFERENCE" results/members >"$scratch/boots.txt"
	build/dex-plan --contention --exact="$REFERENCE/compare.json.gz" results/members >"$scratch/hub.txt"
	same "$scratch/boots.txt" "$scratch/hub.txt"
	refused 2 "compare.json has no samples; give a directory with boots" \
		build/dex-plan --contention --exact="$REFERENCE" results/members/compare.json.gz
	zcat "$REFERENCE/compare.json.gz" | jq -c '(.. | objects | select(.case? == "ping_pong") | .params?) |= (. // {} | del(.sharers)) | del(.summary)' >"$scratch/nobody.json"
	refused 2 "rows of touches without a number of sharers" build/dex-plan --pages=16 --touches=1000 "$scratch/nobody.json"
	refused 2 "goes with no other results" build/dex-plan --validate "$REFERENCE" "$REFERENCE/compare.json.gz"
	refused 2 "no case that says what a device costs" build/dex-plan --validate results/switch/compare.json.gz
	build/dex-compare --metric=mean --json --case=ping_pong "$REFERENCE" >"$scratch/mean.json" || [ $? -le 1 ]
	refused 2 "another metric than the median" build/dex-plan --validate "$scratch/mean.json"
}

# What is asked of samples is asked of boots.
needs_boots() {
	local option

	for option in --case=x --metric=mean --threshold=5 --pilot --write; do
		refused 2 "${option%%=*} needs boots, and here is their compare.json alone" \
			build/dex-compare "$option" "$REFERENCE/compare.json.gz"
	done
	refused 2 "a file is shown alone" build/dex-compare "$REFERENCE" "$REFERENCE/compare.json.gz"
}

# spoiled JQ-FILTER TEXT: the reference's file with that done to it is refused, and in one line.
spoiled() {
	jq -c "$1" "$scratch/small.json" >"$scratch/spoiled.json"
	refused 2 "$2" build/dex-compare "$scratch/spoiled.json"
}

# A file that says of itself what cannot be, or whose parts are not of one comparison.
malformed() {
	build/dex-compare --json "$RECORDED" >"$scratch/small.json" || [ $? -eq 1 ]
	spoiled '.schema = "dexbench.run.v1"' "schema is dexbench.run.v1, expected dexbench.compare.v2"
	spoiled '.status = 0' "status 0, where its rows and notes say 1"
	spoiled '.mode = "fast"' "mode fast; one of"
	spoiled 'del(.measured)' '"measured" is missing'
	spoiled '.kernels = []' "0 kernels; from 1 to 26"
	spoiled '.kernels[1].label = .kernels[0].label' "two kernels are called"
	spoiled '.kernels[0].same_as = .kernels[1].label' "is not among the kernels, or not in front"
	spoiled '.kernels[0].plan = 1' '"plan" is 1; from 0 to 0 can be'
	spoiled '.measured[0].cells |= .[1:]' "values of 3 kernels in a row, of 4 in all"
	spoiled '.measured[0].case = "../x"' "is no name of a case"
	spoiled '.measured[0].cells[0].boots = 2' "2 boots, and values of 1"
	spoiled '.measured[0].cells[0].value = "7"' "has no number as value"
	spoiled '(.measured[].cells[].curve | select(.) | .up_to[0]) = 1e9' "a curve that"
	spoiled '.rows |= .[1:]' "that were measured, each with 5, there are"
	spoiled '.rows[0].kernel = .rows[1].kernel' "rows are not those of what was measured"
	spoiled '.rows[1].boots_needed = -1e300' "-1e+300 boots needed"
	spoiled '.rows[1].verdict = "better"' '"better" is no verdict'
	spoiled '.notes = [{text: "x", fact: "missing", weight: "heavy"}]' "a note of weight heavy"
	spoiled '.notes = [{text: "x", fact: "odd", weight: "note"}]' 'a note of "odd"'
	spoiled '.predictions[0].outcome = "maybe"' "a prediction that neither held"
	echo '[1]' >"$scratch/spoiled.json"
	refused 2 "schema is absent" build/dex-compare "$scratch/spoiled.json"
	head -c 1000 "$scratch/small.json" >"$scratch/spoiled.json"
	refused 2 "not readable as JSON" build/dex-compare "$scratch/spoiled.json"
}

# What a terminal would obey is text in the file, and none in a view.
words_of_strangers() {
	build/dex-compare --json "$RECORDED" >"$scratch/small.json" || [ $? -eq 1 ]
	jq -c '.notes = [{text: "\u001b[2J red", fact: "disturbed", weight: "note"}] | del(.summary)' "$scratch/small.json" >"$scratch/odd.json"
	build/dex-compare "$scratch/odd.json" >"$scratch/printed" || [ $? -eq 1 ]
	grep -x 'note: ?\[2J red' "$scratch/printed"
}

check "hub: every view of the reference from compare.json alone" reference_from_file
check "hub: statistics from compare.json alone" statistics_from_file
check "hub: interleavings from compare.json alone" lockstep_from_file
check "hub: the file by its name, packed or not" by_its_name
check "hub: what is committed without boots" committed_without_boots
check "hub: version 1, and what it lacks" version_1
check "hub: dex-plan reads it" plans
check "hub: options that judge anew are refused" needs_boots
check "hub: a file that cannot be is refused" malformed
check "hub: words of strangers" words_of_strangers
