# shellcheck shell=bash disable=SC2016,SC2154,SC2164 # jq's variables; scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# dex-compare's verdicts.
# shellcheck source=/dev/null
. "$TESTS/synthetic-plans.sh"

recorded

# Known effects under a drift ten times as large as the smallest of them.
four_verdicts() {
	four
	valid "$scratch/four/plan.json"
	verdicts "$scratch/four" >"$scratch/verdicts" || [ $? -eq 1 ]
	jq -e 'del(."base (A/A)") == {less: "faster", more: "slower", equal: "equivalent"}' "$scratch/verdicts"
	jq -e '.rows[] | select(.family == "primary") | .method == "paired-t" and .pairs == 6 and
		.ci_pct[0] < .delta_pct and .delta_pct < .ci_pct[1] and .p_holm >= .p and .mde_pct > 0' "$scratch/json"
	jq -e '[.rows[] | select(.kernel == "less" and .family == "primary") | .delta_pct - -5 | fabs < 0.5] | all' "$scratch/json"
	jq '.' "$scratch/json" >"$scratch/four.compare.json"
	valid "$scratch/four.compare.json"
	says 1 '^convert_latency +notifier=yes .* faster$' "$scratch/four"
	says 1 '^A/A: 0 of 6 rows differ$' "$scratch/four"
	[ "$(awk '{ if (length($0) > n) n = length($0) } END { print n }' "$scratch/printed")" -le 140 ]
}

