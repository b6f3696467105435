# shellcheck shell=bash disable=SC2016,SC2154,SC2164 # jq's variables; scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# What dex-compare says besides verdicts: its rows, slopes, predictions, conditions and arms, and the
# options that choose among them.

# shellcheck source=/dev/null
. "$TESTS/e2e/synthetic-plans.sh"

recorded

threshold() {
	exit_of 0 less=0.97
	verdicts "$scratch/gate" | jq -e '.less == "faster"'
	verdicts "$scratch/gate" --threshold=5 | jq -e '.less == "equivalent"'
	refused 2 "--threshold=x: give per cent" build/dex-compare --threshold=x "$scratch/gate"
	refused 2 "--threshold=0: give per cent" build/dex-compare --threshold=0 "$scratch/gate"
}

# Each metric against jq, on the recorded boots.
metrics() {
	local m q

	for m in mean median:0.5 p90:0.9 p99:0.99 p999:0.999; do
		q=${m#*:} m=${m%:*}
		build/dex-compare --json --metric="$m" --case=fault_back "$RECORDED" >"$scratch/json" || [ $? -le 1 ]
		jq -e --arg q "$q" --slurpfile file "$(find "$RECORDED" -path '*-rmap-6.12/fault_back.json')" '
			($file[0].results[0].ticks | sort) as $t | ($t | length) as $n |
			(if $q == "mean" then ($t | add) / $n else $t[($n * ($q | tonumber) | ceil) - 1] end) as $want |
			[.rows[] | select(.kernel == "rmap-6.12")][0].value - $want | fabs < 1e-9' "$scratch/json" ||
			{ echo "$m"; return 1; }
	done
	four
	# 100 samples have a 90th percentile, and no 99th.
	says 1 '^convert_latency +notifier=yes +[0-9]+ .* slower$' --metric=p90 "$scratch/four"
	says 3 'skipped: 100 samples do not bound the 99th percentile$' --metric=p99 "$scratch/four"
	refused 2 "--metric=max: one of median, mean" build/dex-compare --metric=max "$RECORDED"
}

# Whatever percentile --help has: 7 samples have none, and 4096 have.
percentiles_are_bounded() {
	local m many="$scratch/many.txt" few="$scratch/few.txt"

	for m in $(build/dex-compare --help | sed -n 's/^ *--metric=METRIC *median|mean|\([a-z0-9|]*\).*/\1/p' | tr '|' ' '); do
		build/dex-compare --metric="$m" --case=mm_ops "$REFERENCE" >"$few" || [ $? -ne 2 ]
		grep "skipped: 7 samples do not bound the .*percentile" "$few"
		build/dex-compare --metric="$m" --case=convert_latency "$REFERENCE" >"$many" || [ $? -ne 2 ]
		refute grep 'do not bound' "$many"
	done
	[ -s "$many" ]
}

# What the pilot found, as ab.sh tells it.
pilot_is_told() (
	synthesize "$scratch/pilot" 5 3 0.01 base=1
	build/dex-compare --pilot "$scratch/pilot" >"$scratch/pilot.json"
	# What boots took is measured, but for what runs took; who does not say so has two seconds around the kernel's.
	jq -e '.cost_s.boot < 100' "$scratch/pilot.json"
	for f in "$scratch"/pilot/*/run.json; do
		edit "$f" '.host.seconds = 1000'
	done
	build/dex-compare --pilot "$scratch/pilot" | jq -e '.cost_s.boot > 900 and .cost_s.boot < 1000'
	. scripts/campaign/plan.sh
	pilot_says "$(cat "$scratch/pilot.json")" >"$scratch/said"
	grep -Ex 'pilot: SD between boots [0-9.]+ %, runs [0-9.]+ %, samples [0-9.]+ %; [0-9]+ boots of .*' "$scratch/said"
)

case_option() {
	build/dex-compare --json --case='convert_.*|control_clock' "$RECORDED" >"$scratch/json" || [ $? -eq 1 ]
	jq -e '[.rows[].case] | unique == ["control_clock", "convert_latency", "convert_range"]' "$scratch/json"
	refused 2 "no case matches" build/dex-compare --case=convert "$RECORDED"
	refused 2 "not a regular expression" build/dex-compare --case='(' "$RECORDED"
}

bad_options() {
	refused 2 "--format=xml: one of text, json" build/dex-compare --format=xml "$RECORDED"
	refused 2 "unknown option --frobnicate" build/dex-compare --frobnicate "$RECORDED"
	refused 2 "--verify needs a value: --verify=FILE" build/dex-compare "$RECORDED" --verify
	refused 2 "which results?" build/dex-compare
	build/dex-compare --help | grep -q -- '--cover-letter'
}

# A copy of the recorded plan to spoil; its A/A arm's boot is called 004.
with_arm() {
	rm -rf "$scratch/arm3"
	cp -r "$RECORDED" "$scratch/arm3"
	mv "$scratch"/arm3/*-rmap-6.12-aa "$scratch/arm3/004"
	edit "$scratch/arm3/plan.json" '(.schedule[] | select(.kernel == "rmap-6.12 (A/A)") | .boot) = "004"'
}

exact_arm() {
	local rows

	with_arm
	rows=$(jq '[.rows[] | select(.kernel == .baseline)] | length' "$RECORDED/compare.json")
	says 1 "^A/A: all $rows rows the same to the instruction\$" "$scratch/arm3"
	edit "$scratch/arm3/004/fault_back.json" '.results[1].ticks |= map(. + 1)'
	says 1 "^A/A: 1 of $rows rows differ: fault_back touch=write [+]1 " "$scratch/arm3"
	edit "$scratch/arm3/plan.json" '.kernels |= map(select(.spec != "folio-7.x"))'
	says 3 '^note: fault_back touch=write differs between rmap-6.12 and rmap-6.12 \(A/A\)' "$scratch/arm3"
}

# A control that must be equal is not, between two kernels of one image.
control_differs() {
	with_arm
	edit "$scratch/arm3/plan.json" '.kernels |= map(select(.spec != "folio-7.x"))'
	says 0 '^A/A: all' "$scratch/arm3"
	edit "$(ls "$scratch"/arm3/*-folio-6.12/control_gup.json)" '.results[0].ticks |= map(. + 1)'
	says 3 '^note: control_gup differs between rmap-6.12 and folio-6.12, which are one image' "$scratch/arm3"
}

# Hundreds of symbols are one line; what changes by itself is none; an arm under
# other conditions is shown.
environment() {
	with_arm
	for f in "$scratch"/arm3/*/run.json; do
		edit "$f" '.config.symbols = {SAME: "y", FIRST: "y", SECOND: null} | .state = {load: 1} | .dmesg = ["a"]'
	done
	edit "$(ls "$scratch"/arm3/*-folio-7.x/run.json)" '.config.symbols = {SAME: "y", FIRST: "m", THIRD: 5} | .state.load = 2 | .dmesg = []'
	edit "$scratch/arm3/004/run.json" '.memory.thp = "always"'
	says 1 '^  config.symbols +2 symbols differ: FIRST, THIRD$' --all "$scratch/arm3"
	says 1 '^  memory.thp .* A/A: always$' --all "$scratch/arm3"
	says 1 '^  the configuration: 2 symbols differ: FIRST, THIRD$' "$scratch/arm3"
	says 1 '^  huge pages: .* A/A: always$' "$scratch/arm3"
	build/dex-compare --json "$scratch/arm3" >"$scratch/json" || [ $? -eq 1 ]
	jq -e '.environment_diff | map(select(.key == "config.symbols"))[0].values."folio-7.x" == {FIRST: "m", THIRD: 5}' "$scratch/json"
	refute jq -e '.environment_diff[] | select(.key | test("load|dmesg"))' "$scratch/json"
}

# Conditions that change between boots of one kernel are no conditions of a kernel.
boots_differ() {
	exit_of 0 less=0.95
	edit "$scratch/gate/030/run.json" '.memory.thp = "always" | .date = "2025"'
	edit "$scratch/gate/050/run.json" '.memory.thp = "never"'
	says 0 '^note: boots of base differ among each other in: memory.thp$' "$scratch/gate"
}

# One kernel: its values, and nothing to decide.
one_kernel() {
	synthesize "$scratch/one" 4 1 0.002 base=1
	says 0 '^convert_latency +notifier=yes +[0-9]+$' "$scratch/one"
	refused 2 "compares two kernels" build/dex-compare --cover-letter "$scratch/one"
}

conditions() {
	exit_of 0 less=0.95
	edit "$scratch/gate/010/convert_latency.json" '.conditions = {before: {throttle_count: 3, steal_ticks: null}, after: {throttle_count: 5, steal_ticks: 7}}'
	edit "$scratch/gate/020/convert_latency.json" '.conditions = {before: null, after: {throttle_count: 9}}'
	says 0 '^note: .*/010/convert_latency.json: the CPU was throttled 2 times during the run$' "$scratch/gate"
	[ "$(grep -c throttled "$scratch/printed")" -eq 1 ]
}

# beside DIRECTORY NAME: a copy of the first boot, as dexbench itself would have left it there.
beside() {
	mkdir -p "$1"
	cp -r "$scratch/gate/010" "$1/$2"
}

# On bare metal one case may run more often than others, or its second run first.
further_runs() {
	local dir=$scratch/lone

	exit_of 0 less=0.95
	rm -rf "$dir"
	beside "$dir" a.boot1
	cp "$dir"/a.boot1/fault_back{,.run2}.json
	edit "$dir/a.boot1/fault_back.run2.json" '.run = 2'
	mv "$dir"/a.boot1/control_clock{,.run2}.json
	edit "$dir/a.boot1/control_clock.run2.json" '.run = 2'
	build/dex-compare --json "$dir/a.boot1" >"$scratch/json" || [ $? -eq 3 ]
	jq -e '[.rows[].case] | unique == ["control_clock", "convert_latency", "fault_back"]' "$scratch/json"
	jq -e '.rows | map(select(.case == "fault_back"))[0].samples == 2 * (map(select(.case == "control_clock"))[0].samples)' "$scratch/json"
	edit "$dir/a.boot1/control_clock.run2.json" '.run = 3'
	refused 2 "run 3 of the case; give the file its own name back" build/dex-compare "$dir/a.boot1"
}

# in_timing DIRECTORY: its boots become some of timing mode, of a clock of 1 GHz and two CPUs.
in_timing() {
	local f

	for f in "$1"/plan.json "$1"/*/*.json; do
		edit "$f" '(select(.mode) | .mode) = "timing" | (select(.module) | .module.tsc_khz) = 1000000 |
			(select(.module) | .cpu.online) = 2'
	done
}

# stolen DIRECTORY BOOT CASE SECONDS OF: so much of the CPUs' time went while that case ran.
stolen() {
	edit "$1/$2/$3.json" ".conditions = {before: {uptime: 10, steal_ticks: 1000},
		after: {uptime: (10 + $5), steal_ticks: (1000 + 100 * $4)}}"
}

# Of the time that all CPUs had, also where a case made no request of the module; one line a kernel, and
# where it is much it is a doubt.
steal() {
	local dir=$scratch/steal file

	exit_of 0 less=0.95
	rm -rf "$dir"
	cp -r "$scratch/gate" "$dir"
	in_timing "$dir"
	for file in "$dir"/*/{control_clock,convert_latency,fault_back}.json; do
		edit "$file" '.conditions = null | .results[].request_ticks = 0'
	done
	stolen "$dir" 010 control_clock 0.04 1
	stolen "$dir" 010 fault_back 0.02 1
	stolen "$dir" 020 fault_back 0.01 1
	says 0 '^note: the host took 1.2 % of the CPU time of base away .steal., most in .*/010/control_clock.json: 2.0 %$' "$dir"
	stolen "$dir" 020 fault_back 1.5 1
	says 3 '^note: the host took 26.0 % of the CPU time of base away .steal., most in .*/020/fault_back.json: 75.0 %$' "$dir"
	[ "$(grep -c '^note: .*steal' "$scratch/printed")" -eq 1 ]
	build/dex-compare --write "$dir" >/dev/null || [ $? -eq 3 ]
	jq -e '.notes | map([.fact, .weight]) | index([["stolen", "doubt"]])' "$dir/compare.json"
	valid "$dir/compare.json"
	says 3 'steal' "$dir/compare.json"
}

# What host-check found beforehand is in the plan: bad is a doubt, a warning a note, in timing mode alone.
fitness() {
	local dir=$scratch/fitness

	exit_of 0 less=0.95
	rm -rf "$dir"
	cp -r "$scratch/gate" "$dir"
	edit "$dir/plan.json" '.host_check = [{check: "smt", state: "warn", found: "on", remedy: ""}, {check: "load", state: "ok", found: "0.01", remedy: ""}]'
	says 0 faster "$dir"
	refute grep host-check "$scratch/printed"
	in_timing "$dir"
	valid "$dir/plan.json"
	says 0 '^note: what may matter on this host .scripts/host-check.: smt: on$' "$dir"
	edit "$dir/plan.json" '.host_check += [{check: "hypervisor", state: "bad", found: "TCG", remedy: ""}]'
	says 3 '^note: times of this host are not to be trusted .scripts/host-check.: hypervisor: TCG$' "$dir"
	build/dex-compare --json "$dir" >"$scratch/fitness.compare.json" || [ $? -eq 3 ]
	valid "$scratch/fitness.compare.json"
	jq -e '(.notes | map([.fact, .weight])) == [["unfit-host", "doubt"], ["host", "note"]] and (.plans[0].host_check | length == 3)' \
		"$scratch/fitness.compare.json"
	edit "$dir/plan.json" '.host_check[0].state = "fine"'
	refused 2 'what host-check does not say is among its findings' build/dex-compare "$dir"
}

# A further metric is a row of its own; which way is good decides what is a regression.
metric_rows() {
	copy_of_recorded
	edit "$scratch/rows/plan.json" '.kernels |= map(select(.spec != "folio-7.x"))'
	each_case fault_back '.results[].metrics = [{name: "speed", unit: "per tick", better: "higher", value: 2}]'
	says 0 '^fault_back +touch=read speed, per tick, higher is better +2 +2 +same' "$scratch/rows"
	says 0 ' lower is better unless a heading says otherwise[.]$' "$scratch/rows"
	edit "$(ls "$scratch"/rows/*-folio-6.12/fault_back.json)" '.results[0].metrics[0].value = 1'
	says 1 '^fault_back +touch=read speed, per tick, higher is better +2 +1 +-1 +-50.00 %' "$scratch/rows"
	each_case fault_back '.results[].metrics[0].better = "neither"'
	says 0 '^fault_back +touch=read speed, per tick +2 +1 +-1 +-50.00 %' "$scratch/rows"
	build/dex-compare --json "$scratch/rows" >"$scratch/rows.compare.json"
	valid "$scratch/rows.compare.json"
	jq -e '[.rows[] | select(.metric == "speed" and .kernel == "folio-6.12") | .family] | unique == ["counts"]' \
		"$scratch/rows.compare.json"
	each_case fault_back '.results[].metrics = [] | .results[].counters = {faults: {per_page: 1}, cycles: {per_page: null}}'
	says 0 '^fault_back +touch=read faults, per page +1 +1 +same' --all "$scratch/rows"
	refute grep cycles "$scratch/printed"
	each_case fault_back '.results[].metrics = [{name: "speed", unit: "per tick", better: "sideways", value: 2}]'
	refused 2 'one of lower, higher, neither' build/dex-compare "$scratch/rows"
}

# The cost is that of a success, and without one there is none.
cost_of_success() {
	local whole

	copy_of_recorded
	whole=$(recorded_latency '.[0].value')
	each_case convert_latency '.results[].ok /= 2'
	says 1 "^convert_latency +notifier=yes +$((2 * whole)) .* 50 %" "$scratch/rows"
	each_case convert_latency '.results[].ok = 0'
	says 3 '^convert_latency +notifier=yes +- .* skipped .* 0 %' "$scratch/rows" --case='convert_latency'
	says 3 'skipped: nothing succeeded' "$scratch/rows" --case='convert_latency'
}

# As many instructions a success, and half as many successes.
success_fell() {
	two_kernels
	folio_case fault_back '.results[].ok /= 2 | .results[].ticks |= map(. / 2 | floor)'
	says 3 '^fault_back +touch=read .* 100/50 %$' "$scratch/rows"
	says 3 '^      not judged on B: 50 % of attempts succeed, 100 % on the baseline$' "$scratch/rows"
	says 3 '^folio-6.12 against rmap-6.12: .* 2 undecided' "$scratch/rows"
	build/dex-compare --json "$scratch/rows" >"$scratch/json" || [ $? -eq 3 ]
	jq -e '[.rows[] | select(.case == "fault_back" and .kernel == "folio-6.12") | .verdict] | unique == ["inconclusive"]' "$scratch/json"
	says 3 '^note: fewer attempts succeed than on the baseline in 2 rows: fault_back touch=read on folio-6.12 and others$' "$scratch/rows"
	says 3 '^  success 100/50 %$' --cover-letter "$scratch/rows"
	cp "$scratch/printed" "$scratch/posted"
	says 0 '^match' --verify="$scratch/posted" "$scratch/rows"
	two_kernels
	for f in "$scratch"/rows/*-rmap-6.12*/fault_back.json; do
		edit "$f" '.results[].ok /= 2'
	done
	says 0 '^fault_back +touch=read .* 50/100 %$' "$scratch/rows"
}

# A campaign without a regression says so, whatever no kernel can do.
skipped_on_all() {
	local boots

	boots=("$REFERENCE"/*-rmap-6.12 "$REFERENCE"/*-rmap-6.12-aa)
	says 0 'skipped: a folio of order 0 is one page' "${boots[@]}"
	two_kernels
	each_case fault_back '.results[0].skipped = "nobody can"'
	says 0 '^ +skipped: nobody can$' "$scratch/rows"
	refute grep '^note' "$scratch/printed"
}

# What the baseline cannot do is no loss of the other's; the reverse is, and so is a hole.
skipped_on_one() {
	two_kernels
	for f in "$scratch"/rows/*-rmap-6.12*/fault_back.json; do
		edit "$f" '.results[0].skipped = "refused"'
	done
	says 0 '^ +skipped on A: refused$' "$scratch/rows"
	two_kernels
	folio_case fault_back '.results[0].skipped = "refused"'
	says 3 '^note: 1 row is skipped or not measured where the baseline has it: fault_back touch=read on folio-6.12$' "$scratch/rows"
	says 3 '^- fault_back touch=read: skipped on B: refused$' --format=md "$scratch/rows"
	two_kernels
	folio_case fault_back '.results |= .[1:]'
	says 3 '^fault_back +touch=read +[0-9]+ +- +not measured$' "$scratch/rows"
}

# y = 100 + 3 x.
slopes() {
	copy_of_recorded
	each_case convert_range '.fit = "pages" | .results[] |= (.pages_per_sample = 1 | .stamps_per_sample = 1 | .ok = 1 | .attempted = 1 | .ticks = [100 + 3 * .params.pages])'
	says 0 'one more of pages:  A 3.00 .1.0000.' "$scratch/rows" --case='convert_.*'
	build/dex-compare --json "$scratch/rows" >"$scratch/rows.compare.json" || [ $? -eq 1 ]
	valid "$scratch/rows.compare.json"
	jq -e '.fits | map(select(.case == "convert_range")) | length == 4 and all(.slope == 3 and .intercept == 100 and .points == 4)' "$scratch/rows.compare.json"
}

# What was said beforehand is judged where one image takes the two walks.
predictions_judged() {
	copy_of_recorded
	each_case convert_latency '.predictions = [{when: "", metric: null, folio: "lower", because: "no lock"},
		{when: "notifier=no", metric: null, folio: "same", because: "a guess"}]'
	each_case convert_range '.predictions = [{when: "pages>=64", metric: null, folio: "lower", because: "no lock"},
		{when: "pages=1", metric: "absent", folio: "lower", because: "nothing has it"}]'
	each_case fault_back '.predictions = [{when: "", metric: null, folio: "same", because: "the same code"}]'
	each_case hold_anon_vma '.predictions = []'
	says 1 'before it was measured: 6 held, 1 not, 0 open$' "$scratch/rows"
	says 1 'not held: convert_latency notifier=no: expected same, found -[0-9]+ .*a guess' "$scratch/rows"
	build/dex-compare --json "$scratch/rows" >"$scratch/rows.compare.json" || [ $? -eq 1 ]
	valid "$scratch/rows.compare.json"
	jq -e '.predictions | length == 7 and ([.[].kernel] | unique == ["folio-6.12"])' "$scratch/rows.compare.json"
}

check "verdicts: an A/A arm in exact mode" exact_arm
check "verdicts: a control that must be equal" control_differs
check "options: threshold" threshold
check "options: metric" metrics
check "options: metric, what few samples do not bound" percentiles_are_bounded
check "options: pilot" pilot_is_told
check "options: case" case_option
check "options: bad ones are refused" bad_options
check "environment: config and arm, nothing volatile" environment
check "environment: boots of one kernel that differ" boots_differ
check "one kernel alone" one_kernel
check "environment: throttling is noted" conditions
check "a directory where one case ran more often" further_runs
check "environment: what the host takes of the CPUs' time is noted, and much of it is a doubt" steal
check "environment: what host-check found is in the result, and forbids success where it is bad" fitness
check "rows: further metrics, and which way is good" metric_rows
check "rows: the cost of a success" cost_of_success
check "rows: fewer successes are no silent change" success_fell
check "rows: skipped on all kernels is no doubt" skipped_on_all
check "rows: skipped or missing on one kernel" skipped_on_one
check "slopes: a line is found, and its fit" slopes
check "predictions: held, not held, not applicable" predictions_judged
