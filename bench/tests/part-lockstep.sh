# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# Lockstep mode: the emulator, its parameters, and boots that must be equal to the byte.

campaign() { CPUS=4 PAGES=1536 RUNS="${RUNS:-2}" KERNELS=rmap-6.12 MODE=lockstep scripts/campaign/ab.sh; }

# at_last COMMAND...: of what it reports, only the last line.
at_last() {
	local rc=0

	"$@" 2>"$scratch/reported" || rc=$?
	tail -n 1 "$scratch/reported" >&2
	return "$rc"
}

# A machine that reaches no mirror, and has nothing in its cache.
without_network() {
	mkdir -p "$scratch/bin"
	printf '#!/bin/sh\necho "E: Temporary failure resolving deb.debian.org" >&2\nexit 100\n' >"$scratch/bin/apt-get"
	chmod +x "$scratch/bin/apt-get"
	DEXBENCH_CACHE=$scratch/cache PATH=$scratch/bin:$PATH refused 2 "is the network up? MODE=parallel works" \
		at_last scripts/emulator.sh
}

# An ordinary QEMU if nobody asks; one of the wrong kind of run says so.
is_ordinary_qemu() {
	local program

	program=$(jq -r .emulator <<<"$emulator")
	[ "$("$program" --version | head -n 1)" = "QEMU emulator version $(jq -r .qemu <<<"$emulator")" ]
	DEXBENCH_LOCKSTEP=q=50 refused 2 "it needs -accel tcg,thread=single -icount shift=0,sleep=off" \
		timeout 20 "$program" -nodefaults -display none -smp 2
}

two_boots() {
	OUT=$scratch/two AA=yes CASES='control_(clock|rates|lock)|convert_latency|fault_back|contend_threads' campaign
	for name in $(jq -r '.cases[]' "$scratch/two/plan.json"); do
		cmp "$scratch/two/001-"*/"$name.json" "$scratch/two/002-"*/"$name.json"
	done
	jq -e '.mode == "lockstep" and ([.rows[] | select(.kernel != .baseline) | .verdict] | unique - ["skipped"] == ["same"])' \
		"$scratch/two/compare.json"
	valid "$scratch/two/plan.json" "$scratch/two/compare.json" "$scratch"/two/0*/run.json
}

# Each run of a boot is an interleaving of its own, and a boot has the controls, asked for or not.
runs_are_interleavings() {
	local boot

	boot=$(echo "$scratch/two/001-"*)
	refute cmp <(jq -S .results "$boot/contend_threads.json") <(jq -S .results "$boot/contend_threads.run2.json")
	jq -e '[.rows[] | select(.case == "contend_threads" and .metric == "throughput" and .verdict != "skipped") |
		.interleavings.values | length == 2] | length > 2 and all' "$scratch/two/compare.json"
	jq -e '.cases | index("control_rates") and index("control_lock")' "$scratch/seed/plan.json"
}

# What can be counted, then contention, in one OUT: gone on with as one, and of one mind about one CPU.
two_campaigns() {
	local out=$scratch/both

	RUNS=2 AA=no KERNELS=rmap-6.12 PAGES=1536 OUT=$out scripts/campaign/ab.sh >"$scratch/printed"
	grep -x 'dexbench: of one CPU alone: [1-9][0-9]* rows, all as exact mode counts them' "$scratch/printed"
	jq -e '.mode == "exact" and .rows == "all"' "$out/exact/plan.json"
	jq -e '.mode == "lockstep" and .rows == "brief"' "$out/lockstep/plan.json"
	jq -e '[.rows[] | select(.case == "contend_anon_vma") | .params | [.against, .others, .loop]] | unique ==
		[["fork", 1, "closed"], ["mprotect", 1, "closed"], ["munmap", 1, "closed"], ["siblings", 0, "closed"], ["siblings", 2, "closed"]]' \
		"$out/lockstep/compare.json"
	refused 2 "holds two finished campaigns" env OUT="$out" scripts/campaign/ab.sh
	# A number that is another is named.
	edit "$out/exact/compare.json" '(.rows[] | select(.case == "fault_back") | .value) += 1'
	rm "$out"/lockstep/compare.json*
	RUNS=2 AA=no KERNELS=rmap-6.12 PAGES=1536 OUT=$out scripts/campaign/ab.sh >"$scratch/printed"
	grep 'not as exact mode counts them: fault_back touch=read on rmap-6.12: ' "$scratch/printed"
}

# A row of one CPU, with three others idle, is exact mode's to the instruction.
one_cpu_is_exact() {
	OUT=$scratch/exact AA=no CASES='control_clock|convert_latency|fault_back' PAGES=1536 KERNELS=rmap-6.12 \
		MODE=exact scripts/campaign/ab.sh
	for name in control_clock convert_latency fault_back; do
		same <(medians "$scratch/exact/001-"*/"$name.json") <(medians "$scratch/two/001-"*/"$name.json")
	done
}

