#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Compare kernels: plan, boot, collect, report.  `make ab` runs this.
#
# Environment, all optional (empty counts as not given):
#   KERNELS  specs, the first is the baseline (default: the ladder)
#   CASES    regular expression over whole case names (default: the primary ones)
#   FULL     1: all cases, not only the primary ones
#   MODE     exact, lockstep, parallel or timing (default, without CASES: exact mode for what can be
#            counted, then lockstep mode for contention, two campaigns in one OUT; else exact)
#   ROWS     all, or brief: lockstep mode's default selection (default: brief without CASES and FULL)
#   BOOTS    boots per kernel (default: 1 in exact and lockstep mode, 4 otherwise), or auto:
#            a pilot of the baseline says how many the minimum effect takes
#   BUDGET   minutes that BOOTS=auto may plan for (default: 30)
#   RUNS     processes per case and boot; in lockstep mode each is an interleaving of its own
#            (default: 1; 5 in lockstep mode)
#   PRIMARY  the rows that decide in parallel and timing mode, CASE:NAME=VALUE,... each; all: every one
#            (default: those that its cases name, see dexbench --list)
#   PAGES    pages that each execution works on (default: 4096; 1536 in lockstep mode)
#   AA       yes, no: the baseline once more under another name (default: yes)
#   RETRIES  how often a boot that failed is repeated (default: 1)
#   OUT      directory of the results (default: results/<time>-<mode>, of two results/<time>); one with
#            an unfinished campaign is gone on with, one that is at work is refused
#   LOCKSTEP q=N,pause=N,seed=N of lockstep mode: instructions of a turn, price of a PAUSE,
#            what draws interleavings (default: q=50,pause=100,seed=1); no: of two campaigns only the first
#   CPUS     virtual CPUs (default: 1 in exact mode, 4 in lockstep mode; otherwise 2 to 4, as the host has)
#   MEMORY   MiB of guest memory (default: 1024)
#   FALLBACK yes: where MODE=timing is not to be had, count in exact mode instead (default: no, an error)
#   SEED     of the order of boots (default: from the clock, kept in plan.json)
#   COUNTERS yes, no: count events in an execution of its own (default: yes in
#            timing mode)
#   PERF     record: profile each case with perf (not in exact mode)
#   ENGINE   local, or slurm: boots are jobs of Slurm's, on machines that have this file system; a block of
#            parallel and timing mode is one job, with a machine to itself (default: local)
#   SBATCH   further options for sbatch, as "--partition=long --account=mm"
#   STRICT   1: the exit status is the verdict's, as of dex-compare (default: 0 for any verdict)
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

BUILD=$DEX_TOP/build
HERE=$DEX_TOP/scripts
. "$HERE/engine/door.sh"
. "$HERE/campaign/plan.sh"
. "$HERE/campaign/selection.sh"
. "$HERE/campaign/company.sh"
. "$HERE/campaign/both.sh"
. "$HERE/campaign/boots.sh"

# why_no_kvm: that this user has none at all; nothing where it may be.
why_no_kvm() {
	local device=${DEXBENCH_SYSROOT:-}/dev/kvm

	if [ ! -e "$device" ]; then
		echo "no /dev/kvm: the processor has no virtualisation, firmware keeps it off, its module is not loaded, or this is a guest without any of its own"
	elif [ ! -w "$device" ]; then
		echo "/dev/kvm is not writable for $(id -un): sudo usermod -aG kvm $(id -un), then log in anew"
	fi
}

# probe_kvm: status 1 and the reason in $no_kvm where it runs no kernel; /dev/kvm may be there and not do
# it, so one is booted that ends at once.
probe_kvm() {
	no_kvm=$(why_no_kvm)
	[ -z "$no_kvm" ] || return 1
	group_says no_kvm "$HERE/guest/boot.sh" --kernel="$(head -n 1 <<<"$kernels")" --probe-kvm
}

# without_kvm REASON: what is done where times cannot be had.
without_kvm() {
	[ "${FALLBACK:-}" = yes ] ||
		die "MODE=timing: $1; FALLBACK=yes counts in exact mode instead, MODE=lockstep is for contention"
	log "MODE=timing: $1; counting in exact mode instead"
	[ -z "${PERF:-}" ] || log "PERF=$PERF is left out: a profiler's interrupts would be counted"
	exec 6>&-
	MODE=exact CPUS=1 BOOTS=1 RUNS=1 PERF='' COUNTERS='' primary=null fitness=null
	select_cases "$MODE" "$ROWS" "${FULL:-}" "${CASES:-}"
}

