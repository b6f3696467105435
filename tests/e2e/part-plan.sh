# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# dex-plan's command line, formats and errors.

recorded

# shellcheck source=tests/e2e/plan-answers.sh
. "$TESTS/e2e/plan-answers.sh"

# 2560 touches a second in all, each of which takes a page that comes back.
by_hand() {
	hand --pages=256 --touches=10
	answer "$NEAR near(.answer.conversions.value; 2560) and near(.answer.cpu_lost.value; 2560 * 20e-6) and
		.limit == \"device atomic rate\" and .advice == \"unknown\" and .answer.break_even.value == null and
		.answer.device_atomics.low == .answer.device_atomics.high"
	hand --pages=256 --touches=10 --threads=4
	answer "$NEAR near(.answer.cpu_lost.value; 2560 * 20e-6 / 4)"
	hand --pages=256 --touches=10 --atomics=1000
	answer "$NEAR near(.answer.device_atomics.value; 256000) and .limit == \"demand\" and near(.answer.atomics_per_visit.value; 100)"
	hand --pages=256 --touches=saturated --touch-cost=100
	answer '.limit == "device fault service" and .answer.cpu_lost.value <= 1'
	hand --pages=256 --touches=0
	answer "$NEAR near(.answer.device_atomics.value; 1e9 / 3) and .answer.conversions.value == 0 and .answer.atomics_per_visit.value == null"
}

# Both ends of each figure, and whether they decide.
ranges_by_hand() {
	hand --pages=1024 --touches=0 --atomic-cost=2:3:5
	answer "$NEAR near(.answer.device_atomics.low; 2e8) and near(.answer.device_atomics.high; 5e8) and near(.answer.device_atomics.value; 1e9 / 3)"
	hand --pages=256 --touches=10 --migrate-in=30000 --migrate-back=25000 --atomic-cost-local=0.5
	answer "$NEAR .advice == \"migrate above\" and near(.answer.break_even.value; 26000 / 2.5) and (.advice_differs | not)"
	hand --pages=256 --touches=10 --migrate-in=0:30000:30000 --migrate-back=25000 --atomic-cost-local=0.5
	answer '.advice_differs and .answer.break_even.low == null'
	hand --pages=256 --touches=10 --migrate-in=3000 --migrate-back=2500 --atomic-cost-local=0.5
	answer '.advice == "migrate"'
	hand --pages=256 --touches=10 --migrate-in=30000 --migrate-back=25000 --atomic-cost-local=3
	answer '.advice == "stay"'
}

# Each sharer makes a device fault dearer, and so do several engines at one handler.
sharers_and_engines() {
	hand --pages=256 --touches=10 --sharer-slope=500
	jq '.kernels[0].answer.device_atomics.value' "$scratch/plan.json" >"$scratch/none"
	hand --pages=256 --touches=10 --sharer-slope=500 --sharers=100
	answer "$NEAR .answer.device_atomics.value < $(cat "$scratch/none") and .answer.handler.value > 2560 * 59e-6"
	hand --pages=256 --touches=20 --engines=4
	answer '.answer.device_atomics.value > 1e9 / 3 and .answer.device_atomics.value < 4e9 / 3 * (1 - .answer.handler.value / 4)'
}

text_says() {
	build/dex-plan "${BY_HAND[@]}" --pages=256 --touches=10 --migrate-in=30000 --migrate-back=25000 \
		--atomic-cost-local=0.5 >"$scratch/printed"
	grep -E '^Workload: 256 pages; per page and second saturating device atomics, 10 CPU touches \(write\)' "$scratch/printed"
	grep -E '^break-even, atomics a visit +10400$' "$scratch/printed"
	grep -E '^stay or migrate +migrate, above the break-even$' "$scratch/printed"
	grep -E '^limited by +device atomic rate$' "$scratch/printed"
}