# lockstep DIR NOISE KERNEL=EFFECT...: one boot a kernel of five interleavings each.
lockstep() {
	local dir=$1 noise=$2

	shift 2
	synthesize "$dir" 1 5 "$noise" "$@"
	sed -i 's/"mode":"parallel"/"mode":"lockstep"/; s/"unit":"ticks"/"unit":"instructions"/' "$dir"/*/*.json "$dir/plan.json"
}

# Interleavings differ among themselves by more than 1 %; kernels by nothing, much, or a little.
interleavings() {
	lockstep "$scratch/seeds" 0.04 base=1 less=0.5 near=1.002 "base (A/A)=1"
	cp "$scratch"/seeds/010/*_*.json "$scratch/seeds/013"
	verdicts "$scratch/seeds" >"$scratch/verdicts" || [ $? -eq 3 ]
	same <(echo '{"base (A/A)":"same","less":"fewer","near":"inconclusive"}') "$scratch/verdicts"
	valid "$scratch/json"
	jq -e '[.rows[] | select(.family == "primary")] | all(.method == "interleavings" and .pairs == 5 and .p_holm >= .p and
		(.interleavings.values | length == 5 and (add / 5 - .[0] | fabs > 0)) and
		.interleavings.ci[0] < .value and .value < .interleavings.ci[1] and
		.ci_pct[0] < .delta_pct and .delta_pct < .ci_pct[1])' "$scratch/json"
	says 3 '^convert_latency +notifier=yes .* \+-[0-9.]+%.* [-+][0-9.]+ % \[[-+0-9.]+, [-+0-9.]+\] \?' "$scratch/seeds"
	says 3 '^A/A: all 6 rows the same to the instruction$' "$scratch/seeds"
}

# One sample under one interleaving: the same no more, and an arm of the same kernel is not believed.
one_interleaving() {
	lockstep "$scratch/one" 0 base=1 other=1 "base (A/A)=1"
	verdicts "$scratch/one" >"$scratch/verdicts"
	same <(echo '{"base (A/A)":"same","other":"same"}') "$scratch/verdicts"
	edit "$scratch/one/011/fault_back.run4.json" '.results[0].ticks |= map(. + 20000)'
	verdicts "$scratch/one" >"$scratch/verdicts" || [ $? -eq 3 ]
	jq -e '.other == "inconclusive same"' "$scratch/verdicts"
	edit "$scratch/one/012/fault_back.run4.json" '.results[0].ticks |= map(. + 20000)'
	says 3 'which are the same kernel: the instrument is not to be trusted' "$scratch/one"
}

# exit_of STATUS KERNEL=EFFECT...: what a gate sees.
exit_of() {
	local status=$1 rc=0

	shift
	rm -rf "$scratch/gate"
	synthesize "$scratch/gate" 6 1 0.002 base=1 "$@" "base (A/A)=1"
	build/dex-compare "$scratch/gate" >"$scratch/printed" || rc=$?
	[ "$rc" -eq "$status" ] || { cat "$scratch/printed"; return 1; }
}


exits() {
	exit_of 0 less=0.95 equal=1
	exit_of 1 less=0.95 more=1.05
	noisy
	says 3 inconclusive "$scratch/noisy"
}

inconclusive_says_how_many() {
	noisy
	says 3 'inconclusive \(MDE [0-9.]+ %, about [0-9]+ more boots\)$' "$scratch/noisy"
}

# A row whose own interval excludes 0 stays undecided among four, not alone.
holm() {
	local f

	noisy
	verdicts "$scratch/noisy" >"$scratch/verdicts" || [ $? -eq 3 ]
	jq -e '.x == "inconclusive"' "$scratch/verdicts"
	jq -e '[.rows[] | select(.kernel == "x" and .family == "primary")] |
		length == 4 and all(.[]; .ci_pct[0] > 0 and .p < 0.05 and .p_holm > 0.05)' "$scratch/json"
	cp -r "$scratch/noisy" "$scratch/lone"
	for f in "$scratch"/lone/*/convert_latency.json; do
		edit "$f" '.results |= .[:1]'
	done
	says 1 '^convert_latency .* slower$' --case=convert_latency "$scratch/lone"
	says 1 '^Holm over 1 row that decides' --case=convert_latency "$scratch/lone"
	# A metric can set the exit status, too.
	for f in "$scratch"/lone/*/convert_latency.json; do
		edit "$f" '.results[0].metrics = [range(4) | {name: "m\(.)", unit: "", better: "lower", value: 2}]'
	done
	says 3 '^convert_latency .* inconclusive .MDE' --case=convert_latency "$scratch/lone"
	says 3 '^Holm over 5 rows that decide,' --case=convert_latency "$scratch/lone"
}

few_boots() {
	synthesize "$scratch/few" 3 1 0.001 base=1 less=0.8
	says 3 '^convert_latency .* inconclusive \(3 pairs of boots, 4 are needed\)$' "$scratch/few"
}

# 2 % apart under its two names: no verdict is to be had from such an instrument.
arm_differs() {
	synthesize "$scratch/arm" 6 1 0.001 base=1 less=0.95 "base (A/A)=1.02"
	says 3 '^A/A: 4 of 6 rows differ: convert_latency notifier=yes [+][0-9.]+ %,' "$scratch/arm"
	says 3 '^note: .* differs between base and base \(A/A\), .* not to be trusted' "$scratch/arm"
	synthesize "$scratch/arm2" 6 1 0.001 base=1 more=1.05 "base (A/A)=1.02"
	says 1 '^A/A: 4 of 6' "$scratch/arm2"
}

# Two directories of one kernel each share no block.
unpaired() {
	synthesize "$scratch/before" 5 1 0.002 old=1
	synthesize "$scratch/after" 6 1 0.002 new=1.5
	says 1 '^convert_latency .* slower$' "$scratch/before" "$scratch/after"
	build/dex-compare --json "$scratch/before" "$scratch/after" >"$scratch/json" || [ $? -eq 1 ]
	jq -e '[.rows[] | select(.family == "primary")] | length == 4 and
		all(.[]; .method == "fieller" and .pairs == 5 and .boots == 6 and .p_mann_whitney < 0.05)' "$scratch/json"
	says 1 '^note: old and new share no block: drift ' "$scratch/before" "$scratch/after"
	says 1 '^Values: .* Differences: of all boots, which share no block,' "$scratch/before" "$scratch/after"
}

# One image, started alike, measured twice: what differs is the campaigns.
same_kernel_twice() {
	local f

	synthesize "$scratch/first" 6 1 0.002 old=1
	synthesize "$scratch/second" 6 1 0.002 old=1.1
	says 1 '^convert_latency .* slower$' "$scratch/first" "$scratch/second"
	for f in "$scratch"/{first,second}/*/run.json; do
		edit "$f" ".host.kernel.key = $(jq .kernels[0].key "$scratch/first/plan.json")"
	done
	says 3 '^note: convert_latency .* differs between old and old@second, which are the same kernel' "$scratch/first" "$scratch/second"
	for f in "$scratch"/second/*/run.json; do
		edit "$f" '.kernel.cmdline += " other"'
	done
	says 1 '^convert_latency .* slower$' "$scratch/first" "$scratch/second"
}

# retries BLOCKS: a plan whose kernel x retries where the baseline never does.
retries() {
	local f

	rm -rf "$scratch/retries"
	synthesize "$scratch/retries" "$1" 1 0.002 base=1 x=1
	for f in "$scratch"/retries/*/convert_latency.json; do
		case $f in
		*1/convert_latency.json) edit "$f" '.results[0].metrics = [{name: "retries", unit: "/page", better: "lower", value: 5}]' ;;
		*) edit "$f" '.results[0].metrics = [{name: "retries", unit: "/page", better: "lower", value: 0}]' ;;
		esac
	done
}

