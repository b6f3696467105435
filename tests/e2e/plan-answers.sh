# shellcheck shell=bash disable=SC2154,SC2034 # scripts/check.sh's names; theirs who source this
# SPDX-License-Identifier: MIT
# What dex-plan is asked, and what its answers are held to.

# ping_pong and what else the planner reads, as METHODOLOGY's section on planning shows them.
MEASURED=$all_scratch/measured
[ -e "$MEASURED" ] || unpack "$MEASURED" '.case | IN("ping_pong", "convert_shared", "device_atomic")'
BY_HAND=(--unit=ns --arrivals=regular --atomic-cost=3 --device-fault=9000 --cpu-fault=20000)

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

# curve_is_a_table FILE BLOCKS: thirteen columns everywhere, the rate falls, low <= best <= high.
curve_is_a_table() {
	awk -F'\t' -v blocks="$2" '
		/^# touches/ { next }
		/^#/ { n++; last = "inf" + 0; last = 1e300; next }
		/^$/ { next }
		NF != 13 || $11 > $12 || $3 > last * (1 + 1e-9) || $2 > $3 || $3 > $4 { print "line " NR ": " $0; bad = 1 }
		{ last = $3; rows++ }
		END { exit bad || n != blocks || rows < 20 * blocks }' "$1"
}

plan_refused() {
	local text=$1

	shift
	refused 2 "$text" build/dex-plan "$@"
	[ ! -s "$scratch/stdout" ]
}