curve() {
	build/dex-plan "${BY_HAND[@]}" --atomic-cost=2:3:4 --pages=256 --touches=10 --format=curve >"$scratch/curve"
	curve_is_a_table "$scratch/curve" 1
	# And it says what the answer at one of its points says.
	touches=$(awk -F'\t' '/^[0-9]/ && ++n == 25 { print $1 }' "$scratch/curve")
	hand --atomic-cost=2:3:4 --pages=256 --touches="$touches"
	answer "(.answer.device_atomics.value / $(awk -F'\t' -v t="$touches" '$1 == t { print $3 }' "$scratch/curve") - 1 | fabs) < 1e-6"
	# Migrating that costs stay_most breaks even at the atomics of a visit, if they are free there.
	hand --atomic-cost=2:3:4 --pages=256 --touches="$touches" --migrate-back=0 --atomic-cost-local=0 \
		--migrate-in="$(awk -F'\t' -v t="$touches" '$1 == t { print $12 }' "$scratch/curve")"
	answer '(.answer.break_even.value / .answer.atomics_per_visit.value - 1 | fabs) < 1e-6'
}

bad_options() {
	plan_refused '--pages and --touches are missing'
	plan_refused '--touches is missing' --pages=2
	plan_refused 'give a whole number' --pages=1.5 --touches=1
	plan_refused 'give a rate from 0 on, or saturated' --pages=1 --touches=often
	plan_refused 'LOW:BEST:HIGH' --pages=1 --touches=1 --atomic-cost=3:2:1
	plan_refused 'LOW:BEST:HIGH' --pages=1 --touches=1 --cpu-fault=1:2
	plan_refused 'no --device-fault' --pages=1 --touches=1 --atomic-cost=1
	plan_refused 'has to cost something' "${BY_HAND[@]}" --atomic-cost=0 --pages=1 --touches=1
	plan_refused 'nothing to do' --pages=1 --touches=1 --atomics=0
	plan_refused 'one stream of instructions' --pages=1 --touches=1 --device=serial --threads=2
	plan_refused 'one of serial, beside' --pages=1 --touches=1 --device=near
	plan_refused 'one of ns, ticks, instructions' --unit=s --pages=1 --touches=1
	plan_refused 'one of text, json, curve' --format=xml --pages=1 --touches=1
	plan_refused 'unknown option --pagez=1' --pagez=1
	plan_refused 'which results?' --validate
	mkdir "$scratch/nothing"
	plan_refused 'neither plan.json, run.json nor compare.json' "$scratch/nothing" --pages=1 --touches=1
	plan_refused 'no case that says what a device costs' "$RECORDED" --pages=1 --touches=1
	plan_refused 'no case that says what a device costs' --validate "$RECORDED"
}

# Every rate that was recorded, from the others.
recorded_is_predicted() {
	build/dex-plan --validate --format=json "$MEASURED" >"$scratch/plan.json"
	valid "$scratch/plan.json"
	jq -e '.mode == "exact" and (.validation | length == 3 * 2 * 2 * 8 and all(.holds and (.error_pct | fabs) <= 10))' "$scratch/plan.json"
	build/dex-plan --validate --kernel=rmap-6.12 "$MEASURED" >"$scratch/printed"
	grep -E '^32 of 32 hold: off by 10 % at most$' "$scratch/printed"
	plan_refused 'nothing to validate' --validate --kernel=rmap-5.0 "$MEASURED"
}

# A rate that is not where the others say is found, and a plan from all of them is less sure.
misfit_is_found() {
	cp -r "$MEASURED" "$scratch/off"
	build/dex-plan --format=json --pages=64 --touches=0.1 "$MEASURED" >"$scratch/sure"
	edit "$(ls "$scratch"/off/*-rmap-6.12/ping_pong.json)" '(.results[] | select(.params == {rate: "2", touch: "write", sharers: 0}) |
		.metrics[] | select(.name == "device_rate") | .value) *= 0.7'
	build/dex-plan --validate "$scratch/off" >"$scratch/printed" && return 1
	grep -E '^rmap-6.12 write sharers=0 +2 .* NO$' "$scratch/printed"
	[ "$(grep -c ' NO$' "$scratch/printed")" -lt 7 ]
	build/dex-plan --format=json --pages=64 --touches=0.1 "$scratch/off" >"$scratch/unsure"
	jq -es 'map(.kernels[] | select(.kernel == "rmap-6.12") | .misfit) | .[1] > 0.2 and .[0] < 0.1' "$scratch/sure" "$scratch/unsure"
}