# A baseline of 0 has no ratio, but its pairs have signs: 2 / 2^n, times five rows.
from_zero() {
	retries 8
	says 1 ' retries, /page +0 +5 +- +- +slower$' "$scratch/retries"
	build/dex-compare --json "$scratch/retries" >"$scratch/retries.compare.json" || [ $? -eq 1 ]
	valid "$scratch/retries.compare.json"
	jq -e '.rows[] | select(.metric == "retries" and .kernel == "x") |
		.method == "sign-flip" and .p == 1 / 128 and .delta_pct == null and .ci_pct == null' "$scratch/retries.compare.json"
	retries 6
	says 3 ' retries, /page +0 +5 +- +- +inconclusive .a value of 0 has no ratio; by sign, about 2 more boots.$' "$scratch/retries"
	edit "$scratch/retries/011/convert_latency.json" '.results[0].metrics[0].value = 0'
	says 3 ' retries, /page .* inconclusive .a value of 0 has no ratio.$' "$scratch/retries"
}

# Boots of bare metal are directories of their own; x.boot1, x.boot2, ... are kernel x.
boots_of_one_kernel() {
	local n

	synthesize "$scratch/blocks" 4 1 0.002 old=1 new=0.5
	mkdir "$scratch/metal"
	for n in 1 2 3 4; do
		cp -r "$(boot_of old "$n")" "$scratch/metal/old.boot$n"
		cp -r "$(boot_of new "$n")" "$scratch/metal/new.boot$n"
	done
	says 3 '^convert_latency .* faster$' "$scratch"/metal/old.boot* "$scratch"/metal/new.boot*
	build/dex-compare --json "$scratch"/metal/old.boot* "$scratch"/metal/new.boot* >"$scratch/json" || [ $? -eq 3 ]
	jq -e '[.kernels[].label] == ["old", "new"] and ([.rows[] | select(.family == "primary")] | length == 4 and
		all(.[]; .method == "fieller" and .boots == 4))' "$scratch/json"
	# Made in turns they are pairs.
	for n in 1 2 3 4; do
		edit "$scratch/metal/old.boot$n/run.json" ".date = \"2026-01-0${n}T10:00:00Z\""
		edit "$scratch/metal/new.boot$n/run.json" ".date = \"2026-01-0${n}T11:00:00Z\""
	done
	says 0 '^convert_latency .* faster$' "$scratch"/metal/old.boot* "$scratch"/metal/new.boot*
	build/dex-compare --json "$scratch"/metal/old.boot* "$scratch"/metal/new.boot* |
		jq -e '[.rows[] | select(.family == "primary") | .method] | length == 4 and all(. == "paired-t")'
	edit "$scratch/metal/new.boot2/run.json" '.date = "2026-01-05T11:00:00Z"'
	says 3 'share no block' "$scratch"/metal/old.boot* "$scratch"/metal/new.boot*
	# One boot of each has no verdict, and other names are other kernels.
	says 3 'inconclusive \(1 pair of boots, 4 are needed\)' "$scratch"/metal/{old,new}.boot1
	mv "$scratch/metal/old.boot2" "$scratch/metal/old.2"
	build/dex-compare --json "$scratch"/metal/old.boot1 "$scratch"/metal/old.2 >"$scratch/json" || [ $? -eq 3 ]
	jq -e '[.kernels[].label] == ["old", "old.2"]' "$scratch/json"
}

