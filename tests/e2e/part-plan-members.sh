# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# dex-plan --contention: members of a fork tree that convert and that hold the lock.

# shellcheck source=tests/e2e/plan-answers.sh
. "$TESTS/e2e/plan-answers.sh"

# SYNTHETIC rows of a converter beside others in mprotect, near what a guest of twelve CPUs gives, for
# tests of verdicts and refusals alone: others, pages a million, sleeps a thousand, their operation.
# shellcheck disable=SC2016 # jq's variables
CONTEND_JQ='
def metric($name; $value): {name: $name, unit: "x", better: "neither", value: $value};
.results[0] as $like | .case = "contend_anon_vma" | .mode = "lockstep" | .unit = "instructions" | .predictions = [] |
.results = [$rows[] | . as [$others, $rate, $sleeps, $op] | $like + {
	params: {against: $against, others: $others, loop: "closed"}, ticks: [2080, 2080], pages_per_sample: 1, attempted: 2, ok: 2,
	metrics: ([metric("throughput"; $rate), metric("sleeps"; $sleeps)] + if $op then [metric("disturber_op"; $op)] else [] end)}]'
ROWS='[[0, 462.3, 0, null], [1, 250.7, 599, 9892], [2, 189.2, 927, 16658], [4, 188.1, 927, 32927], [8, 191.2, 899, 66776]]'

# contended DIR AGAINST ROWS
contended() {
	local from

	from=$(ls -d "$MEASURED"/*-rmap-6.12)
	mkdir -p "$1/1"
	jq -c '.mode = "lockstep" | .cpu.online = 12' "$from/run.json" >"$1/1/run.json"
	jq -c --arg against "$2" --argjson rows "$3" "$CONTEND_JQ" "$from/ping_pong.json" >"$1/1/contend_anon_vma.json"
	jq -c '.mode = "lockstep" | .cases = ["contend_anon_vma"] | .kernels |= map(select(.spec == "rmap-6.12")) |
		.schedule = [{boot: "1", kernel: "rmap-6.12", block: 1}]' "$MEASURED/plan.json" >"$1/plan.json"
}

# The larger numbers of others are where the two smallest say, or the status says that they are not.
members_are_predicted() {
	local dir=$scratch/contend ask=(--contention --validate --exact=results/reference)

	contended "$dir" mprotect "$ROWS"
	build/dex-plan "${ask[@]}" --members=64 --format=json "$dir" >"$scratch/plan.json"
	valid "$scratch/plan.json"
	jq -e '.contention[0] | .costs.hold == 1156 and ([.rows[] | [.others, .fitted, .holds]] ==
		[[0, true, false], [1, true, false], [2, true, false], [4, false, true], [8, false, true], [64, false, false]]) and
		(.rows[1:3] | all(.error_pct | fabs < 5)) and .rows[5].measured == null and .rows[5].predicted > 150' "$scratch/plan.json"
	contended "$scratch/far" mprotect "$(jq -c '.[3][1] *= 0.8' <<<"$ROWS")"
	build/dex-plan "${ask[@]}" "$scratch/far" >"$scratch/printed" && return 1
	grep -E '^rmap-6.12 contend_anon_vma against mprotect +4 +150.5 .* NO$' "$scratch/printed"
	grep -E '^1 of 2 predictions of throughput hold' "$scratch/printed"
	build/dex-plan --contention --exact=results/reference "$scratch/far" >"$scratch/printed"
	# Who converts, too, excludes nobody.
	contended "$scratch/siblings" siblings '[[0, 462.3, 0, null], [1, 923.1, 0, null], [4, 2287, 0, null], [8, 3000, 0, null]]'
	build/dex-plan "${ask[@]}" "$scratch/siblings" >"$scratch/printed" && return 1
	grep -E '^rmap-6.12 .* siblings +4 +2287.0 +2311.5 .* yes$' "$scratch/printed"
	grep -E '^rmap-6.12 .* siblings +8 +3000.0 +4160.7 .* NO$' "$scratch/printed"
}

# Others without a CPU each are not the model's, nor is a wait that is a kernel's remedy.
members_apart() {
	local dir=$scratch/apart

	contended "$dir" mprotect "$ROWS"
	edit "$dir/1/run.json" '.cpu.online = 5'
	edit "$dir/1/contend_anon_vma.json" '.results[3] |= (.ticks = [2080, 2080, 10e6] | .attempted = 3 | .ok = 3 |
		(.metrics[] | select(.name == "throughput") | .value) = 3 * 1e6 / (10e6 + 2 * 5316))'
	build/dex-plan --contention --validate --exact=results/reference "$dir" >"$scratch/printed"
	grep -E ' 4 +188.1 .* yes$' "$scratch/printed"
	grep -E ' 8 +191.2 .* crowded$' "$scratch/printed"
	grep -E '^note: .* mprotect, 4: 1 of 3 conversions waited 100,000 instructions or more, .* with them 0.3$' "$scratch/printed"
	grep -E '^1 of 1 predictions of throughput hold' "$scratch/printed"
}

members_refused() {
	local dir=$scratch/refused

	contended "$dir" mprotect "$ROWS"
	plan_refused 'only --contention has it' --members=3 --pages=1 --touches=1
	plan_refused 'which results?' --contention
	plan_refused 'give --exact=DIR' --contention "$dir"
	plan_refused '--members=0: give a whole number from 1 to 256' --contention --exact=results/reference --members=0 "$dir"
	plan_refused 'no case in which members of a fork tree contend' --contention --exact=results/reference "$MEASURED"
	plan_refused 'no hold_anon_vma' --contention --exact="$MEASURED" "$dir"
	plan_refused '--contention prints text or json' --contention --format=curve --exact=results/reference "$dir"
	edit "$dir/1/run.json" '.cpu.online = 4'
	plan_refused 'none is left to predict' --contention --validate --exact=results/reference "$dir"
	build/dex-plan --contention --exact=results/reference "$dir" >"$scratch/printed"
	edit "$dir/1/run.json" '.cpu.online = 2'
	plan_refused 'two numbers of others with a CPU each' --contention --exact=results/reference "$dir"
	contended "$scratch/unknown" mprotect "$ROWS"
	edit "$scratch/unknown/plan.json" '(.kernels[0].spec, .schedule[0].kernel) = "rmap-6.1"'
	edit "$scratch/unknown/1/run.json" '.host.label = "rmap-6.1"'
	plan_refused 'no hold_anon_vma of rmap-6.1' --contention --exact=results/reference "$scratch/unknown"
}

# A campaign of many CPUs: members that the fit did not see are where it says, on both walks.
recorded_members() {
	build/dex-plan --contention --validate --format=json --exact=results/reference results/members >"$scratch/plan.json" ||
		[ $? -eq 1 ]
	valid "$scratch/plan.json"
	jq -e '[.contention[] | .kernel as $k | .rows[] | select(.holds) | [$k, .others]] |
		(map(select(.[1] >= 4)) | map(.[0]) | unique) == ["folio-6.12", "rmap-6.12"]' "$scratch/plan.json"
	# Two rows of it have an interleaving of two in which the lock goes another way.
	jq -e '[.contention[].rows[] | select(.fitted or .crowded | not)] |
		length > 40 and (map(select(.holds | not)) | length) <= 2' "$scratch/plan.json"
}

check "plan: members of a fork tree are predicted from the fewest" members_are_predicted
check "plan: members without a CPU each, and waits without end" members_apart
check "plan: contention, what it needs" members_refused
if [ -e results/members ]; then
	check "plan: recorded members of a fork tree" recorded_members
else
	skip "plan: recorded members of a fork tree" "results/members is not recorded"
fi
