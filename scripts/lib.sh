# shellcheck shell=bash disable=SC2034 # variables are for those who source it
# SPDX-License-Identifier: MIT
# What every stage shares: messages, the cache, progress.  Sourced, never run.
#
# Messages go to stderr, one line each: what, where, and the remedy.  Exit
# status 2 is a usage or environment error, as in dex-compare.

DEX_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
DEX_CACHE=${DEXBENCH_CACHE:-${XDG_CACHE_HOME:-${HOME:-~}/.cache}/dexbench}

log() { printf '%s\n' "dexbench: $*" >&2; }

# A caller that carries on names a file in DEX_REASON and finds the reason there.
leave_reason() { [ -z "${DEX_REASON:-}" ] || printf '%s\n' "$*" >"$DEX_REASON"; }

die() {
	leave_reason "$*"
	log "error: $*"
	exit 2
}

need_tool() {
	command -v "$1" >/dev/null 2>&1 ||
		die "$1: not found; run scripts/setup.sh, or install package ${2:-$1}"
}

# One line of text that identifies a set of inputs.
digest() { sha256sum | cut -c1-16; }

# safe_name SPEC: what a file may be called after it; the A/A arm has a name of its own.
safe_name() { tr -c 'A-Za-z0-9.\n-' '_' <<<"${1% (A/A)}$([[ $1 != *" (A/A)" ]] || echo -aa)" | cut -c1-60; }

# atomic_write FILE: standard input becomes FILE, whole or not at all.
atomic_write() {
	local tmp="$1.tmp.$$"

	if ! cat >"$tmp" 2>/dev/null || ! mv "$tmp" "$1"; then
		rm -f "$tmp"
		die "cannot write $1: is the disk full? (df -h ${1%/*})"
	fi
}

# make without the caller's flags and variables: what is built must not depend
# on who called.
clean_make() {
	env -i PATH="$PATH" HOME="$HOME" TMPDIR="${TMPDIR:-/tmp}" LC_ALL=C make "$@"
}

# module_sources DIR: a copy to build in, without what an earlier build left.
module_sources() {
	mkdir -p "$1"
	cp "$DEX_TOP"/kernel-module/{Kbuild,Makefile,*.[ch]} "$1/"
	rm -f "$1"/*.mod.c
}

# cpio_of DIR: an archive for the kernel to unpack, without a trace of when and
# where it was made: the kernel's parser takes other steps for other digits.
cpio_of() {
	(
		cd "$1" || exit
		find . -exec touch -h -d @0 {} +
		find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --reproducible --quiet
	)
}

clock_face() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

# show_progress LABEL DONE TOTAL SECONDS: one self-overwriting line on a
# terminal, a plain line for every further tenth elsewhere.
progress_tenth=-1
show_progress() {
	local label=$1 done=$2 total=$3 secs=$4 tail='' tenth

	[ "$done" -lt "$total" ] || total=$((done + 1))
	if [ "$done" -gt 0 ] && [ "$secs" -gt 4 ]; then
		tail=", about $(clock_face $((secs * (total - done) / done))) left"
	fi
	if [ -t 2 ]; then
		printf '\r\033[Kdexbench: %s: %d %%, %s%s' "$label" \
			$((100 * done / total)) "$(clock_face "$secs")" "$tail" >&2
		return
	fi
	tenth=$((10 * done / total))
	if [ "$tenth" -gt "$progress_tenth" ]; then
		progress_tenth=$tenth
		log "$label: $((100 * done / total)) %, $(clock_face "$secs")$tail"
	fi
}

# run_logged LABEL STEPS LOGFILE COMMAND...: run with its output in LOGFILE,
# progress from the number of lines in it.
run_logged() {
	local label=$1 steps=$2 logfile=$3 begin=$SECONDS pid rc=0 lines=0

	shift 3
	progress_tenth=-1
	: >"$logfile"
	"$@" >"$logfile" 2>&1 </dev/null &
	pid=$!
	# shellcheck disable=SC2064 # the pid of now is meant
	trap "kill $pid 2>/dev/null; exit 130" INT TERM
	while kill -0 "$pid" 2>/dev/null; do
		show_progress "$label" "$lines" "$steps" $((SECONDS - begin))
		sleep 1
		lines=$(wc -l <"$logfile")
	done
	wait "$pid" || rc=$?
	trap - INT TERM
	[ ! -t 2 ] || printf '\r\033[K' >&2
	[ "$rc" -ne 0 ] || log "$label: done in $(clock_face $((SECONDS - begin)))"
	return "$rc"
}

# why_fails COMMAND...: what it says when it is run again and fails, without its own name.
why_fails() { ("$@" 2>&1 || true) | tail -n 1 | sed 's/^[a-z]*: //'; }