# The same name elsewhere is another kernel's, and one kernel is one build.
boots_of_two_kernels() {
	mkdir "$scratch/metal/before" "$scratch/metal/after"
	cp -r "$scratch/metal/old.boot1" "$scratch/metal/before/k.boot1"
	cp -r "$scratch/metal/new.boot1" "$scratch/metal/after/k.boot1"
	cp -r "$scratch/metal/new.boot2" "$scratch/metal/after/k.boot2"
	build/dex-compare --json "$scratch"/metal/{before,after}/k.* >"$scratch/json" || [ $? -eq 3 ]
	jq -e '[.kernels[].label] == ["k", "k@after"] and ([.rows[] | select(.kernel == "k@after") | .boots] | unique == [2])' "$scratch/json"
	edit "$scratch/metal/after/k.boot2/run.json" '.kernel.build_id = "0123"'
	refused 2 'kernel.build_id is "0123", in another boot of k "' build/dex-compare "$scratch"/metal/after/k.*
	edit "$scratch/metal/new.boot2/run.json" '.kernel.cmdline += " nosmt"'
	refused 2 'boots of two kernels are never joined' build/dex-compare "$scratch"/metal/old.boot1 "$scratch"/metal/new.*
}

# boot_of KERNEL N: its N-th boot's directory in that plan.
boot_of() {
	jq -r --arg kernel "$1" --argjson n "$2" '[.schedule[] | select(.kernel == $kernel)][$n - 1].boot' \
		"$scratch/blocks/plan.json" | sed "s|^|$scratch/blocks/|"
}

failed_attempts() {
	four
	mkdir "$scratch/four/011.failed.1" "$scratch/four/020.failed.1" "$scratch/four/020.failed.2"
	says 1 '^note: boot 011 failed once and was repeated; what it left is in .*/011.failed' "$scratch/four"
	says 1 '^note: boot 020 failed 2 times' "$scratch/four"
	exit_of 0 less=0.95
	mkdir "$scratch/gate/011.failed.1"
	says 0 '^note: boot 011 failed once' "$scratch/gate"
}

# Crashes that the baseline does not have are a difference, too.
crashes() {
	exit_of 0 less=0.95
	mkdir "$scratch/gate/011.failed.1"
	says 0 '^note: boot 011 failed once' "$scratch/gate"
	mkdir "$scratch/gate/021.failed.1" "$scratch/gate/021.failed.2"
	says 3 '^note: 2 of 6 boots of less failed at first, of base 0 of 6; ' "$scratch/gate"
	mkdir "$scratch/gate/030.failed.1"
	says 0 '^note: boot 021 failed 2 times' "$scratch/gate"
}

# Two instruments, one table: whose the difference is cannot be said.
instruments() {
	local f

	exit_of 0 less=0.95
	for f in "$scratch"/gate/0?1/run.json; do
		edit "$f" '.dexbench = "0000000"'
	done
	says 3 '^note: less was measured with another dexbench than base .0000000, ' "$scratch/gate"
	edit "$scratch/gate/010/run.json" '.dexbench = "0000000"'
	says 3 '^note: boots of base differ among each other in: dexbench$' "$scratch/gate"
	exit_of 0 less=0.95
	edit "$scratch/gate/041/run.json" '.host.qemu = "QEMU emulator version 10.0.2"'
	says 3 '^note: boots of less differ among each other in: host.qemu$' "$scratch/gate"
	edit "$scratch/gate/041/run.json" 'del(.host)'
	says 3 '^note: boots of less differ among each other in: host, host.qemu$' "$scratch/gate"
}

# A boot's value is the mean of its runs' medians.
runs_are_averaged() {
	local want

	synthesize "$scratch/runs" 4 3 0.01 base=1 less=0.9
	build/dex-compare --format=benchstat "$scratch/runs" >"$scratch/go" || true
	for boot in 010 020 030 040; do
		want=$(jq -s 'map(.results[0].ticks | sort | .[(length - 1) / 2 | floor]) | add / length' \
			"$scratch/runs/$boot"/convert_latency*.json)
		awk -v want="$want" '$1 == "BenchmarkConvertLatency/notifier=yes" && $2 == 300 {
			d = $3 - want; if (d < 0.001 && d > -0.001) found = 1 } END { exit !found }' "$scratch/go" ||
			{ echo "no value $want"; return 1; }
	done
	build/dex-compare --json "$scratch/runs" >"$scratch/json" || true
	jq -e '[.rows[] | select(.control | not) | .spread.run_sd_pct] | all(. > 0.05 and . < 1)' "$scratch/json"
	rm "$scratch/runs/020/fault_back.run3.json"
	refused 2 "fault_back.run3.json: not there" build/dex-compare "$scratch/runs"
}

