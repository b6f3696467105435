# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# Real guests: the module's contract on four kernels, the command of the
# README twice.  Boots that end badly are in e2e/part-guest.sh.

kernel_json() { scripts/kernel/kernel.sh --json "$1"; }

# steady DIRECTORY COMMAND...: QEMU's parallel CPUs may trip over code that the guest
# patches (scripts/campaign/ab.sh): what left a sign of that in DIRECTORY* is tried once more.
steady() {
	local place=$1 rc=0

	shift
	"$@" || rc=$?
	[ "$rc" -ne 0 ] || return 0
	grep -rl 'Oops: int3' "$place"* || return "$rc"
	rm -rf "$place"*
	"$@"
}

# contract SPEC [CPUS]: several CPUs really run at once.
contract() {
	local out=$scratch/contract-$1-${2:-1} mode=exact

	[ $# -eq 1 ] || mode=parallel
	steady "$out" scripts/guest/boot.sh --kernel="$(kernel_json "$1")" --mode="$mode" --cpus="${2:-1}" \
		--cases="convert_latency control_peer" --pages=1536 --program=build/tests/module_test --out="$out"
	grep -E '^module_test: [0-9]+ passed, 0 failed' "$out/console.log"
}

campaign() {
	OUT=$scratch/$1 MODE=exact scripts/campaign/ab.sh || { cat "$scratch/$1"/*.failed.1/console.log; return 1; }
	# shellcheck disable=SC2046
	valid $(find "$scratch/$1" -name '*.json')
}

# Every value of every row and all that is made of it, in two campaigns of different boot order.
repeatable() {
	same <(timeless "$scratch/first/compare.json") <(timeless "$scratch/second/compare.json")
	jq -e '.notes == [] and ([.rows[].verdict] | all(. == "same" or . == "fewer" or . == "more"))' \
		"$scratch/first/compare.json"
}

# A recorded campaign comes out the same, and what does not is named.
reproduced() {
	OUT=$scratch/small KERNELS=folio-6.12 CASES=control_clock AA=no BOOTS=1 scripts/campaign/ab.sh
	scripts/campaign/reproduce.sh "$scratch/small" >"$scratch/printed"
	grep -x 'all 2 values are equal' "$scratch/printed"
	jq '.rows[0].value += 3 | .rows[1].value = null' "$scratch/small/compare.json" >"$scratch/edited"
	mv "$scratch/edited" "$scratch/small/compare.json"
	refute scripts/campaign/reproduce.sh "$scratch/small" >"$scratch/printed"
	grep -E '^control_clock where=module .* folio-6.12: recorded 10, now 7, -3$' "$scratch/printed"
	grep -E '^2 of 2 values differ$' "$scratch/printed"
	refused 2 'no plan.json' scripts/campaign/reproduce.sh "$scratch/nowhere"
}

# The walk switch is on where it should be, and only there.
# The same image with a longer command line: what a boot finds is elsewhere in memory, what
# comes by the clock meets other samples.
resolutions() {
	local more

	more=elsewhere=$(printf 'x%.0s' {1..300})
	OUT=$scratch/elsewhere KERNELS="rmap-6.12 rmap-6.12+$more" AA=no FULL=1 MODE=exact SEED=1 scripts/campaign/ab.sh
	jq -e '[.rows[] | select(.kernel != .baseline and .better != "neither")] |
		(map(.resolution_pct > 0 and .verdict == "equivalent") | any) and
		(map(select(.verdict | IN("same", "equivalent", "skipped") | not)) |
			if . == [] then true else map([.case, .params, .metric, .delta_pct]) | halt_error end)' \
		"$scratch/elsewhere/compare.json"
}

walks() {
	jq -se 'map({(.host.label): [.module.body, .module.walk]}) | add == {
		"rmap-6.12": ["range", "rmap"], "rmap-6.12 (A/A)": ["range", "rmap"], "folio-6.12": ["range", "folio"], "folio-7.x": ["single", "folio"]}' \
		"$scratch"/first/*/run.json
}

# Fault-back runs the same code under either walk of one image.
same_code_same_count() {
	jq -e '[.rows[] | select(.kernel == "folio-6.12" and
		(.case == "fault_back" or .case == "control_ioctl" or .case == "control_gup")) | .verdict] |
		length >= 4 and unique == ["same"]' "$scratch/first/compare.json"
}

clock_is_cheap() {
	jq -e '[.rows[] | select(.case == "control_clock") | .value] | length >= 6 and max <= 10' \
		"$scratch/first/compare.json"
}