medians() { jq -c '.results[] | [.params, (.ticks | sort | .[length / 2 | floor])]' "$1"; }

# The least that a sample can be is two instructions a round, eight times on each CPU.
rates_are_equal() {
	jq -e '.results[] | select(.params.cpus == "all") | .ticks | length == 32 and
		(_nwise(8) | min | . >= 500000 and . < 505000)' \
		"$scratch/two/001-"*/control_rates.json
}

# n members wait (n - 1) * 50000 - 25000 each.
waits_are_right() {
	jq -e '[.results[] | select((.ticks | length) > 0 and .params.members > 1) | .params.members as $n |
		(.ticks | sort | .[length / 2 | floor]) / (($n - 1) * 50000 - 25000)] |
		length == 2 and all(. > 0.98 and . < 1.02)' "$scratch/two/001-"*/control_lock.json
}

# Another seed is another interleaving; the plan and each boot say which.
seeds_differ() {
	OUT=$scratch/seed LOCKSTEP=seed=2 AA=no CASES=contend_threads campaign
	refute cmp "$scratch/two/001-"*/contend_threads.json "$scratch/seed/001-"*/contend_threads.json
	jq -e '.lockstep | .seed == 2 and .q == 50 and .pause == 100' "$scratch/seed/plan.json"
	jq -e --arg key "$(jq -r .key <<<"$emulator")" '.host.qemu | endswith(", lockstep q=50,pause=100,seed=2 by " + $key)' \
		"$scratch/seed/001-"*/run.json
}

# Recorded with another drawing, and found again.
reproduced() {
	scripts/campaign/reproduce.sh "$scratch/seed" >"$scratch/printed"
	grep -xE 'all [1-9][0-9]* values are equal' "$scratch/printed"
}

# A campaign is gone on with as it was begun.
no_other_parameters() {
	cp -r "$scratch/seed" "$scratch/other"
	rm -r "$scratch"/other/compare.json* "$scratch/other/001-"*
	OUT=$scratch/other LOCKSTEP=q=25 refused 2 "leave LOCKSTEP out" campaign
}

check "lockstep: one CPU is exact mode's" refused 2 "use MODE=exact" env MODE=lockstep CPUS=1 scripts/campaign/ab.sh
check "lockstep: nothing to estimate" refused 2 "BOOTS=auto: lockstep mode" env MODE=lockstep BOOTS=auto scripts/campaign/ab.sh
check "LOCKSTEP= in another mode" refused 2 "only MODE=lockstep has it" \
	env LOCKSTEP=q=50 CASES=control_clock OUT="$scratch/o" scripts/campaign/ab.sh
check "boot.sh: no emulator" refused 2 "needs --emulator=JSON" scripts/guest/boot.sh --kernel='{}' --mode=lockstep
check "emulator.sh: unknown option" refused 2 "unknown option --x" scripts/emulator.sh --x
check "emulator.sh: no compiler" refused 2 "no-such-cc: not found" env CC=no-such-cc scripts/emulator.sh
check "emulator.sh: no network" without_network
if emulator=$(scripts/emulator.sh 2>"$scratch/why"); then
	check "emulator: a turn of nothing" refused 2 "LOCKSTEP=q=0: q=0: give 1 to 10000" scripts/emulator.sh --parameters=q=0
	check "emulator: no number" refused 2 "pause=1e3: give 0 to 10000" scripts/emulator.sh --parameters=q=9,pause=1e3
	check "emulator: no value" refused 2 "seed=: give 0 to 4294967295" scripts/emulator.sh --parameters=seed
	check "emulator: unknown parameter" refused 2 "'speed': one of q=N, pause=N, seed=N" \
		scripts/emulator.sh --parameters=speed=2
	check "emulator: an ordinary QEMU unless asked" is_ordinary_qemu
	check "lockstep: two boots are equal to the byte" two_boots
	check "lockstep: a row of one CPU is exact mode's" one_cpu_is_exact
	check "lockstep: CPUs run at equal rates" rates_are_equal
	check "lockstep: a queue waits as long as it must" waits_are_right
	check "lockstep: another seed, another interleaving" seeds_differ
	check "make reproduce: a campaign of lockstep mode" reproduced
	check "lockstep: each run is an interleaving" runs_are_interleavings
	check "lockstep: goes on as it was begun" no_other_parameters
	check "make ab: what is counted, then contention" two_campaigns
else
	skip "lockstep boots" "$(tail -n 1 "$scratch/why")"
fi
