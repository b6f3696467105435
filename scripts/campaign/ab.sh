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
#   STRICT   1: the exit status is the verdict's, as of dex-compare (default: 0 for any verdict)
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

BUILD=$DEX_TOP/build
HERE=$DEX_TOP/scripts
. "$HERE/campaign/plan.sh"
. "$HERE/campaign/selection.sh"
. "$HERE/campaign/company.sh"
. "$HERE/campaign/both.sh"

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
	MODE=exact CPUS=1 BOOTS=1 RUNS=1 PERF='' COUNTERS=''
	select_cases "$MODE" "$ROWS" "${FULL:-}" "${CASES:-}"
}

failed_attempts() { find "$OUT" -maxdepth 1 -name "$1.failed.*" | wc -l; }

# leave_word DIRECTORY TEXT
leave_word() { mkdir "$1" && echo "$2" >"$1/why.txt"; }

# keep_failure BOOT TRY STATUS: every try that failed has a directory, also one that ended before
# boot.sh could make it.  Where there is no room for that, no boot will do.
keep_failure() {
	local kept=$OUT/$1.failed.$2

	[ "$(failed_attempts "$1")" -lt "$2" ] || return 0
	attempt "OUT=$OUT: cannot keep what boot $1 left" "the same command goes on once that is mended" \
		leave_word "$kept" "boot.sh ended with status $3 and left nothing"
}

# boot_one BOOT SPEC: status 1 if it failed, 2 if boots cannot be made here.
#
# A failed boot is kept, shown, and repeated: QEMU's parallel CPUs, for one, trip
# over code that the guest patches (a stale breakpoint: "Oops: int3") about once
# in fifty boots.  What earlier sessions of the campaign tried counts.
boot_one() {
	local boot=$1 spec=$2 rc tried brief=()

	[ "$ROWS" = all ] || brief=(--brief)
	tried=$(failed_attempts "$boot")
	if [ "$tried" -gt "$RETRIES" ]; then
		log "boot $boot has failed $tried times before; to try it again, remove $OUT/$boot.failed.*"
		return 1
	fi
	while [ "$tried" -le "$RETRIES" ]; do
		[ "$tried" -eq 0 ] || log "boot $boot: attempt $((tried + 1)) of at most $((RETRIES + 1))"
		rc=0
		"$HERE/guest/boot.sh" --kernel="$(jq -c --arg s "$spec" 'select(.spec == $s)' <<<"$kernels")" \
			--mode="$MODE" --cases="$cases" --out="$OUT/$boot" --cpus="$CPUS" --runs="$RUNS" \
			--memory="$MEMORY" --pages="$PAGES" --label="$spec" --counters="${COUNTERS:-}" \
			--perf="${PERF:-}" --emulator="$emulator" "${brief[@]}" || rc=$?
		case $rc in 0 | 2) return "$rc" ;; esac
		tried=$((tried + 1))
		keep_failure "$boot" "$tried" "$rc"
	done
	return 1
}

# await N: until fewer than N boots run; counts those that ended, and notes whether any boot
# can be made at all.
await() {
	local rc

	while [ "$(jobs -rp | wc -l)" -ge "$1" ]; do
		show_progress "boot $((finished + started)) of $total, block $at of $blocks" \
			"$done" $((total - finished)) $((SECONDS - begin))
		sleep 0.3
	done
	while [ "$done" -lt $((started - $(jobs -rp | wc -l))) ]; do
		rc=0
		wait -n || rc=$?
		[ "$rc" -eq 0 ] || failures=$((failures + 1))
		[ "$rc" -ne 2 ] || hopeless=1
		done=$((done + 1))
	done
}

# Counts do not care about company, times do.  What is there is not done again.
run_boots() {
	local at_once=1 boot block spec

	[[ $MODE != @(exact|lockstep) ]] || at_once=$(nproc)
	total=$(jq '.schedule | length' "$OUT/plan.json")
	blocks=$(jq '.boots' "$OUT/plan.json")
	failures=0 started=0 done=0 finished=0 at=1 begin=$SECONDS progress_tenth=-1 hopeless=''
	while IFS=$'\t' read -r boot block spec <&3; do
		if [ -e "$OUT/$boot" ]; then
			finished=$((finished + 1))
			continue
		fi
		await "$at_once"
		[ -z "$hopeless" ] || break
		begin_group unclaimed boot_one "$boot" "$spec"
		started=$((started + 1)) at=$block
	done 3< <(jq -r '.schedule[] | "\(.boot)\t\(.block)\t\(.kernel)"' "$OUT/plan.json")
	await 1
	[ ! -t 2 ] || printf '\r\033[K' >&2
	[ -z "$hopeless" ] ||
		die "no more boots are tried, for the reason above; the same command with OUT=${DEX_WHOLE:-$OUT} goes on"
	log "$started boots in $(clock_face $((SECONDS - begin)))$([ "$finished" -eq 0 ] || echo ", $finished were there already")"
}

# Boots of the baseline alone, three runs each: where does the variance come
# from, and how many boots would the minimum effect take?  They decide about the
# plan and are no part of it, so that nothing is chosen by its own outcome.
pilot() {
	log "pilot: five boots of the baseline, three runs each"
	in_group unclaimed env OUT="$OUT/pilot" BOOTS=5 RUNS=3 AA=no SEED=1 MODE="$MODE" PAGES="$PAGES" CPUS="$CPUS" \
		MEMORY="$MEMORY" RETRIES="$RETRIES" CASES="${CASES:-}" COUNTERS=no PERF= PILOT=1 \
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

# What a slip in may cost a kernel build comes before that.
begin_campaign() {
	local specs proposal=null

	check_input
	select_cases "$MODE" "$ROWS" "${FULL:-}" "${CASES:-}"
	specs=$(kernels_or "$(ladder_specs)")
	different "$specs"
	[ -n "${PILOT:-}" ] || have_machine "$MODE"
	[ -z "${OUT:-}" ] || make_out
	resolve_emulator "${LOCKSTEP:-}"
	resolve_kernels "$specs"
	if [ "$MODE" = timing ]; then
		probe_kvm || without_kvm "${no_kvm:-KVM could not be tried, for the reason above}"
	fi
	if [ -z "${OUT:-}" ]; then
		OUT=$(new_results "$MODE")
		make_out
	fi
	[ -n "${PILOT:-}" ] || warn_of_load "$MODE" "$(nproc)"
	[ "$BOOTS" != auto ] || pilot
	write_plan "$proposal"
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
	[ -n "${PILOT:-}" ] || have_machine "$MODE"
	[ -n "${PILOT:-}" ] || warn_of_load "$MODE" "$(nproc)"
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
	"$BUILD/dex-compare" --write "$OUT" || rc=$?
	[ "$rc" -ne 2 ] || exit 2
	log "results in $OUT; the same table again: build/dex-compare $OUT"
	verdict=$rc
}

# The one whose campaign it is says so.
interrupted() {
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
run_boots
finish_campaign
verdict_status "$verdict"