# Ticks inside the calls over those of the whole CONVERT request, stamps off.
driver_efficiency() {
	local spec=$1 floor=$2 clock

	clock=$(jq '.results[0].ticks | sort | .[length / 2]' "$scratch"/first/*-"$spec"/control_clock.json)
	jq -e --argjson clock "$clock" --argjson floor "$floor" '.results[0] |
		100 * ((.ticks | add) - $clock * (.ticks | length)) / .request_ticks | ., . >= $floor' \
		"$scratch"/first/*-"$spec"/convert_latency.json
}

# All that can be counted, on the whole ladder: every case is there, two boots of the
# baseline agree in every row, and what the walk does to sharers and lock is found.
every_exact_case() {
	local listed

	OUT=$scratch/full FULL=1 MODE=exact PAGES=1536 scripts/campaign/ab.sh
	# shellcheck disable=SC2046
	valid $(find "$scratch/full" -name '*.json')
	listed=$(build/dexbench --list | jq -c 'map(select(.modes | index("exact")) | .case) | sort')
	jq -e --argjson listed "$listed" '([.rows[].case] | unique) == $listed and
		([.rows[] | select(.aa) | .verdict] | length > 250 and all(. == "same" or . == "skipped")) and
		([.rows[] | select(.verdict == "skipped") | .skipped] | all(. != "")) and
		([.predictions[] | select(.case | test("convert_(?!place)|hold_|fault_back|driver_loop|semantics")) | .outcome] |
			length > 100 and unique == ["held"])' "$scratch/full/compare.json"
	jq -e '([.rows[] | select(.metric == "lost") | .value] | length > 100 and unique == [0]) and
		([.predictions[] | select((.case | test("ping_pong|device_span")) and .params.rate != "none") | .outcome] |
			length > 100 and unique == ["held"])' "$scratch/full/compare.json"
	jq -e '[.fits[] | select(.case == "convert_shared" and .params.order == "behind")] |
		all(if .kernel | startswith("rmap") then .slope > 300 and .r2 > 0.999 else .slope == 0 end)' \
		"$scratch/full/compare.json"
}

# Kernels of the ladder have no persistent memory: what needs some says which have, and the control is measured.
dax_skips() {
	jq -e '[.rows[] | select((.case | test("^dax")) and .metric == "median_per_page")] |
		(map(select(.params.memory != "anon")) | length > 50 and
			all(.skipped | contains("CONFIG=kernels/dax.config") or contains("a dax device has huge entries alone"))) and
		(map(select(.params.memory == "anon") | .value) | length > 40 and all(. > 0))' "$scratch/full/compare.json"
}

# Whatever else mm does, contents stay and the driver is told; what a kernel lacks has its reason.
states_hold() {
	jq -e '[.rows[] | select(.case == "states" and .value != null)] |
		(map(select(.metric == "intact") | .value) | length > 300 and all(. == 100)) and
		(map(select(.metric == "told") | .value) | length > 300 and all(. == 1))' "$scratch/full/compare.json"
}

contention() {
	OUT=$scratch/contention MODE=parallel BOOTS=1 AA=no KERNELS='rmap-6.12 folio-6.12' \
		CASES='contend_.*|fault_back_threads|device_lost' scripts/campaign/ab.sh || [ $? -eq 3 ]
	# shellcheck disable=SC2046
	valid $(find "$scratch/contention" -name '*.json')
	jq -e '([.rows[].case] | unique == ["contend_anon_vma", "contend_devices", "contend_folio", "contend_fork", "contend_mmap",
			"contend_threads", "device_lost", "fault_back_threads"]) and
		([.rows[] | select(.metric == "lost" and .params.mapping == "exclusive") | .value] | unique == [0]) and
		([.rows[] | select(.metric == "throughput" and .case != "contend_devices" and .skipped == null) | .value] |
			length > 20 and all(. > 0))' \
		"$scratch/contention/compare.json"
}

parallel_mode() {
	OUT=$scratch/parallel MODE=parallel BOOTS=1 KERNELS='rmap-6.12 folio-6.12' PAGES=1536 \
		CASES='control_clock|convert_latency' scripts/campaign/ab.sh
	jq -e '.mode == "parallel" and ([.rows[].unit] | unique == ["ticks"]) and
		([.rows[] | select(.kernel != .baseline) | .verdict] | unique == ["inconclusive"])' "$scratch/parallel/compare.json"
	refute grep -rw ns "$scratch/parallel/report.txt"
}

timing_mode() {
	OUT=$scratch/timing MODE=timing BOOTS=1 KERNELS='rmap-6.12 folio-6.12' PAGES=1536 scripts/campaign/ab.sh
	jq -e '.mode == "timing"' "$scratch/timing/compare.json"
}

# The guest's clock is checked before a mode is believed.
mode_guard() {
	local kernel

	kernel=$(kernel_json rmap-6.12)
	printf '#!/bin/sh\nexec /dexbench/dexbench --mode=timing --pages=1536\n' >"$scratch/guard"
	chmod +x "$scratch/guard"
	refute scripts/guest/boot.sh --kernel="$kernel" --mode=exact --cases=control_clock \
		--program="$scratch/guard" --out="$scratch/guarded"
	grep 'timing mode: these CPUs are emulated' "$scratch/guarded.failed.1/console.log"
}

# Google Benchmark's own options and JSON work, and call no count a time; its iterations are attempts, which
# not every case makes as many as pages.  dexbench makes the directory that results are to be in.
gbench_json() {
	printf '#!/bin/sh\nexec /dexbench/dexbench --mode=exact --pages=1536 --out=/results/by-hand --benchmark_out=/results/gbench.json --benchmark_filter=%s\n' \
		"'convert_range/pages:(1|16)/|device_atomic/'" >"$scratch/gbench"
	chmod +x "$scratch/gbench"
	scripts/guest/boot.sh --kernel="$(kernel_json folio-7.x)" --mode=exact --cases=control_clock \
		--program="$scratch/gbench" --out="$scratch/gbenched"
	jq -e '.context.dexbench_mode == "exact" and (.benchmarks | map(select(.name | test("convert_range"))) | length == 2 and
		all(.iterations == 1536 and .real_time == 0 and .cpu_time == 0 and .pages_ok == 1536
			and (.label | test("instructions/page"))))' "$scratch/gbenched/gbench.json"
	jq -e --slurpfile own "$scratch/gbenched/by-hand/device_atomic.json" '(.benchmarks | map(select(.name | test("device_atomic")).iterations)) as $done |
		$done == ($own[0].results | map(.attempted)) and any($done[]; . != 1536)' "$scratch/gbenched/gbench.json"
}

for spec in deb:linux-source-6.1 rmap-6.12 folio-6.12 folio-7.x; do
	check "module contract in a guest: $spec" contract "$spec"
done
# Roughly treated, nothing is lost; and what would be lost is found to be.
sound_soak() {
	DEBUG=0 SOAK_SECONDS=15 KERNELS="rmap-6.12 folio-7.x" OUT=$scratch/soak scripts/guest/soak.sh >"$scratch/sound"
}

soak() {
	steady "$scratch/soak" sound_soak
	jq -se 'length == 2 and all(.lost == 0 and .errors == 0 and .killed > 0 and .revoked > 100)' "$scratch/sound"
	refute steady "$scratch/unsound" env DEBUG=0 SOAK_SECONDS=10 SOAK_REFERENCED=1 KERNELS=rmap-6.12 \
		OUT="$scratch/unsound" scripts/guest/soak.sh
	jq -se 'all(.lost > 0 and .errors == 0)' "$scratch"/unsound/*.failed.1/soak.json
}

if [ "$(nproc)" -ge 2 ]; then
	check "soak of seconds, exclusive and not" soak
	check "module contract, engines on a CPU of their own" contract rmap-6.12 2
else
	skip "soak, and module contract with engines on a CPU of their own" "this machine has one CPU"
fi
check "make ab: the ladder, every case" campaign first
check "make ab: again" campaign second
check "two campaigns give identical values" repeatable
check "make reproduce" reproduced
check "every exact case on the ladder, A/A the same" every_exact_case
check "without persistent memory its cases skip, and say what has some" dax_skips
check "states of mm keep contents and tell the driver" states_hold
check "what a case says of its resolution is so: other page frames, another time" resolutions
check "each kernel runs the walk it is named for" walks
check "what the walk does not touch is the same to the instruction" same_code_same_count
check "reading the clock costs at most 10 instructions" clock_is_cheap
check "driver efficiency on rmap-6.12 is at least 95 %" driver_efficiency rmap-6.12 95
check "driver efficiency on folio-7.x is at least 93 %" driver_efficiency folio-7.x 93
if [ "$(nproc)" -ge 2 ]; then
	check "parallel mode: ratios, no verdict from one boot, no ns" parallel_mode
	check "contention cases in parallel mode" contention
else
	skip "parallel mode" "it needs 2 CPUs, this host has 1"
fi
if why=$(scripts/guest/boot.sh --kernel="$(kernel_json rmap-6.12)" --probe-kvm 2>&1); then
	check "timing mode in a KVM guest" timing_mode
else
	skip "timing mode in a KVM guest" "$why"
fi
check "a mode that the clock does not bear is refused" mode_guard
check "Google Benchmark's options and JSON, without a time" gbench_json
