# shellcheck shell=bash disable=SC2034 # variables are for those who source it
# SPDX-License-Identifier: MIT
# What every stage shares: messages, the cache, progress.  Sourced, never run.
#
# Messages go to stderr, one line each: what, where, and the remedy.  Exit
# status 2 is a usage or environment error, as in dex-compare.

DEX_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
DEX_CACHE=${DEXBENCH_CACHE:-${XDG_CACHE_HOME:-${HOME:-~}/.cache}/dexbench}

# Where a shell leaves ~ behind a name's = as it is, it is meant all the same.
for DEX_NAME in OUT TREE CONFIG QEMU DEX_CACHE; do
	# shellcheck disable=SC2088 # that very letter
	[[ ${!DEX_NAME:-} != '~/'* ]] || printf -v "$DEX_NAME" '%s' "${HOME:-~}${!DEX_NAME#'~'}"
done

# What plans and attributions keep of a kernel, for jq: nothing of where it lies here.
KERNEL_FACTS='{spec, cmdline, source, tree, packages, key, release, config_hash, config, compiler, build_id}'

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
		die "$1: not found; run scripts/setup.sh, which says how to install it (Debian: ${2:-$1})"
}

# attempt WHAT REMEDY COMMAND...: dies with WHAT and the system's reason if it fails.
attempt() {
	local what=$1 remedy=$2 reason

	shift 2
	reason=$(LC_ALL=C "$@" 2>&1 >/dev/null) || die "$what: $(tail -n 1 <<<"${reason##*: }")${remedy:+; $remedy}"
}

# usable WHAT DIRECTORY REMEDY: it can be made, written to and read, or we die.
usable() {
	local probe=$2/.probe.$$

	attempt "$1: cannot create it" "$3" mkdir -p "$2"
	attempt "$1: cannot write there" "$3" touch "$probe"
	rm -f "$probe"
	attempt "$1: cannot read it" "$3" ls "$2"
}

check_cache() { usable "the cache $DEX_CACHE" "$DEX_CACHE" "DEXBENCH_CACHE=DIRECTORY chooses another"; }

# allowed_pages: what dexbench says of how many pages an execution may work on: of what a multiple, and
# the least.
allowed_pages() { "$DEX_TOP/build/dexbench" --list | jq -r '.[0].pages | "\(.multiple_of) \(.least)"'; }

# check_pages PAGES: a number already.
check_pages() {
	local allowed step least

	allowed=$(allowed_pages)
	read -r step least <<<"$allowed"
	(($1 % step == 0 && $1 >= least)) || die "PAGES=$1: give a multiple of $step, $least or more"
}

# split_kernels VALUE: the specs of such a KERNELS, one a line.  A value with a | in it is split at
# bars between blanks and nowhere else, any other at blanks.
split_kernels() {
	local bars=" ${1//[$'\n\t']/ } " items item home=${HOME:-~}

	if [[ $1 == *'|'* ]]; then
		bars=${bars//' | '/' |  '}
		items=${bars//' | '/$'\n'}
	else
		items=${bars// /$'\n'}
	fi
	while read -r item; do
		case $item in image:* | tree:*) item=${item/:'~/'/":$home/"} item=${item/,'~/'/",$home/"} ;; esac
		[ -z "$item" ] || printf '%s\n' "$item"
	done <<<"$items"
}

# kernels_or DEFAULT: the specs that KERNELS says, or these, one a line.
kernels_or() {
	local specs

	specs=$(split_kernels "${KERNELS:-}")
	printf '%s\n' "${specs:-$1}"
}

ladder_specs() { grep -v '^#' "$DEX_TOP/kernels/ladder.tsv" | cut -f1; }

# boot_timeout MODE: seconds; boots of lockstep mode have many runs, and many CPUs on one of the host's.
boot_timeout() { echo "${BOOT_TIMEOUT:-$([ "$1" = lockstep ] && echo 3600 || echo 600)}"; }

# lockstep_text: as LOCKSTEP has them, the parameters in a plan, or in an object of emulator.sh, from
# standard input; nothing of another mode's.
lockstep_text() { jq -r '.lockstep // {} | del(.key, .qemu, .source) | to_entries | map("\(.key)=\(.value)") | join(",")'; }

# join_kernels SPEC...: such a VALUE.
join_kernels() {
	local value

	if [[ "$*" != *'|'* && "$(printf '%s' "$@")" != *' '* ]]; then
		echo "$*"
		return
	fi
	printf -v value ' | %s' "$@"
	[ $# -eq 1 ] && echo "${value# }" || echo "${value# | }"
}

# One line of text that identifies a set of inputs.
digest() { sha256sum | cut -c1-16; }

# safe_name SPEC: what a file may be called after it; the A/A arm has a name of its own.
safe_name() { tr -c 'A-Za-z0-9.\n-' '_' <<<"${1% (A/A)}$([[ $1 != *" (A/A)" ]] || echo -aa)" | cut -c1-60; }

# unused NAME: that, or NAME.2, NAME.3, ...: the first that nothing is called.
unused() {
	local name=$1 n=1

	while [ -e "$name" ]; do
		n=$((n + 1))
		name=$1.$n
	done
	echo "$name"
}

# new_results [WORD]: a directory for results, called after the time.
new_results() { unused "$DEX_TOP/results/$(date -u +%Y%m%dT%H%M%SZ)${1:+-$1}"; }

# atomic_write FILE: standard input becomes FILE, whole or not at all.  No JSON is empty: what was to make it failed.
atomic_write() {
	local tmp="$1.tmp.$$" reason

	if reason=$({ LC_ALL=C cat >"$tmp"; } 2>&1); then
		[[ $1 != *.json || -s $tmp ]] || { rm -f "$tmp"; die "$1 is not written: what makes it failed, and said why above"; }
		mv "$tmp" "$1" 2>/dev/null && return
		reason=$(LC_ALL=C mv "$tmp" "$1" 2>&1) && return
	fi
	rm -f "$tmp"
	reason=${reason##*: }
	[[ $reason != *"No space"* ]] || reason+=" (df -h ${1%/*})"
	die "cannot write $1: $reason"
}

# make without the caller's flags and variables: what is built must not depend
# on who called.
clean_make() {
	env -i PATH="$PATH" HOME="$HOME" TMPDIR="${TMPDIR:-/tmp}" LC_ALL=C make "$@"
}

# arch_fact KEY: what the processor has its own of (scripts/arch/x86.tsv).
arch_fact() {
	awk -F'\t' -v key="$1" '$1 == key { print $2; found = 1 } END { exit !found }' "$DEX_TOP/scripts/arch/x86.tsv" ||
		die "scripts/arch/x86.tsv has no $1"
}

# module_sources DIR: a copy to build in, without what an earlier build left.
module_sources() {
	mkdir -p "$1"
	cp -r "$DEX_TOP"/kernel-module/{Kbuild,Makefile,*.[ch],arch} "$1/"
	rm -f "$1"/*.mod.c
}

# can_carry_module SYMVERS: exports that kernel one of the functions that Kbuild has a body for?
can_carry_module() {
	grep -qwFf <(sed -n 's/.*symbol,\(make_device_exclusive[a-z_]*\),.*/\1/p' "$DEX_TOP/kernel-module/Kbuild") "$1" 2>/dev/null
}

# libraries_of PROGRAM...: files that they need, the loader too, which prints
# `name => path (address)` and, of itself, `path (address)`.  Of a library that this host also has for newer
# CPUs (glibc-hwcaps) the plain one is taken.
libraries_of() {
	local program loader

	for program; do
		loader=$(loader_of "$program")
		[ -n "$loader" ] || continue # linked statically
		"$loader" --glibc-hwcaps-mask none --list "$program" 2>/dev/null || "$loader" --list "$program"
	done | grep -oE '/[^ ]+' | sort -u
}

loader_of() { readelf -lW "$1" | sed -n 's/.*program interpreter: \(.*\)\]$/\1/p'; }

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
# terminal, a plain line for every further tenth elsewhere.  Of what has not come to one step there is
# no share to tell; when it ends is estimated whenever a step is done, and counts down from there.
progress_tenth=-1 progress_done=0 progress_end=0
show_progress() {
	local label=$1 done=$2 total=$3 secs=$4 share='' tail='' tenth

	[ "$done" -lt "$total" ] || total=$((done + 1))
	if [ "$done" -ne "$progress_done" ]; then
		progress_done=$done
		progress_end=$((done > 0 ? secs * total / done : 0))
	fi
	[ "$done" -eq 0 ] || share="$((100 * done / total)) %, "
	if [ "$done" -gt 0 ] && [ "$secs" -gt 4 ] && [ "$progress_end" -gt "$secs" ]; then
		tail=", about $(clock_face $((progress_end - secs))) left"
	fi
	if [ -t 2 ]; then
		printf '\r\033[Kdexbench: %s: %s%s%s' "$label" "$share" "$(clock_face "$secs")" "$tail" >&2
		return
	fi
	tenth=$((10 * done / total))
	if [ "$tenth" -gt "$progress_tenth" ]; then
		progress_tenth=$tenth
		log "$label: ${share:-begun, }$(clock_face "$secs")$tail"
	fi
}

# run_logged LABEL STEPS LOGFILE COMMAND...: run with its output in LOGFILE,
# progress from the number of lines in it.
run_logged() {
	local label=$1 steps=$2 logfile=$3 begin=$SECONDS pid rc=0 lines=0

	shift 3
	progress_tenth=-1
	begin_group "$@" >"$logfile" 2>&1
	pid=$!
	end_on_signals true
	while kill -0 "$pid" 2>/dev/null; do
		show_progress "$label" "$lines" "$steps" $((SECONDS - begin))
		sleep 1
		lines=$(wc -l <"$logfile")
	done
	wait "$pid" || rc=$?
	trap - HUP INT TERM
	[ ! -t 2 ] || printf '\r\033[K' >&2
	[ "$rc" -ne 0 ] || log "$label: done in $(clock_face $((SECONDS - begin)))"
	return "$rc"
}

check_strict() { [[ ${STRICT:-} == @(|1) ]] || die "STRICT=$STRICT: the one value is 1"; }

# verdict_status STATUS: what was found is an answer and no failure; STRICT=1 makes it the exit status.
verdict_status() { [ -z "${STRICT:-}" ] || exit "$1"; }

# begin_group COMMAND...: in the background, in a process group of its own; $! is its number.
DEX_GROUPS=()
begin_group() {
	set -m
	"$@" </dev/null &
	set +m
	DEX_GROUPS+=("$!")
}

# in_group COMMAND...: likewise, and wait for it.
in_group() {
	local rc=0

	begin_group "$@"
	wait $! || rc=$?
	return "$rc"
}

# group_says VARIABLE COMMAND...: in_group; what it prints becomes the value.
group_says() {
	local variable=$1 said in out rc=0

	shift
	said=$(mktemp "${TMPDIR:-/tmp}/dexbench.XXXXXX") || die "no room for temporary files; TMPDIR=DIRECTORY chooses another place"
	# shellcheck disable=SC2094 # written first, then read
	exec {out}>"$said" {in}<"$said"
	rm "$said"
	in_group "$@" >&"$out" || rc=$?
	printf -v "$variable" '%s' "$(cat <&"$in")"
	exec {out}>&- {in}<&-
	return "$rc"
}

# group_lives GROUP: a process of it, of this session; those that wait for their parent to bury them are none.
group_lives() {
	local stat fields

	read -r stat </proc/self/stat
	read -ra fields <<<"${stat##*) }"
	grep -qsE "^[0-9]+ \(.*\) [^ZX] [0-9]+ $1 ${fields[3]} " /proc/[0-9]*/stat
}

# end_groups: all that runs in them, QEMU too; what does not listen for 10 seconds is killed.  A
# leader that somebody ended first has left the others; a number that went to another session's
# process since is none of ours.
end_groups() {
	local group n=0

	for group in "${DEX_GROUPS[@]}"; do
		! group_lives "$group" || kill -TERM -- "-$group" || true
	done
	for group in "${DEX_GROUPS[@]}"; do
		while [ "$n" -lt 100 ] && group_lives "$group"; do
			sleep 0.1
			n=$((n + 1))
		done
		! group_lives "$group" || kill -KILL -- "-$group" || true
	done
} >/dev/null 2>&1

# end_on_signals COMMAND...: hang-up, interrupt and termination end all groups and then us;
# COMMAND has the last word.
end_on_signals() {
	local signal

	for signal in HUP:129 INT:130 TERM:143; do
		# shellcheck disable=SC2064 # the words of now
		trap "end_by_signal ${signal#*:} ${*@Q}" "${signal%:*}"
	done
}

# end_by_signal STATUS COMMAND...: bash has words of its own for each that was ended; nobody needs them.
end_by_signal() {
	local status=$1 terminal

	shift
	trap '' HUP INT TERM
	exec {terminal}>&2 2>/dev/null
	end_groups
	[ ! -t "$terminal" ] || printf '\r\033[K' >&"$terminal"
	"$@" 2>&"$terminal"
	exit "$status"
}
