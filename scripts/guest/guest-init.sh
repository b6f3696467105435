#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# PID 1 of a guest: load the module, run each case in a process of its own,
# send everything out through the virtio port, power off.
#
# /dexbench/plan (from boot.sh) sets MODE, PAGES, CASES, BRIEF, RUNS, COUNTERS, PERF and PROBE.  The host
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

failures=
# blame NAME STATUS: the boot is no good, because of this.
blame() { failures="$failures${failures:+, }\"$1\": $2"; }

# What this kernel needs before anything else works; its name begins with its turn.
for ko in /dexbench/first/*.ko; do
	[ ! -f "$ko" ] || insmod "$ko" || blame "insmod ${ko##*/}" $?
done
# shellcheck source=/dev/null
. /dexbench/plan

power_off() {
	sync
	reboot -f
}

[ -z "${PROBE:-}" ] || power_off

out=/results
mkdir -p "$out"

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

# module on|off NAME: one of the kernel's own, where the kernel has it as a module.
module() {
	if [ "$1" = on ]; then load "$2"; else rmmod "$2"; fi
}

# device_dax: the second piece of persistent memory without a file system (Documentation/driver-api/nvdimm),
# by a name that no other machine has: what is found at it may be written to.
device_dax() {
	nd=/sys/bus/nd
	[ -d "$nd/devices/dax1.0" ] && [ ! -e /dexbench/devdax ] || return 0
	echo namespace1.0 >"$nd/drivers/nd_pmem/unbind"
	echo ram >"$nd/devices/dax1.0/mode"
	echo $((2 << 20)) >"$nd/devices/dax1.0/align"
	echo 00000000-0000-4000-8000-000000000003 >"$nd/devices/dax1.0/uuid"
	echo namespace1.0 >"$nd/devices/dax1.0/namespace"
	echo dax1.0 >"$nd/drivers/dax_pmem/bind"
	ln -s /dev/dax1.0 /dexbench/devdax
}

# fsdax on|off: what maps persistent memory, where the kernel has some: an ext4 whose first bytes are here,
# and a device.
fsdax() {
	[ -b /dev/pmem0 ] && [ -f /dexbench/fsdax.img ] || return 0
	if [ "$1" = on ]; then
		cat /dexbench/fsdax.img >/dev/pmem0
		mkdir -p /fsdax
		mount -t ext4 -o dax=always /dev/pmem0 /fsdax
		device_dax
	else
		umount /fsdax
	fi
}

# needs CASE on|off: what it says that it cannot do without, a line a need.  It skips where that is not
# to be had.
needs() {
	while read -r whose need what; do
		[ "$whose" = "$1" ] || continue
		"$need" "$2" "$what" || true
	done </dexbench/needs
}

# run CASE COMMAND...: with what the case needs; its status is in $rc.
run() {
	rc=0
	needs "$1" on
	(shift && "$@") || rc=$?
	needs "$1" off
	[ "$rc" -eq 0 ] || blame "$1" "$rc"
}

# A table of times has colours on a terminal, which the console that is kept looks like.
plain=
[ "$MODE" != timing ] || plain=--benchmark_color=false

# run_case RUN CASE: its own process, so that no case sees another's memory; the
# worst status of a case's runs stays in /tmp/CASE.
run_case() {
	run "$2" /dexbench/dexbench --mode="$MODE" --pages="$PAGES" --cases="$2" --run="$1" --out="$out" ${BRIEF:+--brief} \
		${COUNTERS:+--counters="$COUNTERS"} ${plain:+"$plain"}
	[ "$rc" -le "$(cat "/tmp/$2" 2>/dev/null || echo -1)" ] || echo "$rc" >"/tmp/$2"
}

# profile CASE: once more under perf, its samples thrown away.
profile() {
	if [ ! -x /bin/perf ]; then
		echo "guest-init: PERF=record, but this image has no perf; make build/guest-perf.cpio makes one that has"
		blame "perf, which this image lacks," 127
		return
	fi
	run "$1" sh /dexbench/perf-record.sh "$out" "$1" -- \
		/dexbench/dexbench --mode="$MODE" --pages="$PAGES" --cases="$1" --counters=no ${plain:+"$plain"}
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

# step NAME COMMAND...
step() {
	name=$1
	shift
	"$@" || blame "$name" $?
}

# send PORT: all results, once it can be opened.  Its node may be there before its driver lists
# it, and without a node writing would only make a file of that name: the one proof is to open it.
send() {
	unsent="the virtio port could not be opened for 30 s" tries=0
	until [ -c "$1" ] && {
		tar -c -f - -- * >&3 && unsent='' || unsent="the transfer broke off"
	} 3>"$1"; do
		tries=$((tries + 1))
		[ "$tries" -lt 300 ] || break
		sleep 0.1
	done 2>/tmp/send.log
	[ -n "$unsent" ] || return 0
	printf '{"unsent": "%s%s"}\n' "$unsent" \
		"$(tail -n 1 /tmp/send.log | tr -cd 'A-Za-z0-9 /:,.' | sed 's/^/ (/; s/$/)/')"
}

# What the kernel holds against itself by now is nothing of the module's.
boot_taint=$(cat /proc/sys/kernel/tainted)
if load dexbench; then
	step "dexbench --record-env" /dexbench/dexbench --record-env --mode="$MODE" --out="$out"
	[ ! -x /dexbench/program ] || step "the program" /dexbench/program
	# Each run of all cases before the next, so that runs are spread over the boot.
	for run in $(seq "${RUNS:-1}"); do
		for case in $CASES; do
			[ -n "$failures" ] || run_case "$run" "$case"
		done
	done
	for case in $CASES; do
		[ "${PERF:-}" != record ] || [ -n "$failures" ] || profile "$case"
	done
	step "rmmod dexbench" rmmod dexbench
else
	echo "guest-init: the module does not load; was it built for this kernel?"
	blame "insmod dexbench.ko" 1
fi

dmesg >"$out/dmesg.txt"
printf '{"schema": "dexbench.status.v1", "failed": %d, "boot_taint": %s, "taint": %s, "failures": {%s}, "cases": {%s}}\n' \
	"$([ -z "$failures" ] && echo 0 || echo 1)" "$boot_taint" "$(cat /proc/sys/kernel/tainted)" "$failures" "$(statuses)" >"$out/status.json"
[ ! -f /dexbench/virtio_console.ko ] || insmod /dexbench/virtio_console.ko || true
cd "$out"
send /dev/vport0p1
power_off
