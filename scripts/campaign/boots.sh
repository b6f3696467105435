# shellcheck shell=bash disable=SC2034,SC2154 # names of those who source it
# SPDX-License-Identifier: MIT
# The boots of a plan: each is run, and repeated if it failed.  Sourced by try.sh and by the runner of a bundle,
# which have what the plan fixes, $kernels, $cases and $emulator.

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

# scheduled [NUMBER]: boots of the plan, or the one of that number; name, block and spec of each, a line.
scheduled() {
	jq -r --arg number "${1:-}" '.schedule | to_entries[] | select($number == "" or $number == "\(.key + 1)") |
		.value | "\(.boot)\t\(.block)\t\(.kernel)"' "$OUT/plan.json"
}
