# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# dex-plan from a GPU's own results, of the stub of CUDA's driver.

# shellcheck source=tests/e2e/plan-answers.sh
. "$TESTS/e2e/plan-answers.sh"

# gpu_run NAME HOW: make gpu's results in $scratch/NAME, of the stub that is told how.
gpu_run() {
	DEXBENCH_GPU_LIBRARIES=$DEX_TOP/build/tests/stub/now STUB_CUDA=$2 PAGES=1536 OUT=$scratch/$1 scripts/campaign/gpu.sh >"$scratch/gpu.text"
}

# The costs are what the file says: means over pages, and adds over time.
gpu_costs() {
	gpu_run gpu ""
	build/dex-plan --format=json --pages=64 --touches=100 "$scratch/gpu" >"$scratch/plan.json"
	valid "$scratch/plan.json"
	jq -e '.mode == "timing" and .unit == "ns" and .workload.device == "beside" and (.kernels | length) == 1' "$scratch/plan.json"
	jq -es "$NEAR"' def mean: add / length;
		def each: .launches[-3:] | 1e9 * (map(.seconds) | add) / (map(.atomics) | add);
		.[0].kernels[0].costs[0] as $c | .[1].results | def facts($m): map(select(.params ==
			{memory: $m, scope: "sys", pattern: "distinct", cpu: "idle"}).facts)[0];
		near($c.device_fault.value; facts("managed_cpu").first_ns | mean) and
		near($c.cpu_fault.value; facts("managed_cpu").touch_ns | mean) and
		near($c.migrate_in.value; facts("managed_migrating").first_ns | mean) and
		near($c.migrate_back.value; facts("managed_migrating").touch_ns | mean) and
		near($c.atomic_local.value; facts("device") | each) and near($c.atomic.value; facts("managed_cpu") | each) and $c.device_fault.low == 2025 and $c.device_fault.high == 2230' \
		"$scratch/plan.json" "$scratch/gpu/gpu_atomic.json"
	jq -e '.notes | any(. == "gpu: Stub GPU; staying is memory managed_cpu, migrating managed_migrating")' "$scratch/plan.json"
	build/dex-plan --format=curve --pages=64 --touches=0 "$scratch/gpu" >"$scratch/curve"
	curve_is_a_table "$scratch/curve" 1
	# Where pagemap saw that no page went anywhere, it says so, and nothing is made of it.
	gpu_run gpu-hmm 88=1
	build/dex-plan --format=json --pages=64 --touches=100 "$scratch/gpu-hmm" >"$scratch/plan.json"
	if jq -e 'any(.results[]; .facts.path != null)' "$scratch/gpu-hmm/gpu_atomic.json"; then
		answer '.advice == "unknown" and .costs[0].migrate_in.value == null and .costs[0].device_fault.value > 0'
		jq -e '.notes | any(contains("no page of system_migrating migrated"))' "$scratch/plan.json"
	fi
}

# Known costs in the place of the stub's: a fault of 9000 and one back of 20000 ns, atomics of 3 in
# place and 0.5 over there, 30000 to migrate and 25000 back.
# shellcheck disable=SC2016 # jq's variables
KNOWN_JQ='
def ns($x): [range(256) | $x];
def rate($a; $b; $c): .launches[-3:] |= ([., [$a, $b, $c]] | transpose | map(.[1] as $ns | .[0] | .seconds = .atomics * $ns * 1e-9));
def known($m; f): (.results[] | select(.params == {memory: $m, scope: "sys", pattern: "distinct", cpu: "idle"}).facts) |= f;
known("managed_cpu"; .first_ns = ns(9000) | .touch_ns = ns(20000) | rate(3; 3; 3)) |
known("managed_migrating"; .first_ns = ns(30000) | .touch_ns = ns(25000)) | known("device"; rate(0.5; 0.5; 0.5))'

# planned_gpu JQ OPTION...: the answer to such results, changed by the filter.
planned_gpu() {
	rm -rf "$scratch/known"
	cp -r "$scratch/gpu" "$scratch/known"
	edit "$scratch/known/gpu_atomic.json" "$KNOWN_JQ | $1"
	build/dex-plan --format=json --pages=64 --touches=100 "${@:2}" "$scratch/known" >"$scratch/plan.json"
	valid "$scratch/plan.json"
}

