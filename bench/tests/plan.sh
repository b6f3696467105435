# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# dex-plan's command line, formats and errors.

BY_HAND=(--unit=ns --atomic-cost=3 --device-fault=9000 --cpu-fault=20000)

# hand OPTION...: the answer to figures by hand, as JSON that follows its schema.
hand() {
	build/dex-plan --format=json "${BY_HAND[@]}" "$@" >"$scratch/plan.json"
	valid "$scratch/plan.json"
}

# answer JQ-CONDITION: of the first kernel.
answer() { jq -e ".kernels[0] | $1" "$scratch/plan.json"; }

# near A B: jq's, of two numbers.
# shellcheck disable=SC2016 # jq's variables
NEAR='def near($a; $b): ($a - $b | fabs) <= 1e-9 * ($b | fabs);'

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
	grep -E '^stay or migrate +migrate above: migrate$' "$scratch/printed"
	grep -E '^limited by +device atomic rate$' "$scratch/printed"
}

# curve_is_a_table FILE BLOCKS: eleven columns everywhere, the rate falls, low <= best <= high.
curve_is_a_table() {
	awk -F'\t' -v blocks="$2" '
		/^# touches/ { next }
		/^#/ { n++; last = "inf" + 0; last = 1e300; next }
		/^$/ { next }
		NF != 11 || $3 > last * (1 + 1e-9) || $2 > $3 || $3 > $4 { print "line " NR ": " $0; bad = 1 }
		{ last = $3; rows++ }
		END { exit bad || n != blocks || rows < 20 * blocks }' "$1"
}

curve() {
	build/dex-plan "${BY_HAND[@]}" --atomic-cost=2:3:4 --pages=256 --touches=10 --format=curve >"$scratch/curve"
	curve_is_a_table "$scratch/curve" 1
	# And it says what the answer at one of its points says.
	touches=$(awk -F'\t' '/^[0-9]/ && ++n == 25 { print $1 }' "$scratch/curve")
	hand --atomic-cost=2:3:4 --pages=256 --touches="$touches"
	answer "(.answer.device_atomics.value / $(awk -F'\t' -v t="$touches" '$1 == t { print $3 }' "$scratch/curve") - 1 | fabs) < 1e-6"
}

plan_refused() {
	local text=$1

	shift
	refused 2 "$text" build/dex-plan "$@"
	[ ! -s "$scratch/stdout" ]
}

bad_options() {
	plan_refused '--pages is missing'
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
	plan_refused 'unknown option --page=1' --page=1
	plan_refused 'which results?' --validate
	mkdir "$scratch/nothing"
	plan_refused 'neither plan.json nor run.json' "$scratch/nothing" --pages=1 --touches=1
	plan_refused 'no case matches' "$RECORDED" --pages=1 --touches=1
	plan_refused 'no case matches' --validate "$RECORDED"
}

check "plan: figures by hand" by_hand
check "plan: ranges of figures, and what they decide" ranges_by_hand
check "plan: sharers and engines" sharers_and_engines
check "plan: the text" text_says
check "plan: the curve is a table, and the same answers" curve
check "plan: bad options and results without the cases" bad_options
