# shellcheck shell=bash disable=SC2016,SC2154,SC2164 # jq's variables; scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# dex-compare's verdicts, over boots and over interleavings.

# shellcheck source=/dev/null
. "$TESTS/e2e/synthetic-plans.sh"

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
	says 3 '^convert_latency +notifier=yes .* \+-[0-9.]+%.* [-+][0-9.]+ % \? \[[-+0-9.]+, [-+0-9.]+\]' "$scratch/seeds"
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

# The same noise: what four rows together do not tell, a row that was named beforehand does, and of the rest
# those that false discovery rate lets pass.
primary_rows() {
	local dir=$scratch/primary

	noisy
	cp -r "$scratch/noisy" "$dir"
	edit "$dir/plan.json" '.primary = ["convert_latency:notifier=yes"]'
	valid "$dir/plan.json"
	says 1 '^Holm over 1 primary row that decides, against A; all others by false discovery rate, 5 %; threshold' "$dir"
	says 1 '^Primary rows, named in the plan: convert_latency:notifier=yes$' "$dir"
	says 1 'Holm over 1 primary row at' --cover-letter "$dir"
	build/dex-compare --json "$dir" >"$scratch/primary.compare.json" || [ $? -eq 1 ]
	valid "$scratch/primary.compare.json"
	jq -e '[.rows[] | select(.kernel == "x" and .baseline == "base" and .control == false)] |
		(map(select(.family == "primary")) | length == 1 and all(.correction == "holm" and .p_holm == .p and .p_fdr == null)) and
		(map(select(.family == "others")) | length == 3 and all(.correction == "fdr" and .p_fdr >= .p and .p_holm == null)) and
		all(.verdict == "slower")' "$scratch/primary.compare.json"
	jq -e '.rows | map(select(.family == "aa" or .family == "controls") | .correction) | unique - [null] == ["fdr"]' "$scratch/primary.compare.json"
	build/dex-compare "$dir" >"$scratch/boots.txt" || true
	build/dex-compare "$scratch/primary.compare.json" >"$scratch/hub.txt" || true
	same "$scratch/boots.txt" "$scratch/hub.txt"
}

# All others are slower, and none of them decides.
primary_alone_decides() {
	local dir=$scratch/primary

	edit "$dir/plan.json" '.primary = ["fault_back:touch=never"]'
	says 3 '^note: the plan.s primary row fault_back:touch=never was not measured' "$dir"
	says 3 '^convert_latency .* slower$' "$dir"
	edit "$dir/plan.json" '.primary = ["fault_back", "convert_latency:metric=absent"]'
	says 3 '^note: the plan.s primary row convert_latency:metric=absent was not measured' "$dir"
	says 3 '^note: no primary row of the plan is here' --case=convert_latency "$dir"
	# Of two campaigns that named others, neither's are: they were not chosen together.
	cp -r "$dir" "$scratch/primary2"
	edit "$scratch/primary2/plan.json" '.primary = ["fault_back"]'
	says 3 '^Holm over [0-9]+ rows that decide' "$dir" "$scratch/primary2"
	edit "$dir/plan.json" '.primary = ["convert_latency:notifier"]'
	refused 2 'no CASE:NAME=VALUE,... is among the primary rows' build/dex-compare "$dir"
	edit "$dir/plan.json" '.primary = []'
	refused 2 '"primary" is no list of 1 to' build/dex-compare "$dir"
}

# count_faults DIR BASE OTHER...: faults that were counted, a page; each boot has a tenth more than the one before.
count_faults() {
	local dir=$1 base=$2 other=$3 boot kernel n=0

	while IFS=$'\t' read -r boot kernel; do
		n=$((n + 1))
		edit "$dir/$boot/fault_back.json" ".results[].counters = {faults: {per_page: ($([ "$kernel" = less ] && echo "$other" || echo "$base") * (1 + $((n / 3)) / 10))}}"
	done < <(jq -r '.schedule[] | "\(.boot)\t\(.kernel)"' "$dir/plan.json")
}

# Of none, and of one in thousands of pages: neither happens.
next_to_nothing() {
	local dir=$scratch/nothing

	synthesize "$dir" 6 1 0.002 base=1 less=0.95
	count_faults "$dir" 0 0.0002
	says 0 '^fault_back +touch=read faults, per page +0 .* equivalent$' "$dir"
	count_faults "$dir" 0.0004 0.0002
	says 0 '^fault_back +touch=read faults, per page .* equivalent$' "$dir"
	count_faults "$dir" 0 0.2
	says 0 '^fault_back +touch=read faults, per page +0 .* (higher|inconclusive .a value of 0)' "$dir"
	refute grep 'faults.*equivalent' "$scratch/printed"
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

check "verdicts: faster, slower, equivalent under drift" four_verdicts
check "lockstep: interleaving by interleaving" interleavings
check "lockstep: same is the same under every one" one_interleaving
check "verdicts: exit status 0, 1 and 3" exits
check "verdicts: inconclusive says what more boots would do" inconclusive_says_how_many
check "verdicts: Holm keeps a lone borderline row undecided" holm
check "verdicts: primary rows decide, others by false discovery rate" primary_rows
check "verdicts: events that hardly happen are equivalent" next_to_nothing
check "verdicts: a primary row that is missing, other rows that are slower" primary_alone_decides
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
