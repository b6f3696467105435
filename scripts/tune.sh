#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Settings of this machine that make times repeatable, and what they were before.
#
# usage: tune.sh tune|untune     (make tune, make untune; as root, on bare metal)
#
#   governor        performance: the frequency does not follow the load
#   turbo           off: it does not follow temperature and neighbours either
#   thp             madvise: only who asks gets huge pages; not "never", because
#                   cases that ask for them must find them
#   numa_balancing  off: no page is unmapped to learn who uses it
#
# What is found is saved before each change in /run/dexbench-tune, which vanishes at
# a reboot as the settings do; so `untune` restores it whenever and however `tune`
# ended, and a second `tune` never takes its own settings for the originals.
# Exit status: 0, or 2 if something that is there could not be set or restored.
#
# DEXBENCH_SYSROOT is put before every path, for tests.
set -eu
. "$(dirname "$0")/lib.sh"

ROOT=${DEXBENCH_SYSROOT:-}
STATE=$ROOT/run/dexbench-tune/state
CPU=/sys/devices/system/cpu
failed=0

problem() {
	failed=1
	log "$*"
}

# The value of a setting, or of "always [madvise] never" the chosen word.
setting() {
	local text

	read -r text <"$ROOT$1" || return 1
	[[ $text =~ \[([^]]*)\] ]] && text=${BASH_REMATCH[1]}
	printf '%s\n' "$text"
}

# put NAME PATH VALUE: write it and see that it holds.
put() {
	if ! { printf '%s\n' "$3" >"$ROOT$2"; } 2>/dev/null; then
		problem "$1: cannot write $2; in a container or without root it is read-only: run this on the machine itself, as root"
		return 1
	fi
	[ "$(setting "$2")" = "$3" ] ||
		{ problem "$1: $2 does not take '$3', it stays '$(setting "$2")'"; return 1; }
}

saved() { [ -f "$STATE" ] && cut -f2 "$STATE" | grep -qxF -- "$1"; }

# The whole file anew, so that a kill leaves the old one or the new one.
save() {
	local old=''

	! [ -f "$STATE" ] || old=$(cat "$STATE")$'\n'
	atomic_write "$STATE" <<<"$old$1"$'\t'"$2"$'\t'"$3"
}

# change NAME VALUE PATH...: those paths that exist; says so if none does.
change() {
	local name=$1 value=$2 path found='' now

	shift 2
	for path; do
		[ -e "$ROOT$path" ] || continue
		found=1
		now=$(setting "$path") || { problem "$name: cannot read $path"; continue; }
		[ "$now" != "$value" ] || { log "$name: $path: is $value already"; continue; }
		saved "$path" || save "$name" "$path" "$now"
		! put "$name" "$path" "$value" || log "$name: $path: $now -> $value"
	done
	[ -n "$found" ] || log "$name: this machine has no such setting"
}

governors() { (cd "$ROOT/" && printf '/%s\n' "${CPU#/}"/cpufreq/policy*/scaling_governor); }

tune() {
	local -a policies

	mapfile -t policies < <(governors)
	change governor performance "${policies[@]}"
	if [ -e "$ROOT$CPU/intel_pstate/no_turbo" ]; then
		change turbo 1 "$CPU/intel_pstate/no_turbo"
	else
		change turbo 0 "$CPU/cpufreq/boost"
	fi
	change thp madvise /sys/kernel/mm/transparent_hugepage/enabled
	change numa_balancing 0 /proc/sys/kernel/numa_balancing
}

# All of it stays on record until all of it is restored: to repeat is harmless.
untune() {
	local name path value

	[ -f "$STATE" ] || { log "nothing to restore: $STATE does not exist"; return; }
	while IFS=$'\t' read -r name path value; do
		if [ ! -e "$ROOT$path" ]; then
			problem "$name: $path is gone; was '$value'"
		elif put "$name" "$path" "$value"; then
			log "$name: $path: restored to $value"
		fi
	done < <(tac "$STATE")
	[ "$failed" -ne 0 ] || rm "$STATE"
}

case ${1:-} in
tune | untune) [ $# -eq 1 ] || die "usage: tune.sh tune|untune" ;;
*) die "usage: tune.sh tune|untune" ;;
esac
[ -n "$ROOT" ] || [ "$(id -u)" -eq 0 ] || die "not root: these settings are the machine's; run sudo $0 $1"
if [ -d "${STATE%/*}" ] || [ "$1" = tune ]; then
	mkdir -p "${STATE%/*}" 2>/dev/null || die "cannot write ${STATE%/*}: run this as root, outside containers"
	exec 9>"${STATE%/*}/lock"
	flock -n 9 || die "another tune.sh is running"
fi
"$1"
[ "$failed" -eq 0 ] || exit 2
