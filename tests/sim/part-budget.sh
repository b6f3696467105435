# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# What a fleet's campaign costs: the simulation, the estimate beside it, and what is recorded of both.

# fleet BOOTS SECONDS NODES MTBF REPAIR SEED
fleet() { awk -v boots="$1" -v seconds="$2" -v nodes="$3" -v mtbf="$4" -v repair="$5" -v seed="$6" -f "$TESTS/sim/fleet.awk"; }

# Nothing fails: so many rounds of so long.  One that fails is begun once more, and what it lost is less than it takes.
simulation_is_right() {
	same <(printf '1000.000\t0\t0.000\t100\n') <(fleet 100 100 10 0 600 1)
	same <(printf '1100.000\t0\t0.000\t101\n') <(fleet 101 100 10 0 600 1)
	fleet 1000 100 7 5000 600 3 | awk -F'\t' '{ exit !($2 > 5 && $4 == 1000 + $2 && $3 > 0 && $3 < $2 * 100 &&
		$1 > 1000 / 7 * 100 && $1 < (1000 * 100 + $2 * 700) / 7 + 800) }'
	same <(fleet 1000 100 7 5000 600 3) <(fleet 1000 100 7 5000 600 3)
	refute cmp -s <(fleet 1000 100 7 5000 600 3) <(fleet 1000 100 7 5000 600 4)
}

# near FILE: each estimate is within one boot and 1 % of the mean.
near() {
	jq -e '.boot_s as $s | .fleets | length == 3 and all((.estimate_s - .simulated.mean_s | fabs) <= $s + 0.01 * .simulated.mean_s)' "$1"
}

estimate_is_near() {
	local seconds

	for seconds in 30 300 3000; do
		jq -n --argjson s "$seconds" '{boot: {all_cpu_s: $s}}' >"$scratch/budget.json"
		tests/sim/fleet.sh "$scratch/budget.json" 20 >"$scratch/fleet.json"
		valid "$scratch/fleet.json"
		near "$scratch/fleet.json"
	done
	# An estimate without failures is not.
	jq '.fleets[0].estimate_s = .boots * .boot_s' "$scratch/fleet.json" >"$scratch/wrong.json"
	refute near "$scratch/wrong.json"
}

recorded_budget() {
	valid results/budget/budget.json results/budget/fleet.json
	same <(tests/sim/fleet.sh results/budget/budget.json) results/budget/fleet.json
	near results/budget/fleet.json
	# Each case that can be counted today, or a case of the record that is none any more.
	jq -e '.cases | length > 10 and all(.cpu_s >= 0)' results/budget/budget.json
}

check "budget: the simulated fleet does each boot once, and loses what nodes were at" simulation_is_right
check "budget: the estimate is near what is simulated" estimate_is_near
check "budget: what is recorded follows its schema and comes again" recorded_budget