# 100 samples bound the median and no 99.9th percentile; 4096 do.
percentiles() {
	synthesize "$scratch/percentiles" 2 1 0.002 base=1 less=0.9
	build/dex-compare --json "$scratch/percentiles" >"$scratch/json" || [ $? -eq 3 ]
	jq -e '[.rows[].percentiles | .p50 > 0 and ."p99.9" == null] | all' "$scratch/json"
	jq -e '.rows[] | select(.case == "convert_latency" and .params.notifier == "yes" and .kernel == "rmap-6.12") |
		.value as $v | .percentiles | .p50 == $v and ."p99.9" >= .p99 and .p99 >= .p90 and .p90 >= .p50' "$RECORDED/compare.json"
}

bootstrap_from_15() {
	synthesize "$scratch/many" 15 2 0.004 base=1 x=1.02
	verdicts "$scratch/many" >"$scratch/verdicts" || [ $? -eq 1 ]
	jq -e '[.rows[] | select(.family == "primary") | .bootstrap_pct[0] > 0 and
		(.bootstrap_pct[0] - .ci_pct[0] | fabs) < 0.2 and (.bootstrap_pct[1] - .ci_pct[1] | fabs) < 0.2] | all' "$scratch/json"
	jq -e '[.rows[] | select(.family == "primary") | .bootstrap_pct] | unique == [null]' "$scratch/four.compare.json"
}

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
	# 100 samples have a 90th percentile, and no 99th.
	says 1 '^convert_latency +notifier=yes +[0-9]+ .* slower$' --metric=p90 "$scratch/four"
	says 3 'skipped: 100 samples do not bound the 99th percentile$' --metric=p99 "$scratch/four"
	refused 2 "--metric=max: one of median, mean" build/dex-compare --metric=max "$RECORDED"
}

# What the pilot found, as ab.sh tells it.
pilot_is_told() (
	synthesize "$scratch/pilot" 5 3 0.01 base=1
	build/dex-compare --pilot "$scratch/pilot" >"$scratch/pilot.json"
	. scripts/plan.sh
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
	says 1 '^  config.symbols +2 symbols differ: FIRST, THIRD$' "$scratch/arm3"
	says 1 '^  memory.thp .* A/A: always$' "$scratch/arm3"
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
	says 0 '^convert_latency +notifier=yes +[0-9]+ +100 %$' "$scratch/one"
	refused 2 "compares two kernels" build/dex-compare --cover-letter "$scratch/one"
}

conditions() {
	exit_of 0 less=0.95
	edit "$scratch/gate/010/convert_latency.json" '.conditions = {before: {throttle_count: 3, steal_ticks: null}, after: {throttle_count: 5, steal_ticks: 7}}'
	edit "$scratch/gate/020/convert_latency.json" '.conditions = {before: null, after: {throttle_count: 9}}'
	says 0 '^note: .*/010/convert_latency.json: the CPU was throttled 2 times during the run$' "$scratch/gate"
	[ "$(grep -c throttled "$scratch/printed")" -eq 1 ]
}

