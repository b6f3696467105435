# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# dex-plan in the planner's units: bytes and rates a second.

recorded

# shellcheck source=tests/e2e/plan-answers.sh
. "$TESTS/e2e/plan-answers.sh"

ASKED=(--size=64MiB --atomics=10M/s --touches=8x1M/s)

# ways OPTION...: the answer as JSON, valid, in $scratch/ways.json.
ways() {
	build/dex-plan --format=json "$@" >"$scratch/ways.json"
	valid "$scratch/ways.json"
}

ways_are() { jq -e "$NEAR .kernels[0].ways | $1" "$scratch/ways.json"; }

# The same workload in the other units has the same answer.
same_answer() {
	local total='(.kernels[0].answer.device_atomics.value)'

	ways "${ASKED[@]}" "${BY_HAND[@]}"
	hand --pages=16384 --atomics=$((10000000 / 16384)).3515625 --touches=488.28125 --threads=8
	jq -e --slurpfile ways "$scratch/ways.json" "$NEAR near($total; \$ways[0].kernels[0].ways.stay_exclusive.atomics_per_s)" \
		"$scratch/plan.json"
	ways_are '.choice == "unknown" and .migrate == null and .pin.reached == 1'
	# A quarter of the memory in use is a quarter of the pages.
	ways "${ASKED[@]}" --working-set=16MiB "${BY_HAND[@]}"
	jq -e '.workload.pages == 4096 and .workload.threads == 8' "$scratch/ways.json"
}

choices() {
	local migrate=(--migrate-in=500 --migrate-back=400 --atomic-cost-local=0.5)

	ways --size=64MiB --atomics=10M/s --touches=100/s "${BY_HAND[@]}"
	ways_are '.choice == "in place" and .stay_exclusive.reached > 0.99'
	ways "${ASKED[@]}" "${BY_HAND[@]}" --device-fault=90:90:90 --cpu-fault=20 "${migrate[@]}"
	ways_are '.choice == "in place" or .choice == "migrate" or .choice == "neither"'
	ways --size=1GiB --atomics=1M/s --touches=100k/s "${BY_HAND[@]}" --device-fault=90000 "${migrate[@]}"
	ways_are '.choice == "migrate" and .stay_exclusive.reached < 0.9 and .migrate.copied_bytes_per_s > 0'
	ways "${ASKED[@]}" "${BY_HAND[@]}" --migrate-in=30000 --migrate-back=25000 --atomic-cost-local=0.5
	ways_are '.choice == "neither"'
	build/dex-plan "${ASKED[@]}" "${BY_HAND[@]}" --migrate-in=30000 --migrate-back=25000 --atomic-cost-local=0.5 >"$scratch/said"
	grep -E '^by hand: neither: staying reaches [0-9.]+ % of what you asked for,' "$scratch/said"
}

# A count becomes time by a clock that somebody names.
clocks() {
	refused 2 'give --instructions-per-ns=N' build/dex-plan "$REFERENCE" "${ASKED[@]}"
	ways "$REFERENCE" --kernel=folio-7.x "${ASKED[@]}" --instructions-per-ns=1
	jq .kernels[0].ways.stay_exclusive.atomics_per_s "$scratch/ways.json" >"$scratch/slow"
	ways "$REFERENCE" --kernel=folio-7.x "${ASKED[@]}" --instructions-per-ns=4
	ways_are ".stay_exclusive.atomics_per_s > 1.5 * $(cat "$scratch/slow")"
	build/dex-plan "$REFERENCE" "${ASKED[@]}" --instructions-per-ns=3 --explain >"$scratch/said"
	grep -E '^folio-7.x: not in place: that reaches [0-9.]+ % of what you' "$scratch/said"
	grep -E '^To stay and reach 90 %: the CPU may touch ' "$scratch/said"
	grep -F 'n = N / (1/t + 1/v + c + f)' "$scratch/said"
	[ "$(awk '{ if (length($0) > n) n = length($0) } END { print n }' "$scratch/said")" -le 80 ]
}

bad_units() {
	refused 2 '--size=64: give bytes, as in 64MiB' build/dex-plan --size=64 --atomics=1M/s --touches=1/s "${BY_HAND[@]}"
	refused 2 '--atomics=10: beside --size it is a rate of all of it, as in 10M/s' build/dex-plan --size=1MiB --atomics=10 --touches=1/s
	refused 2 '--touches=0x1M/s: a whole number of threads' build/dex-plan --size=1MiB --atomics=1M/s --touches=0x1M/s
	refused 2 '--touches=1.5x1M/s: a whole number of threads' build/dex-plan --size=1MiB --atomics=1M/s --touches=1.5x1M/s
	refused 2 'they name different numbers of threads' build/dex-plan "${ASKED[@]}" --threads=4
	refused 2 'it is a part of --size=1MiB' build/dex-plan --size=1MiB --working-set=3MiB --atomics=1M/s --touches=1/s
	refused 2 '--touches is missing: what is the workload?' build/dex-plan --size=1MiB --atomics=1M/s
	refused 2 'both say how much is shared' build/dex-plan "${ASKED[@]}" --pages=4
	refused 2 '--explain: it goes with --size' build/dex-plan --explain --pages=4 --touches=1
	refused 2 'the costs are in ns and need no clock' build/dex-plan "${ASKED[@]}" "${BY_HAND[@]}" --instructions-per-ns=3
}

check "plan: bytes and rates a second are the same model" same_answer
check "plan: in place, migrate, or neither" choices
check "plan: counts need a clock" clocks
check "plan: units that are none" bad_units
