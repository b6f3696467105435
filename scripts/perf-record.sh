#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# Profile one command: where in the kernel is its time spent?
#
# usage: perf-record.sh OUTDIR CASE -- COMMAND...      (as root; also under busybox sh)
#
# Leaves OUTDIR/CASE.perf.data, for perf report, and OUTDIR/CASE.folded: kernel
# stacks, root first, "program;frame;frame COUNT", for flamegraph.pl.  Neither may
# exist.  Ends with the status of COMMAND, or 2 if it could not profile.
#
# On bare metal, in an execution of its own, because sampling disturbs what is timed:
#
#	scripts/perf-record.sh /tmp/before CASE -- \
#		build/dexbench --cases=CASE --counters=no
#
# Samples are taken on all CPUs by cycles in the kernel, or, where those cannot be
# counted, by cpu-clock, which does not see code that runs with interrupts off.
set -eu

die() {
	echo "perf-record: error: $*" >&2
	exit 2
}

# From `perf script -F comm,ip,sym,dso`: a line with the program's name, then one
# a frame, leaf first, "address symbol (object)", then an empty line.
fold() {
	awk '
		function flush(	stack, i) {
			stack = program
			for (i = n; i > 0; i--)
				stack = stack ";" frame[i]
			if (n)
				count[stack]++
			n = 0
			program = ""
		}
		/^[^ \t]/ { flush(); program = $0; sub(/[ \t:]+$/, "", program); gsub(/[; \t]/, "_", program); next }
		/^[ \t]*$/ { flush(); next }
		# Objects in brackets are the kernel and its modules; the rest is user space.
		/ \(\[[^)]*\]\)$/ && !/ \(\[(unknown|vdso|vsyscall)\]\)$/ {
			sub(/^[ \t]*[0-9a-f]+[ \t]+/, "")
			sub(/ \(\[[^)]*\]\)$/, "")
			gsub(/;/, ":")
			frame[++n] = $0
		}
		END { flush(); for (stack in count) print stack, count[stack] }' | sort
}

[ "${1:-}" != --fold ] || { fold; exit; }
if [ $# -lt 4 ] || [ "$3" != -- ]; then
	die "usage: perf-record.sh OUTDIR CASE -- COMMAND..."
fi
data=$1/$2.perf.data folded=$1/$2.folded
[ -d "$1" ] || die "no directory $1"
shift 3
case " $* " in
*' --mode=exact '*) die "exact mode counts instructions, and perf would add its own; use parallel or timing" ;;
esac
command -v perf >/dev/null 2>&1 || die "perf: not found; install package linux-perf (in a guest: PERF_BINARY, scripts/guest/guest-image.sh)"
for file in "$data" "$folded"; do
	[ ! -e "$file" ] || die "$file exists; results are never overwritten"
done

# perf may take another event than it was asked for: look at what it took.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
event=cycles:k
if ! perf record -q -a -g -e $event -o "$work/probe" -- true >/dev/null 2>&1 ||
	! perf evlist -i "$work/probe" 2>/dev/null | grep -q '^cycles'; then
	event=cpu-clock
	perf record -q -a -g -e $event -o "$work/probe" -- true >"$work/log" 2>&1 ||
		die "perf cannot sample here: $(grep -m 1 . "$work/log" || echo "no reason given")"
	echo "perf-record: cycles cannot be counted here; sampling by cpu-clock" >&2
fi

rc=0
perf record -q -a -g -e $event -o "$work/data" -- "$@" || rc=$?
[ -s "$work/data" ] || die "perf record left no samples"
mv "$work/data" "$data"
perf script -i "$data" -F comm,ip,sym,dso 2>"$work/log" >"$work/script" ||
	die "perf script: $(grep -m 1 . "$work/log" || echo failed)"
fold <"$work/script" >"$folded.tmp"
mv "$folded.tmp" "$folded"
exit "$rc"