# each_case CASE JQ-FILTER: that case's file in all boots of a copy of the plan.
each_case() {
	local f

	for f in "$scratch"/rows/*/"$1.json"; do
		edit "$f" "$2"
	done
}

copy_of_recorded() {
	rm -rf "$scratch/rows"
	cp -r "$RECORDED" "$scratch/rows"
}

# A further metric is a row of its own; which way is good decides what is a regression.
metric_rows() {
	copy_of_recorded
	edit "$scratch/rows/plan.json" '.kernels |= map(select(.spec != "folio-7.x"))'
	each_case fault_back '.results[].metrics = [{name: "speed", unit: "per tick", better: "higher", value: 2}]'
	says 0 '^fault_back +touch=read speed, per tick, higher is better +2 +2 +same' "$scratch/rows"
	says 0 ' lower is better in rows without a metric[.]$' "$scratch/rows"
	edit "$(ls "$scratch"/rows/*-folio-6.12/fault_back.json)" '.results[0].metrics[0].value = 1'
	says 1 '^fault_back +touch=read speed, per tick, higher is better +2 +1 +-1 +-50.00 %' "$scratch/rows"
	each_case fault_back '.results[].metrics[0].better = "neither"'
	says 0 '^fault_back +touch=read speed, per tick +2 +1 +-1 +-50.00 %' "$scratch/rows"
	build/dex-compare --json "$scratch/rows" >"$scratch/rows.compare.json"
	valid "$scratch/rows.compare.json"
	jq -e '[.rows[] | select(.metric == "speed" and .kernel == "folio-6.12") | .family] | unique == ["counts"]' \
		"$scratch/rows.compare.json"
	each_case fault_back '.results[].metrics = [] | .results[].counters = {faults: {per_page: 1}, cycles: {per_page: null}}'
	says 0 '^fault_back +touch=read faults, per page +1 +1 +same' "$scratch/rows"
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

# folio_case CASE JQ-FILTER: that case's file in folio-6.12's boot of the copy alone.
folio_case() { edit "$(ls "$scratch"/rows/*-folio-6.12/"$1.json")" "$2"; }

two_kernels() {
	copy_of_recorded
	edit "$scratch/rows/plan.json" '.kernels |= map(select(.spec != "folio-7.x"))'
}

# As many instructions a success, and half as many successes.
success_fell() {
	two_kernels
	folio_case fault_back '.results[].ok /= 2 | .results[].ticks |= map(. / 2 | floor)'
	says 3 '^fault_back +touch=read .* 100/50 %$' "$scratch/rows"
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
	says 0 '^  skipped: nobody can$' "$scratch/rows"
	refute grep '^note' "$scratch/printed"
}

# What the baseline cannot do is no loss of the other's; the reverse is, and so is a hole.
skipped_on_one() {
	two_kernels
	for f in "$scratch"/rows/*-rmap-6.12*/fault_back.json; do
		edit "$f" '.results[0].skipped = "refused"'
	done
	says 0 '^  skipped on A: refused$' "$scratch/rows"
	two_kernels
	folio_case fault_back '.results[0].skipped = "refused"'
	says 3 '^note: 1 row is skipped or not measured where the baseline has it: fault_back touch=read on folio-6.12$' "$scratch/rows"
	says 3 '^- fault_back touch=read: skipped on B: refused$' --format=md "$scratch/rows"
	two_kernels
	folio_case fault_back '.results |= .[1:]'
	says 3 '^fault_back +touch=read +[0-9]+ +- +not measured ' "$scratch/rows"
}

# y = 100 + 3 x.
slopes() {
	copy_of_recorded
	each_case convert_range '.fit = "pages" | .results[] |= (.pages_per_sample = 1 | .ok = 1 | .attempted = 1 | .ticks = [100 + 3 * .params.pages])'
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

check "verdicts: faster, slower, equivalent under drift" four_verdicts
check "lockstep: interleaving by interleaving" interleavings
check "lockstep: same is the same under every one" one_interleaving
check "verdicts: exit status 0, 1 and 3" exits
check "verdicts: inconclusive says what more boots would do" inconclusive_says_how_many
check "verdicts: Holm keeps a lone borderline row undecided" holm
check "verdicts: none from fewer than four boots" few_boots
check "verdicts: an A/A arm that differs forbids success" arm_differs
check "verdicts: directories without a common block" unpaired
check "verdicts: one kernel in two campaigns is an A/A pair" same_kernel_twice
check "verdicts: from 0 by the signs of the pairs" from_zero
check "verdicts: boots in directories of their own" boots_of_one_kernel
check "verdicts: boots of two kernels are not joined" boots_of_two_kernels
check "verdicts: failed attempts are noted" failed_attempts
check "verdicts: a kernel that crashes more often is no success" crashes
check "verdicts: two instruments forbid success" instruments
check "verdicts: runs are averaged" runs_are_averaged
check "verdicts: percentiles are null where they are not bounded" percentiles
check "verdicts: bootstrap from 15 boots on" bootstrap_from_15
check "verdicts: an A/A arm in exact mode" exact_arm
check "verdicts: a control that must be equal" control_differs
check "options: threshold" threshold
check "options: metric" metrics
check "options: pilot" pilot_is_told
check "options: case" case_option
check "options: bad ones are refused" bad_options
check "environment: config and arm, nothing volatile" environment
check "environment: boots of one kernel that differ" boots_differ
check "one kernel alone" one_kernel
check "environment: throttling is noted" conditions
check "rows: further metrics, and which way is good" metric_rows
check "rows: the cost of a success" cost_of_success
check "rows: fewer successes are no silent change" success_fell
check "rows: skipped on all kernels is no doubt" skipped_on_all
check "rows: skipped or missing on one kernel" skipped_on_one
check "slopes: a line is found, and its fit" slopes
check "predictions: held, not held, not applicable" predictions_judged