# What one boot takes; QEMU needs some memory besides its guest's.
needs() {
	local whole=false probe=null report=null

	[[ $MODE == @(exact|lockstep) ]] || whole=true
	[ "$MODE" != timing ] || [ -z "${kernels:-}" ] ||
		probe=$(jq -nc '$ARGS.positional' --args -- "$HERE/guest/boot.sh" --kernel="$(head -n 1 <<<"$kernels")" --probe-kvm)
	[ -n "${PILOT:-}" ] || [ ! -e "${OUT:-}/plan.json" ] ||
		report=$(jq -nc --arg out "$(realpath "$OUT")" --arg report "$HERE/engine/report.sh" \
			'{result: "\($out)/compare.json", command: [$report, $out]}')
	jq -nc --arg mode "$MODE" --argjson cpus "$([ "$whole" = true ] && echo "$CPUS" || echo 1)" \
		--argjson memory $((MEMORY + 512)) --argjson seconds $((($(boot_timeout "$MODE") + 60) * (RETRIES + 1))) \
		--argjson whole "$whole" --argjson probe "$probe" --argjson report "$report" \
		'{mode: $mode, cpus: $cpus, memory_mib: $memory, seconds: $seconds, whole: $whole, probe: $probe, report: $report}'
}

# boot_tasks TOTAL BLOCKS: in the order of the plan.  A block in which times are compared stays on one machine.
boot_tasks() {
	local n=0 boot block spec out settings

	out=$(realpath "$OUT")
	settings=(OUT="$out" MODE="$MODE" ROWS="$ROWS" CPUS="$CPUS" RUNS="$RUNS" MEMORY="$MEMORY" PAGES="$PAGES" RETRIES="$RETRIES"
		COUNTERS="${COUNTERS:-}" PERF="${PERF:-}" DEX_CASES="$cases" DEX_EMULATOR="$emulator")
	while IFS=$'\t' read -r boot block spec; do
		n=$((n + 1))
		task "$out/$boot" "boot $n of $1, block $block of $2" \
			"$([[ $MODE == @(exact|lockstep) ]] && echo "$boot" || echo "$block")" \
			env "${settings[@]}" DEX_KERNELS="$(jq -c --arg s "$spec" 'select(.spec == $s)' <<<"$kernels")" \
			"$HERE/engine/try.sh" "$boot" "$spec"
	done < <(jq -r '.schedule[] | "\(.boot)\t\(.block)\t\(.kernel)"' "$OUT/plan.json")
}

# stay_away: what waits for boots does so where no CPU of a guest is, and what it starts, until QEMU's threads are put
# elsewhere (place.sh).
stay_away() { taskset -pc "$("$BUILD/dexbench" --place="$CPUS" | jq -r '.others | join(",")')" $$ >/dev/null 2>&1 || true; }

# run_plan: counts do not care about company, times do.  What is there is not done again.
run_plan() {
	local at_once=1 begin=$SECONDS

	[[ $MODE != @(exact|lockstep) ]] || at_once=$(nproc)
	[ "$MODE" != timing ] || stay_away
	total=$(jq '.schedule | length' "$OUT/plan.json")
	run_tasks boot "$(needs)" "$at_once" "$OUT" unclaimed 3< <(boot_tasks "$total" "$(jq .boots "$OUT/plan.json")")
	[ -z "$hopeless" ] ||
		die "no more boots are tried, for the reason above; the same command with OUT=${DEX_WHOLE:-$OUT} goes on"
	[ $((started + finished)) -eq "$total" ] || die "OUT=$OUT: $total boots are planned, and tasks are $((started + finished))"
	log "$started boots in $(clock_face $((SECONDS - begin)))$([ "$finished" -eq 0 ] || echo ", $finished were there already")"
}

# Boots of the baseline alone, three runs each: where does the variance come
# from, and how many boots would the minimum effect take?  They decide about the
# plan and are no part of it, so that nothing is chosen by its own outcome.
pilot() {
	log "pilot: five boots of the baseline, three runs each"
	in_group unclaimed env OUT="$OUT/pilot" BOOTS=5 RUNS=3 AA=no SEED=1 MODE="$MODE" PAGES="$PAGES" CPUS="$CPUS" \
		MEMORY="$MEMORY" RETRIES="$RETRIES" CASES="${CASES:-}" PERF= PILOT=1 \
		KERNELS="$(join_kernels "$(head -n 1 <<<"$kernels" | jq -r .spec)")" "$HERE/campaign/ab.sh" ||
		die "the pilot did not finish; run the same command again to go on with it"
	proposal=$("$BUILD/dex-compare" --pilot --budget="$BUDGET" --arms="$(wc -l <<<"$kernels")" \
		"$OUT/pilot")
	BOOTS=$(jq .proposed.boots <<<"$proposal")
	RUNS=$(jq .proposed.runs <<<"$proposal")
	PAGES=$(jq .proposed.pages <<<"$proposal")
	log "$(pilot_says "$proposal")"
}

