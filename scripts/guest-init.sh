#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# PID 1 of a guest: load the module, run each case in a process of its own,
# send everything out through the virtio port, power off.
#
# /dexbench/plan (from boot.sh) sets MODE, PAGES, CASES, RUNS, COUNTERS, PERF and PROBE.  The host
# takes the boot as good only if the archive comes out whole, status.json in it.
set -eu
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
# kcompactd looks every 500 ms whether to tidy up; its turn would be part of whatever runs then.
echo 0 >/proc/sys/vm/compaction_proactiveness 2>/dev/null || true
# For counters of tracepoints; a kernel without is counted without.
mount -t tracefs trace /sys/kernel/tracing 2>/dev/null || true
# shellcheck source=/dev/null
. /dexbench/plan

power_off() {
	sync
	reboot -f
}

[ -z "${PROBE:-}" ] || power_off

out=/results
mkdir -p "$out"
failed=0

# load MODULE PARAMETER...: and where its code lies, for addresses to be given names; what it
# needed to begin with is gone by then, and others may lie there.
load() {
	module=$1
	shift
	insmod "/dexbench/$module.ko" "$@" || return
	for section in "/sys/module/$module"/sections/.text*; do
		[ -r "$section" ] || continue # without CONFIG_KALLSYMS there are none
		printf '{"module": "%s", "section": "%s", "address": "%s"}\n' "$module" \
			"${section##*/}" "$(cat "$section")" >>"$out/modules.jsonl"
	done
}

# swap on|off: a RAM disk of 64 MiB, where the kernel has one as a module.
swap() {
	[ -f /dexbench/brd.ko ] || return 0
	if [ "$1" = on ]; then
		load brd rd_nr=1 rd_size=65536
		mkswap /dev/ram0 >/dev/null && swapon /dev/ram0
	else
		swapoff /dev/ram0
		rmmod brd
	fi
}

# needs CASE on|off: the driver or the swap that it cannot do without.
needs() {
	case $1-$2 in
	control_peer-on) load test_hmm || true ;;
	control_peer-off) rmmod test_hmm || true ;;
	convert_state-* | mm_ops-*) swap "$2" || true ;;
	esac
}

# run CASE COMMAND...: with what the case needs; its status is in $rc.
run() {
	rc=0
	needs "$1" on
	(shift && "$@") || rc=$?
	needs "$1" off
	[ "$rc" -eq 0 ] || failed=1
}

# run_case RUN CASE: its own process, so that no case sees another's memory; the
# worst status of a case's runs stays in /tmp/CASE.
run_case() {
	run "$2" /dexbench/dexbench --mode="$MODE" --pages="$PAGES" --cases="$2" --run="$1" --out="$out" \
		${COUNTERS:+--counters="$COUNTERS"}
	[ "$rc" -le "$(cat "/tmp/$2" 2>/dev/null || echo -1)" ] || echo "$rc" >"/tmp/$2"
}

# profile CASE: once more under perf, its samples thrown away.
profile() {
	if [ ! -x /bin/perf ]; then
		echo "guest-init: PERF=record, but this image has no perf; make build/guest-perf.cpio makes one that has"
		failed=1
		return
	fi
	run "$1" sh /dexbench/perf-record.sh "$out" "$1" -- \
		/dexbench/dexbench --mode="$MODE" --pages="$PAGES" --cases="$1" --counters=no
}

# "case": status, ... of those that ran
statuses() {
	separator=
	for case in $CASES; do
		[ -f "/tmp/$case" ] || continue
		printf '%s"%s": %d' "$separator" "$case" "$(cat "/tmp/$case")"
		separator=', '
	done
}

if load dexbench; then
	/dexbench/dexbench --record-env --mode="$MODE" --out="$out" || failed=1
	[ ! -x /dexbench/program ] || /dexbench/program || failed=1
	# Each run of all cases before the next, so that runs are spread over the boot.
	for run in $(seq "${RUNS:-1}"); do
		for case in $CASES; do
			[ "$failed" -ne 0 ] || run_case "$run" "$case"
		done
	done
	for case in $CASES; do
		[ "${PERF:-}" != record ] || [ "$failed" -ne 0 ] || profile "$case"
	done
	rmmod dexbench || failed=1
else
	echo "guest-init: the module does not load; was it built for this kernel?"
	failed=1
fi

dmesg >"$out/dmesg.txt"
printf '{"schema": "dexbench.status.v1", "failed": %d, "taint": %s, "cases": {%s}}\n' \
	"$failed" "$(cat /proc/sys/kernel/tainted)" "$(statuses)" >"$out/status.json"
[ ! -f /dexbench/virtio_console.ko ] || insmod /dexbench/virtio_console.ko || true
# The driver learns of its ports after it is loaded; writing sooner would only
# make a file of that name.
tries=0
until [ -c /dev/vport0p1 ] || [ "$tries" -ge 100 ]; do
	tries=$((tries + 1))
	sleep 0.1
done
cd "$out"
tar -c -f /dev/vport0p1 -- * || echo "guest-init: the results could not be sent"
power_off