# sized SIZES: the recorded results as if their files had said that.
sized() {
	local f

	rm -rf "$scratch/sized"
	cp -r "$MEASURED" "$scratch/sized"
	for f in "$scratch"/sized/*/ping_pong.json; do edit "$f" ".sizes = $1"; done
}

# How many pages were touched is the file's to say, and this build's case's where it is from before.
sizes_are_the_files() {
	local burst pages

	read -r pages burst < <(jq -r '.[] | select(.case == "ping_pong") | .sizes | "\(.pages) \(.burst)"' build/cases.json)
	build/dex-plan --validate "$MEASURED" >"$scratch/before"
	sized "{pages: $pages, burst: $burst}"
	build/dex-plan --validate "$scratch/sized" | same "$scratch/before" -
	sized "{pages: $((2 * pages)), burst: $burst}"
	build/dex-plan --validate "$scratch/sized" >"$scratch/printed" && return 1
	refute cmp -s "$scratch/before" "$scratch/printed"
	edit "$(ls "$scratch"/sized/*-rmap-6.12/ping_pong.json)" 'del(.sizes)'
	refused 2 "other sizes of work" build/dex-plan --validate "$scratch/sized"
	sized '{}'
	refused 2 "do not say how many pages" build/dex-plan --validate "$scratch/sized"
	sized '{pages: 0, burst: 1}'
	refused 2 "\"pages\"" build/dex-plan --validate "$scratch/sized"
}

# What each sharer costs the rmap walk costs the device, and the folio walk's nothing.
walks_and_sharers() {
	local n

	for n in 0 16 64; do
		build/dex-plan --format=json --pages=64 --touches=0.1 --sharers=$n "$MEASURED" >"$scratch/$n.json"
		valid "$scratch/$n.json"
	done
	jq -es 'def rate($k): map(.kernels[] | select(.kernel == $k) | .answer.device_atomics.value);
		rate("rmap-6.12") as $r | rate("folio-6.12") as $f | $r[0] > $r[1] and $r[1] > $r[2] and
		$f[2] > 0.97 * $f[0] and $f[0] > $r[0] and $f[2] / $r[2] > 1.1 * $f[0] / $r[0]' "$scratch"/{0,16,64}.json
	jq -e '.kernels | map(.answer.device_atomics | .low < .value and .value < .high) | all' "$scratch/0.json"
	build/dex-plan --format=curve --pages=64 --touches=0 "$MEASURED" >"$scratch/curve"
	curve_is_a_table "$scratch/curve" 3
}

# A device beside the CPU is not promised the time of requests to the module, which only
# exact mode's touches need: saturated, it is left what the faults alone leave it.
beside_from_exact() {
	local ask=(--format=json --kernel=folio-6.12 --pages=16 --touches=saturated)

	build/dex-plan "${ask[@]}" "$MEASURED" >"$scratch/serial.json"
	build/dex-plan "${ask[@]}" --device=beside "$MEASURED" >"$scratch/beside.json"
	build/dex-plan "${ask[@]}" --device=beside --touch-cost=1 "$MEASURED" >"$scratch/one.json"
	build/dex-plan "${ask[@]}" --device=beside --touch-cost=2158 "$MEASURED" >"$scratch/requests.json"
	valid "$scratch/beside.json"
	jq -es '(map(.kernels[0].answer.device_atomics.value) | .[1] < 1.01 * .[2] and .[3] > 10 * .[1]) and
		(map([.notes[] | select(contains("--touch-cost gives another"))] | length) == [0, 1, 0, 0]) and
		(map(.kernels[0].costs[0].touch.value) | .[0] > 1000 and .[1:] == [0, 1, 2158])' \
		"$scratch"/{serial,beside,one,requests}.json
}

# SYNTHETIC results of a device beside the CPU, for tests of intervals and verdicts alone: what
# the model says of an atomic of 50 ticks, a device fault of 1000, a fault-back of 1500 and a touch
# of 300 besides, times noise of each boot and each rate in parallel mode.
# shellcheck disable=SC2016 # jq's variables
BESIDE_JQ='
def hash($x): (($x * 12.9898 | sin) * 43758.5453) | . - floor;
def noise($x): if $mode == "lockstep" then 1 else 1 + 0.02 * ([range(4) | hash($x + . * 0.37)] | add - 2) * (3 | sqrt) end;
def per($rate): if $rate == "none" then 0 elif $rate == "saturated" then 1 / 1800 else ($rate | tonumber) * 16e-6 end;
def metric($name; $value): {name: $name, unit: "x", better: "neither", value: $value};
.mode = $mode | .unit = (if $mode == "lockstep" then "instructions" else "ticks" end) | .predictions = [] |
.results |= [.[] | select(.params.sharers == 0 and .params.touch == "write") | per(.params.rate) as $n |
	noise($boot * 7.1) as $b | noise($boot * 3.3 + ($n * 1e6)) as $x | .ticks = [1000] | .attempted = .pages_per_sample | .ok = .attempted | .metrics = ([metric("device_rate";
		(if .params.rate == "2" then $factor else 1 end) * 1e3 * (1 - $n * 1000) / 50 / $b * $x)] +
	if $n == 0 then [] else [metric("touch_rate"; $n * 1e6 / 16), metric("revoking"; 1),
		metric("to_device_p50"; 1000 * $b), metric("to_device_p90"; 1000 * $b),
		metric("to_cpu_p50"; 1500 * $b), metric("to_cpu_p90"; 1500 * $b)] end)]'

# beside MODE DIR BOOTS FACTOR: rate 2 is off by that factor.
beside() {
	local mode=$1 dir=$2 from boot

	from=$(ls -d "$MEASURED"/*-rmap-6.12)
	mkdir "$dir"
	for boot in $(seq "$3"); do
		mkdir "$dir/$boot"
		jq -c --arg mode "$mode" '.mode = $mode' "$from/run.json" >"$dir/$boot/run.json"
		jq -c --arg mode "$mode" --argjson boot "$boot" --argjson factor "$4" "$BESIDE_JQ" "$from/ping_pong.json" \
			>"$dir/$boot/ping_pong.json"
	done
	jq -c --arg mode "$mode" --argjson boots "$3" '.mode = $mode | .cases = ["ping_pong"] | .kernels |= map(select(.spec == "rmap-6.12")) |
		.schedule = [range(1; $boots + 1) | {boot: tostring, kernel: "rmap-6.12", block: .}]' "$MEASURED/plan.json" >"$dir/plan.json"
}

in_parallel() { beside parallel "$@"; }

# metric DIR RATE NAME VALUE: changes one of a synthetic boot's.
metric() {
	edit "$1/1/ping_pong.json" "(.results[] | select(.params.rate == \"$2\") | .metrics[] | select(.name == \"$3\") | .value) = $4"
}

# Without noise every rate is where the others say, to the digit, and touches are regular: of one
# that is not only what a repeated fault costs decides whether it speaks against the model.
in_lockstep() {
	beside lockstep "$scratch/steps" 1 1
	metric "$scratch/steps" saturated to_device_p50 20000
	build/dex-plan --validate --format=json "$scratch/steps" >"$scratch/plan.json"
	valid "$scratch/plan.json"
	jq -e '.validation | length == 7 and ([.[] | select(.frail) | .touches] == [4]) and
		all((.error_pct | fabs) < 1e-6 and .holds == (.frail | not))' "$scratch/plan.json"
	metric "$scratch/steps" 4 device_rate 0.3
	build/dex-plan --validate "$scratch/steps" >"$scratch/printed"
	grep -E '^rmap-6.12 write sharers=0 +4 +0.3 .* frail$' "$scratch/printed"
	grep -E '^6 of 6 hold: off by 10 % at most; frail:' "$scratch/printed"
	build/dex-plan --pages=16 --touches=4 "$scratch/steps" >"$scratch/printed"
	grep -E '^note: .* once one is delayed the device may do nothing else$' "$scratch/printed"
	plan_refused 'ran beside the CPU' --device=serial --pages=1 --touches=1 "$scratch/steps"
	metric "$scratch/steps" saturated to_device_p50 2000
	build/dex-plan --validate "$scratch/steps" >"$scratch/printed" && return 1
	grep -E '^rmap-6.12 write sharers=0 +4 +0.3 .* NO$' "$scratch/printed"
}

intervals_over_boots() {
	in_parallel "$scratch/boots" 6 1
	build/dex-plan --validate "$scratch/boots" >"$scratch/printed"
	grep -E '^7 of 7 hold, 0 too wide to tell, 0 outside: measured inside an interval' "$scratch/printed"
	build/dex-plan --format=json --pages=16 --touches=3 "$scratch/boots" >"$scratch/plan.json"
	valid "$scratch/plan.json"
	answer '.answer | (.device_atomics.low < 0.952 * 2e4) and (.device_atomics.high > 0.952 * 2e4) and
		([.device_atomics, .cpu_lost, .handler, .atomics_per_visit] | all(.low < .value and .value < .high)) and
		(.cpu_lost.value / (48e-6 * 1500) - 1 | fabs) < 0.05'
	plan_refused 'ran beside the CPU' --device=serial --pages=1 --touches=1 "$scratch/boots"
	in_parallel "$scratch/off-boots" 6 0.6
	build/dex-plan --validate "$scratch/off-boots" >"$scratch/printed" && return 1
	grep -E '^rmap-6.12 write sharers=0 +2 .* NO$' "$scratch/printed"
	grep -E ', 1 outside: ' "$scratch/printed"
	# Two boots that are a factor of three apart say next to nothing of a third.
	in_parallel "$scratch/few-boots" 2 1
	edit "$scratch/few-boots/2/ping_pong.json" '(.results[].metrics[] | select(.name == "device_rate") | .value) /= 3'
	build/dex-plan --validate "$scratch/few-boots" >"$scratch/printed" && return 1
	grep -E '^0 of 7 hold, 7 too wide to tell, 0 outside' "$scratch/printed"
	[ "$(grep -c ' too wide$' "$scratch/printed")" -eq 7 ]
	# One boot says nothing of the next.
	in_parallel "$scratch/one-boot" 1 1
	build/dex-plan --format=json --pages=16 --touches=3 "$scratch/one-boot" >"$scratch/plan.json"
	answer '.answer.device_atomics | .low == null and .high == null and .value > 0'
	plan_refused 'record two or more' --validate "$scratch/one-boot"
}

# Where faults take all time, boots that differ say little of the rate, but no more than
# what the device does undisturbed, nor touches and conversions that nobody asked for.
never_more_than_there_is() {
	local boot touches

	in_parallel "$scratch/loud" 6 1
	for boot in 1 2 3; do
		edit "$scratch/loud/$boot/ping_pong.json" '(.results[].metrics[] | select(.name == "device_rate") | .value) /= 1.4 |
			(.results[].metrics[] | select(.name == "touch_rate") | .value) /= 3'
	done
	for touches in 0 10 60 1000 saturated; do
		build/dex-plan --format=json --pages=16 --threads=8 --touches=$touches "$scratch/loud" >"$scratch/$touches.json"
	done
	jq -es 'map(.kernels[0].answer.device_atomics) | .[0].high as $most | all(.low <= .value and .value <= .high) and
		.[2].value < 0.3 * .[0].value and .[2].high == $most and (.[1:] | all(.high <= $most))' "$scratch"/{0,10,60,1000,saturated}.json
	jq -e '.kernels[0].answer | .touches.high <= 10 and .conversions.high <= 160' "$scratch/10.json"
}

# Of what was recorded with two CPUs: a verdict follows from its interval alone.
verdicts_follow() {
	jq -e '.validation | length > 0 and all((.measured >= .predicted.low and .measured <= .predicted.high) as $in |
		.wide == (.predicted | .low <= 0 or .high > 2 * .low) and .holds == ($in and (.wide | not)))' "$1"
}

# What migrating costs the kernel more comes from where both ways were measured, the rest from who has a device.
migrating_from_results() {
	local ask=(--format=json --pages=64 --touches=0.1 results/devices)

	build/dex-plan "${ask[@]}" >"$scratch/plan.json"
	valid "$scratch/plan.json"
	jq -e '(.kernels | length == 3 and all(.advice == "unknown" and .answer.break_even.value == null and (.costs[0] |
			.migrate_in.value > .device_fault.value and .migrate_back.value > .cpu_fault.value and .atomic_local.value == null))) and
		([.notes[] | select(contains("only a device can say"))] | length == 1)' "$scratch/plan.json"
	build/dex-plan "${ask[@]}" --atomic-cost=1000 --atomic-cost-local=10 >"$scratch/plan.json"
	jq -e "$NEAR"' .kernels | all((.costs[0] | .migrate_in.value + .migrate_back.value - .device_fault.value - .cpu_fault.value) as $more |
		.advice == "migrate above" and $more > 1000 and near(.answer.break_even.value; $more / 990))' "$scratch/plan.json"
	build/dex-plan "${ask[@]}" --atomic-cost=10 --atomic-cost-local=10 >"$scratch/plan.json"
	jq -e '.kernels | all(.advice == "stay")' "$scratch/plan.json"
	build/dex-plan "${ask[@]}" --migrate-in=5 --migrate-back=6 >"$scratch/plan.json"
	jq -e '(.kernels | all(.costs[0] | .migrate_in.value == 5 and .migrate_back.value == 6)) and
		([.notes[] | select(contains("only a device can say"))] == [])' "$scratch/plan.json"
	build/dex-plan "${ask[@]}" --sharers=16 --sharer-slope=400 >"$scratch/plan.json"
	jq -e '.kernels | all(.costs[0].migrate_in.value == null)' "$scratch/plan.json"
}

# Every number of pages at once from the others; one that is elsewhere is found.
visits_are_predicted() {
	build/dex-plan --validate --format=json results/devices >"$scratch/plan.json"
	valid "$scratch/plan.json"
	jq -e '.visits | length == 3 * 2 * 4 and all(.holds and (.error_pct | fabs) <= 10)' "$scratch/plan.json"
	build/dex-plan --validate --kernel=folio-7.x results/devices >"$scratch/printed"
	grep -E '^8 of 8 visits hold: off by 10 % at most$' "$scratch/printed"
	mkdir "$scratch/elsewhere"
	zcat results/devices/compare.json.gz | jq '(.measured[] | select(.case == "stay_or_migrate" and .metric == null and
		.params == {way: "migrate", pages: 16}) | .cells[].each[].value) *= 1.5' >"$scratch/elsewhere/compare.json"
	build/dex-plan --validate "$scratch/elsewhere" >"$scratch/printed" && return 1
	[ "$(grep -cE '^(rmap-6.12|folio-6.12|folio-7.x) migrate +16 .* NO$' "$scratch/printed")" -eq 3 ]
}

check "plan: figures by hand" by_hand
check "plan: ranges of figures, and what they decide" ranges_by_hand
check "plan: sharers and engines" sharers_and_engines
check "plan: the text" text_says
check "plan: the curve is a table, and the same answers" curve
check "plan: bad options and results without the cases" bad_options
check "plan: every recorded rate is predicted from the others" recorded_is_predicted
check "plan: a rate that does not fit is found" misfit_is_found
check "plan: sizes are the results'" sizes_are_the_files
check "plan: what sharers cost under either walk" walks_and_sharers
check "plan: a device beside the CPU, from exact mode" beside_from_exact
check "plan: intervals over boots" intervals_over_boots
check "plan: a device beside the CPU, in lockstep" in_lockstep
check "plan: no interval passes what there is" never_more_than_there_is
check "plan: recorded beside the CPU, verdicts follow from intervals" verdicts_follow results/parallel/validate.json
check "plan: migrating from results, and what only a device can say" migrating_from_results
check "plan: visits are predicted from those to other numbers of pages" visits_are_predicted