# free_for_campaign DIRECTORY: it is empty, or not there.
free_for_campaign() {
	[ ! -e "$1" ] || [ -z "$(find "$1" -maxdepth 0 ! -empty)" ] ||
		die "OUT=$1 exists and holds no campaign; results are never overwritten, choose another directory"
}

# make_out: it is there, and ours; an empty one goes again if nothing comes of it.
make_out() {
	[ -e "$OUT" ] || trap 'rmdir "$OUT" 2>/dev/null || true' EXIT
	usable "OUT=$OUT" "$OUT" "choose another OUT"
	claim "$OUT"
}

# here COMMAND...: what looks at this machine, once, where its boots are.
here() { [ -n "${PILOT:-}" ] || is_elsewhere || "$@"; }

# What a slip in may cost a kernel build comes before that.
begin_campaign() {
	local specs proposal=null

	check_input
	select_cases "$MODE" "$ROWS" "${FULL:-}" "${CASES:-}"
	select_primary "$MODE" "${PRIMARY:-}"
	specs=$(kernels_or "$(ladder_specs)")
	different "$specs"
	engine_takes "$(needs)"
	here have_machine "$MODE"
	fitness=null
	is_elsewhere || fitness=$(host_fitness "$MODE") || exit
	[ -z "${OUT:-}" ] || make_out
	resolve_emulator "${LOCKSTEP:-}"
	resolve_kernels "$specs"
	if [ "$MODE" = timing ] && ! is_elsewhere; then
		probe_kvm || without_kvm "${no_kvm:-KVM could not be tried, for the reason above}"
	fi
	if [ -z "${OUT:-}" ]; then
		OUT=$(new_results "$MODE")
		make_out
	fi
	here warn_of_load "$MODE" "$(nproc)"
	[ "$BOOTS" != auto ] || pilot
	write_plan "$proposal" "$primary" "$fitness"
	await_orphans "$OUT" 1
}

# go_on: with the campaign in OUT.
go_on() {
	[ -z "$(find "$OUT" -maxdepth 1 -name 'compare.json*')" ] ||
		die "OUT=$OUT holds a finished campaign; results are never overwritten, choose another directory"
	usable "OUT=$OUT" "$OUT" "go on as the user who began it"
	claim "$OUT"
	await_orphans "$OUT" "$(($(boot_timeout "$(jq -r .mode "$OUT/plan.json")") + 60))"
	read_plan
	engine_takes "$(needs)"
	here have_machine "$MODE"
	here warn_of_load "$MODE" "$(nproc)"
	engine_settle "$OUT"
	find "$OUT" -maxdepth 1 \( -name '*.part.*' -o -name '*.tmp.*' \) -exec rm -rf {} +
	log "going on with the campaign in $OUT"
}

# A verdict is dex-compare's to return; a failed boot is a failure here.
finish_campaign() {
	local rc=0

	[ "$failures" -lt "$total" ] || die "every boot failed; what they left is in $OUT"
	if [ "$failures" -gt 0 ]; then
		"$BUILD/dex-compare" "$OUT" || true
		die "$failures of $total boots failed; the table is partial and not kept.  The same command with OUT=${DEX_WHOLE:-$OUT} goes on"
	fi
	[ -z "${PILOT:-}" ] || exit 0
	# An engine may have written it already.
	if [ -e "$OUT/compare.json" ]; then
		"$BUILD/dex-compare" "$OUT" || rc=$?
	else
		"$BUILD/dex-compare" --write "$OUT" || rc=$?
	fi
	[ "$rc" -ne 2 ] || exit 2
	log "results in $OUT; the same table again: build/dex-compare $OUT"
	verdict=$rc
}

# The one whose campaign it is says so.
interrupted() {
	engine_cancel
	[ -z "${PILOT:-}" ] || return 0
	if [ -e "${OUT:-}/plan.json" ] || [ -e "${OUT:-}/pilot/plan.json" ]; then
		log "interrupted; the same command with OUT=${DEX_WHOLE:-$OUT} goes on"
	else
		log "interrupted; kernels that were built are kept"
	fi
}

[ -z "${CASE:-}" ] || [ -n "${CASES:-}" ] || die "CASE= is for make attribute and make bisect; here it is CASES=$CASE"
check_strict
[ -z "${BOOT_TIMEOUT:-}" ] || is_number BOOT_TIMEOUT "$BOOT_TIMEOUT"
check_engine
if [ -z "${MODE:-}${CASES:-}" ] && [ ! -e "${OUT:-}/plan.json" ]; then
	end_on_signals true
	both_campaigns
fi
end_on_signals interrupted
if [ -e "${OUT:-}/plan.json" ]; then
	go_on
else
	[ -e "${OUT:-}/pilot" ] || free_for_campaign "${OUT:-}"
	begin_campaign
fi
run_plan
finish_campaign
verdict_status "$verdict"
