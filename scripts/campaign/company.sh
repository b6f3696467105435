# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What else this machine does while a campaign runs: another campaign in the same place, boots
# that a killed one left, timing campaigns of whoever, load.  Sourced by ab.sh.
#
# Two at once falsify each other's times, so a timing campaign has the machine to itself, and is
# refused where it cannot.  Counts do not care about company; a campaign of another mode beside
# a timing one goes on with a warning, because it is the other one's times that are spoiled.
#
# Locks are files that are open, so they end with whoever holds them.  Descriptor 9 is the
# campaign's claim to its OUT, which no process has that may outlive it; 7 and 6 are what boots
# share with it: the plan, and the machine.  DEXBENCH_SYSROOT is put before system paths, for tests.

# who_has DIRECTORY: open, as far as this user may look: " (process 12, 34)".
who_has() {
	find /proc/[0-9]*/fd -lname "$(realpath "$1")" 2>/dev/null | cut -d/ -f3 | grep -vx "$BASHPID" | sort -un |
		awk '{ list = list (NR > 1 ? ", " : "") $1 } END { if (NR) print " (process " list ")" }'
}

# claim OUT: one campaign at a time in a directory.  One that was killed this moment may have
# left something that ends within seconds, on a slow disk too.
claim() {
	exec 9<"$1"
	flock -w 5 9 || die "OUT=$1: another campaign is at work there$(who_has "$1"); wait for it, or choose another OUT"
}

# unclaimed COMMAND...
unclaimed() {
	exec 9>&-
	"$@"
}

# await_orphans OUT SECONDS: boots that a killed campaign left end by themselves within their
# time limit, and so are neither lost nor done twice.
await_orphans() {
	exec 7<"$1/plan.json"
	flock -n 7 && return
	log "OUT=$1: boots of a campaign that was killed are at work there; waiting for them, $2 s at most"
	flock -w "$2" 7 9>&- || die "OUT=$1: boots of a campaign that was killed do not end; fuser -k $1/plan.json ends them"
}

# The same file for every user, so not where somebody happens to be allowed to write.
timing_lock_file() {
	local place=${DEXBENCH_SYSROOT:-}/run/lock

	[ -k "$place" ] || place=${DEXBENCH_SYSROOT:-}/tmp
	echo "$place/dexbench-timing.lock"
}

# open_timing_lock: as descriptor 6; status 1 if it cannot be.  Reading is enough to lock, so
# whoever comes first makes it for all, and no other's file is ever written to.
open_timing_lock() {
	local file

	file=$(timing_lock_file)
	[ -e "$file" ] || (umask 022 && set -C && : >"$file") 2>/dev/null || true
	[ -f "$file" ] && [ ! -L "$file" ] && { exec 6<"$file"; } 2>/dev/null
}

# have_machine MODE: to itself in timing mode.
have_machine() {
	local mode=$1

	if [ "$mode" = timing ]; then
		open_timing_lock ||
			die "$(timing_lock_file): cannot open it, and without it two timing campaigns may meet; remove it, or make it a file that all may read"
		flock -w 1 6 || # who only looks holds it for a moment
			die "another timing campaign is at work on this machine ($(timing_lock_file)); two at once falsify each other: wait for it"
	elif [ -e "$(timing_lock_file)" ] && open_timing_lock; then
		flock -n -s 6 || log "warning: a timing campaign is at work on this machine, and this one falsifies its times"
		exec 6>&-
	fi
}

# warn_of_load MODE CPUS: where times or rates are compared.
warn_of_load() {
	local load rest

	case $1 in parallel | timing) ;; *) return 0 ;; esac
	read -r load rest <"${DEXBENCH_SYSROOT:-}/proc/loadavg" || return 0
	awk -v load="$load" -v cpus="$2" 'BEGIN { exit !(load >= 0.5 * cpus) }' || return 0
	log "warning: the load is $load on $2 CPUs; what else runs gets into the results: end it (top shows it), or wait a minute"
}
