# shellcheck shell=bash disable=SC2034,SC2154 # names of those who source it
# SPDX-License-Identifier: MIT
# The boots of a plan: each is run, repeated if it failed, and counted.  Sourced by ab.sh and by the
# runner of a bundle, which have read the plan: what it fixes, $kernels, $cases and $emulator.

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

# scheduled [NUMBER]: boots of the plan, or the one of that number; name, block and spec of each, a line.
scheduled() {
	jq -r --arg number "${1:-}" '.schedule | to_entries[] | select($number == "" or $number == "\(.key + 1)") |
		.value | "\(.boot)\t\(.block)\t\(.kernel)"' "$OUT/plan.json"
}

# run_boots COMMAND [NUMBER]: those; COMMAND gets a boot's name and spec.  Counts do not care about
# company, times do.  What is there is not done again.
run_boots() {
	local at_once=1 boot block spec list again=${DEX_AGAIN:-the same command with OUT=${DEX_WHOLE:-$OUT}}

	[[ $MODE != @(exact|lockstep) ]] || at_once=$(nproc)
	list=$(scheduled "${2:-}")
	total=$(wc -l <<<"$list")
	blocks=$(jq '.boots' "$OUT/plan.json")
	failures=0 started=0 done=0 finished=0 at=1 begin=$SECONDS progress_tenth=-1 hopeless=''
	while IFS=$'\t' read -r boot block spec <&3; do
		if [ -e "$OUT/$boot" ]; then
			finished=$((finished + 1))
			continue
		fi
		await "$at_once"
		[ -z "$hopeless" ] || break
		begin_group unclaimed "$1" "$boot" "$spec"
		started=$((started + 1)) at=$block
	done 3<<<"$list"
	await 1
	[ ! -t 2 ] || printf '\r\033[K' >&2
	[ -z "$hopeless" ] || die "no more boots are tried, for the reason above; $again goes on"
	log "$started boots in $(clock_face $((SECONDS - begin)))$([ "$finished" -eq 0 ] || echo ", $finished were there already")"
}