gpu_break_even() {
	[ -e "$scratch/gpu" ] || gpu_run gpu ""
	planned_gpu .
	answer "$NEAR near(.answer.break_even.value; 26000 / 2.5) and near(.answer.break_even.low; 26000 / 2.5) and
		.advice == \"migrate above\" and (.advice_differs | not)"
	# As from the same figures by hand, the model's waiting included.
	jq '.kernels[0].answer.device_atomics.value' "$scratch/plan.json" >"$scratch/rate"
	hand --arrivals=random --pages=64 --touches=100
	answer "$NEAR near(.answer.device_atomics.value; $(cat "$scratch/rate"))"
	# A fifth of the pages 4000 ns quicker there, a fifth slower; launches of 2.5, 3 and 3.5 ns an atomic.
	planned_gpu 'known("managed_migrating"; .first_ns |= [to_entries[] | .value + (if .key < 52 then -4000 elif .key < 104 then 4000 else 0 end)]) |
		known("managed_cpu"; rate(2.5; 3; 3.5))'
	answer "$NEAR near(.answer.break_even.value; 26000 / 2.5) and near(.answer.break_even.low; 22000 / 3) and
		near(.answer.break_even.high; 30000 / 2)"
	# A driver that moves sixteen pages at a fault: the few that fault pay for all.
	planned_gpu 'known("managed_migrating"; .first_ns |= [to_entries[] | if .key % 16 == 0 then 480000 else 0 end])'
	answer "$NEAR near(.answer.break_even.value; 26000 / 2.5) and .costs[0].migrate_in.low == 0"
	jq -e '.notes | any(contains("neighbours come along"))' "$scratch/plan.json"
	planned_gpu . --migrate-in=4000 --migrate-back=5000
	answer '.advice == "migrate"'
	gzip -9n "$scratch/known/gpu_atomic.json"
	build/dex-plan --pages=64 --touches=100 "$scratch/known" >"$scratch/printed"
	grep -E '^break-even, atomics a visit +10400$' "$scratch/printed"
	grep -E '^stay or migrate +migrate, above the break-even$' "$scratch/printed"
}

gpu_is_alone() {
	[ -e "$scratch/gpu" ] || gpu_run gpu ""
	plan_refused 'in ns; the other results are in instructions' --pages=1 --touches=1 "$scratch/gpu" "$MEASURED"
	plan_refused 'in ns; the other results are in instructions' --pages=1 --touches=1 "$MEASURED" "$scratch/gpu"
	plan_refused '--unit=instructions: the results are in ns' --unit=instructions --pages=1 --touches=1 "$scratch/gpu"
	plan_refused 'holds no ping_pong' --validate "$scratch/gpu"
	plan_refused 'runs beside the CPU' --device=serial --pages=1 --touches=1 "$scratch/gpu"
	plan_refused 'give --sharer-slope' --sharers=3 --pages=1 --touches=1 "$scratch/gpu"
	plan_refused 'kernel=other: not in the results' --kernel=other --pages=1 --touches=1 "$scratch/gpu"
	build/dex-plan --format=json --touch=read --engines=2 --sharers=3 --sharer-slope=100 --pages=1 --touches=1 \
		"$scratch/gpu" "$scratch/gpu" >"$scratch/plan.json"
	valid "$scratch/plan.json"
	jq -e '(.kernels | length) == 2 and (.notes | any(contains("reads are taken")) and any(contains("whole GPU")))' "$scratch/plan.json"
	# What a driver's endless retries took is no cost; the other kind of memory has one.
	[ -e "$scratch/gpu-hmm" ] || gpu_run gpu-hmm 88=1
	edit "$scratch/gpu-hmm/gpu_atomic.json" '(.results[] | select(.params.memory == "system_exclusive").facts) |=
		(.rescues = 1 | .launches[-3:][].rescues = 1)'
	build/dex-plan --pages=1 --touches=1 "$scratch/gpu-hmm" >"$scratch/printed"
	grep -F 'staying is memory managed_cpu, migrating managed_migrating' "$scratch/printed"
	edit "$scratch/gpu-hmm/gpu_atomic.json" 'del(.results[] | select(.params.memory == "managed_cpu"))'
	plan_refused 'system_exclusive: a launch came back only after' --pages=1 --touches=1 "$scratch/gpu-hmm"
	gpu_run gpu-none 89=0
	plan_refused 'managed_cpu: attribute 83 or 89 is 0' --pages=1 --touches=1 "$scratch/gpu-none"
	build/dex-plan --device-fault=9000 --cpu-fault=20000 --atomic-cost=3 --pages=1 --touches=1 "$scratch/gpu-none"
	edit "$scratch/gpu-none/gpu_atomic.json" '.mode = "exact"'
	plan_refused 'not of mode timing' --pages=1 --touches=1 "$scratch/gpu-none"
}

check "plan: a GPU's own results" gpu_costs
check "plan: a GPU's break-even, by known costs" gpu_break_even
check "plan: a GPU's results are combined with no others" gpu_is_alone
